//! "Export my data": asked for, made in the background, downloaded by its holder alone, and gone after a day.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;
use serde_json::Value;

use crate::support::{Browser, Persona, Portal, all_at_once, on_both, outbox};

const PAGE: &str = "/account/privacy";
const ASK: &str = "/account/privacy/export";

/// Asks for it, and answers the path of the link that is mailed.
fn link(portal: &Portal, browser: &Browser, persona: Persona) -> String {
    let answer = browser.post(ASK, &[]);
    assert_eq!((answer.status, answer.location()), (303, PAGE), "{}", answer.text());
    outbox::run_due_jobs(portal);
    let link = portal.link_to(&persona.email());
    assert!(link.starts_with("/account/privacy/export/"), "{link}");
    link
}

/// The document of a persona.
pub(super) fn document(portal: &Portal, persona: Persona) -> Value {
    let browser = portal.signed_in(persona);
    let file = browser.get(&format!("{}/file", link(portal, &browser, persona)));
    assert_eq!((file.status, file.header("content-type")), (200, "application/json"));
    serde_json::from_str(&file.body).expect("JSON")
}

fn assert_unusable(browser: &Browser, link: &str) {
    let answer = browser.get(link);
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (404, "This link does not work"));
    assert_eq!(browser.get(&format!("{link}/file")).status, 404);
}

#[apply(on_both)]
fn everything_stored_is_mailed_as_a_link_and_downloaded_as_one_file(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    let asked = portal.recorded_actions(|| {
        assert!(reader.follow(reader.post(ASK, &[])).text().contains("We mail a link to rita@example.com."));
    });
    assert_eq!(asked, ["account.export.asked"]);
    assert!(reader.get(PAGE).text().contains("It is being put together."));
    assert!(reader.follow(reader.post(ASK, &[])).text().contains("being put together already"), "one at a time");
    assert!(portal.mails_to("rita@example.com").is_empty());
    outbox::run_due_jobs(portal);
    let link = portal.link_to("rita@example.com");
    assert!(reader.get(PAGE).text().contains("It is ready: open the link that we mailed to you."));
    assert_eq!(reader.get(&link).html().text("h1"), "Your data");
    let file = reader.get(&format!("{link}/file"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"my-data.json\"");
    let document: Value = serde_json::from_str(&file.body).expect("JSON");
    let first = |section: &str, field: &str| document[section][0][field].as_str().unwrap_or_default().to_owned();
    assert_eq!(first("profile", "email"), "rita@example.com");
    assert_eq!((first("memberships", "role"), first("organizations", "slug")), ("reader".into(), "acme".into()));
    assert_eq!(first("sessions", "ip"), "127.0.0.1");
    // What it does not hold: secrets, and whatever can be tried against them.
    let stored = portal.dump();
    for name in ["password_hash", "token_hash"] {
        assert!(stored.contains(name) && !file.body.contains(name), "{name}");
    }
    assert!(!file.body.contains("olga@example.com"), "nobody else is in it");
}

#[apply(on_both)]
fn the_link_is_for_its_holder_alone_and_for_a_day(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    let link = link(portal, &reader, Persona::Reader);
    assert_unusable(&portal.signed_in(Persona::Owner), &link);
    let signed_out = portal.browser().get(&link);
    assert!(signed_out.status == 303 && signed_out.location().starts_with("/sign-in"), "{}", signed_out.location());
    assert_unusable(&reader, "/account/privacy/export/wrong");
    // Nothing of it can be read in the database.
    assert!(!portal.dump().contains("\"sessions\""));
    portal.later(Duration::hours(24));
    let reader = portal.signed_in(Persona::Reader);
    assert_unusable(&reader, &link);
    assert!(!reader.get(PAGE).text().contains("It is ready"));
    outbox::run_due_jobs(portal);
    let left: i64 = portal.query(|connection| {
        use diesel::{QueryDsl, RunQueryDsl};
        portico::schema::data_exports::table.count().get_result(connection)
    });
    assert_eq!(left, 0, "what ran out is removed");
}

#[apply(on_both)]
fn a_newer_file_takes_the_place_of_the_one_before_and_there_are_three_a_day(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    let first = link(portal, &reader, Persona::Reader);
    portal.later(Duration::seconds(1));
    let second = link(portal, &reader, Persona::Reader);
    assert_unusable(&reader, &first);
    assert_eq!(reader.get(&second).status, 200);
    portal.later(Duration::seconds(1));
    link(portal, &reader, Persona::Reader);
    let refused = reader.post(ASK, &[]);
    assert!(refused.status == 429 && !refused.header("retry-after").is_empty(), "{}", refused.status);
}

#[apply(on_both)]
fn a_session_alone_asks_for_nothing(#[case] portal: &Portal) {
    let stolen = portal.signed_in(Persona::Reader);
    portal.later(Duration::minutes(10));
    let answer = stolen.post(ASK, &[]);
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (403, "Confirm that it is you"));
    assert_eq!(answer.html().value("next"), PAGE);
    outbox::run_due_jobs(portal);
    assert!(portal.mails_to("rita@example.com").is_empty());
}

#[apply(on_both)]
fn whoever_asks_several_times_at_once_gets_one(#[case] portal: &Portal) {
    let browsers: Vec<Browser> = (0..4).map(|_| portal.signed_in(Persona::Reader)).collect();
    all_at_once(4, |number| assert_eq!(browsers[number].post(ASK, &[]).status, 303));
    outbox::run_due_jobs(portal);
    assert_eq!(portal.mails_to("rita@example.com").len(), 1);
}
