//! The authenticator app of an account: adding it, which turns two-factor authentication on where it is off, and removing it.

use diesel::prelude::*;
use serde_json::Value;

use super::{SetUp, changes};
use crate::access::Person;
use crate::accounts::mail::TwoFactorNews;
use crate::accounts::{users, ways_in};
use crate::audit::Action;
use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::schema::authenticator_apps;
use crate::time::Timestamp;

/// For what is stored of an app.
pub(super) const PURPOSE: &str = "authenticator app";

#[derive(Debug)]
pub enum AddApp {
    /// Two-factor authentication is on with it: the recovery codes, which are told once.
    On(Vec<String>),
    /// It was on with passkeys, and the recovery codes of then go on.
    Added,
    /// The account has an app.
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
    key_fingerprint: String,
}

/// Adds an app that is set up, and whose first code this is.
pub fn add_app(tx: &mut WriteTx, person: &Person, set_up: &str, code: &str) -> Result<AddApp, DbError> {
    let user = &person.user_id;
    if !users::lock_active(tx, user)? {
        return Ok(AddApp::Outdated);
    }
    let ways_in = ways_in::of_user(tx.connection, user)?;
    if ways_in.has_app {
        return Ok(AddApp::Already);
    }
    let sealer = &tx.context.sealer;
    let Some(set_up) = SetUp::open(sealer, user, set_up, tx.now) else { return Ok(AddApp::Outdated) };
    let Some(step) = set_up.generator(&person.email).step_of(code, tx.now) else { return Ok(AddApp::Wrong) };
    let row = Row {
        user_id: user,
        sealed: sealer.seal(PURPOSE, user.as_str(), &set_up.secret),
        last_step: step,
        created_at: tx.now,
        key_fingerprint: sealer.keys().current.fingerprint(),
    };
    diesel::insert_into(authenticator_apps::table).values(row).execute(tx.connection)?;
    if ways_in.two_factor.is_none() {
        return changes::begin(tx, person).map(AddApp::On);
    }
    users::record(tx, person, Action::AppAdded, Value::Null)?;
    changes::tell(tx, person, TwoFactorNews::AppAdded)?;
    Ok(AddApp::Added)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveApp {
    /// Passkeys are the second step from now on.
    Removed,
    /// It was all that there was, so two-factor authentication is off.
    TurnedOff,
    /// There was none.
    None,
}

pub fn remove_app(tx: &mut WriteTx, person: &Person) -> Result<RemoveApp, DbError> {
    users::lock(tx, &person.user_id)?;
    let own = authenticator_apps::table.filter(authenticator_apps::user_id.eq(&person.user_id));
    if diesel::delete(own).execute(tx.connection)? == 0 {
        return Ok(RemoveApp::None);
    }
    if changes::end_without_way(tx, person)? {
        return Ok(RemoveApp::TurnedOff);
    }
    users::record(tx, person, Action::AppRemoved, Value::Null)?;
    changes::tell(tx, person, TwoFactorNews::AppRemoved)?;
    Ok(RemoveApp::Removed)
}
