//! The pages of credits.

mod chart;
pub mod export;
mod filter;
pub mod history;
pub mod top_up;
