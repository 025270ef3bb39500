//! Passkeys with a device that Chromium pretends to have.

use serde_json::json;

use crate::support::{Persona, Portal, Profile};

fn add(profile: &Profile, name: &str) {
    profile.open_page("/account/security/passkeys/new");
    profile.arrives_at("Add a passkey");
    profile.fill("Name", name);
    profile.press("Create passkey");
    profile.arrives_at("Passkeys");
}

fn sign_out(profile: &Profile) {
    profile.script("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()", &[]);
    profile.arrives_at("Sign in");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_passkey_is_added_signs_in_alone_and_is_removed() {
    let portal = Portal::on_sqlite();
    let profile = Profile::with_passkeys(&portal);
    // Otherwise this device takes the first that is offered among the addresses, at once.
    let source = "PublicKeyCredential.isConditionalMediationAvailable = async () => false";
    profile.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
    profile.sign_in(Persona::Owner);
    profile.open_page("/account/security/passkeys");
    profile.press("Add a passkey");
    profile.arrives_at("Add a passkey");
    assert_eq!(profile.property(&profile.field("Name"), "value"), "Chrome on Linux");
    add(&profile, "Work laptop");
    profile.sees("The passkey “Work laptop” is added. You can sign in with it.");
    // The device keeps one for the account, and says so.
    profile.open_page("/account/security/passkeys/new");
    profile.press("Create passkey");
    profile.sees("This device has a passkey of your account already.");

    sign_out(&profile);
    profile.press("Sign in with a passkey");
    profile.arrives_at("Home");
    profile.open_page("/account/security/passkeys");
    profile.sees("last used");

    profile.press("Remove Work laptop");
    profile.arrives_at("Remove passkey");
    profile.press("Remove passkey");
    profile.sees("The passkey is removed.");
    sign_out(&profile);
    profile.press("Sign in with a passkey");
    profile.sees("This passkey does not sign in here. It may have been removed.");
}

/// The device chooses at once what a person would choose.
#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_passkey_is_offered_among_the_addresses() {
    let portal = Portal::on_sqlite();
    let profile = Profile::with_passkeys(&portal);
    profile.sign_in(Persona::Owner);
    add(&profile, "Work laptop");
    profile.script("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()", &[]);
    profile.arrives_at("Home");
    profile.open_page("/account/security/passkeys");
    profile.sees("last used");
    // What is refused is not tried again by itself.
    profile.press("Remove Work laptop");
    profile.press("Remove passkey");
    profile.sees("The passkey is removed.");
    profile.script("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()", &[]);
    profile.sees("This passkey does not sign in here. It may have been removed.");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn without_javascript_passkeys_are_not_offered_and_their_page_says_what_they_need() {
    let portal = Portal::on_sqlite();
    let profile = Profile::without_javascript(&portal);
    profile.open_page("/sign-in");
    assert!(!profile.offers("Sign in with a passkey"));
    profile.sign_in(Persona::Owner);
    profile.open_page("/account/security/passkeys/new");
    profile.sees("Passkeys need JavaScript");
    assert!(!profile.offers("Create passkey"));
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_page_that_was_opened_by_another_name_says_where_passkeys_work() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Owner);
    profile.open_page("/account/security/passkeys/new");
    profile.sees("Passkeys work elsewhere");
    assert!(profile.shows("Open http://localhost:"), "{}", profile.text());
    assert!(!profile.offers("Create passkey"));
}
