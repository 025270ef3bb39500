//! The orders of an Organization, newest first, as their list and its file show them.

use diesel::prelude::*;

use super::item::{Item, Kind};
use super::order::{Status, load, load_item};
use crate::access::{Actor, Buyer};
use crate::billing::bill::Bill;
use crate::db::{Connection, DbError, newest_first, on_either};
use crate::ids::{InvoiceId, OrderId, OrganizationId, UserId};
use crate::invoices::invoice::Kind as DocumentKind;
use crate::money::{Currency, Money};
use crate::paging::{self, Place};
use crate::schema::{invoices, orders};
use crate::time::Timestamp;

/// Where an order stands in the list.
pub type Standing = paging::Standing<OrderId>;

/// What a list says of an order: less than all of it, since what is stored as a text of its own is read one by one.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: OrderId,
    pub number: String,
    /// Who placed it.
    pub by: String,
    pub item: Item,
    /// As it is stored: the page shows no more of it than the total.
    bill: String,
    pub total: Money,
    pub status: Status,
    pub placed_at: Timestamp,
    pub refunded: i64,
    /// Its invoice, and the number of that.
    pub invoice: Option<(InvoiceId, String)>,
}

impl Listed {
    pub fn bill(&self) -> Result<Bill, DbError> {
        load("bill", &self.id, &self.bill)
    }

    pub fn standing(&self) -> Standing {
        Standing { at: self.placed_at, id: self.id.clone() }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = orders)]
struct Row {
    id: OrderId,
    number: String,
    placed_by: Option<UserId>,
    placed_by_name: String,
    kind: Kind,
    item: String,
    bill: String,
    currency: Currency,
    total: i64,
    status: Status,
    placed_at: Timestamp,
    refunded: i64,
    #[diesel(select_expression = (invoices::id, invoices::number).nullable())]
    invoice: Option<(InvoiceId, String)>,
}

impl TryFrom<Row> for Listed {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let buyer = row.placed_by.map(|user_id| Buyer { user_id, name: row.placed_by_name });
        Ok(Self {
            item: load_item(row.kind, &row.id, &row.item)?,
            total: Money { minor: row.total, currency: row.currency },
            bill: row.bill,
            id: row.id,
            number: row.number,
            by: buyer.as_ref().map_or(Actor::Job, Actor::Buyer).name(),
            status: row.status,
            placed_at: row.placed_at,
            refunded: row.refunded,
            invoice: row.invoice,
        })
    }
}

/// As it is written.
pub fn parse(text: &str) -> Option<Standing> {
    Standing::parse(text, OrderId::parse)
}

/// What of them is read.
pub struct Range<'a> {
    pub organization: &'a OrganizationId,
    pub status: Option<Status>,
    pub kind: Option<Kind>,
    /// From then on, and before then.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub place: Place<Standing>,
    pub limit: usize,
}

/// The statement behind [`read`], for either database.
macro_rules! query {
    ($range:expr) => {{
        let range: &Range<'_> = $range;
        let is_invoice = invoices::order_id.eq(orders::id).and(invoices::kind.eq(DocumentKind::Invoice));
        let mut query = orders::table
            .left_join(invoices::table.on(is_invoice))
            .filter(orders::organization_id.eq(range.organization))
            .limit(range.limit as i64)
            .select(Row::as_select())
            .into_boxed();
        query = newest_first!(query, range, (orders::placed_at, orders::id));
        if let Some(status) = range.status {
            query = query.filter(orders::status.eq(status));
        }
        if let Some(kind) = range.kind {
            query = query.filter(orders::kind.eq(kind));
        }
        query
    }};
}

/// Up to `limit` orders, newest first, each with its invoice. One statement.
pub fn read(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Listed>, DbError> {
    let mut rows: Vec<Row> = on_either!(connection, |connection| query!(range).load(connection))?;
    if matches!(range.place, Place::Before(_)) {
        rows.reverse();
    }
    rows.into_iter().map(Listed::try_from).collect()
}

/// When the first order of an Organization was placed. One statement.
pub fn first_placed(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<Timestamp>, DbError> {
    let own = orders::table.filter(orders::organization_id.eq(organization)).order(orders::placed_at);
    Ok(own.select(orders::placed_at).first(connection).optional()?)
}
