//! The ledger as a CSV file.

use portico::credits::spend::Spend;
use rstest::rstest;
use rstest_reuse::apply;

use super::Given;
use crate::support::{Browser, Persona, Portal, acme, on_both};

fn records(browser: &Browser, query: &str) -> Vec<Vec<String>> {
    let answer = browser.get(&acme(&format!("/credits/export.csv{query}")));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"acme-credits.csv\"");
    let text = answer.body.strip_prefix('\u{feff}').expect("spreadsheets are told the script");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a record").iter().map(str::to_owned).collect()).collect()
}

#[apply(on_both)]
fn the_export_has_every_row_with_the_filter_of_the_page(#[case] portal: &Portal) {
    portal.grant(Given::new(1_000, "welcome"));
    portal.later(chrono::Duration::days(2));
    portal.spend(62, "job-1");
    let manager = portal.signed_in(Persona::Manager);
    let heading =
        ["Number", "Date (UTC)", "What", "Note", "Who or which product", "Reference", "Amount", "Balance after"];
    let spent = ["2", "2026-11-25 09:30", "Spent", "Quarry, 120 images", "Cloud processing", "job-1", "-62", "938"];
    let granted = ["1", "2026-11-23 09:30", "Granted", "for the tests", "Operator (ada)", "welcome", "1000", "1000"];
    assert_eq!(records(&manager, ""), [heading, spent, granted]);
    assert_eq!(records(&manager, "?kind=spend"), [heading, spent]);
    assert_eq!(records(&manager, "?to=2026-11-24"), [heading, granted]);
    assert_eq!(records(&manager, "?reference=job-1"), [heading, spent]);
    let page = manager.get(&acme("/credits?kind=grant&from=2026-11-01")).html();
    let link = page.attributes("a[href*=export]", "href").remove(0);
    assert_eq!(
        records(&manager, link.strip_prefix(&acme("/credits/export.csv")).expect("the export")),
        [heading, granted]
    );
    let wrong = manager.get(&acme("/credits/export.csv?from=yesterday"));
    assert_eq!(wrong.status, 400, "a file of something else would be taken for the answer");
}

#[apply(on_both)]
fn a_long_ledger_is_exported_whole_over_several_readings(#[case] portal: &Portal) {
    const MANY: usize = 1_010;
    portal.grant(Given::new(5_000, "welcome"));
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            for number in 0..MANY {
                let outcome = super::spend_in(tx, &organization, 1, &format!("job-{number}"))?;
                assert!(matches!(outcome, Spend::Spent(_)));
            }
            Ok(())
        })
        .expect("they are spent");
    let rows = records(&portal.signed_in(Persona::Owner), "");
    let numbers: Vec<usize> = rows.iter().skip(1).map(|row| row[0].parse().expect("a number")).collect();
    assert_eq!(numbers, (1..=MANY + 1).rev().collect::<Vec<_>>());
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn cells_that_look_like_formulas_are_defused(#[case] portal: &Portal) {
    use portico::access::{Actor, Product};
    use portico::audit::By;
    use portico::credits::amount::Amount;
    use portico::credits::spend::{NewSpend, spend};
    portal.grant(Given::new(10, "-ten"));
    let (organization, product) = (portal.organization_id(), Product { name: "=cmd()".to_owned() });
    let reference = super::reference("-1");
    let new = NewSpend { amount: Amount::new(1).expect("one"), reference: &reference, note: "@SUM(A1)" };
    let by = By::outside(Actor::Product(&product), &organization);
    portal.app.write_now(|tx| spend(tx, by, &organization, &new)).expect("it is spent");
    let rows = records(&portal.signed_in(Persona::Owner), "");
    assert_eq!(rows[1][3..], ["'@SUM(A1)", "'=cmd()", "'-1", "-1", "9"].map(str::to_owned), "an amount is a number");
}
