//! Lessons: what went wrong in other portals of this kind, each with a test that says it does not go wrong here. The numbers
//! are the rows of the table of known vulnerabilities that this project keeps; the name of the advisory is with each test.
//!
//! Rows that have nothing to act on yet, because there is no such feature:
//! * 7 (an address that an identity provider did not verify): there is no single sign-on; what the row says of addresses and
//!   accounts in general is in `lesson_07`.
//! * 18 (scopes of API keys over one authentication scheme but not the other): there are no API keys; that no scheme but the
//!   cookie is a way in is in `lesson_18`.

mod accounts;
mod invitations;
mod organizations;
mod personal;
mod requests;
use portico::access::Role;
use portico::guard::Guard;
use portico::routes::{self, RouteInfo};

use crate::support::{self, Answer, Browser, Persona, Portal};

/// A password that nobody here has.
pub const NEW_PASSWORD: &str = "seven lanterns by the sea";

/// The routes below an Organization.
pub fn organization_routes() -> Vec<RouteInfo> {
    let is_below = |route: &RouteInfo| matches!(route.guard, Guard::Organization(_));
    routes::table(true, true).list().into_iter().filter(is_below).collect()
}

/// Sends what a route takes: a form, or an upload where it takes one.
pub fn send(browser: &Browser, route: &RouteInfo, path: &str, fields: &[(&str, &str)]) -> Answer {
    if route.method == "GET" {
        browser.get(path)
    } else if route.path.ends_with("/invite") || route.path.ends_with("/logo") || route.path.ends_with("/picture") {
        browser.upload(path, fields, &[])
    } else {
        browser.post(path, fields)
    }
}

/// Invites an address to [`SLUG`] as the Owner, and answers the secret of the link.
pub fn invite(portal: &Portal, email: &str, role: Role) -> String {
    portal.later(chrono::Duration::seconds(1));
    let answer = support::invite(&portal.signed_in(Persona::Owner), email, role);
    assert_eq!(answer.status, 303, "{}", answer.text());
    portal.link_to(&email.to_lowercase()).replace("/invitations/", "")
}

/// The fields with which an invited person without an account signs up.
pub const NEW_PERSON: [(&str, &str); 5] = [
    ("first_name", "Ines"),
    ("last_name", "Invited"),
    ("password", NEW_PASSWORD),
    ("country", "CH"),
    ("terms", "true"),
];
