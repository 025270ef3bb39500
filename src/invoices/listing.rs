//! The documents of orders, for the pages that list orders.

use diesel::prelude::*;

use crate::access::Scope;
use crate::db::{Connection, DbError};
use crate::ids::{InvoiceId, OrderId};
use crate::invoices::invoice::Kind;
use crate::schema::invoices;

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

/// Those of a page of orders of the Organization: of each the invoice, then its credit notes as they were issued. One statement.
pub fn of_orders(connection: &mut Connection, scope: &Scope, orders: &[OrderId]) -> Result<Vec<Summary>, DbError> {
    let rows = invoices::table
        .filter(invoices::order_id.eq_any(orders))
        .filter(invoices::organization_id.eq(scope.organization_id()))
        .order((invoices::order_id, invoices::id))
        .select(Summary::as_select())
        .load(connection)?;
    Ok(rows)
}
