//! Security: what there is to sign in with, another password, another address, and confirming who one is.

use chrono::Duration;

use super::LONG_EMAIL;
use super::axe::Inspector;
use crate::support::{PASSWORD, Persona, Portal};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_about_security_are_accessible() {
    let portal = Portal::on_sqlite();
    portal.signed_in(Persona::Owner);
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open("/account/security", "Security");
    page.open("/account/security/events", "Security events");
    page.open("/account/security/password", "Change password");
    page.profile.press("Change password");
    page.profile.sees("Enter your current password.");
    page.inspect("Change password");
    page.open("/account/security/email", "Change e-mail address");
    page.profile.press("Send confirmation");
    page.profile.sees("Enter an e-mail address.");
    page.inspect("Change e-mail address");
    page.profile.fill("New e-mail address", LONG_EMAIL);
    page.profile.press("Send confirmation");
    page.profile.sees("We sent a message to");
    page.inspect("Security");
    page.open(&portal.link_to(LONG_EMAIL), "Confirm your new e-mail address");

    portal.later(Duration::minutes(10));
    page.open("/account/security/email", "Confirm that it is you");
    page.profile.press("Confirm");
    page.profile.sees("Enter your password.");
    page.inspect("Confirm that it is you");
    page.profile.fill("Password", PASSWORD);
    page.profile.press("Confirm");
    page.inspect("Change e-mail address");
    page.finish();
}
