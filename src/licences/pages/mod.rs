//! The pages about the licences of an Organization.

pub mod access;
mod automatic;
pub mod cancel;
pub mod licence;
pub mod plans;
pub mod seats;
pub mod view;
