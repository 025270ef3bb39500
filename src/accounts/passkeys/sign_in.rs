//! Signing in by a passkey alone, with the same end as by a password.

use super::{Answer, Proof, Proven, Refusal, RelyingParty, Whose, prove};
use crate::accounts::sessions::{self, Browser, Started};
use crate::db::{DbError, WriteTx};

pub enum SignIn {
    SignedIn(Started),
    /// An operator keeps this person out. Only who has the passkey is told.
    Suspended,
    Refused(Refusal),
}

pub fn sign_in(tx: &mut WriteTx, party: &RelyingParty, answer: &Answer, browser: &Browser) -> Result<SignIn, DbError> {
    Ok(match prove(tx, party, Whose::Anybody, answer, &browser.ip)? {
        Proof::Proven(Proven { is_suspended: true, .. }) => SignIn::Suspended,
        Proof::Proven(Proven { user, .. }) => SignIn::SignedIn(sessions::start(tx, &user, browser)?),
        Proof::Refused(refusal) => SignIn::Refused(refusal),
    })
}
