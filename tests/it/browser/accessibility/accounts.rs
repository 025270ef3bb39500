//! Signing in and up, the mails, and the links in them.

use portico::access::Role;

use super::axe::Inspector;
use super::{LONG_EMAIL, forget, invite};
use crate::support::{AuthenticatorApp, PASSWORD, Persona, Portal, acme};

fn sign_up(portal: &Portal, email: &str) -> String {
    let fields = [
        ("first_name", "New"),
        ("last_name", "Person"),
        ("email", email),
        ("password", PASSWORD),
        ("country", "CH"),
        ("terms", "true"),
    ];
    assert_eq!(portal.browser().post("/sign-up", &fields).status, 200);
    portal.link_to(email)
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_of_signing_in_and_up_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::new(&portal);
    page.open("/dev/mailbox", "Mailbox");
    page.open("/sign-in", "Sign in");
    page.profile.press("Sign in");
    page.profile.sees("Enter your password.");
    page.inspect("Sign in");
    page.profile.fill("E-mail address", LONG_EMAIL);
    page.profile.fill("Password", "wrong");
    page.profile.press("Sign in");
    page.profile.sees("is not right");
    page.inspect("Sign in");

    page.open("/sign-up", "Create an account");
    page.profile.press("Create account");
    page.profile.sees("Enter your first name.");
    page.inspect("Create an account");
    page.profile.fill("First name", "Maximiliane");
    page.profile.fill("Last name", "Hohenstein");
    page.profile.fill("E-mail address", LONG_EMAIL);
    page.profile.fill("Password", PASSWORD);
    page.profile.choose("Country", "Switzerland");
    page.profile.tick("I accept the terms of use and the privacy notice");
    page.profile.press("Create account");
    page.inspect("Check your inbox");
    page.open(&portal.link_to(LONG_EMAIL), "Confirm your e-mail address");
    page.open(&sign_up(&portal, "elsewhere@example.com"), "Confirm your e-mail address");
    page.profile.press("Confirm e-mail address");
    page.profile.sees("This is not the password chosen at sign-up.");
    page.inspect("Confirm your e-mail address");
    page.open("/verify-email?token=unknown", "This link no longer works");

    page.open("/forgot-password", "Forgot password?");
    page.profile.press("Send reset link");
    page.profile.sees("Please check what you entered");
    page.inspect("Forgot password?");
    page.profile.fill("E-mail address", LONG_EMAIL);
    page.profile.press("Send reset link");
    page.inspect("Check your inbox");
    page.open(&forget(&portal, &Persona::Reader.email()), "Set a new password");
    page.profile.press("Set new password");
    page.profile.sees("Please check what you entered");
    page.inspect("Set a new password");
    page.open("/reset-password?token=unknown", "This link no longer works");
    page.finish();
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_of_the_second_step_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    let path = "/account/security/two-factor";
    page.open(path, "Two-factor authentication");
    page.open(&format!("{path}/app"), "Set up an authenticator app");
    let key = page.profile.script("return document.querySelector('code.key').textContent", &[]);
    let app = AuthenticatorApp::with_key(key.as_str().expect("a key"));
    page.profile.press("Turn on");
    page.profile.sees("Enter the code that the app shows.");
    page.inspect("Set up an authenticator app");
    page.profile.fill("Code from the app", &app.code(portal.app.now()));
    page.profile.press("Turn on");
    page.inspect("Your recovery codes");
    page.open(path, "Two-factor authentication");
    page.open("/account/security", "Security");
    page.open(&format!("{path}/codes"), "New recovery codes");
    page.open(&format!("{path}/off"), "Turn off two-factor authentication");
    page.open(&format!("{path}/app/remove"), "Remove authenticator app");
    page.finish();

    let mut page = Inspector::new(&portal);
    page.profile.open_page("/sign-in");
    page.profile.fill("E-mail address", &Persona::Owner.email());
    page.profile.fill("Password", PASSWORD);
    page.profile.press("Sign in");
    page.inspect("Enter your code");
    page.profile.press("Sign in");
    page.profile.sees("Enter the code that your app shows.");
    page.inspect("Enter your code");
    page.open("/sign-in/recovery-code", "Use a recovery code");
    page.finish();
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_of_mail_and_invitations_are_accessible() {
    let portal = Portal::on_sqlite();
    invite(&portal, Persona::Owner, &acme(""), LONG_EMAIL, Role::Owner);
    invite(&portal, Persona::Owner, &acme(""), &Persona::Outsider.email(), Role::Editor);
    let mut page = Inspector::new(&portal);
    let link = portal.link_to(LONG_EMAIL);
    page.open(&link, "Join Acme");
    page.profile.press("Create account and accept");
    page.profile.sees("Enter your first name.");
    page.inspect("Join Acme");
    let for_outsider = portal.link_to(&Persona::Outsider.email());
    page.open(&for_outsider, "Join Acme");
    page.open("/invitations/unknown", "This invitation no longer works");
    invite(&portal, Persona::Owner, &acme(""), "declines@example.com", Role::Reader);
    page.open(&portal.link_to("declines@example.com"), "Join Acme");
    page.profile.press("Decline");
    page.inspect("Invitation declined");

    page.open("/dev/mailbox", "Mailbox");
    page.profile.press("Olga Tester invites you to Acme on Portico");
    page.inspect("Olga Tester invites you to Acme on Portico");

    page.profile.sign_in(Persona::Outsider);
    page.inspect("Home");
    page.open(&for_outsider, "Join Acme");
    page.open(&link, "Join Acme");
    assert!(page.profile.shows("You are signed in as"));
    page.finish();
}

/// Mails are shown as they arrive, with their own styles.
#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn mails_are_accessible() {
    let portal = Portal::on_sqlite();
    invite(&portal, Persona::Owner, &acme(""), LONG_EMAIL, Role::Owner);
    sign_up(&portal, "new@example.com");
    sign_up(&portal, &Persona::Editor.email());
    let reset = forget(&portal, &Persona::Manager.email());
    let token = reset.split_once("token=").expect("a token").1;
    let answer = portal.browser().post("/reset-password", &[("token", token), ("password", "another quiet harbour")]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let owner = portal.signed_in(Persona::Owner);
    let role = acme(&format!("/people/{}/role", portal.membership(Persona::Reader)));
    owner.post(&role, &[("role", "editor"), ("current", "reader")]);
    owner.post(&acme("/people/remove"), &[("selected", portal.membership(Persona::Member).as_str())]);

    for _ in 0..10 {
        let wrong = [("email", &*Persona::Editor.email()), ("password", "not the right password")];
        assert_eq!(portal.browser().post("/sign-in", &wrong).status, 422);
    }

    let mut page = Inspector::new(&portal);
    let list = portal.browser().get("/dev/mailbox");
    let mails = list.html().attributes(".row-title a", "href");
    assert_eq!(mails.len(), 8, "one of each kind");
    for (mail, subject) in mails.iter().zip(list.html().texts(".row-title a")) {
        let html = portal.browser().get(&format!("{mail}/html"));
        let heading = html.html().text("h1");
        assert!(!heading.is_empty(), "{subject}");
        page.open_mail(&format!("{mail}/html"), &heading);
    }
    page.finish();
}
