//! The pages of invitations.

pub mod block;
pub mod decline;
mod lead_on;
pub mod link;
pub mod logo;
mod page;
pub mod sign_up;
pub mod waiting;
