//! Invoices as PDF, read by poppler, which knows nothing of how they were made.

use std::io::Write;
use std::process::Command;

use chrono::{Duration, TimeZone, Utc};
use portico::billing::bill::{Bill, Line};
use portico::invoices::invoice::Invoice;
use portico::money::{Currency, Money};
use rstest::rstest;
use rstest_reuse::apply;

use super::{bill, seller};
use crate::support::{Answer, Browser, Persona, Portal, acme, on_both};

/// What anybody could type who wants a document to say something else, or cannot help it.
const NAMES: [&str; 12] = [
    "#image(\"x\")",
    "*bold*",
    "= heading",
    "$x$",
    "#read(\"/etc/passwd\")",
    "] #panic() [",
    "\\u{41} // not a comment /* nor this */",
    "<label> @reference `raw` _emphasis_ ~ --- ...",
    "Ромашка Ελλάδα Łódź",
    "株式会社日本測量",
    "{\"json\": \"\\\"\"}",
    "- list + enum / term: x",
];

pub fn download(browser: &Browser, invoice: &Invoice) -> Answer {
    browser.get(&acme(&format!("/plans/invoices/{}/pdf", invoice.id)))
}

/// What one of poppler's tools says of a document.
pub fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(pdf).expect("it is written");
    let mut command = Command::new(tool);
    command.args(arguments).arg(file.path());
    if tool == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap_or_else(|error| panic!("{tool}: {error}"));
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Its text, line by line, with plain spaces.
pub fn text(pdf: &[u8]) -> String {
    poppler("pdftotext", &["-layout"], pdf).replace('\u{a0}', " ")
}

/// An amount behind a name at the beginning of a line: `Total  CHF 1,234.50`.
fn amount(text: &str, name: &str) -> i64 {
    let line =
        text.lines().map(str::trim).find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    let (_, amount) = line.rsplit_once("CHF ").expect("an amount");
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    let minor: i64 = digits.parse().expect("digits");
    if amount.starts_with('−') { -minor } else { minor }
}

fn titled(name: &str) -> Bill {
    bill(&[(name, 1, 99_000)])
}

#[apply(on_both)]
fn the_file_has_a_name_and_says_what_the_page_says(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("Mapper, Yearly", 2, 99_000), ("500 credits", 1, 12_345)]));
    let answer = download(&portal.signed_in(Persona::Manager), &invoice);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/pdf"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"I-2026-000001.pdf\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.bytes.starts_with(b"%PDF-1.7"));
    assert!(answer.bytes.len() < 100_000, "{}", answer.bytes.len());
}

/// Whenever it is downloaded, and by whichever process.
#[apply(on_both)]
fn the_same_invoice_gives_the_same_bytes(#[case] portal: &Portal) {
    let invoice = portal.invoice(&titled("Mapper, Yearly"));
    let first = download(&portal.signed_in(Persona::Manager), &invoice).bytes;
    portal.invoice(&titled("Something else"));
    portal.later(Duration::days(40));
    let second_server = portal.second_server();
    let again = download(&second_server.signed_in(Persona::Owner), &invoice).bytes;
    assert!(first == again, "{} and {} bytes", first.len(), again.len());
}

#[test]
#[cfg_attr(not(has_poppler), ignore = "poppler's tools are not installed")]
fn what_was_typed_never_changes_the_document() {
    let portal = Portal::on_sqlite();
    let manager = portal.signed_in(Persona::Manager);
    let plain = text(&download(&manager, &portal.invoice(&titled("Mapper"))).bytes);
    for name in NAMES {
        let pdf = download(&manager, &portal.invoice(&titled(name)));
        assert_eq!(pdf.status, 200, "{name}");
        let text = text(&pdf.bytes);
        assert!(text.contains(name), "{name} is not in {text}");
        assert_eq!(text.lines().count(), plain.lines().count(), "{name}: {text}");
    }
}

#[test]
#[cfg_attr(not(has_poppler), ignore = "poppler's tools are not installed")]
fn every_script_and_every_length_is_typeset() {
    let portal = Portal::on_sqlite();
    let manager = portal.signed_in(Persona::Manager);
    let long = "W".repeat(200);
    let without = text(&download(&manager, &portal.invoice(&titled(""))).bytes);
    for (name, part) in [
        (long.as_str(), "WWWWWWWWWWWW"),
        ("שלום עולם בע״מ", "שלום"),
        ("شركة المساحة", "ﺔﻛﺮﺷ"),
        ("บริษัท สำรวจ", "บริษัท"),
        ("Smile 🙂 Ltd", "Smile \u{fffd} Ltd"),
        ("ᚠᚢᚦ", "\u{fffd}\u{fffd}\u{fffd}"),
    ] {
        let pdf = download(&manager, &portal.invoice(&titled(name)));
        assert_eq!(pdf.status, 200, "{name}");
        let text = text(&pdf.bytes);
        let is_there = text.contains(part) || text.contains(name);
        assert!(is_there, "{name} is not in {text}");
        if name == long {
            let count = |text: &str| text.matches('W').count();
            assert_eq!(count(&text), count(&long) + count(&without), "nothing of it is cut off");
        }
    }
}

/// PDF/UA-1: tags, language, title, and the headers of the table.
#[test]
#[cfg_attr(not(has_poppler), ignore = "poppler's tools are not installed")]
fn it_is_tagged_for_screen_readers() {
    let portal = Portal::on_sqlite();
    let invoice = portal.invoice(&bill(&[("Mapper, Yearly", 2, 99_000), ("500 credits", 1, 12_345)]));
    let pdf = download(&portal.signed_in(Persona::Manager), &invoice).bytes;
    let about = poppler("pdfinfo", &[], &pdf);
    let said = |name: &str| {
        let line = about.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {about}"));
        line.trim().to_owned()
    };
    assert_eq!(said("Title:"), "Invoice I-2026-000001");
    assert_eq!(said("Author:"), seller().name);
    assert_eq!(said("Tagged:"), "yes");
    assert_eq!(said("Pages:"), "1");
    assert!(said("Page size:").contains("A4"));
    assert!(said("CreationDate:").contains("Nov 23") && said("CreationDate:").contains("2026"), "{about}");
    let metadata = poppler("pdfinfo", &["-meta"], &pdf);
    assert!(metadata.contains("pdfuaid:part>1<") || metadata.contains("pdfuaid:part=\"1\""), "{metadata}");
    assert!(metadata.contains("en"), "{metadata}");
    let raw = String::from_utf8_lossy(&pdf);
    for entry in ["/StructTreeRoot", "/MarkInfo", "/Lang", "/DisplayDocTitle true"] {
        assert!(raw.contains(entry), "{entry} is not in the file");
    }
    let structure = poppler("pdfinfo", &["-struct-text"], &pdf);
    let count =
        |tag: &str| structure.lines().filter(|line| line.trim().split([' ', '(', ':']).next() == Some(tag)).count();
    assert_eq!((count("H1"), count("Table"), count("TH")), (1, 1, 4), "{structure}");
    assert_eq!((count("TR"), count("TD")), (3, 8), "{structure}");
    assert!(count("H2") >= 4, "{structure}");
    let order = ["Invoice I-2026-000001", "Seller", "Buyer", "Details", "Description", "Mapper, Yearly", "Total"];
    let places: Vec<Option<usize>> = order.iter().map(|words| structure.find(words)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {structure}");
}

/// A year of invoices and credit notes: what an independent tool reads in them adds up to what the rows say.
#[test]
#[cfg_attr(not(has_poppler), ignore = "poppler's tools are not installed")]
fn a_year_of_documents_adds_up() {
    let portal = Portal::on_sqlite();
    let start = Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).single().expect("a moment");
    portal.later(start - portal.app.now().to_utc());
    let mut issued = Vec::new();
    for month in 0..12_u32 {
        let price = Money { minor: 99_000 + i64::from(month) * 1_237, currency: Currency::Chf };
        let lines = vec![Line::of("Mapper, Monthly", 1 + month % 3, price), Line::of("Support", 1, price)];
        let invoice = portal.invoice(&Bill::new(Currency::Chf, lines, None, titled("").treatment));
        if month % 4 == 1 {
            issued.push(portal.credit_note(&invoice.id, Some(10_001)));
            issued.push(portal.credit_note(&invoice.id, None));
        }
        issued.push(invoice);
        portal.later(Duration::days(30));
    }
    let manager = portal.signed_in(Persona::Manager);
    let read: Vec<(i64, i64, i64)> = issued
        .iter()
        .map(|invoice| {
            let text = text(&download(&manager, invoice).bytes);
            assert!(text.contains(&invoice.number), "{text}");
            (amount(&text, "Without tax"), amount(&text, "VAT 8.1 %"), amount(&text, "Total"))
        })
        .collect();
    let rows: Vec<_> = issued.iter().map(|of| (of.bill.net, of.bill.tax, of.bill.total)).collect();
    assert_eq!(read, rows);
    let sum = |(net, tax, total), (more_net, more_tax, more)| (net + more_net, tax + more_tax, total + more);
    assert_eq!(read.into_iter().fold((0, 0, 0), sum), portal.sums_of_year(2027));
}

/// Many who download at once are answered or told to come back; pages are not kept waiting.
#[test]
fn documents_are_typeset_one_at_a_time() {
    let portal = Portal::on_sqlite();
    let invoice = portal.invoice(&titled("Mapper, Yearly"));
    let manager = portal.signed_in(Persona::Manager);
    let statuses = crate::support::all_at_once(12, |_| download(&manager, &invoice).status);
    assert!(statuses.iter().all(|status| matches!(status, 200 | 503)), "{statuses:?}");
    assert!(statuses.contains(&200));
    assert_eq!(download(&manager, &invoice).status, 200);
}
