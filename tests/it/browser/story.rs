//! From signing up to being removed, by two people with a browser each, who read their mail at `/dev/mailbox`.

use crate::support::{PASSWORD, Portal, Profile};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn two_people_work_together_until_one_is_removed_on_sqlite() {
    let portal = Portal::on_sqlite();
    let (ada, grace) = (Profile::open(&portal), Profile::open(&portal));
    story(&portal, &ada, &grace);
}

#[test]
#[cfg_attr(not(all(has_browser, has_postgresql)), ignore = "Chromium, its driver or PostgreSQL is not installed")]
fn two_people_work_together_until_one_is_removed_on_postgresql() {
    let portal = Portal::on_postgresql();
    let (ada, grace) = (Profile::open(&portal), Profile::open(&portal));
    story(&portal, &ada, &grace);
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn two_people_work_together_until_one_is_removed_without_javascript() {
    let portal = Portal::on_sqlite();
    let (ada, grace) = (Profile::without_javascript(&portal), Profile::without_javascript(&portal));
    ada.open_page("/sign-in");
    assert!(!ada.offers("Show password"), "scripts of the page do not run");
    story(&portal, &ada, &grace);
}

fn story(portal: &Portal, ada: &Profile, grace: &Profile) {
    sign_up(ada);
    create_organization(ada);
    invite(ada);
    accept(grace);
    change_role(ada);
    grace.open_page("/organizations/harbour-labs");
    grace.sees("Your role\nEditor");
    remove(ada);
    is_gone(grace);
    // The clock of tests stands still, so the order of the mails says nothing.
    let mut subjects: Vec<String> = portal.mails_to("grace@example.com").into_iter().map(|mail| mail.subject).collect();
    subjects.sort();
    // The mail about her role still waited when she was removed: it would have been about nothing any more.
    let expected =
        ["Ada Lovelace invites you to Harbour Labs on Portico", "You no longer have access to Harbour Labs on Portico"];
    assert_eq!(subjects, expected);
    for profile in [ada, grace] {
        assert_eq!(profile.complaints(), Vec::<String>::new());
    }
}

fn sign_up(ada: &Profile) {
    ada.open_page("/");
    ada.arrives_at("Sign in");
    ada.press("Create an account");
    ada.arrives_at("Create an account");
    ada.fill("First name", "Ada");
    ada.fill("Last name", "Lovelace");
    ada.fill("E-mail address", "ada@example.com");
    ada.fill("Password", PASSWORD);
    ada.choose("Country", "Switzerland");
    ada.fill("Company (optional)", "Harbour Labs");
    ada.tick("I accept the terms of use and the privacy notice");
    ada.press("Create account");
    ada.arrives_at("Check your inbox");
    ada.sees("ada@example.com");
    ada.press("Mailbox");
    ada.arrives_at("Mailbox");
    ada.press("Confirm your e-mail address for Portico");
    ada.sees("To\nada@example.com");
    ada.press("Confirm e-mail address");
    ada.arrives_at("Confirm your e-mail address");
    ada.press("Confirm e-mail address");
    ada.arrives_at("Home");
    ada.sees("Your e-mail address is confirmed. Welcome!");
}

fn create_organization(ada: &Profile) {
    ada.press("New organization");
    ada.arrives_at("New organization");
    ada.tick("Business");
    ada.fill("Organization name", "Harbour Labs");
    ada.fill("Legal name", "Harbour Laboratories AG");
    ada.choose("Country (needed for invoices, can be added later)", "Switzerland");
    ada.press("Create organization");
    ada.arrives_at("Dashboard");
    ada.sees("Harbour Labs is ready. You are its Owner.");
    ada.sees("Build your team");
}

fn invite(ada: &Profile) {
    ada.press("Manage People");
    ada.arrives_at("User Management");
    ada.press("Invite people");
    ada.arrives_at("Invite people");
    ada.fill("E-mail addresses", "grace@example.com");
    ada.tick("Reader");
    ada.press("Send invitations");
    ada.arrives_at("User Management");
    ada.sees("An invitation is on its way to grace@example.com.");
    ada.sees("Pending");
}

fn accept(grace: &Profile) {
    grace.open_page("/dev/mailbox");
    grace.press("Ada Lovelace invites you to Harbour Labs on Portico");
    grace.sees("To\ngrace@example.com");
    grace.press("Accept invitation");
    grace.arrives_at("Join Harbour Labs");
    let address = grace.field("E-mail address");
    assert_eq!(grace.property(&address, "value"), "grace@example.com");
    assert_eq!(grace.property(&address, "readOnly"), true, "the address is fixed");
    grace.fill("First name", "Grace");
    grace.fill("Last name", "Hopper");
    grace.fill("Password", PASSWORD);
    grace.tick("I accept the terms of use and the privacy notice");
    grace.press("Create account and accept");
    grace.arrives_at("Dashboard");
    assert_eq!(grace.address(), "/organizations/harbour-labs");
    grace.sees("Your role\nReader");
    assert!(!grace.offers("Manage People"), "a Reader does not see people");
}

fn change_role(ada: &Profile) {
    ada.open_page("/organizations/harbour-labs/people");
    ada.press("Grace Hopper");
    ada.arrives_at("Grace Hopper");
    ada.tick("Editor");
    ada.press("Change role");
    ada.arrives_at("User Management");
    ada.sees("Grace Hopper is now Editor.");
}

fn remove(ada: &Profile) {
    ada.tick("Select Grace Hopper");
    ada.press("Remove user");
    ada.arrives_at("Remove user");
    ada.sees("Grace Hopper");
    ada.sees("Their account is not deleted.");
    ada.press("Remove user");
    ada.arrives_at("User Management");
    ada.sees("Grace Hopper was removed.");
    assert!(!ada.offers("Grace Hopper"));
}

fn is_gone(grace: &Profile) {
    grace.open_page("/organizations/harbour-labs");
    assert_eq!(grace.status(), 404);
    grace.arrives_at("Page not found");
    assert_eq!(grace.complaints(), Vec::<String>::new());
    grace.press("Home");
    grace.arrives_at("Home");
    grace.sees("You are not in an Organization yet");
    assert!(!grace.shows("Harbour Labs"));
}
