//! Activity: every change to people, roles and settings writes a row in the transaction that makes it. Names and roles are
//! copied, so that a row says the same when its people have changed or gone.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::Role;
use crate::db::{DbError, WriteTx};
use crate::ids::{ActivityId, OrganizationId, UserId};
use crate::schema::activity;

/// Who makes a change, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: UserId,
    pub name: String,
    /// The role at the time, in the Organization that the change belongs to.
    pub role: Option<Role>,
    pub address: String,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    AccountCreated,
    PasswordReset,
    OrganizationCreated,
    SettingsChanged,
    LogoChanged,
    LogoRemoved,
    InvitationSent,
    InvitationResent,
    InvitationWithdrawn,
    InvitationAccepted,
    InvitationDeclined,
    RoleChanged,
    MemberRemoved,
    MemberLeft,
}

impl Action {
    pub fn key(self) -> &'static str {
        match self {
            Action::AccountCreated => "account.created",
            Action::PasswordReset => "account.password.reset",
            Action::OrganizationCreated => "organization.created",
            Action::SettingsChanged => "organization.settings.changed",
            Action::LogoChanged => "organization.logo.changed",
            Action::LogoRemoved => "organization.logo.removed",
            Action::InvitationSent => "invitation.sent",
            Action::InvitationResent => "invitation.resent",
            Action::InvitationWithdrawn => "invitation.withdrawn",
            Action::InvitationAccepted => "invitation.accepted",
            Action::InvitationDeclined => "invitation.declined",
            Action::RoleChanged => "member.role.changed",
            Action::MemberRemoved => "member.removed",
            Action::MemberLeft => "member.left",
        }
    }
}

/// A change: what was done to what. `before` and `after` are JSON objects of what changed, `Null` where there is no such side.
pub struct Change<'a> {
    pub action: Action,
    pub subject_id: &'a str,
    pub subject_name: &'a str,
    pub before: Value,
    pub after: Value,
}

impl WriteTx<'_> {
    /// Writes the activity row of a change. `organization` is `None` for changes to a personal account.
    pub fn record(
        &mut self,
        actor: &Actor,
        organization: Option<&OrganizationId>,
        change: Change<'_>,
    ) -> Result<(), DbError> {
        let text = |value: Value| {
            if value.is_null() { String::new() } else { value.to_string() }
        };
        diesel::insert_into(activity::table)
            .values((
                activity::id.eq(ActivityId::new(self.now)),
                activity::organization_id.eq(organization),
                activity::at.eq(self.now),
                activity::actor_id.eq(&actor.id),
                activity::actor_name.eq(&actor.name),
                activity::actor_role.eq(actor.role.map_or("", Role::key)),
                activity::address.eq(&actor.address),
                activity::action.eq(change.action.key()),
                activity::subject_id.eq(change.subject_id),
                activity::subject_name.eq(change.subject_name),
                activity::before.eq(text(change.before)),
                activity::after.eq(text(change.after)),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}
