//! Signing in with a passkey alone.

use chrono::Duration;
use diesel::prelude::*;
use portico::rates::{Limit, Rate};
use portico::schema::{passkeys as rows, users};
use rstest::rstest;
use rstest_reuse::apply;

use super::passkeys::{add, question};
use super::{OLGA, is_signed_in, mail_count};
use crate::count;
use crate::support::{Answer, Authenticator, Browser, Database, PASSWORD, Persona, Portal, on_both, on_each_database};

const PATH: &str = "/sign-in/passkey";

fn send(browser: &Browser, question: &str, answer: &str, next: &str) -> Answer {
    browser.post(PATH, &[("question", question), ("answer", answer), ("next", next)])
}

fn sign_in(browser: &Browser, device: &mut Authenticator) -> Answer {
    let (options, question) = question(browser, "/sign-in/passkey/question");
    send(browser, &question, &device.answer(&options), "")
}

fn assert_refused(answer: &Answer, words: &str) {
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (422, "Sign in"), "{}", answer.text());
    assert!(answer.text().contains(words), "{}", answer.text());
    assert_eq!(answer.header("set-cookie"), "");
}

const OUTDATED: &str = "That took too long, or it was sent before. Try again.";
const WRONG: &str = "This passkey does not sign in here. It may have been removed.";

#[apply(on_both)]
fn a_passkey_signs_in_alone_and_leads_to_the_page_that_was_asked_for(#[case] portal: &Portal) {
    let first = portal.signed_in(OLGA);
    let mut device = add(portal, &first, "Phone");
    let browser = portal.browser();
    let page = browser.get("/sign-in?next=%2Faccount%2Fsecurity").html();
    assert!(page.has_button("Sign in with a passkey"));
    assert_eq!(page.attributes("input[name=email]", "autocomplete"), ["username webauthn"]);
    let (options, asked) = question(&browser, "/sign-in/passkey/question");
    let key = &options["publicKey"];
    assert_eq!((&key["rpId"], &key["userVerification"]), (&"localhost".into(), &"required".into()));
    assert_eq!(key["allowCredentials"].as_array().map(Vec::len), Some(0), "nobody is named");
    let answer = send(&browser, &asked, &device.answer(&options), "/account/security");
    assert_eq!((answer.status, answer.location()), (303, "/account/security"));
    assert!(is_signed_in(&browser) && is_signed_in(&first));
    assert!(browser.get("/account/security/passkeys").text().contains("last used 23 November 2026, 09:30 UTC"));
    // Another site is no page that was asked for.
    let (options, asked) = question(&browser, "/sign-in/passkey/question");
    let answer = send(&browser, &asked, &device.answer(&options), "https://evil.example/");
    assert_eq!((answer.status, answer.location()), (303, "/home"));
}

#[apply(on_both)]
fn it_begins_a_session_as_a_password_does(#[case] portal: &Portal) {
    let mut device = add(portal, &portal.signed_in(OLGA), "Phone");
    portal.later(Duration::minutes(5));
    let browser = portal.browser();
    assert_eq!(sign_in(&browser, &mut device).status, 303);
    let mail = portal.mails_to(&OLGA.email()).pop().expect("a mail");
    assert_eq!(mail.subject, "New sign-in to your Portico account");
    let (count, old) = (mail_count(portal), browser.copy());
    // The browser is known from now on, and the session that it had ends.
    assert_eq!(sign_in(&browser, &mut device).status, 303);
    assert_eq!(mail_count(portal), count);
    assert!(is_signed_in(&browser) && !is_signed_in(&old));
}

#[apply(on_both)]
fn an_answer_counts_once_and_for_ten_minutes(#[case] portal: &Portal) {
    let mut device = add(portal, &portal.signed_in(OLGA), "Phone");
    let browser = portal.browser();
    let (options, asked) = question(&browser, "/sign-in/passkey/question");
    let answer = device.answer(&options);
    assert_eq!(send(&browser, &asked, &answer, "").status, 303);
    let thief = portal.browser();
    assert_refused(&send(&thief, &asked, &answer, ""), OUTDATED);
    let (_, other) = question(&thief, "/sign-in/passkey/question");
    assert_refused(&send(&thief, &other, &answer, ""), WRONG);
    let (options, asked) = question(&thief, "/sign-in/passkey/question");
    let answer = device.answer(&options);
    portal.later(Duration::minutes(10));
    assert_refused(&send(&thief, &asked, &answer, ""), OUTDATED);
    // A question that was asked to make one is none to sign in with.
    let (_, to_make) = super::passkeys::asked_for_one(&browser);
    assert_refused(&send(&thief, &to_make, &device.answer(&options), ""), OUTDATED);
    assert!(!is_signed_in(&thief));
    portal.later(Duration::minutes(11));
    portico::background::runner(&portal.app).run_due().expect("the jobs run");
    assert_eq!(count!(portal, passkey_answers), 0, "they are forgotten");
}

#[apply(on_both)]
fn what_is_no_answer_of_the_holder_signs_nobody_in(#[case] portal: &Portal) {
    let device = add(portal, &portal.signed_in(OLGA), "Phone");
    let other = add(portal, &portal.signed_in(Persona::Manager), "Theirs");
    let browser = portal.browser();
    let elsewhere = |device: &mut Authenticator| device.origin = "https://portico.evil.example".to_owned();
    let unverified = |device: &mut Authenticator| device.verifies = false;
    let somebody_else = |device: &mut Authenticator| device.user.clone_from(&other.user);
    let nobody = |device: &mut Authenticator| device.user.clear();
    let unknown = |device: &mut Authenticator| *device = Authenticator::new(portal);
    let changes: [&dyn Fn(&mut Authenticator); 5] = [&elsewhere, &unverified, &somebody_else, &nobody, &unknown];
    for change in changes {
        let mut changed = device.clone();
        change(&mut changed);
        assert_refused(&sign_in(&browser, &mut changed), WRONG);
    }
    for answer in ["", "{}", "null", "no JSON", &"[".repeat(20_000)] {
        let (_, asked) = question(&browser, "/sign-in/passkey/question");
        assert_refused(&send(&browser, &asked, answer, ""), WRONG);
    }
    for asked in ["", "a", "====", &"a".repeat(5_000)] {
        assert_refused(&send(&browser, asked, "{}", ""), OUTDATED);
    }
    // One that was removed.
    portal.rewrite(|connection| diesel::delete(rows::table.filter(rows::name.eq("Phone"))).execute(connection));
    assert_refused(&sign_in(&browser, &mut device.clone()), WRONG);
    assert!(!is_signed_in(&browser));
}

#[apply(on_both)]
fn a_copy_of_a_passkey_is_refused_and_its_holder_sees_that(#[case] portal: &Portal) {
    let mut device = add(portal, &portal.signed_in(OLGA), "Key");
    let mut copy = device.clone();
    for _ in 0..2 {
        assert_eq!(sign_in(&portal.browser(), &mut device).status, 303);
    }
    let thief = portal.browser();
    assert_refused(&sign_in(&thief, &mut copy), "there seems to be a copy of it");
    assert!(!is_signed_in(&thief));
    let olga = portal.signed_in(OLGA);
    let events = olga.get("/account/security/events").text();
    assert!(events.contains("tried the passkey Key , which was refused: there seems to be a copy of it"), "{events}");
    assert_eq!(sign_in(&portal.browser(), &mut device).status, 303, "the one that counts on goes on");
}

#[apply(on_both)]
fn who_is_suspended_is_told_so_and_stays_out(#[case] portal: &Portal) {
    let mut device = add(portal, &portal.signed_in(Persona::Member), "Phone");
    let now = portal.app.now();
    let row = users::table.filter(users::email.eq(Persona::Member.email()));
    portal.rewrite(|connection| diesel::update(row).set(users::suspended_at.eq(Some(now))).execute(connection));
    let browser = portal.browser();
    let answer = sign_in(&browser, &mut device);
    let by_password =
        portal.browser().post("/sign-in", &[("email", &*Persona::Member.email()), ("password", PASSWORD)]);
    assert_eq!((answer.status, by_password.status), (403, 403));
    assert_eq!(answer.html().text("[role=alert]"), by_password.html().text("[role=alert]"));
    assert!(!is_signed_in(&browser));
}

#[apply(on_each_database)]
fn refusals_are_limited_for_a_network_and_right_answers_are_not(#[case] database: Database) {
    let portal = &database.portal_with(|config| {
        config.limits = config.limits.clone().with(Limit::PasskeyNetwork, Rate::new(3, 15));
    });
    let mut device = add(portal, &portal.signed_in(OLGA), "Phone");
    for _ in 0..5 {
        assert_eq!(sign_in(&portal.browser(), &mut device).status, 303);
    }
    let stranger = portal.browser();
    for _ in 0..3 {
        assert_refused(&sign_in(&stranger, &mut Authenticator::new(portal)), WRONG);
    }
    let answer = sign_in(&stranger, &mut device);
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    portal.later(Duration::minutes(15));
    assert_eq!(sign_in(&stranger, &mut device).status, 303);
}
