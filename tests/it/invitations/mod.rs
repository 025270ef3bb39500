//! Invitations: sending, the link, accepting, declining.

mod accepting;
mod blocking;
mod home;
mod inviter;
mod lifetime;
mod links;
mod own_page;
mod sending;
mod signing_up;
use portico::access::Role;

use crate::support::{Persona, Portal, invite};

/// Who is invited in these tests, and has no account until a test gives them one.
const INVITED: &str = "ines@example.com";

/// The path of the link in the newest invitation to an address.
fn link(portal: &Portal, email: &str) -> String {
    let path = portal.link_to(email);
    assert!(path.starts_with("/invitations/"), "{path}");
    path
}

/// Invites [`INVITED`], who has an account, as `role`, and answers the path of the link.
fn invited(portal: &Portal, by: Persona, role: Role) -> String {
    portal.add_user(INVITED);
    assert_eq!(invite(&portal.signed_in(by), INVITED, role).status, 303);
    link(portal, INVITED)
}
