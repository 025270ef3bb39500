//! Ending a membership: somebody is removed, or leaves.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::Scope;
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{MembershipId, OrganizationId, RemovalBatchId};
use crate::licences::leaving::{self, Had};
use crate::people::mail::Removed;
use crate::people::members::{self, Member};
use crate::people::ownership::open;
use crate::people::removals::{self, Removal};
use crate::people::{defaults, directory, owners, roles};
use crate::schema::memberships;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remove {
    Removed {
        name: String,
    },
    /// The roles of this moment do not allow it, or nobody would be Owner.
    NotAllowed,
    /// People leave by themselves.
    Oneself,
    Gone,
}

/// Takes somebody out of the Organization. Their account stays. Until it cannot be undone any more they are not told.
pub fn remove(
    tx: &mut WriteTx,
    scope: &Scope,
    member: &MembershipId,
    batch: &RemovalBatchId,
) -> Result<Remove, DbError> {
    let Some(scope) = scope.lock(tx)? else {
        return Ok(Remove::NotAllowed);
    };
    let Some(member) = members::find(tx.connection, scope.organization_id(), member)? else {
        return Ok(Remove::Gone);
    };
    if member.user_id == scope.person().user_id {
        return Ok(Remove::Oneself);
    }
    if !scope.may_give(member.role) {
        return Ok(Remove::NotAllowed);
    }
    let Some(had) = end(tx, &scope, &member, Action::MemberRemoved)? else { return Ok(Remove::NotAllowed) };
    let message = Removed {
        first_name: member.first_name.clone(),
        organization: scope.membership.name.clone(),
        by: scope.person().name(),
        by_email: scope.person().email.clone(),
    };
    let mail = tx.send_later(&member.email, &message, removals::WINDOW)?;
    let name = member.name();
    let kept = Removal {
        entry_id: member.id.to_string(),
        role: member.role,
        mail_id: Some(mail),
        user_id: Some(member.user_id),
        inviter_name: member.inviter_name,
        joined_at: Some(member.joined_at),
        last_active_on: member.last_active_on,
        last_opened_at: member.last_opened_at,
    };
    let removal = removals::note(tx, &scope, batch, kept)?;
    leaving::keep(tx, &removal, &had)?;
    Ok(Remove::Removed { name })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Left,
    LastOwner,
    /// Not one of the people any more.
    Gone,
}

/// The actor leaves the Organization.
pub fn leave(tx: &mut WriteTx, scope: &Scope) -> Result<Leave, DbError> {
    let Some(scope) = scope.lock(tx)? else {
        return Ok(Leave::Gone);
    };
    let Some(member) = members::find(tx.connection, scope.organization_id(), &scope.membership.id)? else {
        return Ok(Leave::Gone);
    };
    let ended = end(tx, &scope, &member, Action::MemberLeft)?;
    Ok(if ended.is_some() { Leave::Left } else { Leave::LastOwner })
}

/// Ends a membership, with everything that hangs on it, and answers what they had of the licences. `None`, and nothing is changed,
/// where it is that of the last Owner.
fn end(tx: &mut WriteTx, scope: &Scope, member: &Member, action: Action) -> Result<Option<Vec<Had>>, DbError> {
    if owners::is_last_owner(tx.connection, scope.organization_id(), &member.id)? {
        return Ok(None);
    }
    take_out(tx, By::member(scope), scope.organization_id(), member, action).map(Some)
}

/// The same for whoever has asked that already, and holds the lock on the Organization.
pub(super) fn take_out(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    member: &Member,
    action: Action,
) -> Result<Vec<Had>, DbError> {
    let had = leaving::free(tx, by, organization, &member.user_id, &member.name())?;
    open::end_of(tx, by, organization, &member.user_id)?;
    directory::remove(tx, member.id.as_str())?;
    diesel::delete(memberships::table.filter(memberships::id.eq(&member.id))).execute(tx.connection)?;
    defaults::clear(tx, organization, &member.user_id)?;
    tx.unsend_latest(&roles::mail_key(&member.id))?;
    tx.record(
        by,
        Change {
            action,
            subject_id: member.user_id.as_str(),
            subject_name: &member.name(),
            before: json!({ "role": member.role.key(), "email": member.email }),
            after: Value::Null,
        },
    )?;
    Ok(had)
}
