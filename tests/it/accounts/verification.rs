//! Confirming the address: the same browser needs the button alone, any other the password too.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{CHOSEN, NINA, OLGA, is_signed_in, sign_in, sign_up, token_to};
use crate::count;
use crate::support::{Answer, Browser, PASSWORD, Portal, on_both};

fn confirm(browser: &Browser, token: &str, password: Option<&str>) -> Answer {
    let fields: Vec<(&str, &str)> =
        [("token", token)].into_iter().chain(password.map(|password| ("password", password))).collect();
    browser.post("/verify-email", &fields)
}

#[apply(on_both)]
fn the_browser_that_signed_up_confirms_with_the_button_alone(#[case] portal: &Portal) {
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let page = browser.get(&portal.link_to(NINA));
    assert_eq!(page.status, 200);
    assert!(page.text().contains(NINA));
    assert!(page.html().has_button("Confirm e-mail address"));
    assert!(!page.html().has("input[name=password]"));

    portal.later(Duration::minutes(1));
    let answer = confirm(&browser, &page.html().value("token"), None);
    assert_eq!((answer.status, answer.location()), (303, "/home"));
    let home = browser.get("/home");
    assert_eq!((home.status, home.html().text("h1").as_str()), (200, "Home"));
    assert!(home.text().contains("Your e-mail address is confirmed. Welcome!"), "{}", home.text());
    assert!(home.text().contains(NINA));
    assert_eq!(portal.actions().last().map(String::as_str), Some("account.created"));
    assert_eq!(sign_in(&portal.browser(), NINA, CHOSEN).status, 303, "the password chosen at sign-up is the password");
}

#[apply(on_both)]
fn any_other_browser_is_asked_for_the_password(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    let other = portal.browser();
    let page = other.get(&portal.link_to(NINA));
    assert!(page.html().has("input[name=password][type=password]"));
    assert!(page.text().contains("Enter the password you chose when you signed up."));
    let token = page.html().value("token");

    let users = count!(portal, users);
    for wrong in [None, Some(""), Some("another password entirely"), Some(PASSWORD)] {
        let answer = confirm(&other, &token, wrong);
        assert_eq!(answer.status, 422);
        assert_eq!(answer.html().text("#password-error"), "This is not the password chosen at sign-up.");
        assert_eq!(answer.html().value("token"), token, "the form can be sent again");
        assert!(wrong.is_none_or(|wrong| wrong.is_empty() || !answer.body.contains(wrong)));
    }
    assert_eq!(count!(portal, users), users);
    assert!(!is_signed_in(&other));

    let answer = confirm(&other, &token, Some(CHOSEN));
    assert_eq!((answer.status, answer.location()), (303, "/home"));
    assert!(is_signed_in(&other));
}

#[apply(on_both)]
fn guessing_the_password_behind_a_link_is_limited(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    let token = token_to(portal, NINA);
    let other = portal.browser();
    for _ in 0..10 {
        assert_eq!(confirm(&other, &token, Some("not the right password")).status, 422);
    }
    let refused = confirm(&other, &token, Some(CHOSEN));
    assert_eq!(refused.status, 429, "the right one is refused too");
    let seconds: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=3_601).contains(&seconds), "{seconds}");
    assert_eq!(refused.html().text("h1"), "Too many attempts");
    portal.later(Duration::seconds(seconds));
    assert_eq!(confirm(&other, &token, Some(CHOSEN)).status, 303);
}

#[apply(on_both)]
fn opening_the_link_changes_nothing_however_often(#[case] portal: &Portal) {
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let link = portal.link_to(NINA);
    let before = portal.dump();
    for visitor in [&browser, &portal.browser(), &portal.browser()] {
        assert_eq!(visitor.get(&link).status, 200);
        assert_eq!(visitor.send(Method::HEAD, &link, &[], Vec::new()).status, 200);
        assert!(!is_signed_in(visitor));
    }
    assert_eq!(portal.dump(), before);
    assert_eq!(confirm(&browser, &token_to(portal, NINA), None).status, 303, "the link still works");
}

#[apply(on_both)]
fn a_link_that_was_used_is_old_or_unknown_has_one_answer(#[case] portal: &Portal) {
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let used = token_to(portal, NINA);
    assert_eq!(confirm(&browser, &used, None).status, 303);
    let users = count!(portal, users);

    sign_up(&portal.browser(), "old@example.com");
    let old = token_to(portal, "old@example.com");
    portal.later(Duration::hours(24));

    let stranger = portal.browser();
    let unknown = "A".repeat(43);
    let mut bodies = Vec::new();
    for token in [used.as_str(), old.as_str(), unknown.as_str(), "", "x", &old[..42], &format!("{old}x")] {
        for answer in [
            stranger.get(&format!("/verify-email?token={token}")),
            confirm(&stranger, token, None),
            confirm(&stranger, token, Some(CHOSEN)),
        ] {
            assert_eq!((answer.status, answer.html().text("h1").as_str()), (404, "This link no longer works"));
            assert!(answer.html().has("a[href='/sign-in']"), "with a way on");
            bodies.push(answer.body);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert!(!is_signed_in(&stranger));
    assert_eq!(count!(portal, users), users);
}

#[apply(on_both)]
fn a_link_works_for_24_hours_to_the_second(#[case] portal: &Portal) {
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let token = token_to(portal, NINA);
    portal.later(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(browser.get(&format!("/verify-email?token={token}")).status, 200);
    portal.later(Duration::seconds(1));
    assert_eq!(browser.get(&format!("/verify-email?token={token}")).status, 404);
    assert_eq!(confirm(&browser, &token, None).status, 404);
    portal.later(-Duration::seconds(1));
    assert_eq!(confirm(&browser, &token, None).status, 303);
}

#[apply(on_both)]
fn a_link_pressed_several_times_at_once_makes_one_account_and_one_session(#[case] portal: &Portal) {
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let token = token_to(portal, NINA);
    let (users, sessions) = (count!(portal, users), count!(portal, user_sessions));
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..6)
            .map(|_| {
                let (window, token) = (browser.copy(), &token);
                scope.spawn(move || confirm(&window, token, None).status)
            })
            .collect();
        presses.into_iter().map(|press| press.join().expect("the press is answered")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404, 404, 404, 404, 404]);
    assert_eq!((count!(portal, users), count!(portal, user_sessions)), (users + 1, sessions + 1));
}

#[apply(on_both)]
fn confirming_while_somebody_else_is_signed_in_switches_to_the_new_account(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let before = browser.copy();
    sign_up(&portal.browser(), NINA);
    assert_eq!(confirm(&browser, &token_to(portal, NINA), Some(CHOSEN)).status, 303);
    assert!(browser.get("/home").text().contains(NINA));
    assert!(!is_signed_in(&before), "the session that this browser had is over");
}

#[apply(on_both)]
fn guessing_links_is_limited_for_a_network(#[case] portal: &Portal) {
    let stranger = portal.browser();
    for number in 0..60 {
        assert_eq!(stranger.get(&format!("/verify-email?token={number}")).status, 404);
    }
    let refused = stranger.get("/verify-email?token=60");
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<i64>().is_ok_and(|seconds| (1..=901).contains(&seconds)));
    sign_up(&stranger, NINA);
    assert_eq!(stranger.get(&portal.link_to(NINA)).status, 200, "links that work are not guesses");
}
