//! The licences that go on by themselves, and so have something charged.

use diesel::prelude::*;

use crate::db::{Connection, DbError};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::terms::Term;
use crate::schema::licences;
use crate::time::Timestamp;

/// A licence whose next term is charged.
#[derive(Clone, Debug, Queryable)]
pub struct Renewing {
    pub id: LicenceId,
    pub product: String,
    pub plan: String,
    pub ends_at: Option<Timestamp>,
}

/// Up to `most` of them, what ends soonest first. One statement.
pub fn renewing(
    connection: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
    most: i64,
) -> Result<Vec<Renewing>, DbError> {
    let going_on = licences::table
        .filter(licences::organization_id.eq(organization))
        .filter(licences::ends_at.gt(now))
        .filter(licences::term.eq_any([Term::Monthly, Term::Yearly]))
        // Nothing is charged for what nobody paid for.
        .filter(licences::unit_price.gt(0))
        .filter(licences::cancelled_at.is_null())
        .filter(licences::suspended_at.is_null())
        .order((licences::ends_at, licences::id))
        .limit(most);
    Ok(going_on.select((licences::id, licences::product, licences::plan, licences::ends_at)).load(connection)?)
}
