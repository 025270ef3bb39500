//! A part of a price, for the days that are left of what is paid.

use std::fmt;

use super::bill::Line;
use crate::money::Money;

/// What is left of a term, and of those after it that are paid already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Whole terms.
    pub terms: u32,
    /// Days of one that has begun: fewer than [`days_of_term`](Self::days_of_term), or none.
    pub days: u32,
    pub days_of_term: u32,
}

impl Share {
    /// So many terms, and nothing of another.
    pub fn whole(terms: u32) -> Self {
        Self { terms, days: 0, days_of_term: 1 }
    }

    /// So much of an amount for each term. Halves of a minor unit are rounded up, away from zero.
    pub fn part_of(self, minor: i64) -> i64 {
        let (days, of) = (i128::from(self.days), i128::from(self.days_of_term));
        let product = i128::from(minor.unsigned_abs()) * (i128::from(self.terms) * of + days);
        let rounded = (2 * product + of) / (2 * of);
        minor.signum() * i64::try_from(rounded).unwrap_or(i64::MAX)
    }

    /// So many for what is left, where one costs `unit_price` for a term. The whole is rounded, once.
    pub fn line(self, description: impl Into<String>, quantity: u32, unit_price: Money) -> Line {
        let mut line = Line::of(description, quantity, unit_price);
        line.amount = self.part_of(line.amount);
        if self != Self::whole(1) {
            line.calculation = self.to_string();
        }
        line
    }
}

impl fmt::Display for Share {
    /// `183 of 365 days`, `2 terms`, `1 term and 7 of 365 days`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.terms {
            0 => {}
            1 => f.write_str("1 term")?,
            terms => write!(f, "{terms} terms")?,
        }
        if self.days > 0 || self.terms == 0 {
            let and = if self.terms > 0 { " and " } else { "" };
            write!(f, "{and}{} of {} days", self.days, self.days_of_term)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn share(terms: u32, days: u32, days_of_term: u32) -> Share {
        Share { terms, days, days_of_term }
    }

    #[test]
    fn a_part_of_a_price_is_rounded_half_up_to_the_minor_unit() {
        for (minor, share, part) in [
            (129_000, share(0, 183, 365), 64_677),
            (129_000, share(0, 1, 365), 353),
            (129_000, share(0, 0, 365), 0),
            (129_000, share(0, 364, 365), 128_647),
            (129_000, Share::whole(1), 129_000),
            (129_000, Share::whole(2), 258_000),
            (129_000, share(1, 7, 365), 131_474),
            (1, share(0, 1, 2), 1),
            (1, share(0, 14, 29), 0),
            (-1, share(0, 1, 2), -1),
            (i64::MAX, share(0, 365, 366), 9_198_171_566_808_724_507),
            (i64::MAX, share(2, 0, 366), i64::MAX),
        ] {
            assert_eq!(share.part_of(minor), part, "{share} of {minor}");
        }
    }

    /// Each for itself would be rounded up ten times.
    #[test]
    fn a_line_is_rounded_once_and_says_how_it_came_about() {
        let price = Money { minor: 3, currency: Currency::Eur };
        let line = share(0, 1, 2).line("Mapper, Yearly", 10, price);
        assert_eq!((line.amount, line.unit_price, line.quantity), (15, 3, 10));
        assert_eq!(line.calculation, "1 of 2 days");
        let whole = Share::whole(1).line("Mapper, Yearly", 10, price);
        assert_eq!((whole.amount, whole.calculation.as_str()), (30, ""), "nothing is to be explained");
    }

    #[test]
    fn what_is_left_is_said_in_words() {
        for (share, words) in [
            (share(0, 183, 365), "183 of 365 days"),
            (share(0, 0, 365), "0 of 365 days"),
            (share(1, 0, 365), "1 term"),
            (share(2, 0, 365), "2 terms"),
            (share(1, 7, 366), "1 term and 7 of 366 days"),
        ] {
            assert_eq!(share.to_string(), words);
        }
    }
}
