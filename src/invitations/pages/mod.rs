//! The pages of invitations.

mod lead_on;
pub mod link;
mod page;
pub mod sign_up;
pub mod waiting;
