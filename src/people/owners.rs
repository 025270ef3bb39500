//! The last Owner. Whoever lowers, removes, lets go, suspends or deletes an Owner asks here, in a transaction that holds the lock on the
//! Organization: of two Owners who remove each other, one stays. Who is suspended cannot act, and so counts as none.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::access::{Role, joined_organizations};
use crate::db::{Connection, DbError};
use crate::ids::{MembershipId, OrganizationId, UserId};
use crate::names::full_name;
use crate::schema::{memberships, organizations, users};

diesel::alias!(memberships as others: Others, users as holders: Holders);

/// How many people a page names who can help.
const HELPERS: i64 = 3;

/// Whether an Organization would be without an Owner if `leaving` were none. For an answer that still holds when it is acted on,
/// the caller holds the lock on the Organization.
pub fn is_last_owner(
    connection: &mut Connection,
    organization: &OrganizationId,
    leaving: &MembershipId,
) -> Result<bool, DbError> {
    // Two of them say all: whether `leaving` is one, and whether there is another.
    let mut owners: Vec<MembershipId> = memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner))
        .filter(memberships::id.ne(leaving))
        .filter(users::suspended_at.is_null())
        .select(memberships::id)
        .limit(1)
        .load(connection)?;
    if owners.pop().is_some() {
        return Ok(false);
    }
    let role: Option<Role> = memberships::table
        .filter(memberships::id.eq(leaving))
        .filter(memberships::organization_id.eq(organization))
        .select(memberships::role)
        .first(connection)
        .optional()?;
    Ok(role == Some(Role::Owner))
}

/// An open Organization that would be without an Owner if somebody were none.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Alone {
    pub slug: String,
    pub name: String,
}

/// All Organizations in which somebody is the only Owner who is not suspended. One statement. For an answer that still holds when it is
/// acted on, the caller holds the locks on all Organizations of theirs.
pub fn alone_in(connection: &mut Connection, user: &UserId) -> Result<Vec<Alone>, DbError> {
    let is_other = others
        .field(memberships::organization_id)
        .eq(memberships::organization_id)
        .and(others.field(memberships::role).eq(Role::Owner))
        .and(others.field(memberships::id).ne(memberships::id));
    let another = others
        .inner_join(holders.on(holders.field(users::id).eq(others.field(memberships::user_id))))
        .filter(is_other)
        .filter(holders.field(users::suspended_at).is_null());
    Ok(joined_organizations()
        .filter(memberships::user_id.eq(user))
        .filter(memberships::role.eq(Role::Owner))
        .filter(not(exists(another)))
        .order(organizations::id)
        .select((organizations::slug, organizations::name))
        .load(connection)?)
}

/// Somebody who can help a person without the permission.
#[derive(Clone, Debug)]
pub struct Helper {
    pub name: String,
    pub email: String,
    pub role: Role,
}

/// Owners to turn to, for somebody who lacks a permission.
pub fn who_can_help(connection: &mut Connection, organization: &OrganizationId) -> Result<Vec<Helper>, DbError> {
    let rows: Vec<(String, String, String)> = memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner))
        .filter(users::suspended_at.is_null())
        .order(memberships::id)
        .limit(HELPERS)
        .select((users::first_name, users::last_name, users::email))
        .load(connection)?;
    let helper =
        |(first, last, email): (String, String, _)| Helper { name: full_name(&first, &last), email, role: Role::Owner };
    Ok(rows.into_iter().map(helper).collect())
}
