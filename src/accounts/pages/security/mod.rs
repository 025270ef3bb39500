//! `/account/security`: what somebody has to sign in with, and where they are signed in.

pub mod authenticator_app;
pub mod email;
pub mod events;
pub mod new_passkey;
pub mod overview;
pub mod passkeys;
pub mod password;
pub mod recovery_codes;
pub mod sessions;
mod shown_codes;
pub mod two_factor;

/// Where all of it is shown.
const PATH: &str = "/account/security";
const PASSKEYS: &str = "/account/security/passkeys";
const TWO_FACTOR: &str = "/account/security/two-factor";
/// All of what happened.
const EVENTS: &str = "/account/security/events";
