//! The page of an invoice: what it says, to whom, and what of it is printed.

use portico::billing::bill::{Bill, Discount, Line};
use portico::billing::tax::Treatment;
use portico::money::{Currency, Money};
use rstest::rstest;
use rstest_reuse::apply;
use serde_json::json;

use super::bill;
use crate::support::{Persona, Portal, Profile, acme, on_both};

fn path(id: impl std::fmt::Display) -> String {
    acme(&format!("/plans/invoices/{id}"))
}

#[apply(on_both)]
fn the_page_says_who_sold_what_to_whom(#[case] portal: &Portal) {
    let full = bill(&[("Mapper, Yearly", 2, 99_000)]);
    let mut lines = full.lines;
    let change = Line { calculation: "183 of 365 days".to_owned(), ..Line::of("One more seat", 1, francs(12_345)) };
    lines.push(change);
    let discount = Some(Discount { code: "SPRING".to_owned(), amount: 10_000 });
    let invoice = portal.invoice(&Bill::new(full.currency, lines, discount, full.treatment));
    let answer = portal.signed_in(Persona::Manager).get(&path(&invoice.id));
    assert_eq!(answer.status, 200);
    let text = answer.text().replace('\u{a0}', " ");
    for expected in [
        "Invoice I-2026-000001",
        "Terra Survey Software AG",
        "1008 Prilly",
        "VAT id CHE-123.456.788 MWST",
        "Acme AG",
        "8001 Zürich",
        "Switzerland",
        "23 November 2026",
        "O-2026-000001",
        "Visa ending in 4242",
        "CHF 990.00",
        "CHF 1,980.00",
        "183 of 365 days",
        "CHF 2,103.45",
        "Coupon SPRING",
        "CHF −100.00",
        "CHF 2,003.45",
        "VAT 8.1 %",
        "CHF 162.28",
        "CHF 2,165.73",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert!(!text.contains("Belongs to it"));
}

fn francs(minor: i64) -> Money {
    Money { minor, currency: Currency::Chf }
}

#[apply(on_both)]
fn a_sale_without_tax_says_why(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    for (treatment, sentence) in [
        (Treatment::ReverseCharge, "Reverse charge: the recipient is liable for VAT."),
        (Treatment::Exempt, "The buyer is exempt from tax."),
        (Treatment::NotCharged, "No tax is charged on this sale."),
    ] {
        let lines = vec![Line::of("Mapper, Yearly", 1, francs(99_000))];
        let invoice = portal.invoice(&Bill::new(Currency::Chf, lines, None, treatment));
        let text = manager.get(&path(&invoice.id)).text().replace('\u{a0}', " ");
        assert!(text.contains(sentence) && text.contains("CHF 0.00"), "{text}");
    }
}

#[apply(on_both)]
fn an_invoice_and_its_credit_notes_lead_to_each_other(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("Mapper, Yearly", 1, 100_000)]));
    let [one, two] = [50_000, 8_100].map(|total| portal.credit_note(&invoice.id, Some(total)));
    let manager = portal.signed_in(Persona::Manager);
    let links = |id: String| manager.get(&path(id)).html().attributes(".invoice-related a", "href");
    assert_eq!(links(invoice.id.to_string()), [path(&one.id), path(&two.id)]);
    assert_eq!(links(one.id.to_string()), [path(&invoice.id)]);
    let text = manager.get(&path(&one.id)).text().replace('\u{a0}', " ");
    for expected in ["Credit note C-2026-000001", "For invoice", "I-2026-000001", "Bought by mistake", "CHF −500.00"]
    {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

/// What anybody typed is text, on the page as in the file.
#[apply(on_both)]
fn what_was_typed_stays_text(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("<script>alert(1)</script>", 1, 100)]));
    let answer = portal.signed_in(Persona::Manager).get(&path(&invoice.id));
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    assert!(answer.text().contains("<script>alert(1)</script>"));
}

#[apply(on_both)]
fn others_do_not_find_it(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("Mapper, Yearly", 1, 100_000)]));
    let below = ["", "/pdf"].map(|end| format!("/plans/invoices/{}{end}", invoice.id));
    for (persona, status) in [
        (Persona::Owner, 200),
        (Persona::Manager, 200),
        (Persona::Editor, 403),
        (Persona::Reader, 403),
        (Persona::Member, 403),
        (Persona::Outsider, 404),
    ] {
        let browser = portal.signed_in(persona);
        for path in &below {
            assert_eq!(browser.get(&acme(path)).status, status, "{persona:?} {path}");
        }
    }
    // By the Organization that they belong to, neither.
    let outsider = portal.signed_in(Persona::Outsider);
    for path in &below {
        assert_eq!(outsider.get(&format!("/organizations/elsewhere{path}")).status, 404);
    }
    let owner = portal.signed_in(Persona::Owner);
    for wrong in ["ivc_01kb1b1b1be1ea1b1b1b1b1b1b", "1", "I-2026-000001", "%00"] {
        assert_eq!(owner.get(&path(wrong)).status, 404, "{wrong}");
        assert_eq!(owner.get(&format!("{}/pdf", path(wrong))).status, 404, "{wrong}");
    }
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn on_paper_there_is_the_invoice_alone() {
    let portal = Portal::on_sqlite();
    let invoice = portal.invoice(&bill(&[("Mapper, Yearly", 1, 100_000)]));
    portal.credit_note(&invoice.id, Some(100));
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Manager);
    profile.open_page(&path(&invoice.id));
    profile.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    let shown = |selector: &str| {
        let script = "return getComputedStyle(document.querySelector(arguments[0])).display";
        profile.script(script, &[json!(selector)]).as_str().unwrap_or_default() != "none"
    };
    for part in [".header", ".side", ".page-actions", ".back", ".footer", ".invoice-related"] {
        assert!(!shown(part), "{part} on paper");
    }
    for part in ["h1", ".invoice-party", ".facts", ".table-invoice thead", ".invoice-total"] {
        assert!(shown(part), "{part} on paper");
    }
}
