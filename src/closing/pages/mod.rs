//! The page of closing.

pub mod close;
