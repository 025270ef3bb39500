//! Lists that are read part by part: the address of a part names the key of a row beside it, not a number of rows to skip.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::time::Timestamp;

/// Where a row stands in a list by moments, the newest first. Those of one moment stand by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<K> {
    pub at: Timestamp,
    pub id: K,
}

impl<K> Standing<K> {
    /// As it is written.
    pub fn parse(text: &str, id: impl FnOnce(&str) -> Option<K>) -> Option<Self> {
        let (at, key) = text.split_once(' ')?;
        Some(Self { at: at.parse::<DateTime<Utc>>().ok()?.into(), id: id(key)? })
    }
}

impl<K: fmt::Display> fmt::Display for Standing<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.id)
    }
}

/// Where in a list a part begins, or ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place<K> {
    #[default]
    Start,
    /// Behind the row with this key.
    After(K),
    /// Before it.
    Before(K),
}

impl<K> Place<K> {
    /// As the address of a page names it: neither at the start.
    pub fn of(after: Option<K>, before: Option<K>) -> Self {
        match (after, before) {
            (Some(after), _) => Self::After(after),
            (None, Some(before)) => Self::Before(before),
            (None, None) => Self::Start,
        }
    }
}

impl<K> Place<Standing<K>> {
    /// What a time from one moment on and until another says besides the place. SQLite looks up one bound on each side, which is to be
    /// the place, however many rows are of its moment.
    pub fn bounds_besides(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::Start => (from, until),
            Self::After(last) => (from, until.filter(|until| last.at >= *until)),
            Self::Before(first) => (from.filter(|from| first.at < *from), until),
        }
    }
}

/// Rows of a list, in its order, and whether there are others around them.
#[derive(Clone, Debug, Default)]
pub struct Part<T> {
    pub rows: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Part<T> {
    /// `found` stands in the order of the list, and has one row more than `most` where there are others in the direction in which the
    /// place leads.
    pub fn new<K>(mut found: Vec<T>, place: &Place<K>, most: usize) -> Self {
        let has_more = found.len() > most;
        if let Place::Before(_) = place {
            found.drain(..found.len().saturating_sub(most));
            return Self { rows: found, has_previous: has_more, has_next: true };
        }
        found.truncate(most);
        Self { rows: found, has_previous: matches!(place, Place::After(_)), has_next: has_more }
    }

    /// The same where `found` was read in the direction in which the place leads.
    pub fn as_read<K>(mut found: Vec<T>, place: &Place<K>, most: usize) -> Self {
        if let Place::Before(_) = place {
            found.reverse();
        }
        Self::new(found, place, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leaves_what_bounds_more_than_it_does() {
        let day = |day: u32| {
            Timestamp::from(DateTime::parse_from_rfc3339(&format!("2026-11-{day:02}T00:00:00Z")).unwrap().to_utc())
        };
        let bounds = (Some(day(10)), Some(day(20)));
        let besides = |place: Place<Standing<&str>>| place.bounds_besides(bounds.0, bounds.1);
        let at = |day_of_row| Standing { at: day(day_of_row), id: "" };
        assert_eq!(besides(Place::Start), bounds);
        assert_eq!(besides(Place::After(at(19))), (bounds.0, None));
        assert_eq!(besides(Place::Before(at(10))), (None, bounds.1));
        // As nobody's page names them: every row is still in the time that was asked for.
        assert_eq!(besides(Place::After(at(20))), bounds);
        assert_eq!(besides(Place::Before(at(9))), bounds);
    }

    #[test]
    fn a_part_knows_what_is_around_it_and_stands_in_the_order_of_the_list() {
        let part = Part::as_read(vec![1, 2, 3], &Place::<&str>::Start, 2);
        assert_eq!((part.rows, part.has_previous, part.has_next), (vec![1, 2], false, true));
        let part = Part::as_read(vec![3, 4], &Place::After("2"), 2);
        assert_eq!((part.rows, part.has_previous, part.has_next), (vec![3, 4], true, false));
        let part = Part::as_read(vec![2, 1], &Place::Before("3"), 2);
        assert_eq!((part.rows, part.has_previous, part.has_next), (vec![1, 2], false, true));
        let part = Part::new(vec![1, 2, 3], &Place::Before("4"), 2);
        assert_eq!((part.rows, part.has_previous, part.has_next), (vec![2, 3], true, true));
    }
}
