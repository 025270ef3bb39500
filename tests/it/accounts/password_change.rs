//! Choosing a new password while signed in.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, OLGA, is_signed_in, mail_count, reset_token, sign_in};
use crate::support::{Answer, Browser, PASSWORD, Persona, Portal, all_at_once, on_both};

const PATH: &str = "/account/security/password";

fn change(browser: &Browser, current: &str, new: &str) -> Answer {
    browser.post(PATH, &[("current_password", current), ("password", new)])
}

#[apply(on_both)]
fn a_new_password_ends_every_session_and_this_browser_gets_another_one(#[case] portal: &Portal) {
    let (browser, elsewhere, other) =
        (portal.signed_in(OLGA), portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    // Whoever copied the cookie of this very browser has nothing either.
    let stolen = browser.copy();
    let token = reset_token(portal, &OLGA.email());
    let page = browser.get(PATH);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Change password"));
    let answer = change(&browser, PASSWORD, CHOSEN);
    assert_eq!((answer.status, answer.location()), (303, "/account/security"), "{}", answer.text());
    assert!(browser.get("/account/security").text().contains("Your password is changed"));
    assert!(is_signed_in(&browser) && is_signed_in(&other));
    assert!(!is_signed_in(&elsewhere) && !is_signed_in(&stolen));
    assert_eq!(portal.browser().get(&format!("/reset-password?token={token}")).status, 404, "older links are void");
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 422);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), CHOSEN).status, 303);
    assert!(portal.actions().contains(&"account.password.changed".to_owned()));

    let mails = portal.mails_to(&OLGA.email());
    let notice = mails.iter().find(|mail| mail.subject.contains("was changed")).expect("a notice");
    assert!(notice.text.contains("All other browsers were signed out") && notice.text.contains("127.0.0.1"));
    assert!(!notice.text.contains(CHOSEN) && !notice.html.contains(CHOSEN));
}

#[apply(on_both)]
fn what_is_wrong_is_said_beside_its_field_and_changes_nothing(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    for (current, new, field, message) in [
        ("", CHOSEN, "current_password", "Enter your current password."),
        ("not this one at all", CHOSEN, "current_password", "This is not your current password."),
        (PASSWORD, "", "password", "Use at least 12 characters."),
        (PASSWORD, PASSWORD, "password", "This is the password that you have. Choose another one."),
        (PASSWORD, "olga-tester-1", "password", "This password is little more than your name"),
        (PASSWORD, "monkeydragon1", "password", "This password would be guessed soon."),
    ] {
        let answer = change(&browser, current, new);
        assert_eq!(answer.status, 422, "{new}");
        let said = answer.html().text(&format!("#{field}-error"));
        assert!(said.starts_with(message), "{said}");
        for typed in [current, new].into_iter().filter(|typed| !typed.is_empty()) {
            assert!(!answer.body.contains(typed), "a password is never sent back");
        }
    }
    assert_eq!(mail_count(portal), 0);
    assert!(!portal.actions().contains(&"account.password.changed".to_owned()));
    assert_eq!(change(&browser, PASSWORD, CHOSEN).status, 303);
}

#[apply(on_both)]
fn of_several_at_once_one_counts(#[case] portal: &Portal) {
    let browsers: Vec<Browser> = (0..4).map(|_| portal.signed_in(OLGA)).collect();
    let passwords: Vec<String> = (0..4).map(|number| format!("{CHOSEN} number {number}")).collect();
    let answers = all_at_once(browsers.len(), |number| change(&browsers[number], PASSWORD, &passwords[number]));
    // The others are told that the password is wrong by then, or that they are signed out.
    let places: Vec<(u16, &str)> = answers.iter().map(|answer| (answer.status, answer.location())).collect();
    assert_eq!(places.iter().filter(|place| **place == (303, "/account/security")).count(), 1, "{places:?}");
    let live = browsers.iter().filter(|browser| browser.get("/account/security").status == 200).count();
    assert_eq!(live, 1, "{places:?}");
}

#[apply(on_both)]
fn the_password_cannot_be_guessed_with_somebodys_session(#[case] portal: &Portal) {
    let stolen = portal.signed_in(OLGA);
    for _ in 0..10 {
        assert_eq!(change(&stolen, "not this one at all", CHOSEN).status, 422);
    }
    let answer = change(&stolen, PASSWORD, CHOSEN);
    assert_eq!(answer.status, 429);
    assert!(answer.text().contains("Too many attempts."));
    assert!(!answer.header("retry-after").is_empty());
    portal.later(Duration::minutes(15));
    assert_eq!(change(&stolen, PASSWORD, CHOSEN).status, 303);
}

#[apply(on_both)]
fn a_right_password_uses_no_tries_up(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    for number in 0..12 {
        let (old, new) = if number % 2 == 0 { (PASSWORD, CHOSEN) } else { (CHOSEN, PASSWORD) };
        assert_eq!(change(&browser, old, new).status, 303, "{number}");
    }
}
