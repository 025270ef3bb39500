//! Issuing an invoice.

use serde_json::{Value, json};

use crate::audit::{Action, By, Change};
use crate::billing::bill::Bill;
use crate::billing::numbers;
use crate::billing::party::Party;
use crate::db::{DbError, WriteTx};
use crate::ids::{InvoiceId, OrderId, OrganizationId};
use crate::invoices::invoice::{self, Invoice, Kind};

/// What an invoice is made of. All of it is copied.
#[derive(Clone, Copy, Debug)]
pub struct NewInvoice<'a> {
    pub organization: &'a OrganizationId,
    pub order: &'a OrderId,
    pub order_number: &'a str,
    pub seller: &'a Party,
    /// What the seller's numbers of invoices begin with.
    pub prefix: &'a str,
    pub buyer: &'a Party,
    pub bill: &'a Bill,
    /// `Visa ending in 4242`. Empty where nothing was to be paid.
    pub paid_by: &'a str,
}

/// Issues the invoice of an order that was settled. An order has one: a second is an error of the database's. The caller holds the
/// lock on the Organization and on the order, and takes no lock after this.
pub fn issue(tx: &mut WriteTx, by: By<'_>, new: &NewInvoice<'_>) -> Result<Invoice, DbError> {
    let kind = Kind::Invoice;
    let invoice = Invoice {
        id: InvoiceId::new(tx.now),
        organization_id: new.organization.clone(),
        order_id: new.order.clone(),
        order_number: new.order_number.to_owned(),
        kind,
        number: numbers::next(tx, kind.series(), new.prefix)?,
        issued_at: tx.now,
        seller: new.seller.clone(),
        buyer: new.buyer.clone(),
        bill: new.bill.clone(),
        paid_by: new.paid_by.to_owned(),
        invoice_id: None,
        reason: String::new(),
    };
    invoice::store(tx, &invoice)?;
    let change = Change {
        action: Action::InvoiceIssued,
        subject_id: invoice.id.as_str(),
        subject_name: &invoice.number,
        before: Value::Null,
        after: json!({ "order": new.order_number, "total": invoice.total().to_string() }),
    };
    tx.record(by, change)?;
    Ok(invoice)
}
