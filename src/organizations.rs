//! Organizations: creating one, its dashboard and settings, leaving it.
//!
//! * Its creator is its first Owner. An Organization has at least one Owner, always: [`owners`] guards that.
//! * Its slug is made from its name once and never changes or is given to another.
//! * Settings carry a version: who saves over somebody else's change is told, and nothing is overwritten unseen.

pub mod dashboard;
pub mod leave;
pub mod logo;
pub mod model;
pub mod new;
pub mod owners;
pub mod settings;
pub mod view;

pub use logo::logo_address;
