//! Every page in its main states: light and dark, on a phone and on a desk, without a fault that axe-core finds, without scrolling
//! sideways, and without a complaint of the browser.

mod accounts;
mod axe;
mod organizations;
mod people;
use crate::support::{Persona, Portal, SLUG};

/// Long enough to be wider than a phone, if nothing breaks it.
const LONG_EMAIL: &str = "maximiliane.von.und.zu.hohenstein@surveying-department.example.com";

fn in_acme(below: &str) -> String {
    format!("/organizations/{SLUG}{below}")
}

fn invite(portal: &Portal, inviter: Persona, slug: &str, emails: &str, role: &str) {
    let fields = [("emails", emails), ("role", role)];
    let answer = portal.signed_in(inviter).upload(&format!("/organizations/{slug}/people/invite"), &fields, &[]);
    assert!([200, 303].contains(&answer.status), "{}", answer.text());
}

fn forget(portal: &Portal, email: &str) -> String {
    assert_eq!(portal.browser().post("/forgot-password", &[("email", email)]).status, 200);
    portal.link_to(email)
}
