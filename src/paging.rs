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
