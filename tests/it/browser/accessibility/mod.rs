//! Every page in its main states: light and dark, on a phone and on a desk, without a fault that axe-core finds, without scrolling
//! sideways, and without a complaint of the browser.

mod accounts;
mod activity;
mod axe;
mod changes;
mod charges;
mod credits;
mod invoices;
mod licences;
mod notifications;
mod orders;
mod organizations;
mod passkeys;
mod payments;
mod people;
mod policies;
mod preferences;
mod privacy;
mod security;
mod shop;

use portico::access::Role;

use crate::support::{Persona, Portal, invite_to};

/// Long enough to be wider than a phone, if nothing breaks it.
const LONG_EMAIL: &str = "maximiliane.von.und.zu.hohenstein@surveying-department.example.com";

fn invite(portal: &Portal, inviter: Persona, organization: &str, emails: &str, role: Role) {
    let answer = invite_to(&portal.signed_in(inviter), organization, emails, role);
    assert!([200, 303].contains(&answer.status), "{}", answer.text());
}

fn forget(portal: &Portal, email: &str) -> String {
    assert_eq!(portal.browser().post("/forgot-password", &[("email", email)]).status, 200);
    portal.link_to(email)
}
