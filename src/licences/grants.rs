//! Access for Readers and Members, who use only the licences that they were given. Editors and above use all of them.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Permission, Role, Scope};
use crate::audit::{Action, By};
use crate::db::{Connection, DbError, WriteTx, is_unique};
use crate::ids::{LicenceGrantId, LicenceId, MembershipId, OrganizationId, UserId};
use crate::licences::licence::{self, Licence};
use crate::licences::lists::people_of;
use crate::licences::seats::{self, of_person};
use crate::names::full_name;
use crate::paging::{Part, Place};
use crate::schema::{licence_grants, memberships, users};
use crate::time::Timestamp;

#[derive(Insertable)]
#[diesel(table_name = licence_grants)]
struct Row<'a> {
    id: LicenceGrantId,
    licence_id: &'a LicenceId,
    organization_id: &'a OrganizationId,
    user_id: &'a UserId,
    granted_at: Timestamp,
}

/// Gives access. False where they have it already.
pub(super) fn store(
    tx: &mut WriteTx,
    licence: &LicenceId,
    organization: &OrganizationId,
    user: &UserId,
    granted_at: Timestamp,
) -> Result<bool, DbError> {
    let id = LicenceGrantId::new(tx.now);
    let row = Row { id, licence_id: licence, organization_id: organization, user_id: user, granted_at };
    let stored = tx.savepoint(|connection| diesel::insert_into(licence_grants::table).values(row).execute(connection));
    match stored {
        Ok(_) => Ok(true),
        Err(error) if is_unique(&error, "licence_grants_user", "licence_grants.licence_id") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    Granted {
        name: String,
    },
    /// They have it already.
    Already {
        name: String,
    },
    /// Their role uses every licence.
    ByRole {
        name: String,
        role: Role,
    },
    /// Nobody of the Organization has this address.
    Unknown,
    /// The role of this moment does not allow it.
    NotAllowed,
    Gone,
}

/// Gives the Reader or Member with this address access to a licence.
pub fn grant(tx: &mut WriteTx, scope: &Scope, id: &LicenceId, email: &str) -> Result<Grant, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageLicences)? else { return Ok(Grant::NotAllowed) };
    let Some(licence) = licence::lock(tx, &scope, id)? else { return Ok(Grant::Gone) };
    let found: Option<(UserId, String, String, Role)> = memberships::table
        .inner_join(users::table)
        .filter(users::email.eq(email))
        .filter(memberships::organization_id.eq(scope.organization_id()))
        .select((users::id, users::first_name, users::last_name, memberships::role))
        .first(tx.connection)
        .optional()?;
    let Some((user, first, last, role)) = found else { return Ok(Grant::Unknown) };
    let name = full_name(&first, &last);
    if Permission::ViewLicences.is_given_by(role) {
        return Ok(Grant::ByRole { name, role });
    }
    if !store(tx, id, scope.organization_id(), &user, tx.now)? {
        return Ok(Grant::Already { name });
    }
    let sides = [Value::Null, of_person(&user, &name)];
    seats::record(tx, By::member(&scope), &licence, Action::LicenceAccessGranted, sides)?;
    Ok(Grant::Granted { name })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoke {
    /// With it went the seat that they had, if they had one.
    Revoked {
        name: String,
        had_seat: bool,
    },
    /// They have none.
    None {
        name: String,
    },
    /// The role of this moment does not allow it.
    NotAllowed,
    Gone,
}

/// Takes somebody's access to a licence, and the seat that they had by it.
pub fn revoke(tx: &mut WriteTx, scope: &Scope, id: &LicenceId, member: &MembershipId) -> Result<Revoke, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageLicences)? else { return Ok(Revoke::NotAllowed) };
    let Some(licence) = licence::lock(tx, &scope, id)? else { return Ok(Revoke::Gone) };
    let organization = scope.organization_id();
    let Some((user, name)) = seats::person(tx.connection, organization, member)? else { return Ok(Revoke::Gone) };
    if !remove(tx, By::member(&scope), &licence, &user, &name)? {
        return Ok(Revoke::None { name });
    }
    // An Editor who was a Reader once keeps the seat: their role gives it.
    let role: Role =
        memberships::table.filter(memberships::id.eq(member)).select(memberships::role).first(tx.connection)?;
    let uses_all = Permission::ViewLicences.is_given_by(role);
    let had_seat = !uses_all && seats::give_up(tx, By::member(&scope), &licence, &user, &name)?;
    Ok(Revoke::Revoked { name, had_seat })
}

pub(super) fn remove(
    tx: &mut WriteTx,
    by: By<'_>,
    licence: &Licence,
    user: &UserId,
    name: &str,
) -> Result<bool, DbError> {
    let theirs = licence_grants::table
        .filter(licence_grants::licence_id.eq(&licence.id))
        .filter(licence_grants::user_id.eq(user));
    if diesel::delete(theirs).execute(tx.connection)? == 0 {
        return Ok(false);
    }
    seats::record(tx, by, licence, Action::LicenceAccessRevoked, [of_person(user, name), Value::Null])?;
    Ok(true)
}

/// Somebody who was given access.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = licence_grants)]
pub struct Granted {
    pub id: LicenceGrantId,
    #[diesel(select_expression = memberships::id)]
    pub member_id: MembershipId,
    #[diesel(select_expression = memberships::role)]
    pub role: Role,
    #[diesel(select_expression = users::first_name)]
    first_name: String,
    #[diesel(select_expression = users::last_name)]
    last_name: String,
    #[diesel(select_expression = users::email)]
    pub email: String,
}

impl Granted {
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

/// Who was given access, in the order in which they got it. One statement.
pub fn granted(
    connection: &mut Connection,
    licence: &LicenceId,
    place: Place<&str>,
    most: usize,
) -> Result<Part<Granted>, DbError> {
    people_of!(connection, licence_grants, Granted, licence, place, most)
}
