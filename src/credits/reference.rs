//! References: what a grant or a spend is known by in its Organization.

use std::fmt;

use crate::credits::entry::Kind;
use crate::ids::{LicenceId, OrderId};

/// A reference as somebody chooses it: 1 to 100 letters, digits and `-_.:/#`. Never a space, by which rows that come of another
/// one are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(String);

impl Reference {
    pub const LONGEST: usize = 100;

    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/#".contains(&byte);
        ((1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(is_allowed)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What credits came with, where that is something of this portal: their reference begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Order(OrderId),
    Licence(LicenceId),
}

impl Origin {
    /// Of a reference, or of one that comes of it.
    pub fn of(reference: &str) -> Option<Self> {
        let (kind, rest) = reference.split_once('/')?;
        let id = rest.split(['/', ' ']).next()?;
        match kind {
            "order" => OrderId::parse(id).map(Self::Order),
            "licence" => LicenceId::parse(id).map(Self::Licence),
            _ => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => write!(out, "order/{id}"),
            Self::Licence(id) => write!(out, "licence/{id}"),
        }
    }
}

/// What the row is known by that reverses another one: an Organization has it once, so a row is reversed once.
pub(super) fn of_reversal(reference: &str) -> String {
    format!("{reference} {}", Kind::Reversal.key())
}

/// What a row is known by in which the rest of a grant expires. A grant may have several, where something came back to it.
pub(super) fn of_expiry(reference: &str, number: i64) -> String {
    format!("{reference} {} {number}", Kind::Expiry.key())
}

/// From which to before which reference those stand that are this one or come of it: a space and what is behind it sorts before `!`.
pub(super) fn span(reference: &str) -> (String, String) {
    (reference.to_owned(), format!("{reference}!"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_reference_is_short_and_has_no_spaces() {
        for good in ["a", "JOB-2026/11.28:7#1_x", &"x".repeat(100)] {
            assert!(Reference::parse(good).is_some(), "{good}");
        }
        for bad in ["", " ", "a b", "ä", "a\0", "JOB reversal", "a!", &"x".repeat(101)] {
            assert!(Reference::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_credits_came_with_is_read_from_what_it_is_known_by() {
        let now = Timestamp::from(chrono::DateTime::UNIX_EPOCH);
        for origin in [Origin::Order(OrderId::new(now)), Origin::Licence(LicenceId::new(now))] {
            for come_of_it in ["", "/2026-12-01", "/once/again-2", " reversal", "/2026-12-01 expiry 3"] {
                assert_eq!(Origin::of(&format!("{origin}{come_of_it}")), Some(origin.clone()), "{come_of_it}");
            }
        }
        for other in ["order", "order/", "order/7", "JOB/1", "job-7"] {
            assert_eq!(Origin::of(other), None, "{other}");
        }
    }

    #[test]
    fn what_comes_of_a_reference_stands_in_its_span_and_nothing_else_does() {
        let (from, to) = span("JOB-1");
        let is_in = |text: &str| text >= from.as_str() && text < to.as_str();
        assert!(is_in("JOB-1") && is_in(&of_reversal("JOB-1")) && is_in(&of_expiry("JOB-1", 12)));
        for other in ["JOB-", "JOB-10", "JOB-1#2", "JOB-1-2", "JOB-1.5", "JOB-1/2", "JOB-2"] {
            assert!(!is_in(other), "{other}");
        }
    }
}
