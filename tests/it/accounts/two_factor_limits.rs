//! Codes cannot be guessed, and whoever tries shuts nobody out for good.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;

use super::two_factor::{enter, give_password, turn_on};
use super::{CHOSEN, OLGA, is_signed_in, reset_token, sign_in};
use crate::support::{PASSWORD, Portal, on_both};

#[apply(on_both)]
fn wrong_codes_are_limited_and_told_but_keep_nobody_out_of_a_known_browser(#[case] portal: &Portal) {
    let known = portal.signed_in(OLGA);
    let (app, _) = turn_on(portal, &known);
    assert_eq!(known.post("/sign-out", &[]).status, 303);
    let thief = portal.browser();
    give_password(&thief, &OLGA.email());
    for _ in 0..10 {
        assert_eq!(enter(&thief, "000000").status, 422);
    }
    let answer = enter(&thief, &app.code(portal.app.now()));
    assert_eq!(answer.status, 429);
    assert!(answer.text().contains("Too many wrong codes. Wait") && !answer.header("retry-after").is_empty());
    let again = portal.browser();
    give_password(&again, &OLGA.email());
    assert_eq!(enter(&again, &app.code(portal.app.now())).status, 429, "giving the password again helps nothing");
    let told =
        || portal.mails_to(&OLGA.email()).iter().filter(|mail| mail.subject.starts_with("Somebody knows")).count();
    assert_eq!(told(), 1);
    assert!(portal.actions().contains(&"account.second_step.guessed".to_owned()));

    give_password(&known, &OLGA.email());
    assert_eq!(enter(&known, &app.code(portal.app.now())).location(), "/home");

    portal.later(Duration::minutes(15));
    let later = portal.browser();
    give_password(&later, &OLGA.email());
    assert_eq!(enter(&later, &app.code(portal.app.now())).location(), "/home");
    assert_eq!(told(), 1, "once a day");
}

#[apply(on_both)]
fn a_new_password_lets_the_holder_in_at_once(#[case] portal: &Portal) {
    let (app, _) = turn_on(portal, &portal.signed_in(OLGA));
    let thief = portal.browser();
    give_password(&thief, &OLGA.email());
    for _ in 0..10 {
        assert_eq!(enter(&thief, "000000").status, 422);
    }
    let token = reset_token(portal, &OLGA.email());
    let browser = portal.browser();
    assert_eq!(browser.post("/reset-password", &[("token", &token), ("password", CHOSEN)]).status, 303);
    assert_eq!(sign_in(&browser, &OLGA.email(), CHOSEN).location(), "/sign-in/two-factor");
    assert_eq!(enter(&browser, &app.code(portal.app.now())).location(), "/home");
    assert!(is_signed_in(&browser));
    assert_eq!(sign_in(&thief, &OLGA.email(), PASSWORD).status, 422);
}
