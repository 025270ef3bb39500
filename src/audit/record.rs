//! Writing rows of the activity log.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Actor, Operator, Person, Recipient, Role, Scope};
use crate::audit::{Action, Topic};
use crate::db::{DbError, WriteTx};
use crate::ids::{ActivityId, OrganizationId};
use crate::schema::activity;
use crate::time::Timestamp;

/// Who makes a change, and in which Organization.
#[derive(Clone, Copy)]
pub struct By<'a> {
    actor: Actor<'a>,
    role: Option<Role>,
    organization: Option<&'a OrganizationId>,
}

impl<'a> By<'a> {
    /// Somebody of an Organization there. The role is the one that the scope has: at the time of the change, when it was locked.
    pub fn member(scope: &'a Scope) -> Self {
        let membership = &scope.membership;
        Self {
            actor: Actor::Person(scope.person()),
            role: Some(membership.role),
            organization: Some(&membership.organization_id),
        }
    }

    /// Somebody who answers for an Organization to which they may not belong.
    pub fn guest(person: &'a Person, role: Option<Role>, organization: &'a OrganizationId) -> Self {
        Self { actor: Actor::Person(person), role, organization: Some(organization) }
    }

    /// Somebody about their own account.
    pub fn holder(person: &'a Person) -> Self {
        Self { actor: Actor::Person(person), role: None, organization: None }
    }

    /// Whoever has a mail of an Organization.
    pub fn recipient(recipient: &'a Recipient, organization: &'a OrganizationId) -> Self {
        Self { actor: Actor::Recipient(recipient), role: None, organization: Some(organization) }
    }

    /// Who acts for an Organization without belonging to it: staff, a product, the portal itself.
    pub fn outside(actor: Actor<'a>, organization: &'a OrganizationId) -> Self {
        Self { actor, role: None, organization: Some(organization) }
    }

    /// The portal itself, about the account of somebody.
    pub fn portal() -> Self {
        Self { actor: Actor::Job, role: None, organization: None }
    }

    pub fn actor(&self) -> Actor<'a> {
        self.actor
    }

    /// Staff on the command line.
    pub fn operator(operator: &'a Operator) -> Self {
        Self { actor: Actor::Operator(operator), role: None, organization: None }
    }

    /// The same, about something of an Organization.
    pub fn operator_in(operator: &'a Operator, organization: &'a OrganizationId) -> Self {
        Self { actor: Actor::Operator(operator), role: None, organization: Some(organization) }
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

#[derive(Insertable)]
#[diesel(table_name = activity, treat_none_as_default_value = false)]
struct Row<'a> {
    id: ActivityId,
    organization_id: Option<&'a OrganizationId>,
    at: Timestamp,
    actor_id: &'a str,
    actor_name: String,
    actor_role: &'static str,
    ip: &'a str,
    action: Action,
    topic: Topic,
    subject_id: &'a str,
    subject_name: &'a str,
    before: String,
    after: String,
}

impl WriteTx<'_> {
    /// Writes the activity row of a change.
    pub fn record(&mut self, by: By<'_>, change: Change<'_>) -> Result<(), DbError> {
        let text = |value: Value| if value.is_null() { String::new() } else { value.to_string() };
        let row = Row {
            id: ActivityId::new(self.now),
            organization_id: by.organization,
            at: self.now,
            actor_id: by.actor.id(),
            actor_name: by.actor.name(),
            actor_role: by.role.map_or("", Role::key),
            ip: by.actor.ip(),
            action: change.action,
            topic: change.action.topic(),
            subject_id: change.subject_id,
            subject_name: change.subject_name,
            before: text(change.before),
            after: text(change.after),
        };
        diesel::insert_into(activity::table).values(row).execute(self.connection)?;
        Ok(())
    }
}
