//! Turning it on and off, and new recovery codes. The holder is told of each.

use diesel::prelude::*;
use serde_json::Value;

use super::{SetUp, recovery_codes};
use crate::access::Person;
use crate::accounts::mail::{TwoFactorChanged, TwoFactorNews};
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::schema::{authenticator_apps, memberships, users as user_rows};
use crate::time::Timestamp;

/// For what is stored of an app.
pub(super) const PURPOSE: &str = "authenticator app";

#[derive(Debug)]
pub enum TurnOn {
    /// With the recovery codes, which are told once.
    On(Vec<String>),
    /// It is on already.
    Already,
    /// The code is none of this app about now.
    Wrong,
    /// The page is too old, or somebody else's.
    Outdated,
}

#[derive(Insertable)]
#[diesel(table_name = authenticator_apps)]
struct Row<'a> {
    user_id: &'a UserId,
    sealed: Vec<u8>,
    last_step: i64,
    created_at: Timestamp,
}

/// Turns it on with an app that is set up, and whose first code this is.
pub fn turn_on(tx: &mut WriteTx, person: &Person, set_up: &str, code: &str) -> Result<TurnOn, DbError> {
    let user = &person.user_id;
    if !users::lock_active(tx, user)? {
        return Ok(TurnOn::Outdated);
    }
    if super::state(tx.connection, user)?.is_some() {
        return Ok(TurnOn::Already);
    }
    let Some(set_up) = SetUp::open(&tx.context.sealer, user, set_up, tx.now) else { return Ok(TurnOn::Outdated) };
    let Some(step) = set_up.generator(&person.email).step_of(code, tx.now) else { return Ok(TurnOn::Wrong) };
    let row = Row {
        user_id: user,
        sealed: tx.context.sealer.seal(PURPOSE, user.as_str(), &set_up.secret),
        last_step: step,
        created_at: tx.now,
    };
    diesel::insert_into(authenticator_apps::table).values(row).execute(tx.connection)?;
    set_since(tx, user, Some(tx.now))?;
    let codes = recovery_codes::replace(tx, user)?;
    users::record(tx, person, Action::TwoFactorOn, Value::Null)?;
    tell(tx, person, TwoFactorNews::On)?;
    Ok(TurnOn::On(codes))
}

/// False where it was off.
pub fn turn_off(tx: &mut WriteTx, person: &Person) -> Result<bool, DbError> {
    users::lock(tx, &person.user_id)?;
    if !remove(tx, &person.user_id)? {
        return Ok(false);
    }
    users::record(tx, person, Action::TwoFactorOff, Value::Null)?;
    tell(tx, person, TwoFactorNews::Off)?;
    Ok(true)
}

/// New recovery codes in place of all others; `None` while it is off.
pub fn new_codes(tx: &mut WriteTx, person: &Person) -> Result<Option<Vec<String>>, DbError> {
    users::lock(tx, &person.user_id)?;
    if super::state(tx.connection, &person.user_id)?.is_none() {
        return Ok(None);
    }
    let codes = recovery_codes::replace(tx, &person.user_id)?;
    users::record(tx, person, Action::RecoveryCodesMade, Value::Null)?;
    tell(tx, person, TwoFactorNews::NewCodes)?;
    Ok(Some(codes))
}

/// Removes app and recovery codes of a locked account, which then asks for its password alone. False where it did so before.
pub fn remove(tx: &mut WriteTx, user: &UserId) -> Result<bool, DbError> {
    if super::state(tx.connection, user)?.is_none() {
        return Ok(false);
    }
    diesel::delete(authenticator_apps::table.filter(authenticator_apps::user_id.eq(user))).execute(tx.connection)?;
    recovery_codes::remove(tx, user)?;
    set_since(tx, user, None)?;
    Ok(true)
}

/// The same, where it was turned on at a moment or later: whoever did was somebody else, and the holder could not sign in any more.
pub fn remove_since(tx: &mut WriteTx, user: &UserId, since: Timestamp) -> Result<bool, DbError> {
    let is_later = super::state(tx.connection, user)?.is_some_and(|state| state.since >= since);
    if is_later { remove(tx, user) } else { Ok(false) }
}

/// The one place that says since when a locked account has it. Its memberships say so, too: by them Organizations find who lacks it.
fn set_since(tx: &mut WriteTx, user: &UserId, since: Option<Timestamp>) -> Result<(), DbError> {
    diesel::update(user_rows::table.filter(user_rows::id.eq(user)))
        .set((user_rows::two_factor_at.eq(since), user_rows::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    diesel::update(memberships::table.filter(memberships::user_id.eq(user)))
        .set(memberships::has_two_factor.eq(since.is_some()))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn tell(tx: &mut WriteTx, person: &Person, news: TwoFactorNews) -> Result<(), DbError> {
    let mail = TwoFactorChanged {
        first_name: person.first_name.clone(),
        news,
        at: tx.now,
        ip: person.ip.clone(),
        security_link: tx.context.links.to("/account/security"),
    };
    tx.send(&person.email, &mail).map(drop)
}
