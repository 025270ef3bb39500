//! What the Owners ask of whoever enters: the guard looks at it on each request, so a change of it counts from the next one on.

use diesel::prelude::*;
use serde_json::json;

use crate::access::{Permission, Policies, Scope, SessionLength};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::people::mail::News;
use crate::people::owner_news;
use crate::schema::{organizations, users};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequireTwoFactor {
    Saved,
    /// It is so already.
    Unchanged,
    /// The account of the actor has no two-factor authentication: they would shut themselves out.
    LackIt,
    /// The actor lost the role meanwhile.
    NotAllowed,
}

/// Switches on or off that everybody who enters needs two-factor authentication.
pub fn require_two_factor(tx: &mut WriteTx, scope: &Scope, required: bool) -> Result<RequireTwoFactor, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::EditSettings)? else { return Ok(RequireTwoFactor::NotAllowed) };
    if scope.membership.policies.requires_two_factor == required {
        return Ok(RequireTwoFactor::Unchanged);
    }
    let actor = users::table.filter(users::id.eq(&scope.person().user_id));
    if required && !actor.select(users::two_factor_at.is_not_null()).first::<bool>(tx.connection)? {
        return Ok(RequireTwoFactor::LackIt);
    }
    diesel::update(organizations::table.find(scope.organization_id()))
        .set((organizations::requires_two_factor.eq(required), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let sides = [!required, required].map(|side| json!({ "requires_two_factor": side }));
    tell(tx, &scope, sides, &News::TwoFactor { by: scope.person().name(), required })?;
    Ok(RequireTwoFactor::Saved)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetSessionLength {
    Saved,
    /// It is so already.
    Unchanged,
    /// Somebody else chose this since the page was opened.
    Stale(SessionLength),
    /// The actor lost the role meanwhile.
    NotAllowed,
}

/// Chooses how long ago whoever enters may have proved who they are. `seen` is what the page showed.
pub fn set_session_length(
    tx: &mut WriteTx,
    scope: &Scope,
    seen: SessionLength,
    length: SessionLength,
) -> Result<SetSessionLength, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::EditSettings)? else { return Ok(SetSessionLength::NotAllowed) };
    let Policies { session_length: stored, .. } = scope.membership.policies;
    if stored == length {
        return Ok(SetSessionLength::Unchanged);
    }
    if stored != seen {
        return Ok(SetSessionLength::Stale(stored));
    }
    diesel::update(organizations::table.find(scope.organization_id()))
        .set((organizations::session_length.eq(length), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let sides = [stored, length].map(|side| json!({ "session_length": side.key() }));
    tell(tx, &scope, sides, &News::SessionLength { by: scope.person().name(), length })?;
    Ok(SetSessionLength::Saved)
}

/// Records a change, and tells the other Owners.
fn tell(tx: &mut WriteTx, scope: &Scope, [before, after]: [serde_json::Value; 2], news: &News) -> Result<(), DbError> {
    let (organization, action) = (scope.organization_id(), Action::SettingsChanged);
    let (subject_id, subject_name) = (organization.as_str(), &*scope.membership.name);
    tx.record(By::member(scope), Change { action, subject_id, subject_name, before, after })?;
    owner_news::tell(tx, organization, news, &[&scope.person().user_id])
}
