//! The pages about the people of an Organization.

pub mod change_roles;
pub mod entry;
pub mod export;
mod filter;
pub mod invitation;
pub mod invite;
mod invite_lines;
mod invite_preview;
mod invite_results;
mod invite_send;
pub mod leave;
pub mod list;
pub mod ownership;
pub mod ownership_answer;
pub mod person;
pub mod remove;
pub mod resend;
mod selection;
pub mod sent;
pub mod undo;
pub mod without_two_factor;
