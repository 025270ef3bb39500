//! The pages about orders.

pub mod bill;
pub mod checkout;
pub mod export;
pub mod filter;
pub mod incomplete;
pub mod list;
pub mod order;
pub mod packages;
pub mod pay;
mod view;
