//! Personal accounts: signing up, confirming the address, signing in and out, and choosing a new password.
//!
//! * An account exists once its address is confirmed; until then there is only a sign-up. So the address of every user is
//!   verified, and nobody can hold an address that is not theirs.
//! * A sign-up is confirmed by somebody who has the mail *and* is the one who signed up: the same browser, or the password
//!   chosen there. Otherwise a stranger could sign up with your address and wait for you to click.
//! * Sign-in, sign-up and reset never tell whether an address has an account, neither by words nor by time.
//! * Choosing a new password ends every session: by a link, all of them; while signed in, that browser gets another one.
//! * Another address counts once the link that was mailed there is used by whoever is signed in ([`email_changes`]).
//! * Whoever wants their account deleted confirms it by a mailed link, and can keep it for seven days more ([`deletions`]).
//! * Whoever signs in with a browser that was not seen before is told by mail, with a way to undo it ([`not_me`]).
//! * A passkey signs in by itself, since the device has verified who uses it ([`passkeys`]).
//! * Where a second factor is set up, the password leads to a second step, and to no session before that ([`two_factor`]).
//! * Nobody is locked out of a browser that they have signed in with before, whatever strangers try ([`known_browser`]). An account
//!   has so many sessions at most; with one more, the oldest ends.

pub mod deletions;
pub mod email_changes;
pub mod kept_forms;
pub mod known_browser;
pub mod mail;
pub mod not_me;
pub mod pages;
pub mod passkeys;
pub mod password;
pub mod password_change;
pub mod pending_sign_ins;
pub mod resets;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_notices;
pub mod sign_ups;
pub mod two_factor;
mod user_agent;
pub mod users;
pub mod ways_in;
