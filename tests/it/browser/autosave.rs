//! Account details save by themselves: over a slow network, over none, and in two tabs.

use serde_json::json;

use crate::support::{Browser, Persona, Portal, Profile};

const PAGE: &str = "/account/details";

fn at_the_page() -> (Portal, Profile) {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Editor);
    profile.open_page(PAGE);
    profile.sees("Each field saves by itself.");
    assert!(!profile.offers("Save"), "nothing is left to press");
    (portal, profile)
}

/// Replaces what a field holds, and goes on to the next one.
fn enter(profile: &Profile, label: &str, text: &str) {
    let field = profile.field(label).argument();
    profile.script("arguments[0].focus(); arguments[0].select()", &[field]);
    profile.keys(&format!("{text}\u{e004}"));
}

/// The network from now on: how many milliseconds each answer is late, or none at all.
fn network(profile: &Profile, late: Option<u32>) {
    profile.devtools("Network.enable", &json!({}));
    let conditions = json!({
        "offline": late.is_none(), "latency": late.unwrap_or(0), "downloadThroughput": -1, "uploadThroughput": -1,
    });
    profile.devtools("Network.emulateNetworkConditions", &conditions);
}

fn stored(browser: &Browser, field: &str) -> String {
    browser.get(PAGE).html().value(field)
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_slow_network_is_waited_for_and_the_last_word_counts() {
    let (portal, profile) = at_the_page();
    let elsewhere = portal.signed_in(Persona::Editor);
    network(&profile, Some(1_500));
    enter(&profile, "Company (optional)", "First Ltd");
    profile.sees("Saving…");
    assert!(!profile.shows("Company saved."), "the answer is still on its way");
    // Changed once more before the answer is there, and another field beside it.
    enter(&profile, "Company (optional)", "Second Ltd");
    enter(&profile, "Job title (optional)", "Pilot");
    let both = || (stored(&elsewhere, "company"), stored(&elsewhere, "job_title"));
    let wanted = ("Second Ltd".to_owned(), "Pilot".to_owned());
    profile.wait("both values", || Ok((both() == wanted).then_some(())));
    profile.sees("saved.");
    assert!(!profile.shows("Not saved"));
    assert_eq!(profile.property(&profile.field("Company (optional)"), "value"), "Second Ltd");
    assert_eq!(profile.complaints(), Vec::<String>::new());
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn without_a_network_nothing_typed_is_lost_and_it_is_tried_again() {
    let (portal, profile) = at_the_page();
    let elsewhere = portal.signed_in(Persona::Editor);
    network(&profile, None);
    enter(&profile, "Phone (optional)", "+41 44 555 01 20");
    profile.sees("Not saved: the portal did not answer.");
    let phone = profile.field("Phone (optional)");
    assert_eq!(profile.property(&phone, "value"), "+41 44 555 01 20");
    assert_eq!(profile.property(&phone, "ariaInvalid"), "true");
    assert!(profile.script("return document.querySelector('[role=status]').textContent", &[]) != "", "it is announced");
    assert_eq!(stored(&elsewhere, "phone"), "");

    network(&profile, Some(0));
    profile.press("Try again");
    profile.sees("Phone saved.");
    assert!(!profile.shows("Not saved"));
    assert_eq!(stored(&elsewhere, "phone"), "+41 44 555 01 20");
    // What the portal itself refuses stands beside the field, and is taken once it is right.
    enter(&profile, "Phone (optional)", "call me");
    profile.sees("Enter a phone number like +41 21 555 01 00.");
    assert_eq!(stored(&elsewhere, "phone"), "+41 44 555 01 20");
    enter(&profile, "Phone (optional)", "+41 44 555 01 21");
    profile.sees("Phone saved.");
    assert!(!profile.shows("Enter a phone number"));
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn of_two_tabs_the_second_sees_both_values_and_decides() {
    let (portal, profile) = at_the_page();
    let elsewhere = portal.signed_in(Persona::Editor);
    let first = profile.open_tab();
    profile.open_page(PAGE);
    profile.sees("Each field saves by itself.");
    enter(&profile, "Job title (optional)", "Pilot");
    profile.sees("Job title saved.");
    enter(&profile, "Company (optional)", "Wings");
    profile.sees("Company saved.");

    profile.go_to_tab(&first);
    enter(&profile, "Job title (optional)", "Surveyor");
    profile.sees("This was changed elsewhere to “Pilot”. Yours, “Surveyor”, is not saved");
    assert_eq!(stored(&elsewhere, "job_title"), "Pilot");
    profile.press("Save mine");
    profile.sees("Job title saved.");
    assert_eq!(stored(&elsewhere, "job_title"), "Surveyor");

    enter(&profile, "Company (optional)", "Feathers");
    profile.sees("This was changed elsewhere to “Wings”.");
    profile.press("Take the other");
    assert_eq!(profile.property(&profile.field("Company (optional)"), "value"), "Wings");
    assert!(!profile.shows("changed elsewhere"));
    // It goes on from there.
    enter(&profile, "Company (optional)", "Feathers");
    profile.sees("Company saved.");
    assert_eq!(stored(&elsewhere, "company"), "Feathers");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn who_was_signed_out_meanwhile_is_told() {
    let (portal, profile) = at_the_page();
    let elsewhere = portal.signed_in(Persona::Editor);
    assert_eq!(elsewhere.post("/account/security/sessions/end-others", &[]).status, 303);
    enter(&profile, "Company (optional)", "Wings");
    profile.sees("Not saved: you are not signed in any more. Reload the page to sign in.");
    assert_eq!(stored(&elsewhere, "company"), "");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn advice_about_a_new_password_comes_while_it_is_typed() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.open_page("/sign-up");
    profile.fill("Password", "short");
    profile.sees("Use at least 12 characters.");
    profile.fill("Password", "monkeydragon1");
    profile.sees("Add another word or two.");
    profile.fill("First name", "Annabell");
    profile.fill("Password", "annabell-annabell");
    profile.sees("little more than your name");
    profile.fill("Password", "seven lanterns by the sea");
    profile.sees("This password is good.");
    assert!(!profile.shows("Add another word"));
    assert_eq!(profile.complaints(), Vec::<String>::new());
}
