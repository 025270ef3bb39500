//! Cancelling a licence, and taking that back.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;
use crate::licences::licence::{self, Licence};
use crate::schema::licences;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// Nothing changes until then.
    Cancelled {
        ends_at: Timestamp,
    },
    /// Since before.
    Already,
    /// There is nothing to cancel: it has no end, ends by itself, or has ended.
    Nothing,
    /// The role of this moment does not allow it.
    NotAllowed,
    Gone,
}

/// Keeps a licence from going on after its last day.
pub fn cancel(tx: &mut WriteTx, scope: &Scope, id: &LicenceId) -> Result<Cancel, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::CancelLicences)? else { return Ok(Cancel::NotAllowed) };
    let Some(licence) = licence::lock(tx, &scope, id)? else { return Ok(Cancel::Gone) };
    match licence.ends_at {
        _ if licence.cancelled_at.is_some() => Ok(Cancel::Already),
        Some(ends_at) if can_be_cancelled(&licence, tx.now) => {
            set(tx, &licence, Some(tx.now))?;
            record(tx, &scope, &licence, Action::LicenceCancelled)?;
            Ok(Cancel::Cancelled { ends_at })
        }
        _ => Ok(Cancel::Nothing),
    }
}

/// Whether there are terms to come that would be given up.
pub fn can_be_cancelled(licence: &Licence, now: Timestamp) -> bool {
    licence.term.renews() && licence.cancelled_at.is_none() && !licence.has_ended_at(now)
}

/// Whether a cancellation can be taken back.
pub fn can_be_resumed(licence: &Licence, now: Timestamp) -> bool {
    licence.cancelled_at.is_some() && !licence.has_ended_at(now)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resume {
    Resumed,
    /// It was not cancelled.
    NotCancelled,
    /// Its last day is over.
    TooLate,
    /// The role of this moment does not allow it.
    NotAllowed,
    Gone,
}

/// Takes a cancellation back, until the end of the last day.
pub fn resume(tx: &mut WriteTx, scope: &Scope, id: &LicenceId) -> Result<Resume, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::CancelLicences)? else { return Ok(Resume::NotAllowed) };
    let Some(licence) = licence::lock(tx, &scope, id)? else { return Ok(Resume::Gone) };
    if licence.cancelled_at.is_none() {
        return Ok(Resume::NotCancelled);
    }
    if !can_be_resumed(&licence, tx.now) {
        return Ok(Resume::TooLate);
    }
    set(tx, &licence, None)?;
    record(tx, &scope, &licence, Action::LicenceResumed)?;
    Ok(Resume::Resumed)
}

fn set(tx: &mut WriteTx, licence: &Licence, cancelled_at: Option<Timestamp>) -> Result<(), DbError> {
    diesel::update(licences::table.filter(licences::id.eq(&licence.id)))
        .set((licences::cancelled_at.eq(cancelled_at), licences::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

fn record(tx: &mut WriteTx, scope: &Scope, licence: &Licence, action: Action) -> Result<(), DbError> {
    let after = json!({ "ends_at": licence.ends_at.map(|at| at.to_string()) });
    let (subject_id, subject_name) = (licence.id.as_str(), &*licence.product);
    tx.record(By::member(scope), Change { action, subject_id, subject_name, before: Value::Null, after })
}
