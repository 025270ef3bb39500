//! Two-factor authentication: after the right password, a code of the holder's authenticator app.
//!
//! * `users.two_factor_at` says since when an account asks for a second step. While it does, its password begins no session, wherever it
//!   was given: it opens a sign-in that waits for its second step ([`second_step`]), for ten minutes.
//! * An app is set up by whoever knows the password and gives a first code, so that nobody is shut out by a picture that was never read.
//!   What app and portal share is sealed, and bound to the account.
//! * A code is good for the half minute that it is of and the ones before and after it, and is taken once: none is taken that is as old as
//!   the last one, or older.
//! * Ten recovery codes stand in for an app that is lost. They are shown once, each is taken once, and new ones replace all of them.
//! * Wrong codes are counted for the account; in a browser that the holder has signed in with before, for that browser alone. A new
//!   password by a mailed link forgets them: so whoever has a stolen password shuts nobody out for good.

mod changes;
mod generator;
mod recovery_codes;
pub mod second_step;
mod set_up;

pub use changes::{TurnOn, new_codes, remove, remove_since, turn_off, turn_on};
pub use generator::{Generator, QrCode};
pub use recovery_codes::{COUNT, own as own_recovery_codes};
pub use set_up::SetUp;

use crate::accounts::ways_in;
use crate::db::{Connection, DbError};
use crate::ids::UserId;
use crate::time::Timestamp;

/// What its holder sees of it while it is on.
#[derive(Clone, Debug)]
pub struct State {
    pub since: Timestamp,
    /// How many recovery codes were not used.
    pub codes_left: i64,
}

/// `None` while it is off.
pub fn state(connection: &mut Connection, user: &UserId) -> Result<Option<State>, DbError> {
    Ok(ways_in::of_user(connection, user)?.two_factor)
}
