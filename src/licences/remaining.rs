//! How much of what is paid of a licence is left, in whole days (UTC).
//!
//! The day on which terms begin is given: a year that begins on 28 November is the 365 days from 29 November on. Every other day
//! counts as left until it is over, since what is bought on it can be used on it. So what is bought on the first day, or on the one
//! after it, costs a whole term, what is bought on the last day costs one day, and no day is charged twice.

use chrono::{Days, NaiveDate, Utc};

use crate::billing::proration::Share;
use crate::licences::terms::{Term, last_day, last_day_before};
use crate::time::Timestamp;

/// What is left on the day of `now` of terms that follow each other since the day `since`. `None` where there are no terms, and
/// where they are over.
pub fn remaining(term: Term, ends_at: Timestamp, renewal_day: u32, since: NaiveDate, now: Timestamp) -> Option<Share> {
    if now >= ends_at {
        return None;
    }
    let first = now.day().max(since + Days::new(1));
    let mut last = last_day(ends_at, &Utc);
    let mut terms = 0;
    while last >= first {
        let before = last_day_before(term, last, renewal_day)?;
        if before < first {
            let (days, days_of_term) = (days(first, last), days(before, last) - 1);
            let is_whole = days == days_of_term;
            return Some(if is_whole { Share::whole(terms + 1) } else { Share { terms, days, days_of_term } });
        }
        (terms, last) = (terms + 1, before);
    }
    Some(Share::whole(terms))
}

/// How many days there are from one to another, both of them counted.
fn days(from: NaiveDate, to: NaiveDate) -> u32 {
    u32::try_from((to - from).num_days() + 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::*;
    use crate::licences::terms::{day_of_month, renewed};

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    fn left(term: Term, start: &str, now: &str) -> Option<String> {
        let start = at(start);
        let ends_at = term.end(start)?;
        remaining(term, ends_at, day_of_month(start.day()), start.day(), at(now)).map(|share| share.to_string())
    }

    #[test]
    fn today_counts_and_the_day_of_the_purchase_is_given() {
        let start = "2026-11-28T10:20:30Z";
        for (now, expected) in [
            ("2026-11-28T10:20:30Z", Some("1 term")),
            ("2026-11-29T23:59:59Z", Some("1 term")),
            ("2026-11-30T00:00:00Z", Some("364 of 365 days")),
            ("2027-05-30T12:00:00Z", Some("183 of 365 days")),
            ("2027-11-28T23:59:59Z", Some("1 of 365 days")),
            ("2027-11-29T00:00:00Z", None),
        ] {
            assert_eq!(left(Term::Yearly, start, now).as_deref(), expected, "{now}");
        }
        assert_eq!(left(Term::Yearly, "2027-03-01T08:00:00Z", "2027-03-03T08:00:00Z").unwrap(), "365 of 366 days");
        assert_eq!(left(Term::Monthly, "2027-01-31T08:00:00Z", "2027-02-15T08:00:00Z").unwrap(), "14 of 28 days");
        assert_eq!(left(Term::Perpetual, start, start), None);
        assert_eq!(left(Term::Trial, start, start), None, "nothing of it is paid");
    }

    #[test]
    fn terms_that_are_paid_ahead_are_left_whole() {
        let (start, now) = (at("2026-11-28T10:20:30Z"), at("2027-11-22T09:00:00Z"));
        let (ends_at, day) = renewed(Term::Yearly, Term::Yearly.end(start).unwrap(), 28, now).unwrap();
        let share = remaining(Term::Yearly, ends_at, day, start.day(), now);
        assert_eq!(share, Some(Share { terms: 1, days: 7, days_of_term: 365 }));
        // On the day of the purchase, two terms; the day itself is given.
        let share = remaining(Term::Yearly, ends_at, day, start.day(), start);
        assert_eq!(share, Some(Share::whole(2)));
    }

    /// Whatever day a licence starts on, and however many terms are paid ahead, each day that is left is one less, and a month's
    /// days are those of that month.
    #[test]
    fn day_by_day_it_is_one_day_less() {
        for offset in 0..400 {
            let first = "2027-01-01".parse::<NaiveDate>().unwrap() + Days::new(offset);
            let start = Timestamp::from(first.and_hms_opt(9, 0, 0).unwrap());
            for term in [Term::Monthly, Term::Yearly] {
                let mut ends_at = term.end(start).unwrap();
                for _ in 0..2 {
                    ends_at = renewed(term, ends_at, day_of_month(first), start).unwrap().0;
                }
                let share = |now| remaining(term, ends_at, day_of_month(first), first, now);
                assert_eq!(share(start), Some(Share::whole(3)), "{first}");
                assert_eq!(share(start + Duration::days(1)), Some(Share::whole(3)), "{first}");
                let mut now = start + Duration::days(1);
                // 365 days for each thousandth part would lose days: count in exact fractions of what a term has.
                let mut gone = 0;
                let mut before = Share::whole(3);
                while let Some(share) = share(now + Duration::days(1)) {
                    gone += 1;
                    let is_next = match before.days {
                        0 => share.terms + 1 == before.terms && share.days + 1 == share.days_of_term,
                        1 => share == Share::whole(before.terms),
                        days => (share.terms, share.days) == (before.terms, days - 1),
                    };
                    assert!(is_next, "{first} {term:?}: {before}, then {share}");
                    (before, now) = (share, now + Duration::days(1));
                }
                assert_eq!(before.days, 1, "the last day is one day");
                assert_eq!(i64::from(gone), (last_day(ends_at, &Utc) - first).num_days() - 1, "{first}");
            }
        }
    }
}
