//! The pages of invitations.

pub mod block;
mod lead_on;
pub mod link;
mod page;
pub mod sign_up;
pub mod waiting;
