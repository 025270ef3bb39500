//! What an Organization owns, what it is charged next, and what of both needs somebody: what the dashboard says at a glance.

use chrono::Duration;
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::order::Status;
use super::place::MOST_PENDING;
use crate::credits::ended::ended_credits;
use crate::db::{Connection, DbError, on_either};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::attention::{Counts, MOST, licence_counts};
use crate::licences::automatic::Problem;
use crate::licences::licence::Licence;
use crate::licences::terms::Term;
use crate::money::Money;
use crate::organizations::organization::Organization;
use crate::schema::{credit_wallets, licences, orders, organizations, renewals};
use crate::time::Timestamp;

/// What an Organization has.
#[derive(Clone, Debug)]
pub struct Owned {
    pub organization: Organization,
    /// How many credits can be spent.
    pub credits: i64,
    /// For those who see every licence.
    pub licences: Option<Counts>,
    /// How many orders wait to be paid.
    pub pending: i64,
}

/// One statement, of some short ranges.
pub fn owned(
    connection: &mut Connection,
    id: &OrganizationId,
    now: Timestamp,
    grace: Duration,
) -> Result<Owned, DbError> {
    let query = organizations::table.left_join(credit_wallets::table).filter(organizations::id.eq(id));
    let ended = ended_credits!(id, now).single_value();
    let waiting = orders::table
        .filter(orders::organization_id.eq(id))
        .filter(orders::status.eq(Status::Pending))
        .limit(MOST_PENDING)
        .select(orders::id);
    let counted = diesel::alias!(orders as waiting_orders);
    let pending = counted.filter(counted.field(orders::id).eq_any(waiting)).select(count_star()).single_value();
    let counts = licence_counts!(id, now, grace);
    type Row = (Organization, Option<i64>, Option<i64>, Counts, Option<i64>);
    let (organization, balance, ended, licences, pending): Row = on_either!(connection, |connection| {
        let balance = credit_wallets::balance.nullable();
        query.select((Organization::as_select(), balance, ended, counts, pending)).first(connection)
    })?;
    let credits = balance.unwrap_or(0) - ended.unwrap_or(0);
    Ok(Owned { organization, credits, licences: Some(licences), pending: pending.unwrap_or(0) })
}

/// What is charged while nobody is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charges {
    pub next: Option<NextCharge>,
    /// What all that renews itself costs in a year as things stand, without tax. `None` where that is in several currencies, or where
    /// there is more than anybody adds up.
    pub a_year: Option<Money>,
    /// Of how many licences the last charge brought nothing.
    pub failed: usize,
}

/// The charge that comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextCharge {
    pub licence: LicenceId,
    /// `Mapper, Yearly`
    pub what: String,
    pub at: Timestamp,
    /// Without tax.
    pub price: Money,
}

type Row = (Licence, Option<Timestamp>, Option<Problem>);

/// One statement.
pub fn charges(
    connection: &mut Connection,
    id: &OrganizationId,
    now: Timestamp,
    grace: Duration,
) -> Result<Charges, DbError> {
    let is_of_term = renewals::licence_id.eq(licences::id).and(renewals::term_ends_at.nullable().eq(licences::ends_at));
    let rows: Vec<Row> = licences::table
        .left_join(renewals::table.on(is_of_term))
        .filter(licences::organization_id.eq(id))
        .filter(licences::suspended_at.is_null())
        .filter(licences::cancelled_at.is_null())
        .filter(licences::unit_price.is_not_null())
        .filter(licences::ends_at.gt(now - grace))
        .order((licences::ends_at, licences::id))
        .limit(MOST + 1)
        .select((Licence::as_select(), renewals::next_try_at.nullable(), renewals::problem.nullable()))
        .load(connection)?;
    let is_all = rows.len() as i64 <= MOST;
    let renewing = || rows.iter().filter(|(licence, ..)| licence.renews());
    let going_on = renewing().filter(|(licence, ..)| !licence.has_ended_at(now));
    Ok(Charges {
        next: renewing().filter_map(|row| next_charge(row, now)).min_by_key(|next| next.at),
        a_year: if is_all { sum(going_on.filter_map(|(licence, ..)| a_year(licence))) } else { None },
        failed: renewing().filter(|(.., problem)| problem.is_some()).count(),
    })
}

/// When a licence is charged next: for the first time, or again.
fn next_charge((licence, next_try_at, problem): &Row, now: Timestamp) -> Option<NextCharge> {
    let planned = licence.is_charged_at().filter(|_| problem.is_none() && !licence.has_ended_at(now));
    let (at, next) = (next_try_at.or(planned)?.max(now), licence.next_term());
    let what = format!("{}, {}", licence.product, next.plan);
    Some(NextCharge { licence: licence.id.clone(), what, at, price: next.price()? })
}

fn a_year(licence: &Licence) -> Option<Money> {
    let next = licence.next_term();
    let terms = match next.term {
        Term::Monthly => 12,
        Term::Yearly => 1,
        Term::Perpetual | Term::Trial => 0,
    };
    next.price().map(|price| Money { minor: price.minor * terms, ..price })
}

/// The sum of what is in one currency.
fn sum(mut prices: impl Iterator<Item = Money>) -> Option<Money> {
    let first = prices.next()?;
    prices.try_fold(first, |sum, price| {
        (sum.currency == price.currency).then(|| Money { minor: sum.minor + price.minor, ..sum })
    })
}
