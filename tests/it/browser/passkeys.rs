//! Passkeys with a device that Chromium pretends to have.

use serde_json::json;

use crate::support::{PASSWORD, Persona, Portal, Profile};

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
    offer_nothing(&profile);
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

/// Gives the password, up to the second step.
fn give_password(profile: &Profile, heading: &str) {
    profile.open_page("/sign-in");
    profile.fill("E-mail address", &Persona::Owner.email());
    profile.fill("Password", PASSWORD);
    profile.press("Sign in");
    profile.arrives_at(heading);
}

/// Otherwise the device takes the first that is offered among the addresses, at once.
fn offer_nothing(profile: &Profile) {
    let source = "PublicKeyCredential.isConditionalMediationAvailable = async () => false";
    profile.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_passkey_is_the_second_step_confirms_and_ends_it_when_it_is_removed() {
    let portal = Portal::on_sqlite();
    let profile = Profile::with_passkeys(&portal);
    offer_nothing(&profile);
    profile.sign_in(Persona::Owner);
    profile.open_page("/account/security/two-factor");
    profile.press("Add a passkey");
    profile.arrives_at("Add a passkey");
    profile.fill("Name", "Work laptop");
    profile.press("Create passkey");
    profile.arrives_at("Two-factor authentication");
    profile.press("Turn on with your passkeys");
    profile.arrives_at("Your recovery codes");
    let code = profile.script("return document.querySelector('.codes code').textContent", &[]);
    profile.press("I have kept them");
    profile.sees("You have one. It needs no typing");

    sign_out(&profile);
    give_password(&profile, "Use your passkey");
    assert!(!profile.shows("Passkeys need JavaScript"));
    profile.press("Use a passkey");
    profile.arrives_at("Home");

    portal.later(chrono::Duration::minutes(10));
    profile.open_page("/account/security/two-factor/codes");
    profile.arrives_at("Confirm that it is you");
    profile.press("Confirm with a passkey");
    profile.arrives_at("New recovery codes");

    let plain = Profile::without_javascript(&portal);
    give_password(&plain, "Use your passkey");
    plain.sees("Passkeys need JavaScript");
    assert!(!plain.offers("Use a passkey"));
    plain.press("Use a recovery code instead");
    plain.arrives_at("Use a recovery code");
    plain.fill("Recovery code", code.as_str().expect("a code"));
    plain.press("Sign in");
    plain.arrives_at("Home");

    // A device without a passkey of the account says so.
    let other = Profile::with_passkeys(&portal);
    offer_nothing(&other);
    give_password(&other, "Use your passkey");
    other.press("Use a passkey");
    other.sees("No passkey was used.");

    profile.open_page("/account/security/passkeys");
    profile.press("Remove Work laptop");
    profile.arrives_at("Remove passkey");
    profile.sees("Two-factor authentication is turned off with it");
    profile.press("Remove passkey");
    profile.sees("The passkey is removed, and two-factor authentication is off.");
    sign_out(&profile);
    give_password(&profile, "Home");
}
