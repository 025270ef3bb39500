//! When a renewal is tried.

use chrono::Duration;

use crate::time::Timestamp;

/// How long after the first try it is tried again. After these it is tried once more, at the end.
const AGAIN: [Duration; 2] = [Duration::days(1), Duration::days(3)];
/// The last try is so long before the end: what it pays for goes on without a gap.
const LAST: Duration = Duration::hours(1);
/// Two tries are at least so far apart: what a bank has just declined, it declines again.
const APART: Duration = Duration::hours(12);

/// When a renewal is tried after a try at `now` that brought nothing, where the first one was at `first`. `None` after the last. Whoever
/// comes late tries once, and not for each time that was missed.
pub fn next(first: Timestamp, now: Timestamp, term_ends_at: Timestamp) -> Option<Timestamp> {
    let last = term_ends_at - LAST;
    let again = AGAIN.into_iter().map(|after| first + after).find(|at| now + APART <= *at && *at + APART <= last);
    again.or_else(|| (now < last).then_some(last))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    /// All tries from a first one on, each so much later than it was due.
    fn tries(first: Timestamp, late: Duration, end: Timestamp) -> Vec<String> {
        let mut tries = vec![first];
        while let Some(next) = next(first, tries[tries.len() - 1], end) {
            tries.push(next + late);
        }
        tries.iter().map(|at| at.minutes()).collect()
    }

    #[test]
    fn it_is_tried_again_after_one_and_three_days_and_at_the_end() {
        let end = at("2028-03-11T00:00:00Z");
        let planned = ["2028-03-04 00:05", "2028-03-05 00:05", "2028-03-07 00:05", "2028-03-10 23:00"];
        assert_eq!(tries(at("2028-03-04T00:05:00Z"), Duration::zero(), end), planned);
    }

    #[test]
    fn who_begins_late_tries_as_often_as_there_is_time() {
        let end = at("2028-03-11T00:00:00Z");
        let planned = ["2028-03-07 09:00", "2028-03-08 09:00", "2028-03-10 09:00", "2028-03-10 23:00"];
        assert_eq!(tries(at("2028-03-07T09:00:00Z"), Duration::zero(), end), planned);
        let planned = ["2028-03-08 09:00", "2028-03-09 09:00", "2028-03-10 23:00"];
        assert_eq!(tries(at("2028-03-08T09:00:00Z"), Duration::zero(), end), planned);
        assert_eq!(tries(at("2028-03-10T20:00:00Z"), Duration::zero(), end), ["2028-03-10 20:00", "2028-03-10 23:00"]);
        for only in ["2028-03-10T23:00:00Z", "2028-03-11T00:00:00Z", "2028-03-20T00:00:00Z"] {
            assert_eq!(tries(at(only), Duration::zero(), end).len(), 1, "{only}");
        }
    }

    #[test]
    fn what_was_missed_is_not_made_up_for() {
        let end = at("2028-03-11T00:00:00Z");
        let planned = ["2028-03-04 00:00", "2028-03-07 00:00", "2028-03-12 23:00"];
        assert_eq!(tries(at("2028-03-04T00:00:00Z"), Duration::days(2), end), planned);
    }
}
