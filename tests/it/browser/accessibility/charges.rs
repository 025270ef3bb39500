//! What is charged while nobody is there: auto top-up in its states, and the next charge of a licence.

use chrono::Duration;
use portico::licences::terms::Term;

use super::axe::Inspector;
use crate::renewals::{Desk, sold};
use crate::support::{Persona, Portal, acme, till::Say};
use crate::top_up::{choice, switched_on};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_about_charges_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme("/credits/top-up"), "Auto top-up");
    assert!(page.profile.shows("Not offered yet"));
    page.finish();
    let desk = switched_on(&portal);
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme("/credits/top-up"), "Auto top-up");
    assert!(page.profile.shows("Switch off"));
    desk.till.says(&[Say::Decline("insufficient funds"), Say::Pay]);
    portal.spend(110, "job-1");
    desk.work();
    page.open(&acme("/credits/top-up"), "Auto top-up");
    assert!(page.profile.shows("Waiting"));
    page.profile.press("Save");
    page.profile.sees("Nothing was changed.");
    page.inspect("Auto top-up");
    portal.switch_on(&choice(50, 1_000_000_000_000));
    desk.work();
    page.open(&acme("/credits/top-up"), "Auto top-up");
    page.open(&acme("/credits"), "Credit History");
    page.finish();
    failed_renewal(&desk);
}

fn failed_renewal(desk: &Desk<'_>) {
    let licence = desk.portal.licence_of(&sold(Term::Monthly));
    let mut page = Inspector::signed_in(desk.portal, Persona::Owner);
    let address = acme(&format!("/plans/{licence}"));
    page.open(&address, "Mapper");
    assert!(page.profile.shows("Automatic renewal"));
    page.finish();
    desk.till.usually(Say::Decline("insufficient funds"));
    desk.portal.later(Duration::days(26));
    desk.work();
    let mut page = Inspector::signed_in(desk.portal, Persona::Owner);
    page.open(&address, "Mapper");
    assert!(page.profile.shows("The bank declined the last charge."));
    desk.portal.forget_method();
    page.open(&address, "Mapper");
    assert!(page.profile.shows("Add a payment method"));
    page.open(&acme("/plans"), "Plans and License");
    page.finish();
}
