//! Taking back a removal or a withdrawal: for some minutes who did it can, and everything is as it was before. The one who was removed
//! is told when that time is over, so that nobody hears of what was undone.

use serde_json::{Value, json};

use crate::access::{Permission, Scope};
use crate::accounts::users as accounts;
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{InvitationId, MembershipId, RemovalId};
use crate::licences::leaving::{self, Had};
use crate::people::invitations::{self, MOST_OPEN};
use crate::people::members::{self, NewMember};
use crate::people::removals::{self, Removal};
use crate::people::{blocks, counts, invite};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// Somebody is a member again, or an invitation is open again.
    Restored { name: String },
    /// The same, but of these products no seat is free any more.
    WithoutSeats { name: String, products: Vec<String> },
    /// The roles of this moment do not allow it.
    NotAllowed,
    /// Undone already, too long ago, they came back in another way, the address wants no invitations any more, or as many are open as
    /// may be.
    Gone,
}

/// Takes back these removals of the actor.
pub fn undo(tx: &mut WriteTx, scope: &Scope, wanted: &[RemovalId]) -> Result<Vec<Undo>, DbError> {
    // Accounts before the Organization, as everywhere: who is suspended meanwhile is counted as that, and who accepts an invitation
    // meanwhile is waited for. Of several in one order, so that nobody waits for each other.
    for account in removals::accounts(tx, scope, wanted)? {
        accounts::lock(tx, &account)?;
    }
    let Some(scope) = scope.lock_for(tx, Permission::ManagePeople)? else {
        return Ok(vec![Undo::NotAllowed; wanted.len()]);
    };
    wanted.iter().map(|id| undo_one(tx, &scope, id)).collect()
}

fn undo_one(tx: &mut WriteTx, scope: &Scope, id: &RemovalId) -> Result<Undo, DbError> {
    let Some(removal) = removals::find_one(tx, scope, id)? else { return Ok(Undo::Gone) };
    if !scope.may_give(removal.role) {
        return Ok(Undo::NotAllowed);
    }
    let had = leaving::kept(tx, id)?;
    let outcome = match (MembershipId::parse(&removal.entry_id), InvitationId::parse(&removal.entry_id)) {
        (Some(member), _) => restore_member(tx, scope, &member, &removal, &had)?,
        (_, Some(invitation)) => restore_invitation(tx, scope, &invitation, &removal)?,
        _ => Undo::Gone,
    };
    // The lock on the Organization keeps a second click waiting; it finds the row no more.
    removals::forget(tx, id)?;
    Ok(outcome)
}

fn restore_member(
    tx: &mut WriteTx,
    scope: &Scope,
    member: &MembershipId,
    removal: &Removal,
    had: &[Had],
) -> Result<Undo, DbError> {
    let (Some(user), Some(joined_at)) = (&removal.user_id, removal.joined_at) else { return Ok(Undo::Gone) };
    let membership = NewMember {
        id: member,
        organization_id: scope.organization_id(),
        user_id: user,
        role: removal.role,
        inviter_name: &removal.inviter_name,
        joined_at,
        updated_at: tx.now,
        last_active_on: removal.last_active_on,
        last_opened_at: removal.last_opened_at,
    };
    if !members::store(tx, membership)? {
        return Ok(Undo::Gone);
    }
    let Some(restored) = members::find(tx.connection, scope.organization_id(), member)? else { return Ok(Undo::Gone) };
    tx.record(
        By::member(scope),
        Change {
            action: Action::MemberRestored,
            subject_id: user.as_str(),
            subject_name: &restored.name(),
            before: Value::Null,
            after: json!({ "role": restored.role.key(), "email": restored.email }),
        },
    )?;
    let name = restored.name();
    let products = leaving::give_back(tx, By::member(scope), user, &name, had)?;
    Ok(if products.is_empty() { Undo::Restored { name } } else { Undo::WithoutSeats { name, products } })
}

fn restore_invitation(tx: &mut WriteTx, scope: &Scope, id: &InvitationId, removal: &Removal) -> Result<Undo, DbError> {
    let organization = scope.organization_id();
    let Some(invitation) = invitations::find_withdrawn(tx.connection, organization, id)? else { return Ok(Undo::Gone) };
    let has_come_back = members::has_email(tx.connection, organization, &invitation.email)?;
    let open = counts::open_invitations(tx.connection, organization)?;
    if open >= MOST_OPEN || has_come_back || blocks::is_blocked(tx.connection, organization, &invitation.email)? {
        return Ok(Undo::Gone);
    }
    if !invitations::reopen(tx, &invitation)? {
        return Ok(Undo::Gone);
    }
    if removal.mail_id.is_some() {
        invite::mail_again(tx, scope, &invitation)?;
    }
    invitations::record(tx, By::member(scope), &invitation, Action::InvitationRestored)?;
    Ok(Undo::Restored { name: invitation.email })
}
