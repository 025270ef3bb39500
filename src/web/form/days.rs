//! The days that a list is narrowed to, as the fields `from` and `to` name them: both included, and each may be empty.

use chrono::{Datelike, Days, NaiveDate};

use super::FieldErrors;
use crate::time::{Timestamp, Zone};

/// The first moment of `from`, and the moment behind the last one of `to`, as days are in `zone`. What is no day narrows nothing.
pub fn moments(from: &str, to: &str, zone: Zone) -> (Option<Timestamp>, Option<Timestamp>) {
    let behind = day(to).and_then(|day| day.checked_add_days(Days::new(1)));
    (day(from).map(|day| zone.start_of(day)), behind.map(|day| zone.start_of(day)))
}

/// What is wrong with them, for the fields `from` and `to`.
pub fn errors(from: &str, to: &str) -> FieldErrors {
    const NO_DAY: &str = "Enter a day such as 2026-11-28.";
    let mut errors = FieldErrors::none();
    for (field, text) in [("from", from), ("to", to)] {
        if !text.is_empty() && day(text).is_none() {
            errors.add(field, NO_DAY);
        }
    }
    if let (Some(first), Some(last)) = (day(from), day(to))
        && last < first
    {
        errors.add("to", "The last day is before the first one.");
    }
    errors
}

/// A day as forms have it. Years have four digits, as both databases write them.
fn day(text: &str) -> Option<NaiveDate> {
    let day: NaiveDate = text.parse().ok()?;
    (1_000..9_999).contains(&day.year()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_four_digits_for_its_year() {
        assert!(day("2026-11-28").is_some() && day("2028-02-29").is_some());
        for text in
            ["", "28.11.2026", "2026-11", "2026-02-29", "0000-01-01", "9999-12-31", "+12026-01-01", "-2026-01-01"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_beside_its_field() {
        assert!(errors("", "").is_empty() && errors("2026-11-28", "2026-11-28").is_empty());
        let wrong = errors("yesterday", "2026-13-01");
        assert!(!wrong.of("from").is_empty() && !wrong.of("to").is_empty());
        assert!(errors("2026-11-28", "2026-11-27").of("to").contains("before"));
    }
}
