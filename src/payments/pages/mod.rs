//! The pages of payments, a file each.

pub mod sandbox;
