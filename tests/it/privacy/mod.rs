//! What people decide about what is kept of them, and used.

mod consents;
