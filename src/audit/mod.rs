//! Activity: every change to people, roles, settings, licences and credits writes a row in the transaction that makes it. Names and roles are
//! copied, so that a row says the same when its people have changed or gone. Only the name of somebody whose account is deleted goes from it.
//!
//! What can be done stands in one table ([`Action`]): the key that is stored, what it belongs to and its words.

mod action;
mod record;
pub mod words;

pub use action::{Action, Topic};
pub use record::{By, Change};
