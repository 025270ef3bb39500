//! Adding a passkey, naming it, and removing it. The holder is told of all that lets somebody in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{Answer, RelyingParty, answers, count, find};
use crate::access::Person;
use crate::accounts::mail::PasskeyChanged;
use crate::accounts::{two_factor, users};
use crate::audit::Action;
use crate::db::{DbError, WriteTx, is_unique};
use crate::ids::{PasskeyId, UserId};
use crate::limits::TooOften;
use crate::rates::Limit;
use crate::schema::passkeys;
use crate::time::Timestamp;

/// How many an account has at most.
pub const MOST: i64 = 20;

#[derive(Debug)]
pub enum Add {
    Added,
    /// The question is too old, was answered before, or was not asked of this account.
    Outdated,
    /// The answer is none to the question.
    Refused,
    /// An account has it already.
    Known,
    /// The account has [`MOST`] already.
    TooMany,
    TooOften(TooOften),
}

#[derive(Insertable)]
#[diesel(table_name = passkeys)]
struct Row<'a> {
    id: PasskeyId,
    user_id: &'a UserId,
    credential_id: String,
    credential: String,
    name: &'a str,
    created_at: Timestamp,
}

/// Adds what the browser has made.
pub fn add(
    tx: &mut WriteTx,
    party: &RelyingParty,
    person: &Person,
    answer: &Answer,
    name: &str,
) -> Result<Add, DbError> {
    let user = &person.user_id;
    if let Some(too_often) = tx.take(Limit::PasskeysAdded, user.as_str())?.refusal() {
        return Ok(Add::TooOften(too_often));
    }
    if !users::lock_active(tx, user)? {
        return Ok(Add::Refused);
    }
    let Some(asked) = party.made(&tx.context.sealer, person, answer, tx.now) else { return Ok(Add::Outdated) };
    if !answers::take(tx, &asked.id)? {
        return Ok(Add::Outdated);
    }
    let Some(passkey) = party.passkey(&asked.state, &answer.answer) else { return Ok(Add::Refused) };
    if count(tx.connection, user)? >= MOST {
        return Ok(Add::TooMany);
    }
    let row = Row {
        id: PasskeyId::new(tx.now),
        user_id: user,
        credential_id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
        credential: serde_json::to_string(&passkey).expect("a passkey is plain data"),
        name,
        created_at: tx.now,
    };
    let inserted = tx.savepoint(|connection| diesel::insert_into(passkeys::table).values(row).execute(connection));
    match inserted {
        Ok(_) => {}
        Err(error) if is_unique(&error, "passkeys_credential_id", "passkeys.credential_id") => return Ok(Add::Known),
        Err(error) => return Err(error.into()),
    }
    users::record_change(tx, person, Action::PasskeyAdded, Value::Null, named(name))?;
    tell(tx, person, name, true)?;
    Ok(Add::Added)
}

/// Gives it another name. False where there is no such passkey.
pub fn rename(tx: &mut WriteTx, person: &Person, id: &PasskeyId, name: &str) -> Result<bool, DbError> {
    users::lock(tx, &person.user_id)?;
    let Some(before) = find(tx.connection, &person.user_id, id)? else { return Ok(false) };
    if before.name != name {
        diesel::update(passkeys::table.filter(passkeys::id.eq(id)))
            .set(passkeys::name.eq(name))
            .execute(tx.connection)?;
        users::record_change(tx, person, Action::PasskeyRenamed, named(&before.name), named(name))?;
    }
    Ok(true)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remove {
    Removed,
    /// And two-factor authentication is off, since there is nothing else to take the second step with.
    TurnedOff,
    /// There is no such passkey.
    None,
}

/// Removes it.
pub fn remove(tx: &mut WriteTx, person: &Person, id: &PasskeyId) -> Result<Remove, DbError> {
    users::lock(tx, &person.user_id)?;
    let Some(before) = find(tx.connection, &person.user_id, id)? else { return Ok(Remove::None) };
    diesel::delete(passkeys::table.filter(passkeys::id.eq(id))).execute(tx.connection)?;
    users::record_change(tx, person, Action::PasskeyRemoved, named(&before.name), Value::Null)?;
    tell(tx, person, &before.name, false)?;
    Ok(if two_factor::end_without_way(tx, person)? { Remove::TurnedOff } else { Remove::Removed })
}

/// Removes all of a locked account, and answers how many there were.
pub fn remove_all(tx: &mut WriteTx, user: &UserId) -> Result<usize, DbError> {
    Ok(diesel::delete(passkeys::table.filter(passkeys::user_id.eq(user))).execute(tx.connection)?)
}

/// Removes those that were added from a moment on: whoever did was somebody else.
pub fn remove_since(tx: &mut WriteTx, user: &UserId, since: Timestamp) -> Result<(), DbError> {
    let theirs = passkeys::table.filter(passkeys::user_id.eq(user));
    diesel::delete(theirs.filter(passkeys::created_at.ge(since))).execute(tx.connection)?;
    Ok(())
}

fn named(name: &str) -> Value {
    json!({ "name": name })
}

fn tell(tx: &mut WriteTx, person: &Person, name: &str, was_added: bool) -> Result<(), DbError> {
    let mail = PasskeyChanged {
        first_name: person.first_name.clone(),
        name: name.to_owned(),
        was_added,
        at: tx.now,
        ip: person.ip.clone(),
        security_link: tx.context.links.to("/account/security"),
    };
    tx.send(&person.email, &mail).map(drop)
}
