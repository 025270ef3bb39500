//! An invoice, and what was taken back of it.

use portico::billing::bill::{Bill, Discount};

use super::axe::Inspector;
use crate::invoices::bill;
use crate::support::{Persona, Portal, acme};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn invoices_are_accessible() {
    let portal = Portal::on_sqlite();
    let plain = bill(&[("Mapper, Yearly", 12, 99_000), (&"w".repeat(120), 1, 123_456_789_000)]);
    let discount = Some(Discount { code: "SPRING".to_owned(), amount: 12_000 });
    let invoice = portal.invoice(&Bill::new(plain.currency, plain.lines, discount, plain.treatment));
    let note = portal.credit_note(&invoice.id, Some(5_000));
    let mut page = Inspector::signed_in(&portal, Persona::Manager);
    page.open(&acme(&format!("/plans/invoices/{}", invoice.id)), &format!("Invoice {}", invoice.number));
    assert!(page.profile.shows("Before the discount"));
    page.open(&acme(&format!("/plans/invoices/{}", note.id)), &format!("Credit note {}", note.number));
    assert!(page.profile.shows("Bought by mistake"));
    page.finish();
}
