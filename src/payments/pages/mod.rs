//! The pages of payments, a file each.

pub mod customer;
pub mod hook;
pub mod method;
pub mod method_page;
pub mod sandbox;
