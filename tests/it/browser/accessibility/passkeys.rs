//! Passkeys: their list, adding, naming and removing one.

use super::axe::Inspector;
use crate::support::{PASSWORD, Persona, Portal, Profile};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_of_passkeys_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::of(Profile::with_passkeys(&portal));
    page.open("/sign-in", "Sign in");
    page.profile.sign_in(Persona::Owner);
    page.open("/account/security/passkeys", "Passkeys");
    page.open("/account/security/passkeys/new", "Add a passkey");
    page.profile.press("Create passkey");
    page.inspect("Passkeys");
    page.profile.press("Rename Chrome on Linux");
    page.inspect("Rename passkey");
    page.profile.fill("Name", " ");
    page.profile.press("Save");
    page.profile.sees("Enter a name by which you know the device.");
    page.inspect("Rename passkey");
    page.open("/account/security/two-factor", "Two-factor authentication");
    page.profile.press("Turn on with your passkeys");
    page.inspect("Your recovery codes");
    page.open("/account/security/two-factor", "Two-factor authentication");
    page.open("/account/security/passkeys", "Passkeys");
    page.profile.press("Remove Chrome on Linux");
    page.inspect("Remove passkey");
    portal.later(chrono::Duration::minutes(10));
    page.open("/account/security/two-factor/off", "Confirm that it is you");
    page.profile.press("Confirm with a passkey");
    page.inspect("Turn off two-factor authentication");
    page.finish();

    let mut page = Inspector::of(Profile::with_passkeys(&portal));
    page.profile.open_page("/sign-in");
    page.profile.fill("E-mail address", &Persona::Owner.email());
    page.profile.fill("Password", PASSWORD);
    page.profile.press("Sign in");
    page.inspect("Use your passkey");
    page.finish();
}
