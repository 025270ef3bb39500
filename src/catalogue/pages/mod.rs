//! The pages that show what is for sale.

pub mod product;
pub mod shop;
mod view;
