//! Who acts in which Organization, and what they may do there. Made anew for every request, so that a change of role, a removal or
//! a sign-out takes effect on the very next one.

use diesel::prelude::*;

use crate::access::{Membership, Permission, Person, Policies, Role};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, UserId};
use crate::schema::{memberships, organizations, users};

/// A person in an Organization.
#[derive(Clone, Debug)]
pub struct Scope {
    person: Person,
    pub membership: Membership,
}

impl Scope {
    pub fn new(person: Person, membership: Membership) -> Self {
        Self { person, membership }
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.membership.may(permission)
    }

    /// Whether the actor may give a person this role, or take it away.
    pub fn may_give(&self, role: Role) -> bool {
        self.membership.role.may_give(role)
    }

    pub fn person(&self) -> &Person {
        &self.person
    }

    pub fn organization_id(&self) -> &OrganizationId {
        &self.membership.organization_id
    }

    pub fn slug(&self) -> &str {
        &self.membership.slug
    }

    /// The path of a page of this Organization; `below` begins with a slash or is empty.
    pub fn path(&self, below: &str) -> String {
        format!("/organizations/{}{below}", self.membership.slug)
    }

    /// Locks the Organization and answers the scope as it is now, with its role and the policies: `None` when the person has left, or
    /// been removed or suspended, or the Organization was closed, since the request began.
    pub fn lock(&self, tx: &mut WriteTx) -> Result<Option<Self>, DbError> {
        lock_organization(tx, self.organization_id())?;
        let now: Option<(Role, Policies)> = memberships::table
            .inner_join(users::table)
            .inner_join(organizations::table)
            .filter(users::suspended_at.is_null())
            .filter(organizations::closed_at.is_null())
            .filter(memberships::organization_id.eq(self.organization_id()))
            .filter(memberships::user_id.eq(&self.person.user_id))
            .select((memberships::role, Policies::as_select()))
            .first(tx.connection)
            .optional()?;
        Ok(now.map(|(role, policies)| {
            let mut current = self.clone();
            current.membership.role = role;
            current.membership.policies = policies;
            current
        }))
    }

    /// The same, where the actor has the permission at this moment.
    pub fn lock_for(&self, tx: &mut WriteTx, permission: Permission) -> Result<Option<Self>, DbError> {
        Ok(self.lock(tx)?.filter(|current| current.may(permission)))
    }
}

/// Locks every Organization of a user in the order of their ids: nobody changes a role there or who belongs to it. The caller holds the
/// lock on the account, so that its holder joins no other one meanwhile.
pub fn lock_organizations_of(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    let theirs = memberships::table.filter(memberships::user_id.eq(user)).order(memberships::organization_id);
    let organizations: Vec<OrganizationId> = theirs.select(memberships::organization_id).load(tx.connection)?;
    organizations.iter().try_for_each(|organization| lock_organization(tx, organization))
}

/// Locks an Organization until the transaction ends.
pub fn lock_organization(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    Ok(tx.lock_row("organizations", organization.as_str())?)
}
