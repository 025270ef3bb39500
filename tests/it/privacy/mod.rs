//! What people decide about what is kept of them, and used.

mod consents;
mod exports;
mod tables;
