//! How long a licence lasts. Terms begin and end with a day, in UTC: who gets a licence in the morning has the whole of its last day.

use chrono::{Days, Duration, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;

use crate::catalogue::contents::Term as PlanTerm;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How many days a trial lasts.
pub const TRIAL_DAYS: u64 = 15;

/// For how long a licence is given.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
    serde::Serialize,
    serde::Deserialize,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Term {
    Monthly,
    Yearly,
    /// Without an end.
    Perpetual,
    /// It ends by itself and is never renewed.
    Trial,
}

stored_as_text!(Term);

impl Term {
    /// For how long a licence by a plan is. None for a plan that gives none.
    pub fn of_plan(plan: PlanTerm) -> Option<Self> {
        match plan {
            PlanTerm::Monthly => Some(Self::Monthly),
            PlanTerm::Yearly => Some(Self::Yearly),
            PlanTerm::Perpetual => Some(Self::Perpetual),
            PlanTerm::Trial => Some(Self::Trial),
            PlanTerm::SupportAndUpgrade => None,
        }
    }

    /// The term as stored.
    pub fn key(self) -> &'static str {
        self.into()
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Monthly => "Monthly",
            Self::Yearly => "Yearly",
            Self::Perpetual => "Perpetual",
            Self::Trial => "Trial",
        }
    }

    /// What stands behind a price.
    pub fn per(self) -> &'static str {
        match self {
            Self::Monthly => "a month",
            Self::Yearly => "a year",
            Self::Perpetual | Self::Trial => "once",
        }
    }

    /// How many months a renewal adds, where there are renewals.
    fn months(self) -> Option<u32> {
        match self {
            Self::Monthly => Some(1),
            Self::Yearly => Some(12),
            Self::Perpetual | Self::Trial => None,
        }
    }

    /// Whether another term can follow.
    pub fn renews(self) -> bool {
        self.months().is_some()
    }

    /// When a term that starts now ends: with the end of the day that many months, or days of a trial, later. `None` for what has no
    /// end.
    pub fn end(self, starts_at: Timestamp) -> Option<Timestamp> {
        let first = starts_at.day();
        match (self, self.months()) {
            (Self::Trial, _) => Some(end_of(first + Days::new(TRIAL_DAYS))),
            (_, months) => months.map(|months| end_of(months_later(first, months, day_of_month(first)))),
        }
    }
}

/// The first moment after a day, in UTC.
pub fn end_of(day: NaiveDate) -> Timestamp {
    Timestamp::from((day + Days::new(1)).and_time(NaiveTime::MIN))
}

/// Until when Support & Upgrade goes that begins now and lasts so many months. None where there are none.
pub fn support_end(now: Timestamp, months: u32) -> Option<Timestamp> {
    (months > 0).then(|| end_of(now.day() + Months::new(months)))
}

/// The last day that is valid through its end, in the zone in which it is shown.
pub fn last_day<Zone: TimeZone>(ends_at: Timestamp, zone: &Zone) -> NaiveDate {
    ends_at.to_utc().with_timezone(zone).date_naive() - Days::new(1)
}

/// The last moment of that day in UTC, in which pages show it.
pub fn last_moment(ends_at: Timestamp) -> Timestamp {
    end_of(last_day(ends_at, &Utc)) - Duration::microseconds(1)
}

/// The day of the month on which the terms of a licence end that starts on `day`.
pub fn day_of_month(day: NaiveDate) -> u32 {
    chrono::Datelike::day(&day)
}

/// The end of the term after the one that ends at `ends_at`, and the day of the month on which it and those after it end. Before the
/// end, it goes on from there; after it, a term begins now. So nothing is ever shortened.
pub fn renewed(term: Term, ends_at: Timestamp, renewal_day: u32, now: Timestamp) -> Option<(Timestamp, u32)> {
    let months = term.months()?;
    if now < ends_at {
        let last = last_day(ends_at, &Utc);
        return Some((end_of(months_later(last, months, renewal_day)), renewal_day));
    }
    let (first, day) = (now.day(), day_of_month(now.day()));
    Some((end_of(months_later(first, months, day)), day))
}

/// The last day of the term before the one whose last day is `last`. `None` where there are no terms.
pub fn last_day_before(term: Term, last: NaiveDate, renewal_day: u32) -> Option<NaiveDate> {
    let month = chrono::Datelike::with_day(&last, 1).unwrap_or(last) - Months::new(term.months()?);
    Some(in_month(month, renewal_day))
}

/// That day of the month so many months later; the last day of the month where it has none.
fn months_later(day: NaiveDate, months: u32, day_of_month: u32) -> NaiveDate {
    let month = chrono::Datelike::with_day(&day, 1).unwrap_or(day) + Months::new(months);
    in_month(month, day_of_month)
}

/// That day of a month of which the first day is given; its last day where it has none.
fn in_month(month: NaiveDate, day_of_month: u32) -> NaiveDate {
    (1..=day_of_month).rev().find_map(|day| chrono::Datelike::with_day(&month, day)).unwrap_or(month)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, FixedOffset};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_term_ends_with_the_end_of_its_last_day() {
        let start = at("2026-11-28T10:20:30Z");
        assert_eq!(Term::Monthly.end(start), Some(at("2026-12-29T00:00:00Z")));
        assert_eq!(Term::Yearly.end(start), Some(at("2027-11-29T00:00:00Z")));
        assert_eq!(Term::Trial.end(start), Some(at("2026-12-14T00:00:00Z")));
        assert_eq!(Term::Perpetual.end(start), None);
        assert_eq!(Term::Yearly.end(at("2028-02-29T12:00:00Z")), Some(at("2029-03-01T00:00:00Z")));
    }

    /// Twelve renewals from each day on which a licence can start, with a leap day among them.
    #[test]
    fn twelve_months_lead_to_the_same_day_whatever_months_are_between() {
        for offset in 0..800 {
            let first = day("2027-01-01") + Days::new(offset);
            let start = Timestamp::from(first.and_time(NaiveTime::MIN)) + Duration::hours(9);
            let mut ends = Term::Monthly.end(start).unwrap();
            let mut renewal_day = day_of_month(first);
            for _ in 1..12 {
                let longest = Duration::days(31);
                let (next, day) = renewed(Term::Monthly, ends, renewal_day, ends - Duration::microseconds(1)).unwrap();
                assert!(next > ends && next - ends <= longest && next - ends >= Duration::days(28), "{first}: {next}");
                (ends, renewal_day) = (next, day);
            }
            assert_eq!(Some(ends), Term::Yearly.end(start), "{first}");
        }
    }

    #[test]
    fn a_month_without_that_day_does_not_move_the_ones_after_it() {
        let mut ends = Term::Monthly.end(at("2027-12-31T08:00:00Z")).unwrap();
        let mut last = vec![last_day(ends, &Utc)];
        for _ in 0..3 {
            (ends, _) = renewed(Term::Monthly, ends, 31, ends - Duration::days(2)).unwrap();
            last.push(last_day(ends, &Utc));
        }
        assert_eq!(last, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"].map(day));
    }

    #[test]
    fn a_renewal_goes_on_from_the_end_or_begins_now_and_never_shortens() {
        let ends = at("2027-03-11T00:00:00Z");
        let before = renewed(Term::Yearly, ends, 10, at("2027-03-10T23:59:59.999999Z"));
        assert_eq!(before, Some((at("2028-03-11T00:00:00Z"), 10)));
        let long_before = renewed(Term::Yearly, ends, 10, at("2026-04-01T00:00:00Z"));
        assert_eq!(long_before, before, "it is not counted from the day on which it is paid");
        let at_the_end = renewed(Term::Yearly, ends, 10, ends);
        assert_eq!(at_the_end, Some((at("2028-03-12T00:00:00Z"), 11)));
        let late = renewed(Term::Monthly, ends, 10, at("2027-05-31T18:00:00Z"));
        assert_eq!(late, Some((at("2027-07-01T00:00:00Z"), 31)));
        for hours in -24 * 400..24 * 400 {
            let now = ends + Duration::hours(hours);
            for term in [Term::Monthly, Term::Yearly] {
                let (next, _) = renewed(term, ends, 10, now).unwrap();
                assert!(next > ends && next >= now + Duration::days(28), "{term:?} {now}");
            }
        }
        assert_eq!(renewed(Term::Perpetual, ends, 10, ends), None);
        assert_eq!(renewed(Term::Trial, ends, 10, ends), None);
    }

    /// West and east of Greenwich, and at both changes of the clock, it is a day that is valid from its beginning to its end.
    #[test]
    fn the_last_day_is_whole_in_every_zone() {
        let hours = |hours: i32| FixedOffset::east_opt(hours * 3_600).unwrap();
        for (ends, zone, shown) in [
            ("2027-11-29T00:00:00Z", hours(0), "2027-11-28"),
            ("2027-11-29T00:00:00Z", hours(1), "2027-11-28"),
            ("2027-11-29T00:00:00Z", hours(13), "2027-11-28"),
            ("2027-11-29T00:00:00Z", hours(-5), "2027-11-27"),
            // Zürich on the days of the change: summer begins on 28 March and ends on 31 October.
            ("2027-03-28T00:00:00Z", hours(1), "2027-03-27"),
            ("2027-03-29T00:00:00Z", hours(2), "2027-03-28"),
            ("2027-10-31T00:00:00Z", hours(2), "2027-10-30"),
            ("2027-11-01T00:00:00Z", hours(1), "2027-10-31"),
            // Midnight there.
            ("2027-03-28T22:00:00Z", hours(2), "2027-03-28"),
            ("2027-10-31T23:00:00Z", hours(1), "2027-10-31"),
            ("2028-03-01T00:00:00Z", hours(0), "2028-02-29"),
        ] {
            let last = last_day(at(ends), &zone);
            assert_eq!(last, day(shown), "{ends} {zone}");
            let end_there = (last + Days::new(1)).and_time(NaiveTime::MIN).and_local_timezone(zone).unwrap();
            assert!(end_there <= at(ends).to_utc(), "{ends} {zone}");
        }
    }
}
