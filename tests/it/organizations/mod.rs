//! Organizations: creating, the dashboard, settings, the logo, leaving.

mod completing;
mod creating;
mod dashboard;
mod domains;
mod errors;
mod leaving;
mod logo;
mod many;
mod policies;
mod settings;
