//! A whole year, day by day: each term is charged once, on its day, whatever months lie between and whoever was away.

use chrono::Duration;
use portico::credits::entry::Source;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Desk, WITH_TAX, sold};
use crate::support::{Portal, on_both, till::Say};

/// The last days of the terms of a licence that was bought on 31 January 2028: there is a leap day, and there are months without a 31st.
const ENDS: [&str; 13] = [
    "2028-03-01",
    "2028-04-01",
    "2028-05-01",
    "2028-06-01",
    "2028-07-01",
    "2028-08-01",
    "2028-09-01",
    "2028-10-01",
    "2028-11-01",
    "2028-12-01",
    "2029-01-01",
    "2029-02-01",
    "2029-03-01",
];

/// A week before an end, at the hour at which the days of these tests begin.
fn charged(end: &str) -> String {
    let end = super::at(&format!("{end}T09:00:00Z")) - Duration::days(7);
    end.minutes()
}

#[apply(on_both)]
fn twelve_months_are_charged_once_each_a_week_before_they_begin(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    assert_eq!(desk.end_of(&licence), "2028-03-01 00:00");
    // Through both changes of the clock in Europe, and one day more than the year has: the twelfth is charged on 25 January.
    desk.pass(361, Duration::days(1));
    let tries = desk.tries(&licence);
    let expected: Vec<_> = ENDS[..12].iter().map(|end| (charged(end), "paid".to_owned())).collect();
    assert_eq!(tries, expected);
    assert_eq!(desk.end_of(&licence), format!("{} 00:00", ENDS[12]));
    assert_eq!(desk.orders("paid"), [WITH_TAX; 12]);
    assert_eq!((desk.orders("pending").len(), desk.orders("ended").len()), (0, 0));
    desk.assert_money_agrees();
    let granted: Vec<i64> =
        portal.ledger().iter().filter(|row| row.source == Some(Source::Plan)).map(|row| row.amount).collect();
    assert_eq!(granted, [50; 13], "the credits of each term");
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn a_year_is_charged_once_and_from_a_leap_day_to_the_last_of_february(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-02-29T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Yearly));
    desk.pass(366, Duration::days(1));
    assert_eq!(desk.tries(&licence), [("2029-02-22 09:00".to_owned(), "paid".to_owned())]);
    assert_eq!(desk.end_of(&licence), "2030-03-01 00:00");
}

#[apply(on_both)]
fn a_job_that_was_down_for_three_days_charges_once_when_it_is_back(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.go_to("2028-02-22T23:59:00Z");
    desk.work();
    assert_eq!(desk.till.asked(), 0, "it is not due yet");
    desk.go_to("2028-02-26T00:00:00Z");
    desk.pass(3, Duration::hours(1));
    assert_eq!(desk.tries(&licence), [("2028-02-26 01:00".to_owned(), "paid".to_owned())]);
    assert_eq!((desk.till.asked(), desk.end_of(&licence).as_str()), (1, "2028-04-01 00:00"), "from the old end on");
}

/// What ended while nobody looked is charged once, and begins now.
#[apply(on_both)]
fn a_job_that_was_down_over_the_end_charges_within_the_grace_period(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let (licence, other) = (portal.licence_of(&sold(Term::Monthly)), portal.licence_of(&sold(Term::Monthly)));
    desk.till.says(&[Say::Pay, Say::Decline("expired card")]);
    desk.go_to("2028-03-05T12:00:00Z");
    desk.pass(20, Duration::days(1));
    assert_eq!(desk.tries(&licence), [("2028-03-06 12:00".to_owned(), "paid".to_owned())]);
    assert_eq!(desk.end_of(&licence), "2028-04-07 00:00");
    assert_eq!(desk.tries(&other), [("2028-03-06 12:00".to_owned(), "declined".to_owned())], "it is tried once");
    desk.assert_money_agrees();
}

#[apply(on_both)]
fn what_ended_longer_ago_than_it_is_kept_is_left(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.go_to("2028-03-15T00:00:00Z");
    desk.pass(3, Duration::days(1));
    assert_eq!((desk.tries(&licence), desk.till.asked()), (Vec::new(), 0));
}
