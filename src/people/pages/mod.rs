//! The pages about the people of an Organization.

pub mod change_roles;
pub mod export;
mod filter;
pub mod invitation;
pub mod invite;
mod invite_lines;
pub mod leave;
pub mod list;
pub mod person;
pub mod remove;
pub mod resend;
mod selection;
pub mod undo;
