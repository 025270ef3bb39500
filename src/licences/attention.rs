//! How many licences are in which state, and which of them need somebody's attention.

use chrono::Duration;
use diesel::dsl::{auto_type, exists};
use diesel::prelude::*;

use crate::ids::OrganizationId;
use crate::schema::{licences, memberships};
use crate::time::Timestamp;

/// Beyond this nobody counts: a page says "100+".
pub const MOST: i64 = 100;
/// How long before its end a licence is a reason to open its Organization.
const URGENT: Duration = Duration::days(7);

/// How many licences of an Organization are in each state. Those that end soon are among the active ones and the trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable)]
pub struct Counts {
    with_end: Option<i64>,
    without_end: Option<i64>,
    trials: Option<i64>,
    cancelled: Option<i64>,
    expiring: Option<i64>,
    in_grace: Option<i64>,
    suspended: Option<i64>,
}

impl Counts {
    pub fn active(self) -> i64 {
        let all = self.with_end.unwrap_or_default() + self.without_end.unwrap_or_default();
        // Of many, nobody says how many: not that a few are trials, either.
        if all > MOST { all } else { all - self.trials() }
    }

    pub fn trials(self) -> i64 {
        self.trials.unwrap_or_default()
    }

    /// Those that go on until their last day.
    pub fn cancelled(self) -> i64 {
        self.cancelled.unwrap_or_default()
    }

    pub fn expiring(self) -> i64 {
        self.expiring.unwrap_or_default()
    }

    pub fn in_grace(self) -> i64 {
        self.in_grace.unwrap_or_default()
    }

    pub fn suspended(self) -> i64 {
        self.suspended.unwrap_or_default()
    }
}

/// Those of an Organization that nobody has cancelled or suspended, in the order of an index.
#[auto_type]
pub(crate) fn going_on<'a>(organization: &'a OrganizationId) -> _ {
    licences::table
        .filter(licences::organization_id.eq(organization))
        .filter(licences::suspended_at.is_null())
        .filter(licences::cancelled_at.is_null())
        .select(licences::id)
}

/// The columns of [`Counts`], of an Organization at a moment, where what has ended is kept for `$grace`: each a short range of an
/// index, counted up to one more than [`MOST`].
macro_rules! licence_counts {
    ($organization:expr, $now:expr, $grace:expr) => {{
        use diesel::dsl::count_star;
        use $crate::licences::attention::{MOST, going_on};
        use $crate::licences::status::EXPIRING;
        use $crate::licences::terms::Term;
        use $crate::schema::licences;
        let counted = diesel::alias!(licences as counted);
        macro_rules! number {
            ($these:expr) => {
                counted
                    .filter(counted.field(licences::id).eq_any($these.limit(MOST + 1)))
                    .select(count_star())
                    .single_value()
            };
        }
        let (organization, now, grace) = ($organization, $now, $grace);
        let theirs = || licences::table.filter(licences::organization_id.eq(organization)).select(licences::id);
        (
            number!(going_on(organization).filter(licences::ends_at.gt(now))),
            number!(going_on(organization).filter(licences::ends_at.is_null())),
            number!(going_on(organization).filter(licences::term.eq(Term::Trial)).filter(licences::ends_at.gt(now))),
            number!(
                theirs()
                    .filter(licences::cancelled_at.is_not_null())
                    .filter(licences::suspended_at.is_null())
                    .filter(licences::ends_at.gt(now))
            ),
            number!(
                going_on(organization).filter(licences::ends_at.gt(now)).filter(licences::ends_at.le(now + EXPIRING))
            ),
            number!(going_on(organization).filter(licences::ends_at.gt(now - grace)).filter(licences::ends_at.le(now))),
            number!(theirs().filter(licences::suspended_at.is_not_null())),
        )
    }};
}
pub(crate) use licence_counts;

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
