//! Home, the Organization, and the pages that say no.

use std::io::Write;

use portico::access::Role;

use super::axe::Inspector;
use super::{LONG_EMAIL, forget, invite};
use crate::support::{PASSWORD, Persona, Portal, acme};

fn picture() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(64, 64, image::Rgb([20, 120, 90]))
        .write_to(&mut file, image::ImageFormat::Png)
        .expect("a picture");
    file.into_inner()
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn home_and_the_form_for_a_new_organization_are_accessible() {
    let portal = Portal::on_sqlite();
    portal.add_user(LONG_EMAIL);
    let mut page = Inspector::new(&portal);
    page.profile.open_page("/sign-in");
    page.profile.fill("E-mail address", LONG_EMAIL);
    page.profile.fill("Password", PASSWORD);
    page.profile.press("Sign in");
    page.inspect("Home");
    assert!(page.profile.shows("You are not in an Organization yet"));

    page.open("/organizations/new", "New organization");
    page.profile.press("Create organization");
    page.profile.sees("Enter the legal name of the business.");
    page.inspect("New organization");
    let name = "Donaudampfschifffahrtsgesellschaftskapitaene";
    page.profile.tick("Individual");
    page.profile.fill("Organization name", name);
    page.inspect("New organization");
    page.profile.press("Create organization");
    page.inspect("Dashboard");
    invite(&portal, Persona::Owner, &acme(""), LONG_EMAIL, Role::Manager);
    invite(&portal, Persona::Outsider, "/organizations/elsewhere", LONG_EMAIL, Role::Reader);
    page.open("/home", "Home");
    assert!(page.profile.shows("Invitations") && page.profile.shows(name));

    // The menus of the header, open.
    page.profile.press("Organizations");
    page.inspect("Home");
    page.profile.script("document.activeElement.blur()", &[]);
    page.profile.open_page("/home");
    page.profile.press(&format!("Account menu: {} Tester", LONG_EMAIL.split('@').next().unwrap_or_default()));
    page.inspect("Home");
    page.finish();
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_of_the_organization_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme(""), "Dashboard");
    assert!(page.profile.shows("Four billing details are missing."));
    page.open(&acme("/close"), "Close organization");
    page.open(&acme("/settings"), "Organization settings");
    page.profile.press("Complete details");
    page.inspect("Complete details");
    page.profile.press("Save");
    page.profile.sees("Enter the city.");
    page.inspect("Complete details");
    page.profile.press("Edit all settings instead");
    page.inspect("Edit Organization settings");
    page.profile.fill("Organization name", "");
    page.profile.fill("Website (optional)", "not an address");
    page.profile.press("Save");
    page.profile.sees("Please check what you entered");
    page.inspect("Edit Organization settings");
    let mut file = tempfile::Builder::new().suffix(".png").tempfile().expect("a file");
    file.write_all(b"not a picture").expect("the file is written");
    page.profile.type_into("Image file", file.path().to_str().expect("a path"));
    page.profile.press("Upload logo");
    page.inspect("Edit Organization settings");
    assert_eq!(page.profile.status(), 422);

    // Two people edit at once.
    page.profile.open_page(&acme("/settings/edit"));
    let complete = [
        ("version", "1"),
        ("kind", "business"),
        ("name", "Acme"),
        ("website", "https://www.a-rather-long-name-of-a-company.example.com/about/us"),
        ("industry", "surveying-mapping"),
        ("language", "de"),
        ("legal_name", "Acme AG"),
        ("postal_address", "Route de Renens 24"),
        ("zip", "1008"),
        ("city", "Prilly"),
        ("country", "CH"),
        ("tax_id", "CHE-123.456.789"),
        ("officer_name", "Dana Berg"),
        ("officer_position", "Data protection officer"),
        ("officer_phone", "+41 21 000 00 00"),
    ];
    let other = portal.signed_in(Persona::Owner);
    let version = other.get(&acme("/settings/edit")).html().value("version");
    let fields: Vec<_> = complete
        .iter()
        .map(|&(name, value)| if name == "version" { (name, version.as_str()) } else { (name, value) })
        .collect();
    let saved = other.post(&acme("/settings/edit"), &fields);
    assert_eq!(saved.status, 303, "{}", saved.text());
    page.profile.press("Save");
    page.profile.sees("Somebody else saved these settings while you were editing.");
    assert_eq!(page.profile.status(), 409);
    page.inspect("Edit Organization settings");

    assert_eq!(other.upload(&acme("/settings/logo"), &[], &[("logo", "logo.png", &picture())]).status, 303);
    page.open(&acme("/settings/edit"), "Edit Organization settings");
    assert!(page.profile.offers("Remove logo"));
    page.open(&acme("/settings"), "Organization settings");
    page.open(&acme(""), "Dashboard");
    assert!(!page.profile.shows("details are missing"));
    // With the drawer of a phone open; on a desk it is part of the page.
    page.profile.script("document.querySelector('#side-panel').showPopover()", &[]);
    page.inspect("Dashboard");
    page.open(&acme("/leave"), "Leave organization");
    assert!(page.profile.shows("You are the only Owner"));
    page.open(&format!("{}?", acme("/settings/logo")), "That does not work here");
    page.finish();
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pages_of_a_member_without_rights_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Member);
    page.open(&acme(""), "Dashboard");
    page.open(&acme("/people"), "You cannot open this page");
    assert!(page.profile.shows("Who can help"));
    page.open(&acme("/leave"), "Leave organization");
    page.open("/organizations/elsewhere", "Page not found");
    page.profile.open_page(&acme(""));
    page.profile.press("Account menu: Milo Tester");
    page.profile.press("Sign out");
    page.profile.arrives_at("Sign in");
    page.open("/nowhere", "Page not found");
    // One message too many, to somebody who has not signed in with this browser.
    for _ in 0..5 {
        forget(&portal, &Persona::Reader.email());
    }
    page.profile.open_page("/forgot-password");
    page.profile.fill("E-mail address", &Persona::Reader.email());
    page.profile.press("Send reset link");
    page.profile.sees("Too many attempts");
    assert_eq!(page.profile.status(), 429);
    page.inspect("Forgot password?");
    page.finish();
}
