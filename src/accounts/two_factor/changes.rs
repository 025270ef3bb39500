//! Turning it on and off, and new recovery codes. The holder is told of each.

use diesel::prelude::*;
use serde_json::Value;

use super::recovery_codes;
use crate::access::Person;
use crate::accounts::mail::{TwoFactorChanged, TwoFactorNews};
use crate::accounts::{users, ways_in};
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::schema::{authenticator_apps, memberships, users as user_rows};
use crate::time::Timestamp;

/// Since when it is on.
fn since(connection: &mut Connection, user: &UserId) -> Result<Option<Timestamp>, DbError> {
    Ok(user_rows::table.filter(user_rows::id.eq(user)).select(user_rows::two_factor_at).first(connection)?)
}

#[derive(Debug)]
pub enum TurnOn {
    /// With the recovery codes, which are told once.
    On(Vec<String>),
    /// It is on already.
    Already,
    /// There is nothing to take the second step with.
    NoPasskey,
}

/// Turns it on with the passkeys that the account has.
pub fn turn_on(tx: &mut WriteTx, person: &Person) -> Result<TurnOn, DbError> {
    if !users::lock_active(tx, &person.user_id)? {
        return Ok(TurnOn::NoPasskey);
    }
    let ways_in = ways_in::of_user(tx.connection, &person.user_id)?;
    if ways_in.two_factor.is_some() {
        return Ok(TurnOn::Already);
    }
    if ways_in.passkeys == 0 {
        return Ok(TurnOn::NoPasskey);
    }
    begin(tx, person).map(TurnOn::On)
}

/// Turns it on for a locked account, and answers its recovery codes.
pub(super) fn begin(tx: &mut WriteTx, person: &Person) -> Result<Vec<String>, DbError> {
    set_since(tx, &person.user_id, Some(tx.now))?;
    let codes = recovery_codes::replace(tx, &person.user_id)?;
    users::record(tx, person, Action::TwoFactorOn, Value::Null)?;
    tell(tx, person, TwoFactorNews::On)?;
    Ok(codes)
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

/// Turns it off where the last app or passkey of a locked account is gone: recovery codes alone are no second step. Whether it did.
pub fn end_without_way(tx: &mut WriteTx, person: &Person) -> Result<bool, DbError> {
    if has_way(tx, &person.user_id)? { Ok(false) } else { turn_off(tx, person) }
}

fn has_way(tx: &mut WriteTx, user: &UserId) -> Result<bool, DbError> {
    let ways_in = ways_in::of_user(tx.connection, user)?;
    Ok(ways_in.has_app || ways_in.passkeys > 0)
}

/// New recovery codes in place of all others; `None` while it is off.
pub fn new_codes(tx: &mut WriteTx, person: &Person) -> Result<Option<Vec<String>>, DbError> {
    users::lock(tx, &person.user_id)?;
    if since(tx.connection, &person.user_id)?.is_none() {
        return Ok(None);
    }
    let codes = recovery_codes::replace(tx, &person.user_id)?;
    users::record(tx, person, Action::RecoveryCodesMade, Value::Null)?;
    tell(tx, person, TwoFactorNews::NewCodes)?;
    Ok(Some(codes))
}

/// Removes app and recovery codes of a locked account, which then asks for its password alone. False where it did so before.
pub fn remove(tx: &mut WriteTx, user: &UserId) -> Result<bool, DbError> {
    if since(tx.connection, user)?.is_none() {
        return Ok(false);
    }
    diesel::delete(authenticator_apps::table.filter(authenticator_apps::user_id.eq(user))).execute(tx.connection)?;
    recovery_codes::remove(tx, user)?;
    set_since(tx, user, None)?;
    Ok(true)
}

/// Takes away what was set up at a moment or later, once the passkeys of then are gone: whoever did it was somebody else, and the holder
/// could not sign in any more.
pub fn remove_since(tx: &mut WriteTx, user: &UserId, moment: Timestamp) -> Result<(), DbError> {
    let apps = authenticator_apps::table.filter(authenticator_apps::user_id.eq(user));
    diesel::delete(apps.filter(authenticator_apps::created_at.ge(moment))).execute(tx.connection)?;
    let is_later = since(tx.connection, user)?.is_some_and(|since| since >= moment);
    if is_later || !has_way(tx, user)? {
        remove(tx, user)?;
    }
    Ok(())
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

/// Tells the holder. An operator has no address.
pub fn tell(tx: &mut WriteTx, person: &Person, news: TwoFactorNews) -> Result<(), DbError> {
    let mail = TwoFactorChanged {
        first_name: person.first_name.clone(),
        news,
        at: tx.now,
        ip: person.ip.clone(),
        security_link: tx.context.links.to("/account/security"),
    };
    tx.send(&person.email, &mail).map(drop)
}
