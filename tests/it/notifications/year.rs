//! A whole year, day by day: one with a leap day, through both changes of the clock, and with months that have no 31st.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::prelude::*;
use portico::audit::By;
use portico::db::DbError;
use portico::ids::LicenceId;
use portico::licences::renewal::{Renew, renew};
use portico::licences::terms::Term;
use portico::notifications::kinds::Occasion;
use portico::schema::licence_notices;
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use super::logged;
use crate::support::{Persona, Portal, on_both, outbox};

fn at(text: &str) -> Timestamp {
    Timestamp::from(text.parse::<DateTime<Utc>>().expect("a moment"))
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// When which end of a licence was told, by the end and the threshold.
fn notices(portal: &Portal, licence: &LicenceId) -> BTreeMap<(NaiveDate, i32), NaiveDate> {
    let rows: Vec<(Timestamp, i32, Timestamp)> = portal.query(|connection| {
        licence_notices::table
            .filter(licence_notices::licence_id.eq(licence))
            .select((licence_notices::ends_at, licence_notices::threshold, licence_notices::sent_at))
            .load(connection)
    });
    let count = rows.len();
    let told: BTreeMap<_, _> =
        rows.into_iter().map(|(end, threshold, at)| ((end.day(), threshold), at.day())).collect();
    assert_eq!(told.len(), count, "each once");
    told
}

#[apply(on_both)]
fn through_a_year_with_twelve_renewals_each_mail_comes_once_and_on_its_day(#[case] portal: &Portal) {
    // From 31 December 2027 on, so that the terms of a month end with its last day.
    portal.later(at("2027-12-31T00:03:00Z") - portal.app.now());
    outbox::run_due_jobs(portal);
    let monthly = portal.licence(Term::Monthly, 1);
    let yearly = portal.licence(Term::Yearly, 1);
    let owner = portal.scope(Persona::Owner);
    let mut ends = vec![portal.licence_row(&monthly).ends_at.expect("an end").day()];
    let mut renewals = 0;
    while portal.app.now() < at("2029-01-10T00:00:00Z") {
        let today = portal.app.now().day();
        // Five minutes before a term of the monthly one ends it goes on by itself, twelve times.
        let end = portal.licence_row(&monthly).ends_at.expect("an end");
        if end - portal.app.now() < Duration::days(1) && end > portal.app.now() && renewals < 12 {
            portal.later(end - portal.app.now() - Duration::minutes(5));
            let renewed = portal
                .app
                .write_now::<_, DbError>(|tx| renew(tx, By::member(&owner), owner.organization_id(), &monthly))
                .expect("it is renewed");
            let Renew::Renewed { ends_at } = renewed else { panic!("{renewed:?}") };
            ends.push(ends_at.day());
            renewals += 1;
        }
        portal.later(at(&format!("{}T00:03:00Z", today + chrono::Days::new(1))) - portal.app.now());
        // From 10 to 12 June nothing runs.
        let is_down = (day("2028-06-10")..=day("2028-06-12")).contains(&portal.app.now().day());
        if !is_down {
            outbox::run_due_jobs(portal);
        }
    }
    let expected_ends: Vec<NaiveDate> = [
        "2028-02-01",
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
    ]
    .map(day)
    .into();
    assert_eq!(ends, expected_ends);
    let told = notices(portal, &monthly);
    let mut expected = BTreeMap::new();
    // The last term has not come so near its end.
    for end in &ends[..12] {
        expected.insert((*end, 7), *end - chrono::Days::new(7));
        expected.insert((*end, 1), *end - chrono::Days::new(1));
    }
    assert_eq!(told, expected, "none on its end, since it went on");
    let yearly_end = day("2029-01-01");
    let expected: BTreeMap<_, _> =
        [30_u64, 7, 1, 0].map(|days| ((yearly_end, days as i32), yearly_end - chrono::Days::new(days))).into();
    assert_eq!(notices(portal, &yearly), expected);
    // Both together in one mail where they come together: 7 and 1 days before 1 January.
    assert_eq!((logged(portal, Occasion::Expiring), logged(portal, Occasion::Expired)), (24 + 3 - 2, 1));
}

/// One whose moment falls into the days on which nothing runs comes late, and once.
#[apply(on_both)]
fn what_falls_into_three_days_without_the_job_comes_on_the_fourth(#[case] portal: &Portal) {
    portal.later(at("2028-05-31T00:03:00Z") - portal.app.now());
    outbox::run_due_jobs(portal);
    let yearly = portal.licence(Term::Yearly, 1);
    let end = day("2029-06-01");
    let mut down = [end - chrono::Days::new(31), end - chrono::Days::new(2)].into_iter();
    let mut next = down.next();
    for _ in 0..380 {
        portal.later(Duration::days(1));
        if next == Some(portal.app.now().day()) {
            portal.later(Duration::days(3));
            next = down.next();
        }
        outbox::run_due_jobs(portal);
    }
    let told = notices(portal, &yearly);
    let days = |days| end - chrono::Days::new(days);
    let expected: BTreeMap<_, _> =
        [((end, 30), days(28)), ((end, 7), days(7)), ((end, 0), end + chrono::Days::new(1))].into();
    assert_eq!(told, expected, "the one of the day before was overtaken by the end");
}
