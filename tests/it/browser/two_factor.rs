//! Two-factor authentication, from the picture on the page to the code at the next sign-in, in a browser.

use chrono::Duration;

use crate::support::{AuthenticatorApp, PASSWORD, Persona, Portal, Profile};

fn give_password(profile: &Profile) {
    profile.open_page("/sign-in");
    profile.fill("E-mail address", &Persona::Owner.email());
    profile.fill("Password", PASSWORD);
    profile.press("Sign in");
    profile.arrives_at("Enter your code");
}

fn story(portal: &Portal, olga: &Profile) {
    olga.sign_in(Persona::Owner);
    olga.open_page("/account/security");
    olga.press("Set up two-factor");
    olga.arrives_at("Two-factor authentication");
    olga.press("Set up app");
    olga.arrives_at("Set up an authenticator app");
    let key = olga.script("return document.querySelector('code.key').textContent", &[]);
    let app = AuthenticatorApp::with_key(key.as_str().expect("a key"));
    olga.fill("Code from the app", "000000");
    olga.press("Turn on");
    olga.sees("This is not the code that the app shows now.");
    olga.fill("Code from the app", &app.code(portal.app.now()));
    olga.press("Turn on");
    olga.arrives_at("Your recovery codes");
    let code = olga.script("return document.querySelector('.codes code').textContent", &[]);
    olga.press("I have kept them");
    olga.arrives_at("Two-factor authentication");
    olga.sees("10 of 10 are left.");

    portal.later(Duration::seconds(30));
    let elsewhere = Profile::without_javascript(portal);
    give_password(&elsewhere);
    elsewhere.fill("Code", "123");
    elsewhere.press("Sign in");
    elsewhere.sees("This is not the code that your app shows now.");
    elsewhere.fill("Code", &app.code(portal.app.now()));
    elsewhere.press("Sign in");
    elsewhere.arrives_at("Home");

    let again = Profile::open(portal);
    give_password(&again);
    again.press("Use a recovery code instead");
    again.arrives_at("Use a recovery code");
    again.fill("Recovery code", code.as_str().expect("a code"));
    again.press("Sign in");
    again.arrives_at("Home");
    olga.open_page("/account/security/two-factor");
    olga.sees("9 of 10 are left.");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_code_follows_the_password() {
    let portal = Portal::on_sqlite();
    story(&portal, &Profile::open(&portal));
}
