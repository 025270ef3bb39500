//! Of which ends of licences is to be told: each of four windows of time holds those whose nearest threshold has come.
//!
//! A window ends with the moment of a threshold, and begins with that of the next nearer one, or with what was looked at before. So a
//! licence is in one of them at the most, and one that was told of long before it ends, or is not near its end, in none.

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{Ascending, Connection, DbError};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::terms::Term;
use crate::schema::{licence_notices as notices, licences};
use crate::time::Timestamp;

/// How many days before the end it is told; nought when it has come. The farthest first.
const THRESHOLDS: [i32; 4] = [30, 7, 1, 0];

/// The terms for which this would be told as soon as one begins: it must be shorter than they are.
fn too_short_for(threshold: i32) -> &'static [Term] {
    match threshold {
        30 => &[Term::Monthly, Term::Trial],
        _ => &[],
    }
}

/// What has come between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub since: Timestamp,
    pub until: Timestamp,
}

/// The ends of which a threshold is the nearest that has come: behind `from`, up to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub threshold: i32,
    from: Timestamp,
    to: Timestamp,
}

impl Span {
    pub(super) fn windows(self) -> impl Iterator<Item = Window> {
        let days = |days: i32| Duration::days(days.into());
        THRESHOLDS.into_iter().enumerate().map(move |(at, threshold)| {
            let from = self.since + days(threshold);
            let nearer = THRESHOLDS.get(at + 1).map(|nearer| self.until + days(*nearer));
            Window { threshold, from: nearer.map_or(from, |nearer| from.max(nearer)), to: self.until + days(threshold) }
        })
    }
}

/// Licences whose end lies in a window, and that neither are cancelled nor suspended. Whoever cancelled one knows when it ends; what is
/// suspended nobody can use.
macro_rules! ending_in {
    ($licences:expr, $window:expr) => {
        $licences
            .filter(licences::suspended_at.is_null())
            .filter(licences::cancelled_at.is_null())
            .filter(licences::ends_at.gt($window.from))
            .filter(licences::ends_at.le($window.to))
            .filter(licences::term.ne_all(too_short_for($window.threshold)))
    };
}

/// A licence of which is to be told.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = licences)]
pub(super) struct Due {
    pub id: LicenceId,
    pub product: String,
    pub plan: String,
    #[diesel(select_expression = licences::ends_at.assume_not_null())]
    pub ends_at: Timestamp,
}

/// Up to `most` in a window, of all Organizations, behind a place: who has them, and the place of the last.
pub(super) fn organizations(
    connection: &mut Connection,
    window: Window,
    after: Option<&(Timestamp, LicenceId)>,
    most: i64,
) -> Result<Vec<(OrganizationId, Timestamp, LicenceId)>, DbError> {
    let mut behind = licences::table.into_boxed();
    if let Some((ends_at, id)) = after {
        behind = behind.filter(Ascending::behind((licences::ends_at, licences::id), (ends_at, id)));
    }
    let query = ending_in!(behind, window).order((licences::ends_at, licences::id)).limit(most).select((
        licences::organization_id,
        licences::ends_at.assume_not_null(),
        licences::id,
    ));
    Ok(query.load(connection)?)
}

/// Up to `most` of an Organization in a window of which was not told yet, those that end first.
pub(super) fn untold(
    connection: &mut Connection,
    organization: &OrganizationId,
    window: Window,
    most: i64,
) -> Result<Vec<Due>, DbError> {
    let told = notices::table
        .filter(notices::licence_id.eq(licences::id))
        .filter(notices::ends_at.nullable().eq(licences::ends_at))
        .filter(notices::threshold.eq(window.threshold));
    Ok(ending_in!(licences::table, window)
        .filter(licences::organization_id.eq(organization))
        .filter(diesel::dsl::not(diesel::dsl::exists(told.select(notices::id))))
        .order((licences::ends_at, licences::id))
        .limit(most)
        .select(Due::as_select())
        .load(connection)?)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    fn told(since: &str, until: &str, end: &str) -> Vec<i32> {
        let (span, end) = (Span { since: at(since), until: at(until) }, at(end));
        span.windows().filter(|window| window.from < end && end <= window.to).map(|window| window.threshold).collect()
    }

    #[test]
    fn an_end_is_in_the_window_of_the_nearest_threshold_that_has_come_since() {
        let end = "2028-03-31T00:00:00Z";
        for (since, until, expected) in [
            ("2028-02-01T00:00:00Z", "2028-02-29T23:59:59Z", vec![]),
            ("2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z", vec![30]),
            ("2028-03-01T00:00:00Z", "2028-03-01T00:10:00Z", vec![]),
            ("2028-03-24T00:00:00Z", "2028-03-29T23:00:00Z", vec![]),
            ("2028-03-23T23:00:00Z", "2028-03-29T23:00:00Z", vec![7]),
            ("2028-03-23T23:00:00Z", "2028-03-30T00:00:00Z", vec![1]),
            ("2028-02-01T00:00:00Z", "2028-03-31T00:00:00Z", vec![0]),
            ("2028-03-31T00:00:00Z", "2028-06-01T00:00:00Z", vec![]),
        ] {
            assert_eq!(told(since, until, end), expected, "{since} {until}");
        }
    }
}
