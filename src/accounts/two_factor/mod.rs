//! Two-factor authentication: after the right password, a code of the holder's authenticator app, or a passkey of theirs
//! ([`passkeys::second_step`](crate::accounts::passkeys::second_step)).
//!
//! * `users.two_factor_at` says since when an account asks for a second step. While it does, its password begins no session, wherever it
//!   was given: it opens a sign-in that waits for its second step ([`second_step`]), for ten minutes.
//!   It is on with an app, with passkeys, or with both, and ends with the last of them.
//! * An app is set up by whoever gives a first code, so that nobody is shut out by a picture that was never read. What app and portal
//!   share is sealed, bound to the account, and sealed anew after a change of the key ([`Reseal`]).
//! * A code is good for the half minute that it is of and the ones before and after it, and is taken once: none is taken that is as old as
//!   the last one, or older.
//! * Ten recovery codes stand in for what is lost. They are shown once, each is taken once, and new ones replace all of them.
//! * Wrong codes are counted for the account; in a browser that the holder has signed in with before, for that browser alone. A new
//!   password by a mailed link forgets them: so whoever has a stolen password shuts nobody out for good.

mod app;
mod changes;
mod generator;
mod recovery_codes;
mod reseal;
pub mod second_step;
mod set_up;

pub use app::{AddApp, RemoveApp, add_app, remove_app};
pub use changes::{TurnOn, end_without_way, new_codes, remove, remove_since, tell, turn_off, turn_on};
pub use generator::{Generator, QrCode};
pub use recovery_codes::{COUNT, own as own_recovery_codes};
pub use reseal::Reseal;
pub use set_up::SetUp;
