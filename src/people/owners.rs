//! The last Owner. Whoever lowers, removes, lets go or suspends an Owner asks here, in a transaction that holds the lock on the
//! Organization: of two Owners who remove each other, one stays. Who is suspended cannot act, and so counts as none.

use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Connection, DbError};
use crate::ids::{MembershipId, OrganizationId};
use crate::names::full_name;
use crate::schema::{memberships, users};

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
