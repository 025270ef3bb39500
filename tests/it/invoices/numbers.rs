//! The numbers of invoices: without gaps, each once, from 1 on in each year.

use chrono::{Duration, TimeZone, Utc};
use portico::db::DbError;
use portico::ids::OrderId;
use portico::invoices::invoice::Kind;
use rstest::rstest;
use rstest_reuse::apply;

use super::{bill, issue_in};
use crate::support::{Portal, all_at_once, on_both};

/// Does it until the database has a connection for it: many more wait than there are.
pub fn until_done<T>(act: impl Fn() -> Result<T, DbError>) -> T {
    loop {
        match act() {
            Ok(outcome) => return outcome,
            Err(error) => assert!(error.is_temporary(), "{error}"),
        }
    }
}

fn numbers(year: i32, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("I-{year}-{number:06}")).collect()
}

#[apply(on_both)]
fn fifty_at_once_get_fifty_numbers(#[case] portal: &Portal) {
    let (organization, bill) = (portal.organization_id(), bill(&[("Mapper, Monthly", 1, 10_000)]));
    let mut issued = all_at_once(50, |_| {
        let order = OrderId::new(portal.app.now());
        until_done(|| portal.app.write_now(|tx| issue_in(tx, &organization, &order, &bill))).number
    });
    issued.sort();
    assert_eq!(issued, numbers(2026, 50));
    assert_eq!(portal.numbers_of(Kind::Invoice), issued);
}

/// The number of a transaction that fails after it took one goes to whoever waited for it.
#[apply(on_both)]
fn a_transaction_that_fails_leaves_no_gap(#[case] portal: &Portal) {
    let (organization, bill) = (portal.organization_id(), bill(&[("Mapper, Monthly", 1, 10_000)]));
    let outcomes = all_at_once(50, |number| {
        let order = OrderId::new(portal.app.now());
        until_done(|| {
            let outcome = portal.app.write_now(|tx| {
                let invoice = issue_in(tx, &organization, &order, &bill)?;
                if number % 3 == 0 { Err(DbError::Unexpected(invoice.number)) } else { Ok(invoice.number) }
            });
            match outcome {
                Err(DbError::Unexpected(_)) => Ok(None),
                other => other.map(Some),
            }
        })
    });
    let mut issued: Vec<String> = outcomes.into_iter().flatten().collect();
    issued.sort();
    assert_eq!(issued, numbers(2026, 33));
    assert_eq!(portal.numbers_of(Kind::Invoice), issued);
}

/// The year is that of UTC, and each begins with 1; what is numbered late in the old one goes on there.
#[apply(on_both)]
fn a_year_begins_with_one(#[case] portal: &Portal) {
    let midnight = Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).single().expect("a moment");
    portal.later(midnight - portal.app.now().to_utc() - Duration::microseconds(1));
    let (organization, bill) = (portal.organization_id(), bill(&[("Mapper, Monthly", 1, 10_000)]));
    let issued = all_at_once(50, |number| {
        if number == 25 {
            portal.later(Duration::microseconds(1));
        }
        let order = OrderId::new(portal.app.now());
        let invoice = until_done(|| portal.app.write_now(|tx| issue_in(tx, &organization, &order, &bill)));
        assert!(invoice.number.starts_with(if invoice.issued_at.to_utc() < midnight { "I-2026-" } else { "I-2027-" }));
        invoice.number
    });
    let in_year = |year: &str| issued.iter().filter(|number| number.starts_with(year)).count();
    let (old, new) = (in_year("I-2026-"), in_year("I-2027-"));
    assert_eq!(old + new, 50);
    assert!(new > 0, "the clock was moved");
    let both: Vec<String> = numbers(2026, old).into_iter().chain(numbers(2027, new)).collect();
    assert_eq!(portal.numbers_of(Kind::Invoice), both);
    assert_eq!(portal.invoice(&bill).number, format!("I-2027-{:06}", new + 1));
}
