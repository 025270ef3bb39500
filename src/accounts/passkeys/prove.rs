//! Who somebody is, by a passkey.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde_json::{Value, json};
use webauthn_rs::prelude::{Passkey, PublicKeyCredential, WebauthnError};

use super::{Answer, RelyingParty, answers};
use crate::access::Person;
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{PasskeyId, UserId};
use crate::limits::TooOften;
use crate::network::network_of;
use crate::rates::Limit;
use crate::schema::{passkeys, users as user_rows};
use crate::time::Timestamp;

/// Whose passkeys are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    Anybody,
    /// Those of one account. The answer counts for what it opens alone: a sign-in that waits, a session.
    Holder {
        user: &'a UserId,
        opens: &'a str,
    },
}

impl Whose<'_> {
    /// What a question is bound to.
    pub(super) fn opens(&self) -> &str {
        match self {
            Self::Anybody => "",
            Self::Holder { opens, .. } => opens,
        }
    }

    fn is_of(&self, other: &UserId) -> bool {
        match self {
            Self::Anybody => true,
            Self::Holder { user, .. } => *user == other,
        }
    }
}

/// Somebody whose passkey was right.
#[derive(Clone, Debug)]
pub(super) struct Proven {
    pub user: UserId,
    /// An operator keeps this person out.
    pub is_suspended: bool,
}

#[derive(Debug)]
pub(super) enum Proof {
    Proven(Proven),
    Refused(Refusal),
}

/// Why a passkey is not taken.
#[derive(Debug)]
pub enum Refusal {
    /// The question is too old, was answered before, or was asked for something else.
    Outdated,
    /// The answer is none to the question, or the passkey is nobody's, or not of whom it must be.
    Wrong,
    /// The passkey of this account was used more often than it says: there is a copy of it.
    Copied(UserId),
    TooOften(TooOften),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = passkeys)]
struct Stored {
    id: PasskeyId,
    user_id: UserId,
    credential: String,
    name: String,
    #[diesel(select_expression = user_rows::email)]
    email: String,
    #[diesel(select_expression = user_rows::first_name)]
    first_name: String,
    #[diesel(select_expression = user_rows::last_name)]
    last_name: String,
    #[diesel(select_expression = user_rows::suspended_at)]
    suspended_at: Option<Timestamp>,
}

fn stored(connection: &mut Connection, credential_id: &str) -> Result<Option<Stored>, DbError> {
    let one = passkeys::table.inner_join(user_rows::table).filter(passkeys::credential_id.eq(credential_id));
    Ok(one.select(Stored::as_select()).first(connection).optional()?)
}

/// Checks an answer. What is refused counts for the network that it comes from.
pub(super) fn prove(
    tx: &mut WriteTx,
    party: &RelyingParty,
    whose: Whose<'_>,
    answer: &Answer,
    ip: &str,
) -> Result<Proof, DbError> {
    const OUTDATED: Proof = Proof::Refused(Refusal::Outdated);
    const WRONG: Proof = Proof::Refused(Refusal::Wrong);
    let network = network_of(ip);
    if let Some(too_often) = tx.take(Limit::PasskeyNetwork, &network)?.refusal() {
        return Ok(Proof::Refused(Refusal::TooOften(too_often)));
    }
    let Some(asked) = party.used(&tx.context.sealer, whose, answer, tx.now) else { return Ok(OUTDATED) };
    if !answers::take(tx, &asked.id)? {
        return Ok(OUTDATED);
    }
    let Ok(answered) = serde_json::from_str::<PublicKeyCredential>(&answer.answer) else { return Ok(WRONG) };
    let credential_id = URL_SAFE_NO_PAD.encode(answered.get_credential_id());
    let seen = stored(tx.connection, &credential_id)?.filter(|seen| whose.is_of(&seen.user_id));
    let Some(seen) = seen else { return Ok(WRONG) };
    users::lock(tx, &seen.user_id)?;
    let Some(found) = stored(tx.connection, &credential_id)? else { return Ok(WRONG) };
    let user = found.user_id.clone();
    // Where passkeys were named, a device may leave out whose it is.
    let is_theirs = match answered.get_user_unique_id() {
        Some(handle) => handle == user.uuid().as_bytes(),
        None => matches!(whose, Whose::Holder { .. }),
    };
    if !is_theirs {
        return Ok(WRONG);
    }
    let Ok(mut passkey) = serde_json::from_str::<Passkey>(&found.credential) else { return Ok(WRONG) };
    match party.check(asked.state, &answered, &mut passkey) {
        Ok(()) => {}
        Err(WebauthnError::CredentialPossibleCompromise) => {
            note_copy(tx, found, ip)?;
            return Ok(Proof::Refused(Refusal::Copied(user)));
        }
        Err(_) => return Ok(WRONG),
    }
    tx.give_back(Limit::PasskeyNetwork, &network, 1)?;
    let credential = serde_json::to_string(&passkey).expect("a passkey is plain data");
    diesel::update(passkeys::table.filter(passkeys::id.eq(&found.id)))
        .set((passkeys::credential.eq(credential), passkeys::last_used_at.eq(Some(tx.now))))
        .execute(tx.connection)?;
    Ok(Proof::Proven(Proven { user, is_suspended: found.suspended_at.is_some() }))
}

fn note_copy(tx: &mut WriteTx, found: Stored, ip: &str) -> Result<(), DbError> {
    let Stored { user_id, email, first_name, last_name, name, .. } = found;
    let holder = Person { user_id, email, first_name, last_name, ip: ip.to_owned() };
    users::record_change(tx, &holder, Action::PasskeyCopied, json!({ "name": name }), Value::Null)
}
