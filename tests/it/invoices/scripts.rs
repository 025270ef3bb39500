//! Names in scripts that no font of the program has: the document is made, everything else in it can be read, and what is missing is seen
//! to be missing.

use diesel::prelude::*;
use portico::invoices::invoice::Kind;
use portico::schema::{invoices, organizations};

use super::pdf::{download, poppler, text};
use crate::orders::plan;
use crate::support::{Persona, Portal, acme};

const NAME: &str = "Kim 한국측량 🛰 Survey 👩‍🚀 & Co";
/// A mark for each character that is not there.
const SHOWN: &str = "Kim \u{fffd}\u{fffd}\u{fffd}\u{fffd} \u{fffd} Survey \u{fffd}";

#[test]
#[cfg_attr(not(has_poppler), ignore = "poppler's tools are not installed")]
fn an_organization_with_a_korean_name_and_pictures_in_it_has_its_invoice() {
    let portal = Portal::on_sqlite();
    portal.shop();
    portal.rewrite(|connection| {
        let names = (organizations::name.eq(NAME), organizations::legal_name.eq(NAME));
        diesel::update(organizations::table.find(portal.organization_id())).set(names).execute(connection)
    });
    portal.pay(&portal.order(&plan("mapper-yearly", 1)));
    let invoice = portal.query(|connection| {
        invoices::table.filter(invoices::kind.eq(Kind::Invoice)).select(invoices::id).first(connection)
    });
    let invoice = portal.stored_invoice(&invoice).expect("an invoice");
    assert_eq!(invoice.buyer.name, NAME, "it is kept as it is");
    let manager = portal.signed_in(Persona::Manager);
    let page = manager.get(&acme(&format!("/plans/invoices/{}", invoice.id)));
    assert!(page.text().contains(NAME), "{}", page.text());
    let pdf = download(&manager, &invoice);
    assert_eq!(pdf.status, 200);
    let text = text(&pdf.bytes);
    for words in [SHOWN, "& Co", "Mapper, Yearly", "CHF 2,907.89"] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    // Nothing is left to the reader's own fonts, the mark neither.
    let fonts = poppler("pdffonts", &[], &pdf.bytes);
    let embedded: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!embedded.is_empty() && embedded.iter().all(|line| line.contains(" yes yes yes ")), "{fonts}");
}
