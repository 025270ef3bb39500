//! Taking an invoice back, or a part of it, by a credit note.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::audit::{Action, By, Change};
use crate::billing::bill::{Bill, Discount, Line};
use crate::billing::numbers;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{InvoiceId, OrganizationId};
use crate::invoices::invoice::{self, Invoice, Kind, of_organization};
use crate::schema::invoices;

/// What is taken back.
#[derive(Clone, Copy, Debug)]
pub struct NewCreditNote<'a> {
    pub organization: &'a OrganizationId,
    pub invoice: &'a InvoiceId,
    /// How much, with tax, in minor units. `None` for all that is left.
    pub total: Option<i64>,
    /// Why, as the customer reads it.
    pub reason: &'a str,
    /// What the seller's numbers of credit notes begin with.
    pub prefix: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credit {
    Credited(Box<Invoice>),
    /// That is more than what is left of the invoice, or nothing at all.
    NotSoMuch {
        /// What is left of it, with tax.
        left: i64,
    },
    /// There is no such invoice of this Organization, or it is a credit note.
    Unknown,
}

/// What the credit notes of an invoice add up to: amounts more than nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credited {
    pub tax: i64,
    pub total: i64,
}

/// Issues a credit note. The caller has decided that it may be issued, and takes no lock after this but those of names.
pub fn credit(tx: &mut WriteTx, by: By<'_>, new: &NewCreditNote<'_>) -> Result<Credit, DbError> {
    // Nothing of the invoice ever changes: the lock is for its credit notes.
    tx.lock_row("invoices", new.invoice.as_str())?;
    let found = of_organization(tx.connection, new.organization, new.invoice)?;
    let Some(of) = found.filter(|found| found.kind == Kind::Invoice) else { return Ok(Credit::Unknown) };
    let credited = credited(tx.connection, &of.id)?;
    let left = of.bill.total - credited.total;
    let total = new.total.unwrap_or(left);
    if !(1..=left).contains(&total) {
        return Ok(Credit::NotSoMuch { left });
    }
    let kind = Kind::CreditNote;
    let note = Invoice {
        id: InvoiceId::new(tx.now),
        kind,
        number: numbers::next(tx, kind.series(), new.prefix)?,
        issued_at: tx.now,
        bill: bill(&of.bill, credited, total, new.reason),
        invoice_id: Some(of.id.clone()),
        reason: new.reason.to_owned(),
        ..of.clone()
    };
    invoice::store(tx, &note)?;
    let change = Change {
        action: Action::InvoiceCredited,
        subject_id: note.id.as_str(),
        subject_name: &note.number,
        before: Value::Null,
        after: json!({ "invoice": of.number, "total": note.total().to_string(), "reason": new.reason }),
    };
    tx.record(by, change)?;
    Ok(Credit::Credited(Box::new(note)))
}

/// What was taken back of an invoice so far.
pub fn credited(connection: &mut Connection, invoice: &InvoiceId) -> Result<Credited, DbError> {
    let notes = invoices::table.filter(invoices::invoice_id.eq(invoice)).select((invoices::tax, invoices::total));
    let notes: Vec<(i64, i64)> = notes.load(connection)?;
    let add = |sum: Credited, (tax, total)| Credited { tax: sum.tax - tax, total: sum.total - total };
    Ok(notes.into_iter().fold(Credited::default(), add))
}

/// The bill of a credit note: all lines of the invoice where all of it is taken back at once, one line otherwise.
fn bill(of: &Bill, before: Credited, total: i64, reason: &str) -> Bill {
    let tax = tax_within(of, before.total + total) - before.tax;
    let net = total - tax;
    let (lines, discount) = if total == of.total {
        let taken_back = |line: &Line| Line { unit_price: -line.unit_price, amount: -line.amount, ..line.clone() };
        let discount = |discount: &Discount| Discount { amount: -discount.amount, ..discount.clone() };
        (of.lines.iter().map(taken_back).collect(), of.discount.as_ref().map(discount))
    } else {
        let (description, calculation) = (reason.to_owned(), String::new());
        (vec![Line { description, calculation, quantity: 1, unit_price: -net, amount: -net }], None)
    };
    Bill { lines, discount, net: -net, tax: -tax, total: -total, ..of.clone() }
}

/// How much tax there is in the first so many of a bill's total. Halves of a minor unit are rounded up; the whole has the whole.
fn tax_within(bill: &Bill, part: i64) -> i64 {
    let (tax, part, total) = (i128::from(bill.tax), i128::from(part), i128::from(bill.total));
    // A part is at most the whole, and so is its tax.
    ((2 * tax * part + total) / (2 * total)) as i64
}
