//! How many credits.

use crate::numbers;

/// A number of credits that is granted or spent at once: at least 1, and so few that no balance ever overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i64);

impl Amount {
    /// The most at once.
    pub const MOST: i64 = 1_000_000_000;

    pub fn new(credits: i64) -> Option<Self> {
        (1..=Self::MOST).contains(&credits).then_some(Self(credits))
    }

    pub fn credits(self) -> i64 {
        self.0
    }
}

/// `1,234`, `−62`: a number of credits as people read it.
pub fn grouped(credits: i64) -> String {
    let sign = if credits < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", numbers::grouped(credits.unsigned_abs()))
}

/// `+40`, `−62`: how a number of credits changes another.
pub fn signed(credits: i64) -> String {
    if credits > 0 { format!("+{}", grouped(credits)) } else { grouped(credits) }
}

/// `1 credit`, `1,234 credits`
pub fn counted(credits: i64) -> String {
    if credits == 1 { "1 credit".to_owned() } else { format!("{} credits", grouped(credits)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_positive_number_within_bounds() {
        for (credits, is_one) in
            [(i64::MIN, false), (-1, false), (0, false), (1, true), (1_000_000_000, true), (1_000_000_001, false)]
        {
            assert_eq!(Amount::new(credits).is_some(), is_one, "{credits}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands_and_signed() {
        for (credits, text, change) in [
            (0, "0", "0"),
            (7, "7", "+7"),
            (-62, "\u{2212}62", "\u{2212}62"),
            (999, "999", "+999"),
            (1_000, "1,000", "+1,000"),
            (-1_234_567, "\u{2212}1,234,567", "\u{2212}1,234,567"),
            (i64::MIN, "\u{2212}9,223,372,036,854,775,808", "\u{2212}9,223,372,036,854,775,808"),
        ] {
            assert_eq!((grouped(credits).as_str(), signed(credits).as_str()), (text, change));
        }
        assert_eq!((counted(1), counted(2_000)), ("1 credit".to_owned(), "2,000 credits".to_owned()));
    }
}
