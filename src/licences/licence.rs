//! The row of a licence, and how it is found: through what somebody may see.

use diesel::prelude::*;

use crate::access::{Permission, Scope};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::terms::Term;
use crate::schema::{licence_grants, licences};
use crate::time::Timestamp;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = licences)]
pub struct Licence {
    pub id: LicenceId,
    pub organization_id: OrganizationId,
    pub product: String,
    pub plan: String,
    pub term: Term,
    /// None, where whoever may use it needs no seat.
    pub seats: i32,
    /// A line for each thing.
    pub includes: String,
    pub starts_at: Timestamp,
    /// The first moment at which it is not valid any more. `None` for what has no end.
    pub ends_at: Option<Timestamp>,
    /// The day of the month on which its terms end.
    pub renewal_day: i32,
    /// Until when Support & Upgrade goes; the first moment after it.
    pub support_until: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    /// Since when an operator has suspended it.
    pub suspended_at: Option<Timestamp>,
}

impl Licence {
    pub fn has_seats(&self) -> bool {
        self.seats > 0
    }
}

/// A licence of the Organization that this person may see. What they may not see is not there. One statement.
pub fn find(connection: &mut Connection, scope: &Scope, id: &LicenceId) -> Result<Option<Licence>, DbError> {
    let of_organization = licences::table
        .filter(licences::id.eq(id))
        .filter(licences::organization_id.eq(scope.organization_id()))
        .select(Licence::as_select());
    if scope.may(Permission::ViewLicences) {
        return Ok(of_organization.first(connection).optional()?);
    }
    let granted = licence_grants::table
        .filter(licence_grants::licence_id.eq(licences::id))
        .filter(licence_grants::user_id.eq(&scope.person().user_id));
    Ok(of_organization
        .filter(diesel::dsl::exists(granted.select(licence_grants::licence_id)))
        .first(connection)
        .optional()?)
}

/// The same, locked until the transaction ends. The Organization is locked before it.
pub(super) fn lock(tx: &mut WriteTx, scope: &Scope, id: &LicenceId) -> Result<Option<Licence>, DbError> {
    tx.lock_row("licences", id.as_str())?;
    find(tx.connection, scope, id)
}

/// A licence as an operator names it.
pub(super) fn of_any(connection: &mut Connection, id: &LicenceId) -> Result<Option<Licence>, DbError> {
    Ok(licences::table.filter(licences::id.eq(id)).select(Licence::as_select()).first(connection).optional()?)
}
