//! What becomes of somebody's seats and access when they leave an Organization, come back, or get a lower role. Whoever calls these
//! holds the lock on the Organization.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Permission, Role};
use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId, RemovalId, UserId};
use crate::licences::licence::{self, Licence};
use crate::licences::persons::{self, Persons};
use crate::licences::{grants, seats};
use crate::schema::removed_licences;
use crate::time::Timestamp;

/// What somebody had of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = removed_licences)]
pub struct Had {
    pub licence_id: LicenceId,
    /// Since when they had a seat.
    pub occupied_at: Option<Timestamp>,
    /// Since when they had access.
    pub granted_at: Option<Timestamp>,
}

/// Frees every seat of somebody, takes all access, and answers what that was. All of it in the transaction that ends the membership,
/// however much: in parts, somebody who is no member any more would keep seats that nobody else gets.
pub fn free(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    user: &UserId,
    name: &str,
) -> Result<Vec<Had>, DbError> {
    let theirs = persons::all(tx.connection, organization, user)?;
    for Persons { licence, occupied_at, granted_at } in &theirs {
        if occupied_at.is_some() {
            seats::give_up(tx, by, licence, user, name)?;
        }
        if granted_at.is_some() {
            grants::remove(tx, by, licence, user, name)?;
        }
    }
    let had = |persons: Persons| Had {
        licence_id: persons.licence.id,
        occupied_at: persons.occupied_at,
        granted_at: persons.granted_at,
    };
    Ok(theirs.into_iter().map(had).collect())
}

/// Frees the seats that somebody had by a role which they have no more: those without access of their own.
pub fn lower(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    user: &UserId,
    name: &str,
    role: Role,
) -> Result<(), DbError> {
    if Permission::ViewLicences.is_given_by(role) {
        return Ok(());
    }
    for Persons { licence, occupied_at, granted_at } in persons::all(tx.connection, organization, user)? {
        if occupied_at.is_some() && granted_at.is_none() {
            seats::give_up(tx, by, &licence, user, name)?;
        }
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = removed_licences, treat_none_as_default_value = false)]
struct Row<'a> {
    removal_id: &'a RemovalId,
    licence_id: &'a LicenceId,
    occupied_at: Option<Timestamp>,
    granted_at: Option<Timestamp>,
}

/// Notes what somebody had who was removed. It is forgotten with the removal.
pub fn keep(tx: &mut WriteTx, removal: &RemovalId, had: &[Had]) -> Result<(), DbError> {
    for Had { licence_id, occupied_at, granted_at } in had {
        let (occupied_at, granted_at) = (*occupied_at, *granted_at);
        let row = Row { removal_id: removal, licence_id, occupied_at, granted_at };
        diesel::insert_into(removed_licences::table).values(row).execute(tx.connection)?;
    }
    Ok(())
}

/// What was noted.
pub fn kept(tx: &mut WriteTx, removal: &RemovalId) -> Result<Vec<Had>, DbError> {
    Ok(removed_licences::table
        .filter(removed_licences::removal_id.eq(removal))
        .order(removed_licences::licence_id)
        .select(Had::as_select())
        .load(tx.connection)?)
}

/// Gives back what somebody had, as it was. Answers the products of which no seat is free any more.
///
/// Of a licence that ended or was suspended meanwhile, too: nobody loses a seat by either, so whoever had not been removed would have
/// it still. It is no new seat.
pub fn give_back(tx: &mut WriteTx, by: By<'_>, user: &UserId, name: &str, had: &[Had]) -> Result<Vec<String>, DbError> {
    let mut without = Vec::new();
    for Had { licence_id, occupied_at, granted_at } in had {
        tx.lock_row("licences", licence_id.as_str())?;
        let Some(licence) = licence::of_any(tx.connection, licence_id)? else { continue };
        if let Some(since) = granted_at {
            regrant(tx, by, &licence, user, name, *since)?;
        }
        if let Some(since) = occupied_at
            && !reoccupy(tx, by, &licence, user, name, *since)?
        {
            without.push(licence.product);
        }
    }
    Ok(without)
}

fn regrant(
    tx: &mut WriteTx,
    by: By<'_>,
    licence: &Licence,
    user: &UserId,
    name: &str,
    since: Timestamp,
) -> Result<(), DbError> {
    if grants::store(tx, &licence.id, &licence.organization_id, user, since)? {
        let sides = [Value::Null, seats::of_person(user, name)];
        seats::record(tx, by, licence, Action::LicenceAccessGranted, sides)?;
    }
    Ok(())
}

fn reoccupy(
    tx: &mut WriteTx,
    by: By<'_>,
    licence: &Licence,
    user: &UserId,
    name: &str,
    since: Timestamp,
) -> Result<bool, DbError> {
    if !seats::take(tx, licence, user, since)? {
        return Ok(false);
    }
    let sides = [Value::Null, seats::of_person(user, name)];
    seats::record(tx, by, licence, Action::SeatOccupied, sides)?;
    Ok(true)
}
