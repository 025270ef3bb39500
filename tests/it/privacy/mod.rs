//! What people decide about what is kept of them, and used.

mod consents;
mod deletion;
mod erasing;
mod exports;
mod tables;
