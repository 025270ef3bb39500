//! Opening an Organization again that was closed. Only operators do.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;

use super::mail::OrganizationRestored;
use crate::access::{Operator, lock_organization};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::notifications::owners::owners;
use crate::schema::organizations;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restore {
    Restored {
        name: String,
        /// Whether an Owner is left who can sign in: accounts go on being deleted while it is closed.
        has_owner: bool,
    },
    /// It is open.
    NotClosed {
        name: String,
    },
    /// It is erased, or about to be.
    TooLate {
        name: String,
    },
    Unknown,
}

#[derive(Queryable)]
struct Row {
    id: OrganizationId,
    name: String,
    closed_at: Option<Timestamp>,
    erased_at: Option<Timestamp>,
}

fn find(connection: &mut Connection, slug: &str) -> Result<Option<Row>, DbError> {
    let columns = (organizations::id, organizations::name, organizations::closed_at, organizations::erased_at);
    Ok(organizations::table.filter(organizations::slug.eq(slug)).select(columns).first(connection).optional()?)
}

pub fn restore(tx: &mut WriteTx, by: &Operator, slug: &str, grace: Duration) -> Result<Restore, DbError> {
    let Some(seen) = find(tx.connection, slug)? else { return Ok(Restore::Unknown) };
    lock_organization(tx, &seen.id)?;
    // As it is now that nobody else changes it.
    let Some(Row { id, name, closed_at, erased_at }) = find(tx.connection, slug)? else { return Ok(Restore::Unknown) };
    let Some(closed_at) = closed_at else { return Ok(Restore::NotClosed { name }) };
    if erased_at.is_some() || closed_at + grace <= tx.now {
        return Ok(Restore::TooLate { name });
    }
    diesel::update(organizations::table.find(&id))
        .set((organizations::closed_at.eq(None::<Timestamp>), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let (before, after) = (Value::Null, Value::Null);
    let (action, subject_id) = (Action::OrganizationRestored, id.as_str());
    tx.record(By::operator_in(by, &id), Change { action, subject_id, subject_name: &name, before, after })?;
    let link = tx.context.links.to(&format!("/organizations/{slug}"));
    let owners = owners(tx.connection, &id)?;
    let has_owner = !owners.is_empty();
    for owner in owners {
        let (organization, link) = (name.clone(), link.clone());
        tx.send(&owner.email, &OrganizationRestored { first_name: owner.first_name, organization, link })?;
    }
    Ok(Restore::Restored { name, has_owner })
}
