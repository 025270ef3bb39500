//! What is sensitive asks whoever signed in a while ago who they are, and goes on from there.

use chrono::Duration;
use diesel::prelude::*;
use portico::schema::user_sessions;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, OLGA, is_signed_in, mail_count, sign_in};
use crate::count;
use crate::support::{Answer, Browser, PASSWORD, Persona, Portal, on_both};

pub const CONFIRM: &str = "/sign-in/confirm";
pub const EMAIL: &str = "/account/security/email";
const WRONG: &str = "not the right password";

/// Somebody who signed in ten minutes ago.
pub fn stale(portal: &Portal, persona: Persona) -> Browser {
    let browser = portal.signed_in(persona);
    portal.later(Duration::minutes(10));
    browser
}

/// Confirms on the page that came in place of what was asked for.
fn confirm(browser: &Browser, page: &Answer, password: &str) -> Answer {
    let page = page.html();
    assert_eq!(page.text("h1"), "Confirm that it is you");
    let (kept, next) = (page.value("kept"), page.value("next"));
    browser.post(CONFIRM, &[("password", password), ("kept", &kept), ("next", &next)])
}

fn sessions(portal: &Portal) -> Vec<String> {
    portal.query(|connection| user_sessions::table.order(user_sessions::id).select(user_sessions::id).load(connection))
}

#[apply(on_both)]
fn a_page_is_shown_after_the_password(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    portal.later(Duration::minutes(10) - Duration::seconds(1));
    assert_eq!(olga.get(EMAIL).status, 200, "nobody is asked who signed in just now");
    assert_eq!(olga.get(CONFIRM).location(), "/home", "there is nothing to confirm");
    portal.later(Duration::seconds(1));
    assert_eq!(olga.get("/account/security").status, 200, "what is not sensitive is open");
    let answer = olga.get(&format!("{EMAIL}?a=b"));
    assert_eq!(answer.location(), "/sign-in/confirm?next=%2Faccount%2Fsecurity%2Femail%3Fa%3Db");
    let page = olga.follow(answer);
    let answer = confirm(&olga, &page, PASSWORD);
    assert_eq!((answer.status, answer.location()), (303, "/account/security/email?a=b"));
    assert_eq!(olga.follow(answer).html().text("h1"), "Change e-mail address");
    portal.later(Duration::minutes(10) - Duration::seconds(1));
    assert_eq!(olga.get(EMAIL).status, 200, "for ten minutes");
    portal.later(Duration::seconds(1));
    assert_eq!(olga.get(EMAIL).status, 303);
}

#[apply(on_both)]
fn a_form_comes_back_as_it_was_left_and_is_not_sent_by_itself(#[case] portal: &Portal) {
    let olga = stale(portal, OLGA);
    let answer = olga.post(EMAIL, &[("email", NINA)]);
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("Nothing was done yet.") && !answer.body.contains(NINA), "{}", answer.text());
    // A slip of the finger loses nothing.
    let answer = confirm(&olga, &answer, WRONG);
    assert_eq!(
        (answer.status, answer.html().text("#password-error").as_str()),
        (422, "This is not your current password.")
    );
    assert_eq!(confirm(&olga, &answer, "").html().text("#password-error"), "Enter your password.");
    let answer = confirm(&olga, &answer, PASSWORD);
    assert_eq!((answer.status, answer.location()), (303, "/account/security/email?kept=true"));
    let form = olga.follow(answer);
    assert_eq!((form.status, form.html().value("email").as_str()), (200, NINA));
    assert!(form.text().contains("Nothing was sent yet"), "{}", form.text());
    assert_eq!((mail_count(portal), count!(portal, email_changes)), (0, 0));
    assert_eq!(olga.post(EMAIL, &[("email", NINA)]).status, 303);
    assert_eq!(count!(portal, email_changes), 1);
}

#[apply(on_both)]
fn a_copy_of_the_cookie_is_worth_nothing_afterwards(#[case] portal: &Portal) {
    let olga = stale(portal, OLGA);
    let (copy, before) = (olga.copy(), sessions(portal));
    let page = olga.follow(olga.get(EMAIL));
    assert_eq!(confirm(&olga, &page, PASSWORD).status, 303);
    let after = sessions(portal);
    assert_eq!(after.len(), before.len());
    assert_ne!(after, before, "the session is another one");
    assert!(is_signed_in(&olga) && !is_signed_in(&copy));
}

#[apply(on_both)]
fn passwords_cannot_be_guessed_with_a_session_alone(#[case] portal: &Portal) {
    let stolen = stale(portal, OLGA);
    let page = stolen.follow(stolen.get(EMAIL));
    for _ in 0..10 {
        assert_eq!(confirm(&stolen, &page, WRONG).status, 422);
    }
    let answer = confirm(&stolen, &page, PASSWORD);
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(sign_in(&stolen.copy(), &OLGA.email(), PASSWORD).status, 429, "they are counted together with sign-ins");
    let mails = portal.mails_to(&OLGA.email());
    assert_eq!(mails.len(), 1, "the holder is told that somebody guesses");
    portal.later(Duration::minutes(15));
    assert_eq!(confirm(&stolen, &page, PASSWORD).status, 303);
}

#[apply(on_both)]
fn right_passwords_use_nothing_up(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    for _ in 0..12 {
        portal.later(Duration::minutes(10));
        let page = olga.follow(olga.get(EMAIL));
        assert_eq!(confirm(&olga, &page, PASSWORD).status, 303);
    }
}

#[apply(on_both)]
fn nobody_goes_on_with_the_form_of_somebody_else_nor_to_another_site(#[case] portal: &Portal) {
    let (olga, manuel) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    portal.later(Duration::minutes(10));
    let kept = olga.post(EMAIL, &[("email", NINA)]).html().value("kept");
    let answer = manuel.post(CONFIRM, &[("password", PASSWORD), ("kept", &kept), ("next", EMAIL)]);
    assert_eq!((answer.status, answer.location()), (303, "/home"));
    assert_eq!(count!(portal, kept_forms), 0);
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/sign-in/confirm", ""] {
        portal.later(Duration::minutes(10));
        let page = olga.get(&format!("{CONFIRM}?next={}", next.replace('/', "%2F").replace('\\', "%5C")));
        assert_eq!((page.status, page.html().value("next").as_str()), (200, next));
        assert_eq!(confirm(&olga, &page, PASSWORD).location(), "/home", "{next}");
        assert_eq!(olga.get(&format!("{CONFIRM}?next={}", next.replace('\\', "%5C"))).location(), "/home", "{next}");
    }
    // What is kept is kept for an hour.
    portal.later(Duration::hours(1));
    assert_eq!(olga.post(CONFIRM, &[("password", PASSWORD), ("kept", &kept)]).location(), "/home");
}

#[apply(on_both)]
fn who_is_signed_out_meanwhile_signs_in(#[case] portal: &Portal) {
    let (olga, other) = (stale(portal, OLGA), portal.signed_in(OLGA));
    assert_eq!(other.post("/account/security/sessions/end-others", &[]).status, 303);
    for answer in
        [olga.get(&format!("{CONFIRM}?next={EMAIL}")), olga.post(CONFIRM, &[("password", PASSWORD), ("next", EMAIL)])]
    {
        assert_eq!(answer.location(), "/sign-in?next=%2Faccount%2Fsecurity%2Femail");
    }
    // The old password confirms nothing once there is another one.
    portal.later(Duration::minutes(10));
    let page = other.follow(other.get(EMAIL));
    let third = portal.signed_in(OLGA);
    let fields = [("current_password", PASSWORD), ("password", CHOSEN)];
    assert_eq!(third.post("/account/security/password", &fields).status, 303);
    assert!(confirm(&other, &page, PASSWORD).location().starts_with("/sign-in?next="));
}
