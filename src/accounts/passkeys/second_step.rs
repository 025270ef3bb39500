//! A passkey as the second step, after the password. Only those of the account are asked for, and the question is one for this sign-in
//! alone. Nobody guesses passkeys, so they are taken where wrong codes have used their tries up.

use super::{Answer, Proof, Refusal, RelyingParty, Whose, prove};
use crate::accounts::sessions::{Browser, Started};
use crate::accounts::two_factor::second_step::{Destination, Pending, complete, find, find_locked};
use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::secrets::Secret;

pub enum SecondStep {
    SignedIn(Started, Destination),
    Refused(UserId, Refusal),
    /// It waits no longer: too late, done before, or the password was changed meanwhile.
    Gone,
}

/// Of whom the passkey must be, and what it opens.
pub fn whose(pending: &Pending) -> Whose<'_> {
    Whose::Holder { user: &pending.user_id, opens: pending.id.as_str() }
}

/// Takes the second step.
pub fn second_step(
    tx: &mut WriteTx,
    party: &RelyingParty,
    secret: &Secret,
    answer: &Answer,
    browser: &Browser,
) -> Result<SecondStep, DbError> {
    let Some(seen) = find(tx.connection, secret, tx.now)? else { return Ok(SecondStep::Gone) };
    if let Proof::Refused(refusal) = prove(tx, party, whose(&seen), answer, &browser.ip)? {
        return Ok(SecondStep::Refused(seen.user_id, refusal));
    }
    let Some(pending) = find_locked(tx, secret)? else { return Ok(SecondStep::Gone) };
    complete(tx, &pending, browser).map(|started| SecondStep::SignedIn(started, pending.destination))
}
