//! The log of an Organization: narrowed, with something wrong, and with nothing to show.

use portico::access::Role;

use super::axe::Inspector;
use crate::credits::Given;
use crate::support::{Persona, Portal, acme, change_role};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_activity_is_accessible() {
    let portal = Portal::on_sqlite();
    portal.grant(Given::new(1_000, &"w".repeat(100)));
    for number in 0..60 {
        portal.grant(Given::new(1, &format!("gift-{number}")));
    }
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(change_role(&manager, &portal.membership(Persona::Reader), Role::Reader, Role::Editor).status, 303);
    let mut page = Inspector::signed_in(&portal, Persona::Manager);
    let activity = acme("/activity");
    page.open(&activity, "Activity");
    page.profile.press("Next page");
    page.profile.sees("Previous page");
    page.inspect("Activity");
    page.open(&format!("{activity}?kind=people"), "Activity");
    page.profile.press("Manuel Tester");
    page.profile.sees("or what was done to them");
    page.inspect("Activity");
    page.open(&format!("{activity}?person=nobody@example.com"), "Activity");
    assert!(page.profile.shows("Nothing matches this filter"));
    page.open(&format!("{activity}?from=2026-11-28&to=2026-11-27"), "Activity");
    assert!(page.profile.shows("The last day is before the first one."));
    page.finish();
}
