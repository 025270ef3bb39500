//! The documents of an order, and those of a year.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::access::Scope;
use crate::db::{Ascending, Connection, DbError};
use crate::ids::{InvoiceId, OrderId};
use crate::invoices::invoice::{Invoice, Kind, Row};
use crate::schema::invoices;
use crate::time::Timestamp;

/// What a list says of a document.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = invoices)]
pub struct Summary {
    pub id: InvoiceId,
    pub order_id: OrderId,
    pub kind: Kind,
    pub number: String,
    /// In the order's currency. Less than nothing for a credit note.
    pub total: i64,
}

/// Those of an order of the Organization: the invoice, then its credit notes as they were issued. One statement.
pub fn of_order(connection: &mut Connection, scope: &Scope, order: &OrderId) -> Result<Vec<Summary>, DbError> {
    let rows = invoices::table
        .filter(invoices::order_id.eq(order))
        .filter(invoices::organization_id.eq(scope.organization_id()))
        .order(invoices::id)
        .select(Summary::as_select())
        .load(connection)?;
    Ok(rows)
}

/// Behind which document a list of them goes on.
#[derive(Clone, Debug)]
pub struct After {
    issued_at: Timestamp,
    id: InvoiceId,
}

impl After {
    pub fn of(invoice: &Invoice) -> Self {
        Self { issued_at: invoice.issued_at, id: invoice.id.clone() }
    }

    /// As it is written.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once(' ')?;
        Some(Self { issued_at: at.parse::<DateTime<Utc>>().ok()?.into(), id: InvoiceId::parse(id)? })
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.issued_at, self.id)
    }
}

/// The first moment of a year, in UTC.
fn beginning(year: i32) -> Timestamp {
    let midnight = NaiveDate::from_ymd_opt(year, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    midnight.unwrap_or_default().into()
}

/// The invoices and credit notes of the Organization that were issued in a year (UTC), oldest first, as many as `limit`.
pub fn of_year(
    connection: &mut Connection,
    scope: &Scope,
    year: i32,
    after: Option<&After>,
    limit: usize,
) -> Result<Vec<Invoice>, DbError> {
    let mut query = invoices::table
        .filter(invoices::organization_id.eq(scope.organization_id()))
        .order((invoices::issued_at, invoices::id))
        .limit(limit.try_into().unwrap_or(i64::MAX))
        .select(Row::as_select())
        .into_boxed();
    if let Some(After { issued_at, id }) = after {
        query = query.filter(Ascending::behind((invoices::issued_at, invoices::id), (issued_at, id)));
    }
    let in_year =
        query.filter(invoices::issued_at.ge(beginning(year))).filter(invoices::issued_at.lt(beginning(year + 1)));
    let rows: Vec<Row> = in_year.load(connection)?;
    rows.into_iter().map(Row::into_invoice).collect()
}
