//! Passkeys of an account: adding, naming and removing them.

use chrono::Duration;
use portico::accounts::passkeys::MOST;
use portico::rates::{Limit, Rate};
use rstest::rstest;
use rstest_reuse::apply;
use serde_json::Value;

use super::{OLGA, mail_count};
use crate::count;
use crate::support::{Answer, Authenticator, Browser, Database, PASSWORD, Persona, Portal, on_both, on_each_database};

const PATH: &str = "/account/security/passkeys";
const NEW: &str = "/account/security/passkeys/new";

/// What the browser is asked, and the field that goes back with its answer.
pub fn question(browser: &Browser, path: &str) -> (Value, String) {
    let answer = browser.get(path);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let mut asked: Value = serde_json::from_str(&answer.body).expect("JSON");
    (asked["options"].take(), asked["question"].as_str().expect("a text").to_owned())
}

pub fn asked_for_one(browser: &Browser) -> (Value, String) {
    question(browser, "/account/security/passkeys/question")
}

fn send(browser: &Browser, name: &str, question: &str, answer: &str) -> Answer {
    let fields = [("passkey_name", name), ("question", question), ("answer", answer)];
    browser.post(NEW, &fields)
}

/// Adds a passkey through the form.
pub fn add(portal: &Portal, browser: &Browser, name: &str) -> Authenticator {
    let mut device = Authenticator::new(portal);
    let (options, question) = asked_for_one(browser);
    let answer = send(browser, name, &question, &device.make(&options));
    assert_eq!((answer.status, answer.location()), (303, PATH), "{}", answer.text());
    device
}

fn assert_refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains(words), "{}", answer.text());
}

const OUTDATED: &str = "That took too long, or it was sent before. Nothing was added.";
const NOT_MADE: &str = "The browser did not make a passkey that can sign in here.";

/// Where the links of the list lead that have this label.
pub fn links(browser: &Browser, end: &str) -> Vec<String> {
    let all = browser.get(PATH).html().attributes(".row-side a", "href");
    all.into_iter().filter(|link| link.ends_with("/remove") == (end == "Remove")).collect()
}

#[apply(on_both)]
fn a_passkey_is_added_named_and_removed_and_its_holder_is_told(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    assert!(browser.get("/account/security").text().contains("Set up passkeys"));
    assert!(browser.get(PATH).text().contains("No passkey yet"));
    assert_eq!(browser.get(NEW).html().value("passkey_name"), "Passkey", "what a program without a name is called");
    add(portal, &browser, "Work laptop");
    let page = browser.get(PATH).text();
    assert!(page.contains("Work laptop") && page.contains("not used yet"), "{page}");
    assert!(page.contains("The passkey “Work laptop” is added."), "{page}");
    assert!(browser.get("/account/security").text().contains("1 passkey signs in to your account."));
    let mail = portal.mails_to(&OLGA.email()).pop().expect("a mail");
    assert_eq!(mail.subject, "A passkey was added to your Portico account");
    assert!(mail.text.contains("Work laptop") && mail.text.contains("127.0.0.1"), "{}", mail.text);

    let rename = links(&browser, "Rename").remove(0);
    assert_eq!(browser.get(&rename).html().value("passkey_name"), "Work laptop");
    for (typed, message) in [
        ("  ", "Enter a name by which you know the device."),
        ("see www.example.com", "Leave out web addresses, and put a space behind a full stop."),
        (&*"x".repeat(61), "Use at most 60 characters."),
    ] {
        let answer = browser.post(&rename, &[("passkey_name", typed)]);
        assert_eq!((answer.status, answer.html().text("#passkey_name-error").as_str()), (422, message));
    }
    assert_eq!(browser.post(&rename, &[("passkey_name", "Old laptop")]).location(), PATH);
    assert!(browser.get(PATH).text().contains("Old laptop"));

    let remove = links(&browser, "Remove").remove(0);
    assert_eq!(browser.get(&remove).html().text("h1"), "Remove passkey");
    assert_eq!(count!(portal, passkeys), 1, "opening the page removes nothing");
    assert_eq!(browser.post(&remove, &[]).location(), PATH);
    assert!(browser.get(PATH).text().contains("The passkey is removed."));
    assert_eq!(browser.post(&remove, &[]).location(), PATH, "once more changes nothing");
    assert_eq!(count!(portal, passkeys), 0);
    let mail = portal.mails_to(&OLGA.email()).pop().expect("a mail");
    assert_eq!(mail.subject, "A passkey was removed from your Portico account");
    assert_eq!(mail_count(portal), 2);
    let events = browser.get("/account/security/events").text();
    for words in [
        "You added the passkey Work laptop",
        "You renamed the passkey Work laptop to Old laptop",
        "You removed the passkey Old laptop",
    ] {
        assert!(events.contains(words), "{events}");
    }
}

#[apply(on_both)]
fn the_device_is_asked_for_one_that_signs_in_alone_and_is_new_to_it(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let key = |options: &Value| options["publicKey"].clone();
    let first = key(&asked_for_one(&browser).0);
    assert_eq!(first["rp"]["id"], "localhost", "from the public URL, whatever the request calls it");
    let selection = &first["authenticatorSelection"];
    assert_eq!((&selection["residentKey"], &selection["userVerification"]), (&"required".into(), &"required".into()));
    assert_eq!(first["excludeCredentials"].as_array().map(Vec::len), Some(0));
    add(portal, &browser, "One");
    add(portal, &browser, "Another");
    assert_eq!(key(&asked_for_one(&browser).0)["excludeCredentials"].as_array().map(Vec::len), Some(2));
    let other = portal.signed_in(Persona::Manager);
    let theirs = key(&asked_for_one(&other).0);
    assert_eq!(theirs["excludeCredentials"].as_array().map(Vec::len), Some(0));
    assert_ne!(theirs["user"]["id"], first["user"]["id"]);
    assert_ne!(theirs["challenge"], first["challenge"]);
}

#[apply(on_both)]
fn a_question_is_answered_once_in_time_and_by_whom_it_was_asked(#[case] portal: &Portal) {
    let (olga, manuel) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    let mut device = Authenticator::new(portal);
    let (options, question) = asked_for_one(&olga);
    let made = device.make(&options);
    assert_refused(&send(&manuel, "Stolen", &question, &made), OUTDATED);
    assert_refused(&send(&olga, "Torn", &question[1..], &made), OUTDATED);
    assert_eq!(send(&olga, "Mine", &question, &made).status, 303);
    assert_refused(&send(&olga, "Again", &question, &made), OUTDATED);
    // The same one for another question, and for somebody else.
    let (options, question) = asked_for_one(&olga);
    assert_refused(&send(&olga, "Again", &question, &device.make(&options)), NOT_MADE);
    let (options, question) = asked_for_one(&manuel);
    assert_refused(&send(&manuel, "Shared", &question, &device.make(&options)), "This passkey was added before.");
    // Ten minutes later.
    let (options, question) = asked_for_one(&manuel);
    let made = Authenticator::new(portal).make(&options);
    portal.later(Duration::minutes(10));
    assert_refused(&send(&portal.signed_in(Persona::Manager), "Late", &question, &made), OUTDATED);
    assert_eq!(count!(portal, passkeys), 1);
}

#[apply(on_both)]
fn what_is_no_passkey_for_this_portal_is_not_added(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    let elsewhere = |device: &mut Authenticator| device.origin = "https://portico.evil.example".to_owned();
    let unverified = |device: &mut Authenticator| device.verifies = false;
    let changes: [&dyn Fn(&mut Authenticator); 2] = [&elsewhere, &unverified];
    for change in changes {
        let mut device = Authenticator::new(portal);
        change(&mut device);
        let (options, question) = asked_for_one(&olga);
        assert_refused(&send(&olga, "Odd", &question, &device.make(&options)), NOT_MADE);
        // A wrong answer uses the question up, too.
        let right = Authenticator::new(portal).make(&options);
        assert_refused(&send(&olga, "Odd", &question, &right), OUTDATED);
    }
    for answer in ["", "{}", "null", "no JSON", &"[".repeat(20_000)] {
        let (_, question) = asked_for_one(&olga);
        assert_refused(&send(&olga, "Odd", &question, answer), NOT_MADE);
    }
    // The answer to another question.
    let (options, _) = asked_for_one(&olga);
    let (_, question) = asked_for_one(&olga);
    assert_refused(&send(&olga, "Odd", &question, &Authenticator::new(portal).make(&options)), NOT_MADE);
    assert_eq!((count!(portal, passkeys), mail_count(portal)), (0, 0));
}

#[apply(on_both)]
fn a_session_alone_adds_no_passkey(#[case] portal: &Portal) {
    let stolen = portal.signed_in(OLGA);
    portal.later(Duration::minutes(10));
    let (options, question) = asked_for_one(&stolen);
    let made = Authenticator::new(portal).make(&options);
    let answer = send(&stolen, "Theirs", &question, &made);
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (403, "Confirm that it is you"));
    assert_eq!((count!(portal, passkeys), mail_count(portal)), (0, 0));
}

#[apply(on_both)]
fn nobody_names_or_removes_the_passkeys_of_others(#[case] portal: &Portal) {
    let (olga, manuel) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    add(portal, &olga, "Mine");
    let (rename, remove) = (links(&olga, "Rename").remove(0), links(&olga, "Remove").remove(0));
    assert_eq!([manuel.get(&rename).status, manuel.get(&remove).status], [404, 404]);
    assert_eq!(manuel.post(&rename, &[("passkey_name", "Theirs")]).status, 404);
    assert_eq!(manuel.post(&remove, &[]).status, 303, "as if it had been removed before");
    assert!(olga.get(PATH).text().contains("Mine"));
}

#[apply(on_each_database)]
fn an_account_has_so_many_passkeys_and_adds_so_many_a_day(#[case] database: Database) {
    let portal = &database.portal_with(|config| {
        config.limits = config.limits.clone().with(Limit::PasskeysAdded, Rate::new(MOST as i32 + 1, 24 * 60));
    });
    let olga = portal.signed_in(OLGA);
    for number in 0..MOST {
        add(portal, &olga, &format!("Device {number}"));
    }
    let page = olga.get(PATH);
    assert!(page.text().contains("You have 20 passkeys") && !page.text().contains("Add a passkey"), "{}", page.text());
    let more = || {
        let (options, question) = asked_for_one(&olga);
        send(&olga, "One more", &question, &Authenticator::new(portal).make(&options))
    };
    assert_refused(&more(), "You have as many passkeys as an account can have.");
    let answer = more();
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(count!(portal, passkeys), MOST);
}

#[apply(on_each_database)]
fn a_portal_without_a_name_has_no_passkeys_and_says_so(#[case] database: Database) {
    let portal = &database.portal_with(|config| config.public_url = "http://192.0.2.7:8080".to_owned());
    let olga = portal.signed_in(OLGA);
    let page = olga.get(PATH).text();
    assert!(page.contains("Passkeys cannot be added here") && !page.contains("Add a passkey"), "{page}");
    assert_eq!([olga.get(NEW).status, olga.get("/account/security/passkeys/question").status], [404, 404]);
}

#[apply(on_both)]
fn whoever_disowns_a_sign_in_loses_the_passkeys_that_came_after_it(#[case] portal: &Portal) {
    add(portal, &portal.signed_in(OLGA), "Mine");
    portal.later(Duration::minutes(5));
    let thief = portal.browser();
    assert_eq!(super::sign_in(&thief, &OLGA.email(), PASSWORD).status, 303);
    let link = portal.link_to(&OLGA.email());
    assert!(link.starts_with("/not-me/"), "{link}");
    portal.later(Duration::minutes(5));
    add(portal, &thief, "Theirs");
    assert_eq!(portal.browser().post(&link, &[]).status, 200);
    let names: Vec<String> = {
        use diesel::prelude::*;
        use portico::schema::passkeys;
        portal.query(|connection| passkeys::table.select(passkeys::name).load(connection))
    };
    assert_eq!(names, ["Mine"]);
}
