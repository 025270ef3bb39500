//! What an Organization asks of whoever enters: choosing it, and being asked.

use chrono::Duration;
use portico::access::SessionLength;
use portico::db::DbError;
use portico::organizations::policies::{self, SetSessionLength};

use super::axe::Inspector;
use crate::accounts::two_factor::turn_on;
use crate::support::{Persona, Portal, acme};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_of_policies_are_accessible() {
    let portal = Portal::on_sqlite();
    let (switch, length) = (acme("/settings/two-factor"), acme("/settings/session-length"));
    let mut owner = Inspector::signed_in(&portal, Persona::Owner);
    owner.open(&switch, "Require two-factor authentication");
    assert!(owner.profile.shows("You do not have it yourself"));
    owner.open(&acme("/people/without-two-factor"), "Without two-factor authentication");
    turn_on(&portal, &portal.signed_in(Persona::Owner));
    owner.open(&switch, "Require two-factor authentication");
    let mut member = Inspector::signed_in(&portal, Persona::Member);
    owner.profile.press("Require two-factor authentication");
    owner.inspect("Organization settings");
    owner.open(&switch, "Require two-factor authentication");
    assert!(owner.profile.offers("Stop requiring it"));
    owner.open(&acme("/people"), "User Management");
    owner.open("/account/security/two-factor/off", "Turn off two-factor authentication");
    assert!(owner.profile.shows("You cannot enter these Organizations without it"));

    member.open(&acme("/plans"), "Two-factor authentication required");
    member.open("/home", "Home");
    member.finish();

    // Another Owner chooses meanwhile.
    owner.open(&length, "Session length");
    let scope = portal.scope(Persona::Owner);
    let chosen = portal.app.write_now::<_, DbError>(|tx| {
        policies::set_session_length(tx, &scope, SessionLength::Portal, SessionLength::OneHour)
    });
    assert_eq!(chosen.expect("it is stored"), SetSessionLength::Saved);
    owner.profile.choose("Ask after", "8 hours");
    owner.profile.press("Save");
    owner.profile.sees("Somebody else has chosen meanwhile");
    assert_eq!(owner.profile.status(), 409);
    owner.inspect("Session length");
    portal.later(Duration::hours(1));
    owner.open(&acme("/plans"), "Confirm that it is you");
    owner.finish();
}
