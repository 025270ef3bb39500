//! The session ends while somebody fills in a form.

use diesel::prelude::*;
use portico::db::DbError;
use portico::schema::user_sessions;

use crate::support::{PASSWORD, Persona, Portal, Profile, SLUG};

fn story(portal: &Portal, olga: &Profile) {
    olga.sign_in(Persona::Owner);
    olga.open_page(&format!("/organizations/{SLUG}/people/invite"));
    olga.fill("E-mail addresses", "ada@example.com");
    olga.tick("Editor");
    portal
        .app
        .write_now::<_, DbError>(|tx| Ok(diesel::delete(user_sessions::table).execute(tx.connection)?))
        .expect("the session ends");
    olga.press("Send invitations");
    olga.arrives_at("Sign in");
    olga.sees("You were signed out meanwhile, so nothing was done.");
    olga.fill("E-mail address", &Persona::Owner.email());
    olga.fill("Password", PASSWORD);
    olga.press("Sign in");
    olga.arrives_at("Invite people");
    olga.sees("This is your form as you left it");
    assert_eq!(olga.property(&olga.field("E-mail addresses"), "value"), "ada@example.com");
    assert_eq!(olga.property(&olga.field("Editor"), "checked"), true);
    assert!(portal.mails_to("ada@example.com").is_empty(), "nothing was sent by itself");
    olga.press("Send invitations");
    olga.arrives_at("User Management");
    olga.sees("An invitation is on its way to ada@example.com.");
    assert_eq!(portal.mails_to("ada@example.com").len(), 1);
    // The sign-in page in place of what was asked for is no success.
    let complaints = olga.complaints();
    assert!(complaints.iter().all(|complaint| complaint.contains("status of 403")), "{complaints:?}");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_form_comes_back_filled_after_signing_in() {
    let portal = Portal::on_sqlite();
    story(&portal, &Profile::open(&portal));
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_form_comes_back_filled_after_signing_in_without_javascript() {
    let portal = Portal::on_sqlite();
    story(&portal, &Profile::without_javascript(&portal));
}
