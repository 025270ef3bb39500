//! The message that confirms an address, once more.

use chrono::Duration;
use portico::config::SignUp;
use portico::rates::{Limit, Rate};
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, sign_up};
use crate::support::{Answer, Browser, Database, Persona, Portal, on_both, on_each_database};

fn ask(browser: &Browser, email: &str) -> Answer {
    browser.post("/sign-up/again", &[("email", email)])
}

#[apply(on_both)]
fn who_has_not_confirmed_yet_gets_another_link_and_the_first_goes_on_working(#[case] portal: &Portal) {
    let browser = portal.browser();
    let sent = sign_up(&browser, NINA);
    assert!(sent.html().has_button("Send it again"), "without typing anything again");
    let first = portal.link_to(NINA);
    portal.later(Duration::minutes(5));
    assert_eq!(ask(&browser, NINA).status, 200);
    assert_eq!(portal.mails_to(NINA).len(), 2);
    let second = portal
        .mails_to(NINA)
        .into_iter()
        .map(|mail| mail.text)
        .find(|text| !text.contains(&first))
        .expect("another link");
    assert!(second.contains("/verify-email?token="));
    assert_eq!(browser.get(&first).status, 200);
    // Also after the first one has run out.
    portal.later(Duration::hours(30));
    assert_eq!(browser.get(&first).status, 404);
    assert_eq!(ask(&browser, NINA).status, 200);
    assert_eq!(portal.mails_to(NINA).len(), 3);
}

#[apply(on_both)]
fn the_answer_is_the_same_for_every_address(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    portal.later(Duration::minutes(5));
    let answer = |email: &str| {
        let (status, headers, body) = ask(&portal.browser(), email).comparable();
        (status, headers, body.replace(email, "…"))
    };
    let waiting = answer(NINA);
    assert_eq!(answer("olga@example.com"), waiting);
    assert_eq!(answer("nora@example.com"), waiting);
    assert!(portal.mails_to("nora@example.com").is_empty());
    let subject = |email: &str| portal.mails_to(email).pop().expect("a mail").subject;
    assert_ne!(subject("olga@example.com"), subject(NINA), "who has an account is told so");
}

#[apply(on_both)]
fn it_is_sent_again_once_a_minute(#[case] portal: &Portal) {
    let browser = portal.browser();
    for email in [NINA, "nobody@example.com"] {
        assert_eq!(ask(&browser, email).status, 200);
        let refused = ask(&browser, email);
        assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
        portal.later(Duration::minutes(1));
        assert_eq!(ask(&browser, email).status, 200);
    }
}

#[apply(on_both)]
fn who_signs_in_too_early_is_told_what_may_be_missing_in_the_same_words_as_everybody(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    for email in [NINA, &Persona::Owner.email(), "nobody@example.com"] {
        let answer = super::sign_in(&portal.browser(), email, "not the right one");
        let sentence = "or the address is not confirmed yet: look for our message, or have it sent again.";
        assert!(answer.text().contains(sentence), "{}", answer.text());
        let links = answer.html().attributes("a[href^='/sign-up/again']", "href");
        let page = portal.browser().get(&links[0]).html();
        assert_eq!(page.value("email"), email);
    }
}

#[apply(on_each_database)]
fn where_nobody_signs_up_there_is_nothing_to_confirm(#[case] database: Database) {
    let portal = database.portal_with(|config| config.sign_up = SignUp::Invited);
    assert_eq!(portal.browser().get("/sign-up/again").status, 404);
    assert_eq!(ask(&portal.browser(), NINA).status, 404);
    let answer = super::sign_in(&portal.browser(), NINA, "not the right one");
    assert!(answer.text().contains("The e-mail address or the password is not right."));
}

#[apply(on_both)]
fn who_asks_gets_the_link_of_their_own_sign_up_though_a_stranger_signed_up_with_the_address_later(
    #[case] portal: &Portal,
) {
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let stranger = portal.browser();
    let form = [
        ("first_name", "Mallory"),
        ("last_name", "Stranger"),
        ("email", NINA),
        ("password", "not the one that Nina chose"),
        ("country", "CH"),
        ("terms", "true"),
    ];
    assert_eq!(stranger.post("/sign-up", &form).status, 200);
    portal.later(Duration::minutes(5));
    assert_eq!(ask(&browser, NINA).status, 200);
    let link = portal.link_to(NINA);
    let token = link.strip_prefix("/verify-email?token=").expect("a link that confirms");
    let confirm = |password: &str| browser.post("/verify-email", &[("token", token), ("password", password)]).status;
    assert_eq!(confirm("not the one that Nina chose"), 422);
    assert_eq!(confirm(CHOSEN), 303);
}

#[apply(on_each_database)]
fn who_is_refused_for_another_reason_is_not_told_to_look_for_a_message(#[case] database: Database) {
    let portal = &database.portal_with(|config| {
        config.limits = config.limits.clone().with(Limit::SignInAccount, Rate::new(1, 60));
    });
    let answers = [(); 2].map(|()| super::sign_in(&portal.browser(), NINA, "not the right one"));
    let offered = answers.each_ref().map(|answer| (answer.status, answer.html().has("a[href^='/sign-up/again']")));
    assert_eq!(offered, [(422, true), (429, false)]);
}
