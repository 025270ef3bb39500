//! Personal preferences: as they are, a zone that does not exist, and the zone of the browser.

use super::axe::Inspector;
use crate::support::{Persona, Portal};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_of_preferences_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open("/account/preferences", "Personal preferences");
    page.open("/account/preferences/edit", "Edit personal preferences");
    page.profile.fill("Time zone", "Europe/Atlantis");
    page.profile.press("Save");
    page.profile.sees("There is no time zone");
    page.inspect("Edit personal preferences");
    page.profile.fill("Time zone", "Kathmandu");
    page.profile.press("Save");
    page.profile.sees("Asia/Kathmandu");
    page.inspect("Personal preferences");
    page.finish();
}
