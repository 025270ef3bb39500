//! The pages of what people decide about what is kept of them.

pub mod choices;
pub mod deletion;
pub mod export;
pub mod privacy;

/// Where all of it is shown.
const PATH: &str = "/account/privacy";
