//! `/account/security`: what somebody has to sign in with, and where they are signed in.

pub mod email;
pub mod events;
pub mod new_passkey;
pub mod overview;
pub mod passkeys;
pub mod password;
pub mod sessions;

/// Where all of it is shown.
const PATH: &str = "/account/security";
const PASSKEYS: &str = "/account/security/passkeys";
/// All of what happened.
const EVENTS: &str = "/account/security/events";
