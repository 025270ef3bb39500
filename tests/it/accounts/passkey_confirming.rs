//! A passkey in place of the password, where somebody confirms that it is them.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;

use super::confirming::{CONFIRM, EMAIL, stale};
use super::passkeys::{add, question};
use super::{NINA, OLGA, is_signed_in};
use crate::support::{Answer, Authenticator, Browser, Persona, Portal, on_both};

const PATH: &str = "/sign-in/confirm/passkey";
const QUESTION: &str = "/sign-in/confirm/passkey/question";

fn send(browser: &Browser, question: &str, answer: &str, page: &Answer) -> Answer {
    let page = page.html();
    let fields =
        [("question", question), ("answer", answer), ("next", &page.value("next")), ("kept", &page.value("kept"))];
    browser.post(PATH, &fields)
}

fn confirm(browser: &Browser, device: &mut Authenticator, page: &Answer) -> Answer {
    let (options, asked) = question(browser, QUESTION);
    send(browser, &asked, &device.answer(&options), page)
}

fn assert_refused(answer: &Answer, words: &str) {
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (422, "Confirm that it is you"));
    assert!(answer.text().contains(words), "{}", answer.text());
}

/// Somebody with a passkey who signed in ten minutes ago.
fn stale_with_passkey(portal: &Portal, persona: Persona) -> (Browser, Authenticator) {
    let device = add(portal, &portal.signed_in(persona), "Phone");
    (stale(portal, persona), device)
}

#[apply(on_both)]
fn a_passkey_confirms_who_somebody_is(#[case] portal: &Portal) {
    let (olga, mut device) = stale_with_passkey(portal, OLGA);
    let copy = olga.copy();
    let page = olga.post(EMAIL, &[("email", NINA)]);
    assert!(page.html().has_button("Confirm with a passkey"));
    let (options, _) = question(&olga, QUESTION);
    assert_eq!(options["publicKey"]["allowCredentials"].as_array().map(Vec::len), Some(1), "those of the account");
    let answer = confirm(&olga, &mut device, &page);
    assert_eq!((answer.status, answer.location()), (303, "/account/security/email?kept=true"), "{}", answer.text());
    assert_eq!(olga.follow(answer).html().value("email"), NINA);
    assert_eq!(olga.post(EMAIL, &[("email", NINA)]).status, 303);
    assert!(is_signed_in(&olga) && !is_signed_in(&copy), "the session is another one");
    // Whoever has none is not offered it.
    let manuel = stale(portal, Persona::Manager);
    assert!(!manuel.follow(manuel.get(EMAIL)).html().has_button("Confirm with a passkey"));
    assert_eq!(portal.browser().get(QUESTION).status, 303, "nobody is signed in");
}

#[apply(on_both)]
fn only_the_passkeys_of_the_account_confirm_in_time_and_once(#[case] portal: &Portal) {
    let mut theirs = add(portal, &portal.signed_in(Persona::Manager), "Theirs");
    let (olga, mut device) = stale_with_passkey(portal, OLGA);
    let page = olga.follow(olga.get(EMAIL));
    const WRONG: &str = "This passkey does not sign in here.";
    const OUTDATED: &str = "That took too long, or it was sent before.";
    assert_refused(&confirm(&olga, &mut theirs, &page), WRONG);
    // Not even where it says that it is hers.
    let user = theirs.user.clone();
    theirs.user.clone_from(&device.user);
    assert_refused(&confirm(&olga, &mut theirs, &page), WRONG);
    theirs.user = user;
    // A question that was asked of anybody, or in another session, is none here.
    let elsewhere = portal.signed_in(OLGA);
    for (browser, path) in [(&olga, "/sign-in/passkey/question"), (&elsewhere, QUESTION)] {
        let (options, asked) = question(browser, path);
        assert_refused(&send(&olga, &asked, &device.answer(&options), &page), OUTDATED);
    }
    // Nor does one that was asked here sign anybody in.
    let (options, asked) = question(&olga, QUESTION);
    let fields = [("question", asked.as_str()), ("answer", &device.answer(&options))];
    assert_eq!(portal.browser().post("/sign-in/passkey", &fields).status, 422);
    assert_refused(&send(&olga, &asked, "{}", &page), WRONG);
    assert_refused(&send(&olga, &asked, &device.answer(&options), &page), OUTDATED);
    let (options, asked) = question(&olga, QUESTION);
    let late = device.answer(&options);
    portal.later(Duration::minutes(10));
    assert_refused(&send(&olga, &asked, &late, &page), OUTDATED);
    assert_eq!(olga.get(EMAIL).status, 303, "nothing was confirmed");

    let (options, asked) = question(&olga, QUESTION);
    let answer = device.answer(&options);
    assert_eq!(send(&olga, &asked, &answer, &page).status, 303);
    portal.later(Duration::minutes(5));
    assert_refused(&send(&olga, &asked, &answer, &page), OUTDATED);
}

#[apply(on_both)]
fn a_session_that_ended_meanwhile_is_not_brought_back(#[case] portal: &Portal) {
    let (olga, mut device) = stale_with_passkey(portal, OLGA);
    let page = olga.follow(olga.get(EMAIL));
    let (options, asked) = question(&olga, QUESTION);
    let other = portal.signed_in(OLGA);
    assert_eq!(other.post("/account/security/sessions/end-others", &[]).status, 303);
    let answer = send(&olga, &asked, &device.answer(&options), &page);
    assert_eq!(answer.location(), "/sign-in?next=%2Faccount%2Fsecurity%2Femail");
    assert!(!is_signed_in(&olga));
    assert_eq!(olga.get(CONFIRM).status, 303);
}
