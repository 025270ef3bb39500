//! The invoices of a year as a CSV file.

use chrono::{Duration, TimeZone, Utc};
use diesel::prelude::*;
use portico::schema::invoices;
use rstest::rstest;
use rstest_reuse::apply;

use super::bill;
use crate::support::{Browser, Persona, Portal, acme, on_both};

fn records(browser: &Browser, query: &str) -> Vec<Vec<String>> {
    let answer = browser.get(&acme(&format!("/plans/invoices/export.csv{query}")));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"acme-invoices.csv\"");
    let text = answer.body.strip_prefix('\u{feff}').expect("spreadsheets are told the script");
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a record").iter().map(str::to_owned).collect()).collect()
}

impl Portal {
    /// What the rows of a year add up to: without tax, tax, in all.
    pub fn sums_of_year(&self, year: i32) -> (i64, i64, i64) {
        let number = format!("%-{year}-%");
        let rows: Vec<(i64, i64, i64)> = self.query(|connection| {
            invoices::table
                .filter(invoices::number.like(&number))
                .select((invoices::net, invoices::tax, invoices::total))
                .load(connection)
        });
        let sum = |(net, tax, total), (more_net, more_tax, more)| (net + more_net, tax + more_tax, total + more);
        rows.into_iter().fold((0, 0, 0), sum)
    }
}

#[apply(on_both)]
fn the_file_has_the_documents_of_the_year(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("Mapper, Yearly", 1, 100_000)]));
    portal.later(Duration::seconds(1));
    portal.credit_note(&invoice.id, Some(50_000));
    let midnight = Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).single().expect("a moment");
    portal.later(midnight - portal.app.now().to_utc());
    portal.invoice(&bill(&[("Mapper, Yearly", 1, 200_000)]));
    let manager = portal.signed_in(Persona::Manager);
    let [order, franc, name] = ["O-2026-000001", "CHF", "Acme AG"];
    let old = [
        [
            "I-2026-000001",
            "2026-11-23",
            "Invoice",
            order,
            "1000.00",
            "81.00",
            "VAT 8.1 %",
            "1081.00",
            franc,
            name,
            "CH",
            "",
        ],
        [
            "C-2026-000001",
            "2026-11-23",
            "Credit note",
            order,
            "-462.53",
            "-37.47",
            "VAT 8.1 %",
            "-500.00",
            franc,
            name,
            "CH",
            "",
        ],
    ];
    let new = [[
        "I-2027-000001",
        "2027-01-01",
        "Invoice",
        order,
        "2000.00",
        "162.00",
        "VAT 8.1 %",
        "2162.00",
        franc,
        name,
        "CH",
        "",
    ]];
    assert_eq!(records(&manager, "?year=2026"), old);
    assert_eq!(records(&manager, "?year=2027"), new);
    assert_eq!(records(&manager, ""), new, "the present year");
    assert!(records(&manager, "?year=2025").is_empty());
    for wrong in ["26", "2026a", "99999", "-2026", "0000", "%00"] {
        assert_eq!(manager.get(&acme(&format!("/plans/invoices/export.csv?year={wrong}"))).status, 400, "{wrong}");
    }
    assert_eq!(portal.signed_in(Persona::Editor).get(&acme("/plans/invoices/export.csv")).status, 403);
    assert_eq!(portal.signed_in(Persona::Outsider).get(&acme("/plans/invoices/export.csv")).status, 404);
}

/// Many are read in batches, also where they were issued at the same moment.
#[apply(on_both)]
fn a_long_year_is_exported_whole(#[case] portal: &Portal) {
    const MANY: usize = 1_010;
    let bill = bill(&[("Mapper, Monthly", 1, 100)]);
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            for _ in 0..MANY {
                let order = portico::ids::OrderId::new(tx.now);
                super::issue_in(tx, &organization, &order, &bill)?;
            }
            Ok(())
        })
        .expect("they are issued");
    let numbers: Vec<String> =
        records(&portal.signed_in(Persona::Owner), "").into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(numbers, portal.numbers_of(portico::invoices::invoice::Kind::Invoice));
    assert_eq!(numbers.len(), MANY);
}
