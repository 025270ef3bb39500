//! The page about vouchers.

pub mod redeem;
