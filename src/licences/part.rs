//! A part of a list that is read by its key.

/// Where in a list a part begins, or ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place<'a> {
    #[default]
    Start,
    /// Behind the row with this key.
    After(&'a str),
    /// Before it.
    Before(&'a str),
}

impl<'a> Place<'a> {
    /// As the address of a page names it; both are empty at the start.
    pub fn of(after: &'a str, before: &'a str) -> Self {
        match (after, before) {
            ("", "") => Self::Start,
            ("", before) => Self::Before(before),
            (after, _) => Self::After(after),
        }
    }
}

/// Rows of a list, and whether there are others around them.
#[derive(Clone, Debug, Default)]
pub struct Part<T> {
    pub rows: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Part<T> {
    /// `found` was read in the direction in which the place leads, and has one row more than `most` where there are others there.
    pub fn new(mut found: Vec<T>, place: Place<'_>, most: usize) -> Self {
        let has_more = found.len() > most;
        found.truncate(most);
        if matches!(place, Place::Before(_)) {
            found.reverse();
            return Self { rows: found, has_previous: has_more, has_next: true };
        }
        Self { rows: found, has_previous: place != Place::Start, has_next: has_more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_knows_what_is_around_it_and_stands_in_the_order_of_the_list() {
        let part = Part::new(vec![1, 2, 3], Place::Start, 2);
        assert_eq!((part.rows, part.has_previous, part.has_next), (vec![1, 2], false, true));
        let part = Part::new(vec![3, 4], Place::After("2"), 2);
        assert_eq!((part.rows, part.has_previous, part.has_next), (vec![3, 4], true, false));
        let part = Part::new(vec![2, 1], Place::Before("3"), 2);
        assert_eq!((part.rows, part.has_previous, part.has_next), (vec![1, 2], false, true));
    }
}
