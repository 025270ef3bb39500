//! Closing.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::mail::OrganizationClosed;
use super::standing::{self, Standing};
use crate::access::{Permission, Role, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::people::ownership::open;
use crate::schema::{memberships, organizations, users};
use crate::time::Timestamp;

/// How many people are told, Owners before Managers.
const TOLD: i64 = 500;

#[derive(Clone, Debug)]
pub enum Close {
    /// Until then it can be restored.
    Closed { until: Timestamp },
    /// What was typed is not its name.
    OtherName,
    /// Something keeps it open.
    Refused,
    /// The role of this moment does not allow it.
    NotAllowed,
}

/// Closes the Organization whose name was typed.
pub fn close(tx: &mut WriteTx, scope: &Scope, typed: &str, grace: Duration) -> Result<Close, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::EditSettings)? else { return Ok(Close::NotAllowed) };
    let standing = standing::read(tx.connection, scope.organization_id(), tx.now)?;
    if !standing.may_close() {
        return Ok(Close::Refused);
    }
    if typed != standing.name {
        return Ok(Close::OtherName);
    }
    diesel::update(organizations::table.find(scope.organization_id()))
        .set((organizations::closed_at.eq(Some(tx.now)), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    open::forget(tx, scope.organization_id())?;
    let Standing { name, people, licences, seats, credits, .. } = &standing;
    tx.record(
        By::member(&scope),
        Change {
            action: Action::OrganizationClosed,
            subject_id: scope.organization_id().as_str(),
            subject_name: name,
            before: Value::Null,
            after: json!({ "people": people, "licences": licences, "seats": seats, "credits": credits }),
        },
    )?;
    let until = tx.now + grace;
    tell(tx, &scope, name, until)?;
    Ok(Close::Closed { until })
}

fn tell(tx: &mut WriteTx, scope: &Scope, name: &str, until: Timestamp) -> Result<(), DbError> {
    let told: Vec<(String, String)> = memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(scope.organization_id()))
        .filter(memberships::role.eq(Role::Owner).or(memberships::role.eq(Role::Manager)))
        .filter(users::suspended_at.is_null())
        .order((memberships::role.desc(), memberships::id))
        .limit(TOLD)
        .select((users::first_name, users::email))
        .load(tx.connection)?;
    for (first_name, email) in told {
        let message = OrganizationClosed {
            first_name,
            organization: name.to_owned(),
            by: scope.person().name(),
            by_email: scope.person().email.clone(),
            until,
        };
        tx.send(&email, &message)?;
    }
    Ok(())
}
