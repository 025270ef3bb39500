//! Giving a member another role.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use crate::access::{Role, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{MembershipId, OrganizationId};
use crate::licences::leaving;
use crate::people::mail::{News, RoleChanged};
use crate::people::members::{self, Member};
use crate::people::ownership::open::{self, Sides};
use crate::people::{directory, owner_news, owners};
use crate::schema::memberships;

/// Somebody whose role changes again and again gets a mail about it this often at the most.
const MAIL_SPACING: Duration = Duration::hours(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeRole {
    Changed {
        name: String,
    },
    /// The person has that role already.
    Unchanged {
        name: String,
    },
    /// Somebody else changed the role since the page was opened.
    Stale {
        role: Role,
    },
    LastOwner,
    /// The roles of this moment do not allow it.
    NotAllowed,
    /// No such person here, any more.
    Gone,
}

/// Gives a member another role. `seen` is the role that the actor saw when choosing.
pub fn change(
    tx: &mut WriteTx,
    scope: &Scope,
    member: &MembershipId,
    seen: Role,
    role: Role,
) -> Result<ChangeRole, DbError> {
    let Some(scope) = scope.lock(tx)? else {
        return Ok(ChangeRole::NotAllowed);
    };
    let member = match find(tx.connection, &scope, member, seen, role)? {
        Found::Changeable(member) => member,
        Found::Not(outcome) => return Ok(outcome),
    };
    store(tx, By::member(&scope), scope.organization_id(), &member, role)?;
    if member.user_id != scope.person().user_id {
        tell(tx, &scope, &member, role)?;
    }
    if role == Role::Owner {
        let news = News::NewOwner { name: member.name(), email: member.email.clone(), by: scope.person().name() };
        owner_news::tell(tx, scope.organization_id(), &news, &[&scope.person().user_id, &member.user_id])?;
    }
    Ok(ChangeRole::Changed { name: member.name() })
}

/// What [`change`] would answer as things stand, where it would change nothing: nobody is asked to confirm that.
pub fn refusal(
    connection: &mut Connection,
    scope: &Scope,
    member: &MembershipId,
    seen: Role,
    role: Role,
) -> Result<Option<ChangeRole>, DbError> {
    Ok(match find(connection, scope, member, seen, role)? {
        Found::Changeable(_) => None,
        Found::Not(outcome) => Some(outcome),
    })
}

/// Whether somebody can be given another role.
enum Found {
    Changeable(Member),
    Not(ChangeRole),
}

fn find(
    connection: &mut Connection,
    scope: &Scope,
    member: &MembershipId,
    seen: Role,
    role: Role,
) -> Result<Found, DbError> {
    let Some(member) = members::find(connection, scope.organization_id(), member)? else {
        return Ok(Found::Not(ChangeRole::Gone));
    };
    Ok(if !scope.may_give(member.role) || !scope.may_give(role) {
        Found::Not(ChangeRole::NotAllowed)
    } else if member.role == role {
        Found::Not(ChangeRole::Unchanged { name: member.name() })
    } else if member.role != seen {
        Found::Not(ChangeRole::Stale { role: member.role })
    } else if owners::is_last_owner(connection, scope.organization_id(), &member.id)? {
        Found::Not(ChangeRole::LastOwner)
    } else {
        Found::Changeable(member)
    })
}

/// Makes whoever accepted it Owner, and gives who offered it the role that they chose. The caller holds the locks on both accounts and on
/// the Organization, and has looked that both sides are as they should be.
pub(super) fn swap(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    Sides { from, to }: &Sides,
    role: Role,
) -> Result<(), DbError> {
    store(tx, by, organization, to, Role::Owner)?;
    // Now there is another one.
    if owners::is_last_owner(tx.connection, organization, &from.id)? {
        return Err(DbError::Unexpected(format!("{organization} would be without an Owner")));
    }
    store(tx, by, organization, from, role)?;
    // What waits to be told of either is not so any more.
    tx.unsend_latest(&mail_key(&to.id))?;
    tx.unsend_latest(&mail_key(&from.id))
}

fn store(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    member: &Member,
    role: Role,
) -> Result<(), DbError> {
    diesel::update(memberships::table.filter(memberships::id.eq(&member.id)))
        .set((memberships::role.eq(role), memberships::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    directory::set_role(tx, member.id.as_str(), role)?;
    leaving::lower(tx, by, organization, &member.user_id, &member.name(), role)?;
    if [member.role, role].contains(&Role::Owner) {
        open::end_of(tx, by, organization, &member.user_id)?;
    }
    tx.record(
        by,
        Change {
            action: Action::RoleChanged,
            subject_id: member.user_id.as_str(),
            subject_name: &member.name(),
            before: json!({ "email": member.email, "role": member.role.key() }),
            after: json!({ "role": role.key() }),
        },
    )
}

/// What names the mails about one member's role.
pub(super) fn mail_key(member: &MembershipId) -> String {
    format!("role-changed:{member}")
}

fn tell(tx: &mut WriteTx, scope: &Scope, member: &Member, role: Role) -> Result<(), DbError> {
    let message = RoleChanged {
        first_name: member.first_name.clone(),
        organization: scope.membership.name.clone(),
        by: scope.person().name(),
        by_email: scope.person().email.clone(),
        old_role: member.role,
        new_role: role,
        link: tx.context.links.to(&scope.path("")),
    };
    tx.send_latest(&member.email, &message, &mail_key(&member.id), MAIL_SPACING)
}
