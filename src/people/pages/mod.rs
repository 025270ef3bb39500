//! The pages about the people of an Organization.

pub mod entry;
pub mod export;
pub mod invitation;
pub mod invite;
mod invite_lines;
mod invite_preview;
mod invite_results;
mod invite_send;
pub mod leave;
pub mod list;
pub mod person;
pub mod remove;
pub mod sent;
