//! Licences of an Organization: seats, access, cancelling, what leaving takes along, and the pages about them.

mod access;
mod cancelling;
mod changing;
mod issuing;
mod leaving;
mod list;
mod operator;
mod pages;
mod races;
mod roles;
mod seats;

use portico::ids::LicenceId;

use crate::support::acme;

/// The address of a licence of the personas' Organization.
fn page_of(licence: &LicenceId, below: &str) -> String {
    acme(&format!("/plans/{licence}{below}"))
}
