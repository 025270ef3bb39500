//! What people say of themselves, and how they want the portal to be.

mod details;
mod picture;
mod preferences;
mod zones;
