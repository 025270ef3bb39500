//! Organizations: creating, the dashboard, settings, the logo, leaving.

mod completing;
mod creating;
mod dashboard;
pub mod domains;
mod errors;
mod leaving;
mod logo;
mod many;
mod policies;
mod session_length;
mod settings;
mod two_factor;
