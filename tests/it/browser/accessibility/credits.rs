//! The history of credits: empty, long, narrowed and with something wrong.

use chrono::Duration;

use super::axe::Inspector;
use crate::credits::Given;
use crate::support::{Persona, Portal, acme};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_credit_history_is_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Manager);
    let history = acme("/credits");
    page.open(&history, "Credit History");
    assert!(page.profile.shows("No credits yet"));
    page.finish();
    portal.grant(Given::new(1_000_000, &"w".repeat(100)));
    portal.grant(Given::new(40, "trial").until("2027-01-20T00:00:00Z"));
    portal.grant(Given::new(7, "gone").until("2026-12-01T00:00:00Z"));
    portal.later(Duration::days(30));
    for number in 0..60 {
        portal.spend(500 + number, &format!("job-{number}"));
    }
    portal.reverse("job-3");
    let mut page = Inspector::signed_in(&portal, Persona::Manager);
    page.open(&history, "Credit History");
    page.profile.press("Show as a table");
    page.profile.sees("1 December 2026");
    page.inspect("Credit History");
    page.profile.press("Next page");
    page.profile.sees("Previous page");
    page.inspect("Credit History");
    page.open(&format!("{history}?kind=expiry"), "Credit History");
    page.open(&format!("{history}?reference=nothing"), "Credit History");
    assert!(page.profile.shows("Nothing matches this filter"));
    page.open(&format!("{history}?from=2026-11-28&to=2026-11-27"), "Credit History");
    assert!(page.profile.shows("The last day is before the first one."));
    page.open(&acme(""), "Dashboard");
    page.finish();
}
