//! The page of the log, and the words in which pages of other nouns show rows of it.

pub mod export;
mod filter;
pub mod log;
pub mod words;
