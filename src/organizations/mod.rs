//! Organizations: creating one, its dashboard and settings.
//!
//! * Its creator is its first Owner. An Organization has at least one Owner, always: see [`crate::people::owners`].
//! * Its slug is made from its name once and never changes or is given to another.
//! * Settings carry a version: who saves over somebody else's change is told, and nothing is overwritten unseen.

pub mod create;
pub mod details;
pub mod listing;
pub mod logo;
pub mod organization;
pub mod pages;
pub mod policies;
pub mod set_owner;
pub mod settings;
mod slugs;
