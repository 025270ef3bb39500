//! Where somebody is signed in, and ending that.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;

use super::{OLGA, is_signed_in};
use crate::support::{Browser, Persona, Portal, on_both};

const PATH: &str = "/account/security";

/// Where the buttons post, in the order of the page.
fn buttons(browser: &Browser) -> Vec<String> {
    let page = browser.get(PATH);
    assert_eq!(page.status, 200);
    let actions = page.html().attributes("form", "action");
    actions.into_iter().filter(|action| action.contains("/sessions/ses_")).collect()
}

#[apply(on_both)]
fn each_browser_is_listed_and_can_be_signed_out_from_here(#[case] portal: &Portal) {
    let first = portal.signed_in(OLGA);
    portal.later(Duration::hours(2));
    let second = portal.signed_in(OLGA);
    portal.signed_in(Persona::Manager);
    let page = second.get(PATH);
    assert_eq!(page.html().texts("h1"), ["Security"]);
    let text = page.text();
    assert!(text.contains("127.0.0.1") && text.contains("This browser"), "{text}");
    assert!(text.contains("signed in 23 November 2026, 09:30 UTC"), "{text}");
    let buttons = buttons(&second);
    assert_eq!(buttons.len(), 2, "not those of others: {buttons:?}");
    // The one that was used last comes first.
    let answer = second.post(&buttons[1], &[]);
    assert_eq!((answer.status, answer.location()), (303, PATH));
    assert!(second.get(PATH).text().contains("That browser is signed out."));
    assert!(!is_signed_in(&first) && is_signed_in(&second));
    assert_eq!(portal.actions().last().map(String::as_str), Some("account.session.ended"));
    // Once more: it is over.
    assert_eq!(second.post(&buttons[1], &[]).status, 303);
    assert!(second.get(PATH).text().contains("That browser was signed out before."));
    // The own one.
    let answer = second.post(&buttons[0], &[]);
    assert_eq!((answer.status, answer.location()), (303, "/sign-in?signed_out=true"));
    assert!(!is_signed_in(&second));
}

#[apply(on_both)]
fn everywhere_else_is_everywhere_but_here_and_nobody_else(#[case] portal: &Portal) {
    let others = [portal.signed_in(OLGA), portal.signed_in(OLGA)];
    let (here, manager) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    assert!(here.get(PATH).html().has_button("Sign out everywhere else"));
    let answer = here.post("/account/security/sessions/end-others", &[]);
    assert_eq!((answer.status, answer.location()), (303, PATH));
    let page = here.get(PATH);
    assert!(page.text().contains("2 other browsers are signed out."));
    assert!(!page.html().has_button("Sign out everywhere else"), "there is nowhere else");
    assert!(others.iter().all(|other| !is_signed_in(other)));
    assert!(is_signed_in(&here) && is_signed_in(&manager));
}

#[apply(on_both)]
fn nobody_ends_the_session_of_somebody_else(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    let of_owner = buttons(&owner).remove(0);
    assert_eq!(manager.post(&of_owner, &[]).status, 303, "it says no more than that it is over");
    assert!(is_signed_in(&owner));
    assert_eq!(manager.post("/account/security/sessions/usr_1/end", &[]).status, 404);
}

#[apply(on_both)]
fn what_is_over_is_not_listed(#[case] portal: &Portal) {
    let unused = portal.signed_in(OLGA);
    let used = portal.signed_in(OLGA);
    for _ in 0..2 {
        portal.later(Duration::days(4));
        assert!(is_signed_in(&used));
    }
    assert_eq!(buttons(&used).len(), 1, "the other one was not used for seven days");
    assert!(!is_signed_in(&unused));
}
