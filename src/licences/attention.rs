//! Which licences need somebody's attention, and how many.

use chrono::Duration;
use diesel::dsl::{auto_type, count_star, exists};
use diesel::prelude::*;

use crate::db::{Connection, DbError, on_either};
use crate::ids::OrganizationId;
use crate::licences::status::EXPIRING;
use crate::schema::{licences, memberships};
use crate::time::Timestamp;

/// Beyond this nobody counts: a page says "100+".
pub const MOST: i64 = 100;
/// How long before its end a licence is a reason to open its Organization.
const URGENT: Duration = Duration::days(7);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    pub expiring: i64,
    pub in_grace: i64,
    pub suspended: i64,
}

/// Those of an Organization that end in this time, but for its beginning, and nobody meant to: a range of one index.
#[auto_type]
fn ending<'a>(organization: &'a OrganizationId, after: Timestamp, until: Timestamp) -> _ {
    licences::table
        .filter(licences::organization_id.eq(organization))
        .filter(licences::suspended_at.is_null())
        .filter(licences::cancelled_at.is_null())
        .filter(licences::ends_at.gt(after))
        .filter(licences::ends_at.le(until))
        .select(licences::id)
}

/// Counted up to one more than [`MOST`] each, where what has ended is kept for `grace`. One statement, of three short ranges.
pub fn count(
    connection: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
    grace: Duration,
) -> Result<Attention, DbError> {
    let counted = diesel::alias!(licences as counted);
    let number = |these| counted.filter(counted.field(licences::id).eq_any(these)).select(count_star()).single_value();
    let suspended = licences::table
        .filter(licences::organization_id.eq(organization))
        .filter(licences::suspended_at.is_not_null())
        .select(licences::id)
        .limit(MOST + 1);
    let suspended = counted.filter(counted.field(licences::id).eq_any(suspended)).select(count_star()).single_value();
    let expiring = number(ending(organization, now, now + EXPIRING).limit(MOST + 1));
    let in_grace = number(ending(organization, now - grace, now).limit(MOST + 1));
    let (expiring, in_grace, suspended): (Option<i64>, Option<i64>, Option<i64>) =
        on_either!(connection, |connection| diesel::select((expiring, in_grace, suspended)).first(connection))?;
    let [expiring, in_grace, suspended] = [expiring, in_grace, suspended].map(Option::unwrap_or_default);
    Ok(Attention { expiring, in_grace, suspended })
}

/// Whether the Organization of a membership has a licence that ended and is kept, or ends within a week: a column of a query about
/// memberships, found by the first row of a range.
#[auto_type]
pub fn is_urgent(now: Timestamp, grace: Duration) -> _ {
    let (since, until): (Timestamp, Timestamp) = (now - grace, now + URGENT);
    exists(
        licences::table
            .filter(licences::organization_id.eq(memberships::organization_id))
            .filter(licences::suspended_at.is_null())
            .filter(licences::cancelled_at.is_null())
            .filter(licences::ends_at.gt(since))
            .filter(licences::ends_at.le(until)),
    )
}
