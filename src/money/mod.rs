//! Money: whole minor units of a currency (cents; the yen has none), never a part of one and never floating point.

mod currency;
mod rate;

use std::fmt;

use crate::numbers;

pub use currency::Currency;
pub use rate::Rate;

/// An amount in minor units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    /// The most digits before the point: a billion.
    const MOST_DIGITS: usize = 10;

    /// Reads `1290` or `1290.00`: no sign, no separators, and behind a point as many digits as the currency has.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
        let digits = currency.digits() as usize;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_part = |part: &str| is_number(part) && part.len() == digits;
        if !is_number(whole) || whole.len() > Self::MOST_DIGITS || !part.is_none_or(is_part) {
            return None;
        }
        let part: i64 = part.map_or(Ok(0), str::parse).ok()?;
        let minor = whole.parse::<i64>().ok()? * currency.units() + part;
        Some(Self { minor, currency })
    }

    /// `1290.00`, as [`Money::parse`] reads it and as spreadsheets do.
    pub fn digits(self) -> String {
        let (units, digits) = (self.currency.units().unsigned_abs(), self.currency.digits() as usize);
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        let whole = minor / units;
        if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{:0digits$}", minor % units) }
    }

    /// So much of it. Halves of a minor unit are rounded up, away from zero, so that what is paid back mirrors what was paid.
    pub fn part(self, rate: Rate) -> Self {
        const WHOLE: i128 = Rate::WHOLE as i128;
        let product = i128::from(self.minor.unsigned_abs()) * i128::from(rate.basis_points());
        // A rate is at most one, so the part is not more than the whole.
        let rounded = ((2 * product + WHOLE) / (2 * WHOLE)) as i64;
        Self { minor: self.minor.signum() * rounded, ..self }
    }

    /// With so much on top, such as tax.
    pub fn with(self, rate: Rate) -> Self {
        Self { minor: self.minor + self.part(rate).minor, ..self }
    }
}

impl fmt::Display for Money {
    /// `CHF 1,290.00`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (units, digits) = (self.currency.units().unsigned_abs(), self.currency.digits() as usize);
        let minor = self.minor.unsigned_abs();
        let grouped = numbers::grouped(minor / units);
        let sign = if self.minor < 0 { "−" } else { "" };
        write!(f, "{} {sign}{grouped}", self.currency.code())?;
        if digits > 0 {
            write!(f, ".{:0digits$}", minor % units)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn francs(minor: i64) -> Money {
        Money { minor, currency: Currency::Chf }
    }

    #[test]
    fn amounts_are_read_in_the_digits_of_their_currency() {
        for (text, currency, minor) in [
            ("1290", Currency::Chf, Some(129_000)),
            ("1290.05", Currency::Chf, Some(129_005)),
            ("0.99", Currency::Eur, Some(99)),
            ("210000", Currency::Jpy, Some(210_000)),
            ("210000.00", Currency::Jpy, None),
            ("1290.5", Currency::Chf, None),
            ("1290.", Currency::Chf, None),
            (".50", Currency::Chf, None),
            ("-1", Currency::Chf, None),
            ("1e3", Currency::Chf, None),
            ("1,290.00", Currency::Chf, None),
            ("12345678901", Currency::Chf, None),
            ("", Currency::Chf, None),
        ] {
            assert_eq!(Money::parse(text, currency).map(|money| money.minor), minor, "{text} {currency:?}");
        }
    }

    #[test]
    fn amounts_are_written_with_their_currency_and_its_digits() {
        for (minor, currency, expected) in [
            (129_000, Currency::Chf, "CHF 1,290.00"),
            (5, Currency::Eur, "EUR 0.05"),
            (123_456_789, Currency::Usd, "USD 1,234,567.89"),
            (-1_050, Currency::Gbp, "GBP −10.50"),
            (210_000, Currency::Jpy, "JPY 210,000"),
            (999, Currency::Jpy, "JPY 999"),
        ] {
            assert_eq!(Money { minor, currency }.to_string(), expected);
        }
    }

    #[test]
    fn halves_of_a_minor_unit_are_rounded_up() {
        let rate = |text: &str| Rate::parse(text).expect("a rate");
        for (minor, text, part) in [
            (50, "1", 1),
            (49, "1", 0),
            (129_000, "8.1", 10_449),
            (1_005, "50", 503),
            (-1_005, "50", -503),
            (12_345, "0", 0),
            (12_345, "100", 12_345),
            (i64::MAX, "100", i64::MAX),
        ] {
            assert_eq!(francs(minor).part(rate(text)), francs(part), "{text} % of {minor}");
        }
        assert_eq!(francs(129_000).with(rate("8.1")), francs(139_449));
        let yen = Money { minor: 12_345, currency: Currency::Jpy };
        assert_eq!(yen.with(rate("10")).to_string(), "JPY 13,580");
    }
}
