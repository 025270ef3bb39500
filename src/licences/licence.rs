//! The row of a licence, and how it is found: through what somebody may see.

use diesel::prelude::*;

use crate::access::{Permission, Scope};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::copied_plan::CopiedPlan;
use crate::licences::terms::Term;
use crate::money::{Currency, Money};
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
    /// What it was sold as. None where nobody paid for it.
    pub product_key: Option<String>,
    pub plan_key: Option<String>,
    /// How many of the plan.
    pub quantity: i32,
    pub(super) unit_price: Option<i64>,
    pub(super) currency: Option<Currency>,
    /// How many come with each term of all of them.
    pub credits: i32,
    /// Since when its terms follow each other without a gap, where that is not since its start.
    pub terms_since: Option<Timestamp>,
    /// What another term changes: how many of the plan, and the plan.
    pub next_quantity: Option<i32>,
    pub next_plan: Option<CopiedPlan>,
    /// When that term begins, once it is paid.
    pub next_at: Option<Timestamp>,
}

impl Licence {
    pub fn has_seats(&self) -> bool {
        self.seats > 0
    }

    /// What one of the plan costs for a term, without tax. None where nobody paid for it.
    pub fn unit_price(&self) -> Option<Money> {
        Some(Money { minor: self.unit_price?, currency: self.currency? })
    }

    /// What all of them cost for a term, without tax.
    pub fn price(&self) -> Option<Money> {
        self.unit_price().map(|price| Money { minor: price.minor * i64::from(self.quantity), ..price })
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

#[cfg(test)]
impl Licence {
    /// One that nobody paid for, as tests of its moments need it.
    pub(super) fn given(term: Term, starts_at: Timestamp) -> Self {
        Self {
            id: LicenceId::new(starts_at),
            organization_id: OrganizationId::new(starts_at),
            product: "Mapper".to_owned(),
            plan: String::new(),
            term,
            seats: 1,
            includes: String::new(),
            starts_at,
            ends_at: term.end(starts_at),
            renewal_day: 1,
            support_until: None,
            cancelled_at: None,
            suspended_at: None,
            product_key: None,
            plan_key: None,
            quantity: 1,
            unit_price: None,
            currency: None,
            credits: 0,
            terms_since: None,
            next_quantity: None,
            next_plan: None,
            next_at: None,
        }
    }
}
