//! What was done, as people read it: the log of an Organization, and what happened to somebody's own account. Written by
//! [`audit`](crate::audit), in the transaction of each change; nothing here changes it.

mod entry;
pub mod listing;
pub mod pages;

pub use entry::{Entry, Fields};
