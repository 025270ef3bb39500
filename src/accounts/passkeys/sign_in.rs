//! Signing in by a passkey alone, with the same end as by a password.

use super::{Answer, Proof, Proven, RelyingParty, prove};
use crate::accounts::sessions::{self, Browser, Started};
use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::limits::TooOften;

pub enum SignIn {
    SignedIn(Started),
    /// An operator keeps this person out. Only who has the passkey is told.
    Suspended,
    /// The question is too old, or was answered before.
    Outdated,
    /// Nobody's passkey.
    Wrong,
    /// There is a copy of the passkey of this account.
    Copied(UserId),
    TooOften(TooOften),
}

pub fn sign_in(tx: &mut WriteTx, party: &RelyingParty, answer: &Answer, browser: &Browser) -> Result<SignIn, DbError> {
    Ok(match prove(tx, party, answer, &browser.ip)? {
        Proof::Proven(Proven { is_suspended: true, .. }) => SignIn::Suspended,
        Proof::Proven(Proven { user, .. }) => SignIn::SignedIn(sessions::start(tx, &user, browser)?),
        Proof::Outdated => SignIn::Outdated,
        Proof::Wrong => SignIn::Wrong,
        Proof::Copied(user) => SignIn::Copied(user),
        Proof::TooOften(too_often) => SignIn::TooOften(too_often),
    })
}
