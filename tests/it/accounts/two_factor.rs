//! A code of an authenticator app after the password, and recovery codes.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, OLGA, is_signed_in, reset_token, sign_in};
use crate::support::{Answer, AuthenticatorApp, Browser, PASSWORD, Persona, Portal, all_at_once, on_both};

pub const PATH: &str = "/account/security/two-factor";
pub const APP: &str = "/account/security/two-factor/app";

/// Turns it on in a browser that is signed in, and answers the app and the recovery codes. Its first code is old after that.
pub fn turn_on(portal: &Portal, browser: &Browser) -> (AuthenticatorApp, Vec<String>) {
    let (app, answer) = set_up(portal, browser);
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Your recovery codes"), "{}", answer.text());
    let codes = answer.html().texts(".codes code");
    assert_eq!(codes.len(), 10);
    portal.later(Duration::seconds(30));
    (app, codes)
}

/// Sets up an app.
pub fn set_up(portal: &Portal, browser: &Browser) -> (AuthenticatorApp, Answer) {
    let page = browser.get(APP).html();
    let app = AuthenticatorApp::of(&page);
    let answer = confirm(browser, &page.value("set_up"), &app.code(portal.app.now()));
    (app, answer)
}

fn confirm(browser: &Browser, set_up: &str, code: &str) -> Answer {
    browser.post(APP, &[("set_up", set_up), ("code", code)])
}

/// The first step.
pub fn give_password(browser: &Browser, email: &str) {
    let answer = sign_in(browser, email, PASSWORD);
    assert_eq!((answer.status, answer.location()), (303, "/sign-in/two-factor"));
    assert!(!is_signed_in(browser));
}

/// The second one.
pub fn enter(browser: &Browser, code: &str) -> Answer {
    browser.post("/sign-in/two-factor", &[("code", code)])
}

fn enter_recovery_code(browser: &Browser, code: &str) -> Answer {
    browser.post("/sign-in/recovery-code", &[("code", code)])
}

pub fn with_recovery_code(browser: &Browser, email: &str, code: &str) -> Answer {
    give_password(browser, email);
    enter_recovery_code(browser, code)
}

#[apply(on_both)]
fn a_code_follows_the_password(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    assert!(browser.get("/account/security").text().contains("Set up two-factor"));
    let (app, codes) = turn_on(portal, &browser);
    let page = browser.get(PATH);
    assert!(page.text().contains("10 of 10 are left."), "{}", page.text());
    assert!(browser.get("/account/security").text().contains("10 recovery codes are left."));
    for secret in &codes {
        assert!(!page.body.contains(secret) && !portal.dump().contains(secret.as_str()), "they are shown once");
    }
    assert_eq!(browser.post("/sign-out", &[]).status, 303);

    give_password(&browser, &OLGA.email());
    let page = browser.get("/sign-in/two-factor").html();
    assert_eq!(page.attributes("#code", "autocomplete"), ["one-time-code"]);
    assert_eq!(page.attributes("#code", "inputmode"), ["numeric"]);
    let code = app.code(portal.app.now());
    let answer = enter(&browser, &format!("{} {}", &code[..3], &code[3..]));
    assert_eq!((answer.status, answer.location()), (303, "/home"), "{}", answer.text());
    assert!(is_signed_in(&browser));
    assert_eq!(browser.get("/sign-in/two-factor").location(), "/sign-in");
    assert!(portal.actions().contains(&"account.two_factor.on".to_owned()));
}

#[apply(on_both)]
fn a_new_browser_is_told_and_known_only_after_the_second_step(#[case] portal: &Portal) {
    let (app, _) = turn_on(portal, &portal.signed_in(OLGA));
    let new_browsers =
        || portal.mails_to(&OLGA.email()).iter().filter(|mail| mail.text.contains("This was not me")).count();
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    assert_eq!((new_browsers(), browser.cookie("portico-known")), (0, None));
    assert_eq!(enter(&browser, &app.code(portal.app.now())).status, 303);
    assert_eq!(new_browsers(), 1);
    assert!(browser.cookie("portico-known").is_some());
}

#[apply(on_both)]
fn a_code_is_taken_once_and_none_that_is_older(#[case] portal: &Portal) {
    let (app, _) = turn_on(portal, &portal.signed_in(OLGA));
    let [first, second, third] = [(); 3].map(|()| portal.browser());
    for browser in [&first, &second, &third] {
        give_password(browser, &OLGA.email());
    }
    let now = portal.app.now();
    let [old, code, next] = [-30, 0, 30].map(|seconds| app.code(now + Duration::seconds(seconds)));
    assert_eq!(enter(&first, &next).status, 303, "clocks of phones go wrong");
    for used in [&next, &code, &old] {
        let answer = enter(&second, used);
        assert_eq!(answer.status, 422);
        assert!(answer.html().text("#code-error").starts_with("This code was used before."), "{}", answer.text());
    }
    portal.later(Duration::seconds(60));
    assert_eq!(
        enter(&second, &code).html().text("#code-error").split_once(". ").expect("two sentences").0,
        "This is not the code that your app shows now"
    );
    assert_eq!(enter(&second, &app.code(portal.app.now())).status, 303);
    assert!(!is_signed_in(&third));
}

#[apply(on_both)]
fn what_is_no_code_is_refused_and_the_sign_in_goes_on_waiting(#[case] portal: &Portal) {
    let (app, _) = turn_on(portal, &portal.signed_in(OLGA));
    portal.later(chrono::Duration::seconds(30));
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    for wrong in
        ["", " ", "12345", "1234567", "letters", "\u{661}\u{662}\u{663}\u{661}\u{662}\u{663}", &"1".repeat(60_000)]
    {
        let answer = enter(&browser, wrong);
        assert_eq!(answer.status, 422, "{}: {}", wrong.len(), answer.text());
        assert!(!answer.html().text("#code-error").is_empty(), "{}", answer.text());
    }
    assert_eq!(enter(&browser, &app.code(portal.app.now())).status, 303);
}

#[apply(on_both)]
fn of_several_who_enter_one_code_at_once_one_gets_in(#[case] portal: &Portal) {
    let (app, codes) = turn_on(portal, &portal.signed_in(OLGA));
    let browsers: Vec<Browser> = (0..8).map(|_| portal.browser()).collect();
    for browser in &browsers {
        give_password(browser, &OLGA.email());
    }
    let code = app.code(portal.app.now());
    let answers = all_at_once(4, |number| enter(&browsers[number], &code).status);
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
    let answers = all_at_once(4, |number| enter_recovery_code(&browsers[4 + number], &codes[0]).status);
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
    assert_eq!(browsers.iter().filter(|browser| is_signed_in(browser)).count(), 2);
}

#[apply(on_both)]
fn a_recovery_code_stands_in_for_the_app_once(#[case] portal: &Portal) {
    let (_, codes) = turn_on(portal, &portal.signed_in(OLGA));
    let (browser, other) = (portal.browser(), portal.browser());
    give_password(&browser, &OLGA.email());
    assert_eq!(browser.get("/sign-in/recovery-code").html().text("h1"), "Use a recovery code");
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(enter_recovery_code(&browser, &typed).location(), "/home");
    give_password(&other, &OLGA.email());
    for wrong in [&*codes[0], "nothing", ""] {
        let answer = enter_recovery_code(&other, wrong);
        assert_eq!(answer.status, 422);
        assert!(answer.html().has("#code-error") && !is_signed_in(&other));
    }
    assert_eq!(enter(&other, &codes[1]).status, 422, "it is no code of the app");
    assert!(browser.get(PATH).text().contains("9 of 10 are left."));

    // New ones replace them.
    assert!(browser.get(&format!("{PATH}/codes")).text().contains("The 9 that you have do not work any more then."));
    let answer = browser.post(&format!("{PATH}/codes"), &[]);
    assert_eq!((answer.status, answer.html().texts(".codes code").len()), (200, 10));
    assert_eq!(enter_recovery_code(&other, &codes[1]).status, 422);
    assert_eq!(enter_recovery_code(&other, &answer.html().texts(".codes code")[0]).status, 303);
    assert_eq!(portal.actions().iter().filter(|action| *action == "account.recovery_code.used").count(), 2);
}

#[apply(on_both)]
fn the_codes_that_are_shown_can_be_kept_as_a_file(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let (_, codes) = turn_on(portal, &browser);
    let file = browser.post(&format!("{PATH}/codes/file"), &[("codes", &codes.join(" "))]);
    assert_eq!((file.status, file.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(file.header("content-disposition").contains("portico-recovery-codes.txt"));
    for code in &codes {
        assert!(file.body.contains(code));
    }
    // Nothing else can be had as a file from here.
    let shown = format!("<script> {} other", codes[0]);
    let file = browser.post(&format!("{PATH}/codes/file"), &[("codes", &shown)]);
    assert!(!file.body.contains("script") && file.body.contains(&codes[0]));
    let answer = portal.signed_in(Persona::Manager).post(&format!("{PATH}/codes/file"), &[("codes", &codes[0])]);
    assert_eq!((answer.status, answer.location()), (303, PATH), "they are somebody else's");
}

#[apply(on_both)]
fn what_waits_is_gone_after_ten_minutes_a_new_password_or_its_use(#[case] portal: &Portal) {
    let (app, _) = turn_on(portal, &portal.signed_in(OLGA));
    let assert_gone = |browser: &Browser| {
        let answer = enter(browser, &app.code(portal.app.now()));
        assert_eq!((answer.status, answer.location()), (303, "/sign-in"));
        assert!(browser.get("/sign-in").text().contains("That took too long, or your password was changed meanwhile."));
        assert_eq!(browser.get("/sign-in/two-factor").location(), "/sign-in");
        assert!(!is_signed_in(browser));
    };
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    portal.later(Duration::minutes(10));
    assert_gone(&browser);

    give_password(&browser, &OLGA.email());
    let copied = browser.copy();
    assert_eq!(enter(&browser, &app.code(portal.app.now())).status, 303);
    portal.later(Duration::seconds(30));
    assert_gone(&copied);

    let waits = portal.browser();
    give_password(&waits, &OLGA.email());
    let token = reset_token(portal, &OLGA.email());
    let reset = portal.browser();
    assert_eq!(reset.post("/reset-password", &[("token", &token), ("password", CHOSEN)]).status, 303);
    assert_gone(&waits);
    // A new password opens nothing by itself either.
    let answer = sign_in(&reset, &OLGA.email(), CHOSEN);
    assert_eq!((answer.status, answer.location()), (303, "/sign-in/two-factor"));
    assert!(!is_signed_in(&reset));
}

#[apply(on_both)]
fn the_page_that_was_asked_for_opens_after_the_second_step(#[case] portal: &Portal) {
    let (app, _) = turn_on(portal, &portal.signed_in(OLGA));
    let browser = portal.browser();
    let fields = [("email", &*OLGA.email()), ("password", PASSWORD), ("next", "/account/details")];
    assert_eq!(browser.post("/sign-in", &fields).location(), "/sign-in/two-factor");
    assert_eq!(enter(&browser, &app.code(portal.app.now())).location(), "/account/details");
}

#[apply(on_both)]
fn turning_it_on_asks_for_a_code_and_a_fresh_sign_in(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let page = browser.get(APP).html();
    assert!(page.attributes("svg.qr path", "d")[0].starts_with("M4 4h1v1h-1z"));
    let (app, set_up) = (AuthenticatorApp::of(&page), page.value("set_up"));
    for code in ["", "000000", "1"] {
        let answer = confirm(&browser, &set_up, code);
        assert_eq!(answer.status, 422, "{code}");
        assert!(answer.html().has("#code-error"));
        assert_eq!(answer.html().text("code.key"), page.text("code.key"), "the same app can go on");
    }
    // What somebody else's page says is nothing here.
    let theirs = portal.signed_in(Persona::Manager).get(APP).html().value("set_up");
    assert_eq!(confirm(&browser, &theirs, &app.code(portal.app.now())).status, 422);
    // Ten minutes later it goes on with the app that was scanned.
    portal.later(Duration::minutes(10));
    let asked = confirm(&browser, &set_up, &app.code(portal.app.now())).html();
    assert_eq!(asked.text("h1"), "Confirm that it is you");
    let fields = [("password", PASSWORD), ("kept", &asked.value("kept")), ("next", &asked.value("next"))];
    let page = browser.follow(browser.post("/sign-in/confirm", &fields)).html();
    assert_eq!(AuthenticatorApp::of(&page).code(portal.app.now()), app.code(portal.app.now()));
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).location(), "/home");

    let (app, _) = turn_on(portal, &browser);
    let answer = confirm(&browser, &set_up, &app.code(portal.app.now()));
    assert_eq!((answer.status, answer.location()), (303, PATH), "there is an app already");
    assert_eq!(browser.get(APP).location(), PATH);
}

#[apply(on_both)]
fn a_picture_of_an_hour_ago_is_none(#[case] portal: &Portal) {
    let page = portal.signed_in(OLGA).get(APP).html();
    portal.later(Duration::hours(1));
    let code = AuthenticatorApp::of(&page).code(portal.app.now());
    let answer = confirm(&portal.signed_in(OLGA), &page.value("set_up"), &code);
    assert!(answer.text().contains("This page was open for too long."), "{}", answer.text());
}

#[apply(on_both)]
fn it_is_turned_off(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let (_, codes) = turn_on(portal, &browser);
    let waits = portal.browser();
    give_password(&waits, &OLGA.email());
    let off = || browser.post(&format!("{PATH}/off"), &[]);
    assert_eq!(browser.get(&format!("{PATH}/off")).html().text("h1"), "Turn off two-factor authentication");
    let answer = off();
    assert_eq!((answer.status, answer.location()), (303, "/account/security"));
    assert_eq!(enter_recovery_code(&waits, &codes[0]).location(), "/sign-in");
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).location(), "/home");
    assert_eq!(off().status, 303);
    assert_eq!(portal.actions().iter().filter(|action| *action == "account.two_factor.off").count(), 1);
}

#[apply(on_both)]
fn it_ends_with_the_app_where_there_is_no_passkey(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    turn_on(portal, &browser);
    let remove = format!("{APP}/remove");
    assert!(browser.get(&remove).text().contains("two-factor authentication is turned off with it"));
    assert_eq!(browser.post(&remove, &[]).location(), PATH);
    assert!(browser.get(PATH).text().contains("Two-factor authentication is off."));
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).location(), "/home");
    assert_eq!(browser.get(&remove).status, 404);
    assert_eq!(browser.post(&remove, &[]).location(), PATH, "once more changes nothing");
    assert_eq!(portal.actions().iter().filter(|action| action.starts_with("account.two_factor.off")).count(), 1);
}

#[apply(on_both)]
fn whoever_disowns_a_sign_in_is_not_shut_out_by_the_factor_of_a_stranger(#[case] portal: &Portal) {
    portal.later(Duration::minutes(5));
    let stranger = portal.browser();
    assert_eq!(sign_in(&stranger, &OLGA.email(), PASSWORD).location(), "/home");
    let link = portal.link_to(&OLGA.email());
    turn_on(portal, &stranger);
    assert_eq!(portal.browser().post(&link, &[]).status, 200);
    let token = reset_token(portal, &OLGA.email());
    let browser = portal.browser();
    assert_eq!(browser.post("/reset-password", &[("token", &token), ("password", CHOSEN)]).status, 303);
    assert_eq!(sign_in(&browser, &OLGA.email(), CHOSEN).location(), "/home");
}
