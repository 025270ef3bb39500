//! A passkey of somebody who is signed in, as the proof that it is them.

use super::{Answer, Proof, Refusal, RelyingParty, Whose, prove};
use crate::access::SignedIn;
use crate::accounts::sessions::{self, Browser, Started};
use crate::db::{DbError, WriteTx};

pub enum Confirm {
    /// Another session goes on in place of the one that there was.
    Confirmed(Started),
    Refused(Refusal),
    /// The session has ended meanwhile.
    SignedOut,
}

/// Of whom the passkey must be, and what it opens.
pub fn whose(signed_in: &SignedIn) -> Whose<'_> {
    Whose::Holder { user: &signed_in.person.user_id, opens: signed_in.session_id.as_str() }
}

pub fn confirm(
    tx: &mut WriteTx,
    party: &RelyingParty,
    signed_in: &SignedIn,
    answer: &Answer,
    browser: &Browser,
) -> Result<Confirm, DbError> {
    if let Proof::Refused(refusal) = prove(tx, party, whose(signed_in), answer, &browser.ip)? {
        return Ok(Confirm::Refused(refusal));
    }
    Ok(sessions::renew(tx, signed_in, browser)?.map_or(Confirm::SignedOut, Confirm::Confirmed))
}
