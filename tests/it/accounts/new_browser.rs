//! A sign-in with a browser that was not seen before, and "This was not me".

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, OLGA, is_signed_in, sign_in, sign_up, token_to};
use crate::count;
use crate::support::{Answer, Browser, PASSWORD, Persona, Portal, all_at_once, on_both};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0";

fn sign_in_with(browser: &Browser, user_agent: &str) -> Answer {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
        ("User-Agent", user_agent),
    ];
    let email = OLGA.email();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", &*email), ("password", PASSWORD)])
        .finish();
    browser.send(ureq::http::Method::POST, "/sign-in", &headers, body.into_bytes())
}

/// The link in the newest mail about a new browser.
fn link(portal: &Portal) -> String {
    let link = portal.link_to(&OLGA.email());
    assert!(link.starts_with("/not-me/"), "{link}");
    link
}

#[apply(on_both)]
fn a_new_browser_is_told_by_mail_with_moment_browser_and_address(#[case] portal: &Portal) {
    portal.later(Duration::minutes(5));
    let browser = portal.browser();
    assert_eq!(sign_in_with(&browser, FIREFOX).status, 303);
    let mails = portal.mails_to(&OLGA.email());
    assert_eq!(mails.len(), 1);
    for words in ["09:35 UTC", "Firefox on Linux", "127.0.0.1", "This was not me"] {
        assert!(mails[0].text.contains(words), "{words}: {}", mails[0].text);
    }
    assert_eq!(portal.actions().last().map(String::as_str), Some("account.browser.new"));
    // It is known from now on; another one is not.
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
    assert_eq!(sign_in_with(&browser, FIREFOX).status, 303);
    assert_eq!(portal.mails_to(&OLGA.email()).len(), 1);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 303);
    let second = portal.mails_to(&OLGA.email()).pop().expect("another mail");
    assert!(second.text.contains("Browser: not known"), "{}", second.text);
}

#[apply(on_both)]
fn neither_a_wrong_password_nor_a_new_account_is_told(#[case] portal: &Portal) {
    portal.later(Duration::minutes(5));
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), "not this one at all").status, 422);
    assert!(portal.mails_to(&OLGA.email()).is_empty());
    let browser = portal.browser();
    sign_up(&browser, NINA);
    assert_eq!(browser.post("/verify-email", &[("token", &token_to(portal, NINA))]).status, 303);
    assert_eq!(portal.mails_to(NINA).len(), 1, "the link to confirm the address");
}

#[apply(on_both)]
fn the_link_signs_everybody_out_and_closes_the_password(#[case] portal: &Portal) {
    let known = portal.signed_in(OLGA);
    portal.later(Duration::minutes(5));
    let thief = portal.browser();
    assert_eq!(sign_in_with(&thief, FIREFOX).status, 303);
    let link = link(portal);
    let somebody = portal.browser();
    let page = somebody.get(&link);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Was this not you?"));
    assert!(page.text().contains("Firefox on Linux") && page.text().contains("olga@example.com"));
    assert!(is_signed_in(&thief) && is_signed_in(&known), "opening the link changes nothing");

    portal.later(Duration::seconds(1));
    let done = somebody.post(&link, &[]);
    assert_eq!((done.status, done.html().text("h1").as_str()), (200, "Nobody is signed in any more"));
    assert!(!is_signed_in(&thief) && !is_signed_in(&known) && !is_signed_in(&somebody));
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 422, "the password is closed");
    assert_eq!(portal.actions().last().map(String::as_str), Some("account.sign_in.disowned"));

    let token = token_to(portal, &OLGA.email());
    let answer = somebody.post("/reset-password", &[("token", &token), ("password", CHOSEN)]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), CHOSEN).status, 303);
}

#[apply(on_both)]
fn the_link_works_once_and_for_seven_days(#[case] portal: &Portal) {
    portal.later(Duration::minutes(5));
    sign_in_with(&portal.browser(), FIREFOX);
    let first = link(portal);
    portal.later(Duration::seconds(1));
    sign_in_with(&portal.browser(), FIREFOX);
    let second = link(portal);
    assert_ne!(first, second);
    let browser = portal.browser();
    portal.later(Duration::days(7) - Duration::seconds(1));
    assert_eq!(browser.get(&first).status, 404, "seven days are over");
    assert_eq!(browser.get(&second).status, 200);
    portal.later(Duration::seconds(1));
    for answer in [browser.get(&second), browser.post(&second, &[]), browser.get("/not-me/unknown")] {
        assert_eq!((answer.status, answer.html().text("h1").as_str()), (404, "This link no longer works"));
    }
    let before = portal.actions();
    sign_in_with(&portal.browser(), FIREFOX);
    let third = link(portal);
    portal.later(Duration::seconds(1));
    assert_eq!(browser.post(&third, &[]).status, 200);
    assert_eq!(browser.post(&third, &[]).status, 404, "once");
    assert_eq!(portal.actions().len(), before.len() + 2, "the new browser, and that it was disowned");
}

#[apply(on_both)]
fn of_several_uses_at_once_one_counts(#[case] portal: &Portal) {
    portal.later(Duration::minutes(5));
    sign_in_with(&portal.browser(), FIREFOX);
    let link = link(portal);
    let statuses = all_at_once(4, |_| portal.browser().post(&link, &[]).status);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(count!(portal, password_resets), 1);
}

#[apply(on_both)]
fn a_browser_of_somebody_else_is_new_to_everybody_else(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Manager);
    portal.later(Duration::minutes(5));
    assert_eq!(sign_in(&browser, &OLGA.email(), PASSWORD).status, 303);
    assert_eq!(portal.mails_to(&OLGA.email()).len(), 1);
    assert!(portal.mails_to(&Persona::Manager.email()).is_empty());
}
