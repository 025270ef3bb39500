//! The pages about the licences of an Organization.

pub mod access;
mod automatic;
pub mod cancel;
mod change;
pub mod change_plan;
pub mod change_seats;
pub mod extend;
pub mod keep;
pub mod licence;
pub mod plans;
pub mod seats;
pub mod view;
