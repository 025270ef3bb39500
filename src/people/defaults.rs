//! The default Organization of somebody, where they begin after signing in: always one that they belong to.

use diesel::prelude::*;

use crate::access::joined_organizations;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{MembershipId, OrganizationId, UserId};
use crate::schema::{memberships, organizations, users};

/// Forgets it of somebody who leaves that Organization, in the transaction that ends the membership.
pub(super) fn clear(tx: &mut WriteTx, organization: &OrganizationId, user: &UserId) -> Result<(), DbError> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .filter(users::default_organization_id.eq(organization))
        .set(users::default_organization_id.eq(None::<&OrganizationId>))
        .execute(tx.connection)?;
    Ok(())
}

/// The name of an Organization of a user. They stay one of its people until the transaction ends. `None` where they are not.
pub fn hold(tx: &mut WriteTx, organization: &OrganizationId, user: &UserId) -> Result<Option<String>, DbError> {
    let theirs = || {
        joined_organizations()
            .filter(memberships::user_id.eq(user))
            .filter(memberships::organization_id.eq(organization))
    };
    let membership: Option<MembershipId> = theirs().select(memberships::id).first(tx.connection).optional()?;
    let Some(membership) = membership else { return Ok(None) };
    tx.lock_row("memberships", membership.as_str())?;
    Ok(theirs().select(organizations::name).first(tx.connection).optional()?)
}

/// The default Organization of a user: what its addresses begin with, and its name.
pub fn of_user(connection: &mut Connection, user: &UserId) -> Result<Option<(String, String)>, DbError> {
    let of_user = users::table.filter(users::id.eq(user)).select(users::default_organization_id);
    let default: Option<Option<OrganizationId>> = of_user.first(connection).optional()?;
    let Some(default) = default.flatten() else { return Ok(None) };
    Ok(joined_organizations()
        .filter(memberships::user_id.eq(user))
        .filter(memberships::organization_id.eq(default))
        .select((organizations::slug, organizations::name))
        .first(connection)
        .optional()?)
}
