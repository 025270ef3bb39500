//! Changing a licence: seats, plan, another term and support, each with its calculation, and what comes with the next term.

use portico::licences::terms::Term;

use super::axe::Inspector;
use crate::support::{Persona, Portal, acme};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_about_changes_of_a_licence_are_accessible() {
    let portal = Portal::on_sqlite();
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 5, 269_000);
    let perpetual = portal.bought(Term::Perpetual, 1, 469_000);
    portal.occupy(&licence, Persona::Editor);
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    let below = |part: &str| acme(&format!("/plans/{licence}{part}"));
    page.open(&below("/seats"), "Change seats");
    page.profile.fill("Seats", "0");
    page.profile.press("Continue");
    page.profile.sees("Please check what you entered");
    page.inspect("Change seats");
    page.profile.fill("Seats", "7");
    page.profile.press("Continue");
    page.profile.sees("there are 7 seats at once");
    page.inspect("Change seats");
    page.profile.press("Back");
    page.profile.fill("Seats", "3");
    page.profile.press("Continue");
    page.profile.sees("3 seats from the next term on");
    page.inspect("Change seats");
    page.profile.press("Confirm");
    page.profile.sees("3 instead of 5");
    page.inspect("Mapper");
    page.open(&below("/plan"), "Change plan");
    page.profile.press("Upgrade to Plus");
    page.profile.sees("whoever has one keeps it");
    page.inspect("Change plan");
    page.profile.press("Back");
    page.profile.press("Change to Light");
    page.profile.sees("Light from the next term on");
    page.inspect("Change plan");
    page.open(&below("/renew"), "Renew now");
    page.open(&below("/support"), "Buy Support & Upgrade");
    page.open(&acme(&format!("/plans/{perpetual}/support")), "Buy Support & Upgrade");
    page.open(&below("/cancel"), "Cancel licence");
    page.finish();
}
