//! A passkey after the password, and two-factor authentication with passkeys alone.

use chrono::Duration;
use diesel::prelude::*;
use portico::schema::users;
use rstest::rstest;
use rstest_reuse::apply;

use super::passkeys::{add, links, question};
use super::two_factor::{APP, PATH, enter, give_password, set_up, turn_on as turn_on_with_app, with_recovery_code};
use super::{CHOSEN, OLGA, is_signed_in, reset_token, sign_in};
use crate::count;
use crate::support::{Answer, Authenticator, Browser, PASSWORD, Persona, Portal, all_at_once, on_both};

const PASSKEY: &str = "/sign-in/two-factor/passkey";
const QUESTION: &str = "/sign-in/two-factor/passkey/question";
const WRONG: &str = "This passkey does not sign in here.";
const OUTDATED: &str = "That took too long, or it was sent before.";

fn send(browser: &Browser, question: &str, answer: &str) -> Answer {
    browser.post(PASSKEY, &[("question", question), ("answer", answer)])
}

fn use_passkey(browser: &Browser, device: &mut Authenticator) -> Answer {
    let (options, asked) = question(browser, QUESTION);
    send(browser, &asked, &device.answer(&options))
}

/// Adds a passkey, turns it on with that alone, and answers the recovery codes, too.
fn turn_on(portal: &Portal, browser: &Browser) -> (Authenticator, Vec<String>) {
    let device = add(portal, browser, "Phone");
    let answer = browser.post(&format!("{PATH}/passkeys"), &[]);
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Your recovery codes"), "{}", answer.text());
    (device, answer.html().texts(".codes code"))
}

fn is_on(portal: &Portal) -> bool {
    let row = users::table.filter(users::email.eq(OLGA.email())).select(users::two_factor_at.is_not_null());
    portal.query(|connection| row.first(connection))
}

fn assert_refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains(words), "{}", answer.text());
}

#[apply(on_both)]
fn a_passkey_turns_it_on_and_follows_the_password(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    assert!(olga.get(PATH).html().texts(".row-side a").contains(&"Add a passkey".to_owned()));
    assert_eq!(olga.post(&format!("{PATH}/passkeys"), &[]).location(), PATH, "there is none yet");
    assert!(!is_on(portal));
    let (mut device, codes) = turn_on(portal, &olga);
    assert_eq!(codes.len(), 10);
    assert!(is_on(portal));
    assert_eq!(olga.post(&format!("{PATH}/passkeys"), &[]).location(), PATH, "it is on already");
    let page = olga.get(PATH).text();
    assert!(page.contains("10 of 10 are left.") && page.contains("Set up app"), "{page}");

    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    let page = browser.get("/sign-in/two-factor");
    assert_eq!(page.html().text("h1"), "Use your passkey");
    assert!(!page.html().has("input[name=code]") && page.text().contains("Passkeys need JavaScript"));
    let (options, asked) = question(&browser, QUESTION);
    let key = &options["publicKey"];
    assert_eq!(key["userVerification"], "required");
    assert_eq!(key["allowCredentials"].as_array().map(Vec::len), Some(1), "those of the account are named");
    let answer = send(&browser, &asked, &device.answer(&options));
    assert_eq!((answer.status, answer.location()), (303, "/home"), "{}", answer.text());
    assert!(is_signed_in(&browser));
    assert_eq!(browser.get(QUESTION).status, 404, "nothing waits any more");
    // Codes work without JavaScript; the passkey alone signs in as ever.
    assert_eq!(with_recovery_code(&portal.browser(), &OLGA.email(), &codes[0]).location(), "/home");
    let (alone, (options, asked)) = (portal.browser(), question(&portal.browser(), "/sign-in/passkey/question"));
    let fields = [("question", asked.as_str()), ("answer", &device.answer(&options))];
    assert_eq!(alone.post("/sign-in/passkey", &fields).location(), "/home");
}

#[apply(on_both)]
fn it_leads_where_the_password_was_to_lead(#[case] portal: &Portal) {
    let (mut device, _) = turn_on(portal, &portal.signed_in(OLGA));
    let browser = portal.browser();
    let fields = [("email", &*OLGA.email()), ("password", PASSWORD), ("next", "/account/details")];
    assert_eq!(browser.post("/sign-in", &fields).location(), "/sign-in/two-factor");
    assert_eq!(use_passkey(&browser, &mut device).location(), "/account/details");
}

#[apply(on_both)]
fn the_app_and_a_passkey_are_offered_where_there_are_both(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    let (app, _) = turn_on_with_app(portal, &olga);
    let mut device = add(portal, &olga, "Phone");
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    let page = browser.get("/sign-in/two-factor").html();
    assert!(page.has("#code") && page.has_button("Use a passkey"));
    // A device that was asked by name may leave out whose passkey it is.
    device.user.clear();
    assert_eq!(use_passkey(&browser, &mut device).location(), "/home");
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    assert_eq!(enter(&browser, &app.code(portal.app.now())).location(), "/home");

    // Without the app it goes on with the passkey, and ends with that.
    let mails = || portal.mails_to(&OLGA.email()).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
    assert!(olga.get(&format!("{APP}/remove")).text().contains("Two-factor authentication stays on"));
    assert_eq!(olga.post(&format!("{APP}/remove"), &[]).location(), PATH);
    assert!(is_on(portal));
    assert!(mails().contains(&"The authenticator app of your Portico account was removed".to_owned()));
    // Another app can be added then, with the codes of before.
    let (_, answer) = set_up(portal, &olga);
    assert_eq!((answer.status, answer.location()), (303, PATH));
    assert!(mails().contains(&"An authenticator app was added to your Portico account".to_owned()));
    assert!(olga.get(PATH).text().contains("10 of 10 are left."));
    assert_eq!(olga.post(&format!("{APP}/remove"), &[]).location(), PATH);
    let remove = links(&olga, "Remove").remove(0);
    assert!(olga.get(&remove).text().contains("Two-factor authentication is turned off with it"));
    let recorded = portal.recorded_actions(|| assert_eq!(olga.post(&remove, &[]).status, 303));
    assert_eq!(recorded, ["account.passkey.removed", "account.two_factor.off"]);
    assert!(olga.get("/account/security/passkeys").text().contains("and two-factor authentication is off."));
    assert!(mails().contains(&"Two-factor authentication is off for your Portico account".to_owned()));
    assert_eq!((is_on(portal), count!(portal, recovery_codes)), (false, 0));
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).location(), "/home");
}

#[apply(on_both)]
fn a_passkey_that_is_not_the_last_leaves_it_on(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    turn_on(portal, &olga);
    add(portal, &olga, "Key");
    let both = links(&olga, "Remove");
    assert!(!olga.get(&both[0]).text().contains("turned off with it"));
    // Of two that are removed at once, the later one is the last.
    let answers = all_at_once(2, |number| olga.copy().post(&both[number], &[]).status);
    assert_eq!(answers, [303, 303]);
    assert_eq!((is_on(portal), count!(portal, recovery_codes)), (false, 0));
}

#[apply(on_both)]
fn only_a_passkey_of_the_account_is_taken_and_each_answer_once(#[case] portal: &Portal) {
    let (mut device, _) = turn_on(portal, &portal.signed_in(OLGA));
    let mut theirs = add(portal, &portal.signed_in(Persona::Manager), "Theirs");
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    assert_refused(&use_passkey(&browser, &mut theirs), WRONG);
    theirs.user.clone_from(&device.user);
    assert_refused(&use_passkey(&browser, &mut theirs), WRONG);
    theirs.user.clear();
    assert_refused(&use_passkey(&browser, &mut theirs), WRONG);
    assert_refused(&use_passkey(&browser, &mut Authenticator::new(portal)), WRONG);
    let mut unverified = device.clone();
    unverified.verifies = false;
    assert_refused(&use_passkey(&browser, &mut unverified), WRONG);
    // What was asked of another sign-in, of anybody, or of nobody.
    let other = portal.browser();
    give_password(&other, &OLGA.email());
    for (asker, path) in [(&other, QUESTION), (&browser, "/sign-in/passkey/question")] {
        let (options, asked) = question(asker, path);
        assert_refused(&send(&browser, &asked, &device.answer(&options)), OUTDATED);
    }
    for asked in ["", "a", &"a".repeat(5_000)] {
        assert_refused(&send(&browser, asked, "{}"), OUTDATED);
    }
    for answer in ["", "{}", "null", "no JSON"] {
        let (_, asked) = question(&browser, QUESTION);
        assert_refused(&send(&browser, &asked, answer), WRONG);
    }
    assert!(!is_signed_in(&browser));
    let (options, asked) = question(&browser, QUESTION);
    let answer = device.answer(&options);
    // The cookie of then, and its question, open nothing more.
    let copy = browser.copy();
    assert_eq!(send(&browser, &asked, &answer).location(), "/home");
    assert_eq!(send(&copy, &asked, &answer).location(), "/sign-in");
    assert!(!is_signed_in(&copy));
    // The question is bound to the password, too: it waits for ten minutes.
    let (options, asked) = question(&other, QUESTION);
    portal.later(Duration::minutes(10));
    assert_eq!(send(&other, &asked, &device.answer(&options)).location(), "/sign-in");
}

#[apply(on_both)]
fn of_several_who_send_one_answer_at_once_one_gets_in(#[case] portal: &Portal) {
    let (mut device, _) = turn_on(portal, &portal.signed_in(OLGA));
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    let (options, asked) = question(&browser, QUESTION);
    let answer = device.answer(&options);
    let browsers: Vec<Browser> = (0..4).map(|_| browser.copy()).collect();
    let places = all_at_once(4, |number| send(&browsers[number], &asked, &answer).location().to_owned());
    assert_eq!(places.iter().filter(|place| *place == "/home").count(), 1, "{places:?}");
    assert_eq!(browsers.iter().filter(|browser| is_signed_in(browser)).count(), 1);
}

#[apply(on_both)]
fn wrong_codes_of_a_stranger_keep_no_passkey_out(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    turn_on_with_app(portal, &olga);
    let mut device = add(portal, &olga, "Phone");
    let thief = portal.browser();
    give_password(&thief, &OLGA.email());
    for _ in 0..10 {
        assert_eq!(enter(&thief, "000000").status, 422);
    }
    assert_eq!(enter(&thief, "000000").status, 429);
    let browser = portal.browser();
    give_password(&browser, &OLGA.email());
    assert_eq!(use_passkey(&browser, &mut device).location(), "/home");
}

#[apply(on_both)]
fn a_copy_of_a_passkey_is_refused_at_the_second_step_too(#[case] portal: &Portal) {
    let (mut device, _) = turn_on(portal, &portal.signed_in(OLGA));
    let mut copy = device.clone();
    for _ in 0..2 {
        let browser = portal.browser();
        give_password(&browser, &OLGA.email());
        assert_eq!(use_passkey(&browser, &mut device).location(), "/home");
    }
    let thief = portal.browser();
    give_password(&thief, &OLGA.email());
    assert_refused(&use_passkey(&thief, &mut copy), "there seems to be a copy of it");
    assert!(!is_signed_in(&thief));
    assert!(portal.actions().contains(&"account.passkey.copied".to_owned()));
}

#[apply(on_both)]
fn what_a_stranger_leaves_behind_shuts_nobody_out(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    turn_on_with_app(portal, &olga);
    portal.later(Duration::minutes(5));
    // Somebody with password and phone puts a passkey in the place of the app.
    let stranger = portal.browser();
    let (_, codes) = (give_password(&stranger, &OLGA.email()), olga.post(&format!("{PATH}/codes"), &[]));
    let code = codes.html().texts(".codes code").remove(0);
    assert_eq!(stranger.post("/sign-in/recovery-code", &[("code", &code)]).location(), "/home");
    let link = portal
        .mails_to(&OLGA.email())
        .into_iter()
        .rev()
        .find_map(|mail| mail.text.lines().find(|line| line.contains("/not-me/")).map(str::to_owned))
        .expect("a mail about the sign-in");
    let link = link.replace(&portal.app.config.public_url, "");
    portal.later(Duration::seconds(1));
    add(portal, &stranger, "Theirs");
    assert_eq!(stranger.post(&format!("{APP}/remove"), &[]).location(), PATH);
    assert!(is_on(portal));
    assert_eq!(portal.browser().post(&link, &[]).status, 200);
    assert!(!is_on(portal), "there is nothing left to take it with");
    let token = reset_token(portal, &OLGA.email());
    let browser = portal.browser();
    assert_eq!(browser.post("/reset-password", &[("token", &token), ("password", CHOSEN)]).status, 303);
    assert_eq!(sign_in(&browser, &OLGA.email(), CHOSEN).location(), "/home");
}
