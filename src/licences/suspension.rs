//! What an operator does to a licence: suspend it, let it be used again, change how many seats it has. Nobody loses a seat by it.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Operator, lock_organization};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;
use crate::licences::licence::{self, Licence};
use crate::licences::seats;
use crate::schema::licences;
use crate::time::Timestamp;

/// A licence with its Organization and itself locked.
fn locked(tx: &mut WriteTx, id: &LicenceId) -> Result<Option<Licence>, DbError> {
    let Some(seen) = licence::of_any(tx.connection, id)? else { return Ok(None) };
    lock_organization(tx, &seen.organization_id)?;
    tx.lock_row("licences", id.as_str())?;
    licence::of_any(tx.connection, id)
}

fn record(tx: &mut WriteTx, by: &Operator, of: &Licence, action: Action, sides: [Value; 2]) -> Result<(), DbError> {
    let [before, after] = sides;
    let change = Change { action, subject_id: of.id.as_str(), subject_name: &of.product, before, after };
    tx.record(By::operator_in(by, &of.organization_id), change)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspend {
    Suspended {
        product: String,
    },
    /// Since before; nothing was changed.
    Already,
    Unknown,
}

pub fn suspend(tx: &mut WriteTx, by: &Operator, id: &LicenceId) -> Result<Suspend, DbError> {
    let Some(licence) = locked(tx, id)? else { return Ok(Suspend::Unknown) };
    if licence.suspended_at.is_some() {
        return Ok(Suspend::Already);
    }
    set_suspended_at(tx, id, Some(tx.now))?;
    record(tx, by, &licence, Action::LicenceSuspended, [Value::Null, Value::Null])?;
    Ok(Suspend::Suspended { product: licence.product })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resume {
    Resumed {
        product: String,
    },
    /// It was not suspended.
    Already,
    Unknown,
}

pub fn resume(tx: &mut WriteTx, by: &Operator, id: &LicenceId) -> Result<Resume, DbError> {
    let Some(licence) = locked(tx, id)? else { return Ok(Resume::Unknown) };
    if licence.suspended_at.is_none() {
        return Ok(Resume::Already);
    }
    set_suspended_at(tx, id, None)?;
    record(tx, by, &licence, Action::LicenceSuspensionLifted, [Value::Null, Value::Null])?;
    Ok(Resume::Resumed { product: licence.product })
}

fn set_suspended_at(tx: &mut WriteTx, id: &LicenceId, at: Option<Timestamp>) -> Result<(), DbError> {
    diesel::update(licences::table.filter(licences::id.eq(id)))
        .set((licences::suspended_at.eq(at), licences::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetSeats {
    Set {
        product: String,
        before: i64,
    },
    /// It has that many; nothing was changed.
    Already,
    /// More people have one than there would be; nothing was changed.
    InUse {
        used: i64,
    },
    Unknown,
}

/// Changes how many seats there are, but never to fewer than are in use.
pub fn set_seats(tx: &mut WriteTx, by: &Operator, id: &LicenceId, wanted: u16) -> Result<SetSeats, DbError> {
    let Some(licence) = locked(tx, id)? else { return Ok(SetSeats::Unknown) };
    let wanted = i32::from(wanted);
    if licence.seats == wanted {
        return Ok(SetSeats::Already);
    }
    let used = seats::used(tx.connection, id)?;
    if i64::from(wanted) < used {
        return Ok(SetSeats::InUse { used });
    }
    diesel::update(licences::table.filter(licences::id.eq(id)))
        .set((licences::seats.eq(wanted), licences::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let sides = [json!({ "seats": licence.seats }), json!({ "seats": wanted })];
    record(tx, by, &licence, Action::LicenceSeatsChanged, sides)?;
    Ok(SetSeats::Set { product: licence.product, before: licence.seats.into() })
}
