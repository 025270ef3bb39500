//! The list, inviting, changing roles and removing.

use chrono::Duration;
use portico::access::Role;

use super::axe::Inspector;
use super::{LONG_EMAIL, invite};
use crate::support::{Persona, Portal, acme};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_people_list_is_accessible() {
    let portal = Portal::on_sqlite();
    invite(&portal, Persona::Owner, &acme(""), "expired@example.com", Role::Reader);
    portal.later(Duration::days(16));
    invite(&portal, Persona::Owner, &acme(""), LONG_EMAIL, Role::Owner);
    portal.add_person("maximiliane.von.und.zu.hohenstein@example.com", Role::Manager);
    for number in 0..50 {
        portal.add_person(&format!("person-{number}@example.com"), Role::Reader);
    }
    let mut page = Inspector::signed_in(&portal, Persona::Manager);
    let list = acme("/people");
    page.open(&list, "User Management");
    assert!(page.profile.shows("Expired") && page.profile.shows("Pending"));
    page.profile.tick("Select all");
    page.inspect("User Management");
    page.profile.press("Next page");
    page.profile.sees("Previous page");
    page.inspect("User Management");
    page.open(&format!("{list}?status=pending"), "User Management");
    page.open(&format!("{list}?search=nobody-at-all"), "User Management");
    assert!(page.profile.shows("Nobody matches this filter"));
    page.finish();

    let mut page = Inspector::signed_in(&portal, Persona::Outsider);
    page.open("/organizations/elsewhere/people", "User Management");
    assert!(page.profile.shows("Nobody but you so far"));
    page.finish();
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_about_inviting_changing_and_removing_people_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Manager);
    page.open(&acme("/people/invite"), "Invite people");
    page.profile.press("Send invitations");
    page.profile.sees("Enter at least one e-mail address.");
    page.inspect("Invite people");
    page.profile.fill(
        "E-mail addresses",
        &format!("{LONG_EMAIL}\nmilo@example.com\nnobody\nlouis@example.com, king\nuser@gmial.com"),
    );
    page.profile.press("Send invitations");
    page.profile.sees("1 invited");
    page.inspect("Invite people");
    page.profile.fill("E-mail addresses", LONG_EMAIL);
    page.profile.press("Send invitations");
    page.profile.sees("1 already there");
    page.inspect("Invite people");

    let invitation = acme(&format!("/people/{}", portal.invitation_id(LONG_EMAIL).expect("it is open")));
    page.open(&invitation, LONG_EMAIL);
    page.profile.press("Copy invitation link");
    page.profile.sees("Send it to them in your own way.");
    page.inspect(LONG_EMAIL);

    let person = |persona| acme(&format!("/people/{}", portal.membership(persona)));
    page.open(&person(Persona::Manager), "Manuel Tester");
    page.open(&person(Persona::Owner), "Olga Tester");
    page.open(&person(Persona::Reader), "Rita Tester");
    page.profile.tick("Editor");
    let role = format!("{}/role", person(Persona::Reader));
    assert_eq!(portal.signed_in(Persona::Owner).post(&role, &[("role", "member"), ("current", "reader")]).status, 303);
    page.profile.press("Change role");
    page.profile.sees("Somebody else changed this role to Member meanwhile.");
    assert_eq!(page.profile.status(), 409);
    page.inspect("Rita Tester");

    page.profile.open_page(&acme("/people"));
    page.profile.tick("Select all");
    page.profile.press("Remove user");
    page.inspect("Remove users");
    let oneself_and_owner =
        [Persona::Manager, Persona::Owner].map(|persona| format!("selected={}", portal.membership(persona)));
    page.open(&acme(&format!("/people/remove?{}", oneself_and_owner.join("&"))), "Remove user");
    assert!(page.profile.shows("These cannot be removed"));
    page.open(&acme(&format!("/people/remove?selected={}", portal.membership(Persona::Reader))), "Remove user");
    page.profile.press("Remove user");
    page.profile.sees("Rita Tester was removed.");
    page.inspect("User Management");
    page.finish();
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_about_another_owner_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme(&format!("/people/{}", portal.membership(Persona::Editor))), "Edith Tester");
    page.profile.press("Transfer ownership to Edith Tester");
    page.inspect("Transfer ownership");
    page.profile.fill("E-mail address of the member", "nobody@example.com");
    page.profile.press("Offer ownership");
    page.profile.sees("Nobody with this address is in Acme.");
    page.inspect("Transfer ownership");
    page.profile.fill("E-mail address of the member", &Persona::Editor.email());
    page.profile.press("Offer ownership");
    page.profile.sees("An offer is open");
    page.inspect("Transfer ownership");
    page.finish();

    let mut page = Inspector::signed_in(&portal, Persona::Editor);
    page.open("/home", "Home");
    page.profile.press("Look at the offer");
    page.inspect("Become Owner");
    page.profile.press("Accept");
    page.profile.sees("You are now Owner of Acme.");
    page.open(&portal.link_to(&Persona::Editor.email()), "This offer is not open any more");
    page.finish();
}
