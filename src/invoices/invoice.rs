//! The row of an invoice or a credit note, and how it is found: through the Organization that it belongs to.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::Scope;
use crate::billing::bill::Bill;
use crate::billing::numbers::Series;
use crate::billing::party::Party;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{InvoiceId, OrderId, OrganizationId};
use crate::money::{Currency, Money};
use crate::schema::invoices;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// What a document is, by the key that is stored.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Invoice,
    CreditNote,
}

stored_as_text!(Kind);

impl Kind {
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// What it is numbered with.
    pub(super) fn series(self) -> Series {
        match self {
            Self::Invoice => Series::Invoice,
            Self::CreditNote => Series::CreditNote,
        }
    }
}

/// An invoice, or a credit note: then its amounts are less than nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    pub id: InvoiceId,
    pub organization_id: OrganizationId,
    pub order_id: OrderId,
    /// The number of the order, as people know it.
    pub order_number: String,
    pub kind: Kind,
    pub number: String,
    pub issued_at: Timestamp,
    pub seller: Party,
    pub buyer: Party,
    pub bill: Bill,
    /// With what it was paid. Empty where nothing was to be paid.
    pub paid_by: String,
    /// Of a credit note: the invoice that it takes back.
    pub invoice_id: Option<InvoiceId>,
    /// Of a credit note: why.
    pub reason: String,
}

impl Invoice {
    pub fn total(&self) -> Money {
        self.bill.total()
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invoices, treat_none_as_default_value = false)]
pub(super) struct Row {
    id: InvoiceId,
    organization_id: OrganizationId,
    order_id: OrderId,
    order_number: String,
    kind: Kind,
    number: String,
    issued_at: Timestamp,
    seller: String,
    buyer: String,
    bill: String,
    net: i64,
    tax: i64,
    total: i64,
    currency: Currency,
    paid_by: String,
    invoice_id: Option<InvoiceId>,
    reason: String,
}

fn stored(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("parties and bills are texts and numbers")
}

fn loaded<T: DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Unexpected(format!("an invoice is not readable: {error}")))
}

impl Row {
    fn of(invoice: &Invoice) -> Self {
        let (bill, invoice) = (&invoice.bill, invoice.clone());
        Self {
            seller: stored(&invoice.seller),
            buyer: stored(&invoice.buyer),
            bill: stored(bill),
            net: bill.net,
            tax: bill.tax,
            total: bill.total,
            currency: bill.currency,
            id: invoice.id,
            organization_id: invoice.organization_id,
            order_id: invoice.order_id,
            order_number: invoice.order_number,
            kind: invoice.kind,
            number: invoice.number,
            issued_at: invoice.issued_at,
            paid_by: invoice.paid_by,
            invoice_id: invoice.invoice_id,
            reason: invoice.reason,
        }
    }

    pub(super) fn into_invoice(self) -> Result<Invoice, DbError> {
        Ok(Invoice {
            seller: loaded(&self.seller)?,
            buyer: loaded(&self.buyer)?,
            bill: loaded(&self.bill)?,
            id: self.id,
            organization_id: self.organization_id,
            order_id: self.order_id,
            order_number: self.order_number,
            kind: self.kind,
            number: self.number,
            issued_at: self.issued_at,
            paid_by: self.paid_by,
            invoice_id: self.invoice_id,
            reason: self.reason,
        })
    }
}

/// Stores a new one.
pub(super) fn store(tx: &mut WriteTx, invoice: &Invoice) -> Result<(), DbError> {
    diesel::insert_into(invoices::table).values(Row::of(invoice)).execute(tx.connection)?;
    Ok(())
}

/// One of the Organization. What belongs to another is not there. The caller has seen that the person may view orders.
pub fn find(connection: &mut Connection, scope: &Scope, id: &InvoiceId) -> Result<Option<Invoice>, DbError> {
    of_organization(connection, scope.organization_id(), id)
}

/// The invoice of an order.
pub fn of_order(connection: &mut Connection, order: &OrderId) -> Result<Option<InvoiceId>, DbError> {
    let row = invoices::table.filter(invoices::order_id.eq(order)).filter(invoices::kind.eq(Kind::Invoice));
    Ok(row.select(invoices::id).first(connection).optional()?)
}

pub(super) fn of_organization(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &InvoiceId,
) -> Result<Option<Invoice>, DbError> {
    let query = invoices::table.filter(invoices::id.eq(id)).filter(invoices::organization_id.eq(organization));
    let row: Option<Row> = query.select(Row::as_select()).first(connection).optional()?;
    row.map(Row::into_invoice).transpose()
}
