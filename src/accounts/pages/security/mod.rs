//! `/account/security`: what somebody has to sign in with, and where they are signed in.

pub mod email;
pub mod events;
pub mod overview;
pub mod password;
pub mod sessions;

/// Where all of it is shown.
const PATH: &str = "/account/security";
/// All of what happened.
const EVENTS: &str = "/account/security/events";
