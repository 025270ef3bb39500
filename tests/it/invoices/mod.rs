//! Invoices and credit notes.

mod crediting;
mod export;
mod issuing;
mod numbers;
mod page;
mod pdf;
mod scripts;
mod year;

use diesel::prelude::*;
use portico::access::Actor;
use portico::audit::By;
use portico::billing::bill::{Bill, Line};
use portico::billing::party::Party;
use portico::billing::tax::Treatment;
use portico::db::{DbError, WriteTx};
use portico::ids::{InvoiceId, OrderId, OrganizationId};
use portico::invoices::credit::{self, Credit, NewCreditNote};
use portico::invoices::invoice::{self, Invoice};
use portico::invoices::issue::{self, NewInvoice};
use portico::money::{Currency, Money, Rate};
use portico::schema::invoices;

use crate::support::{Persona, Portal};

pub fn seller() -> Party {
    Party {
        name: "Terra Survey Software AG".to_owned(),
        postal_address: "Route de Renens 24".to_owned(),
        zip: "1008".to_owned(),
        city: "Prilly".to_owned(),
        country: "CH".to_owned(),
        vat_id: "CHE-123.456.788 MWST".to_owned(),
        is_business: true,
        is_exempt: false,
    }
}

pub fn buyer() -> Party {
    Party {
        name: "Acme AG".to_owned(),
        postal_address: "Bahnhofstrasse 1".to_owned(),
        zip: "8001".to_owned(),
        city: "Zürich".to_owned(),
        country: "CH".to_owned(),
        vat_id: String::new(),
        is_business: true,
        is_exempt: false,
    }
}

/// Swiss francs, with the tax of Switzerland.
pub fn bill(lines: &[(&str, u32, i64)]) -> Bill {
    let price = |minor| Money { minor, currency: Currency::Chf };
    let lines = lines.iter().map(|(text, quantity, minor)| Line::of(*text, *quantity, price(*minor))).collect();
    let treatment = Treatment::Charged { name: "VAT".to_owned(), rate: Rate::parse("8.1").expect("a rate") };
    Bill::new(Currency::Chf, lines, None, treatment)
}

/// An invoice for an order that is told by its number.
pub fn issue_in(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    order: &OrderId,
    bill: &Bill,
) -> Result<Invoice, DbError> {
    let (seller, buyer) = (seller(), buyer());
    let new = NewInvoice {
        organization,
        order,
        order_number: "O-2026-000001",
        seller: &seller,
        prefix: "I-",
        buyer: &buyer,
        bill,
        paid_by: "Visa ending in 4242",
    };
    issue::issue(tx, By::outside(Actor::Job, organization), &new)
}

pub fn credit_in(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    invoice: &InvoiceId,
    total: Option<i64>,
) -> Result<Credit, DbError> {
    let new = NewCreditNote { organization, invoice, total, reason: "Bought by mistake", prefix: "C-" };
    credit::credit(tx, By::outside(Actor::Job, organization), &new)
}

impl Portal {
    /// Issues an invoice to the Organization of the personas.
    pub fn invoice(&self, bill: &Bill) -> Invoice {
        let (organization, order) = (self.organization_id(), OrderId::new(self.app.now()));
        self.app.write_now(|tx| issue_in(tx, &organization, &order, bill)).expect("the invoice is issued")
    }

    pub fn credit(&self, invoice: &InvoiceId, total: Option<i64>) -> Credit {
        let organization = self.organization_id();
        self.app.write_now(|tx| credit_in(tx, &organization, invoice, total)).expect("an outcome")
    }

    /// The credit note, where it is issued.
    pub fn credit_note(&self, invoice: &InvoiceId, total: Option<i64>) -> Invoice {
        match self.credit(invoice, total) {
            Credit::Credited(note) => *note,
            other => panic!("{other:?}"),
        }
    }

    pub fn stored_invoice(&self, id: &InvoiceId) -> Option<Invoice> {
        let scope = self.scope(Persona::Owner);
        self.app.db.read(|connection| invoice::find(connection, &scope, id)).expect("an answer")
    }

    /// The numbers of all invoices, or of all credit notes, as they sort.
    pub fn numbers_of(&self, kind: invoice::Kind) -> Vec<String> {
        self.query(|connection| {
            invoices::table
                .filter(invoices::kind.eq(kind))
                .order(invoices::number)
                .select(invoices::number)
                .load(connection)
        })
    }
}
