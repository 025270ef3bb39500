//! The page of the log, and the words in which pages of other nouns show rows of it.

pub mod words;
