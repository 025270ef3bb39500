//! The last Owner. Whoever lowers, removes or lets go an Owner asks here, in a transaction that holds the lock on the
//! Organization: of two Owners who remove each other, one stays.

use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{MembershipId, OrganizationId};
use crate::schema::{memberships, users};
use crate::web::Helper;

/// How many people a page names who can help.
const HELPERS: i64 = 3;

/// Whether an Organization would be without an Owner if `leaving` were none. The caller holds the lock on the Organization.
pub fn is_last_owner(tx: &mut WriteTx, organization: &OrganizationId, leaving: &MembershipId) -> Result<bool, DbError> {
    let another: Option<MembershipId> = memberships::table
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner))
        .filter(memberships::id.ne(leaving))
        .select(memberships::id)
        .first(tx.connection)
        .optional()?;
    let is_owner: Option<MembershipId> = memberships::table
        .filter(memberships::id.eq(leaving))
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner))
        .select(memberships::id)
        .first(tx.connection)
        .optional()?;
    Ok(is_owner.is_some() && another.is_none())
}

/// Owners to turn to, for somebody who lacks a permission.
pub fn who_can_help(connection: &mut Connection, organization: &OrganizationId) -> Result<Vec<Helper>, DbError> {
    let rows: Vec<(String, String, String)> = memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner))
        .order(memberships::id)
        .limit(HELPERS)
        .select((users::first_name, users::last_name, users::email))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(first, last, email)| Helper { name: format!("{first} {last}"), email, role: Role::Owner })
        .collect())
}
