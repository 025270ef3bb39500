//! Rates of tax and discount.

use std::fmt;

/// A part of a whole, from nothing to all of it, in hundredths of a percent. Stored as it is written: `8.1 %`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Rate(u16);

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl TryFrom<String> for Rate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.strip_suffix(" %").and_then(Self::parse).ok_or("not a rate")
    }
}

impl Rate {
    /// All of it, in hundredths of a percent.
    pub const WHOLE: u16 = 10_000;

    /// Reads percent with at most two digits behind the point: `8.1`, `19`, `100`.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || part.len() > 2 {
            return None;
        }
        let points = whole.parse::<u32>().ok()? * 100 + format!("{part:0<2}").parse::<u32>().ok()?;
        u16::try_from(points).ok().filter(|points| *points <= Self::WHOLE).map(Self)
    }

    pub fn basis_points(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Rate {
    /// `8.1 %`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole} %"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{} %", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_written_as_percent() {
        for (text, expected) in [
            ("8.1", Some("8.1 %")),
            ("19", Some("19 %")),
            ("5.05", Some("5.05 %")),
            ("0", Some("0 %")),
            ("100.00", Some("100 %")),
            ("100.01", None),
            ("8.125", None),
            ("-1", None),
            ("8,1", None),
            ("8.", None),
            ("", None),
        ] {
            assert_eq!(Rate::parse(text).map(|rate| rate.to_string()).as_deref(), expected, "{text}");
        }
    }
}
