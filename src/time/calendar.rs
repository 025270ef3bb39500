//! How somebody reads moments: in which zone, and how a date is written.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use super::{Timestamp, Zone, digits};
use crate::stored::stored_as_text;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Room enough for what is written here.
const LONGEST: usize = "29 September 2026, 18:04 UTC+05:45".len();

/// `Nov`
pub fn month(day: NaiveDate) -> &'static str {
    &MONTHS[day.month0() as usize][..3]
}

/// How a date is written.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum DateFormat {
    /// `29 November 2026`
    #[default]
    DayMonthYear,
    /// `2026-11-29`
    YearMonthDay,
    /// `29/11/2026`
    DaySlashMonth,
    /// `11/29/2026`
    MonthSlashDay,
}

stored_as_text!(DateFormat);

impl DateFormat {
    pub fn key(&self) -> &str {
        self.as_ref()
    }

    /// The format in which pages write dates out; numbers stay as they are.
    pub fn long(self, day: NaiveDate) -> String {
        let mut text = String::with_capacity(LONGEST);
        self.write(&mut text, day, MONTHS[day.month0() as usize]);
        text
    }

    /// The same where there is little room.
    pub fn short(self, day: NaiveDate) -> String {
        let mut text = String::with_capacity(LONGEST);
        self.write(&mut text, day, month(day));
        text
    }

    fn write(self, text: &mut String, day: NaiveDate, month: &str) {
        match self {
            Self::DayMonthYear => {
                digits::day(text, day.day());
                text.push(' ');
                text.push_str(month);
                text.push(' ');
                digits::year(text, day.year());
            }
            Self::YearMonthDay => {
                digits::year(text, day.year());
                text.push('-');
                digits::two(text, day.month());
                text.push('-');
                digits::two(text, day.day());
            }
            Self::DaySlashMonth | Self::MonthSlashDay => {
                let (first, second) = match self {
                    Self::DaySlashMonth => (day.day(), day.month()),
                    _ => (day.month(), day.day()),
                };
                digits::two(text, first);
                text.push('/');
                digits::two(text, second);
                text.push('/');
                digits::year(text, day.year());
            }
        }
    }
}

/// The zone and the format of whoever reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Zone,
    pub format: DateFormat,
}

impl Calendar {
    /// That of whoever has not said anything else.
    pub const USUAL: Self = Self { zone: Zone::UTC, format: DateFormat::DayMonthYear };

    /// As it is stored. A zone that the portal does not know any more is UTC, and pages say so.
    pub fn stored(zone: &str, format: DateFormat) -> Self {
        Self { zone: zone.parse().unwrap_or(Zone::UTC), format }
    }

    pub fn date(self, moment: Timestamp) -> String {
        self.format.long(self.zone.day(moment))
    }

    pub fn short_date(self, moment: Timestamp) -> String {
        self.format.short(self.zone.day(moment))
    }

    /// `18:04 CET`
    pub fn time(self, moment: Timestamp) -> String {
        let mut text = String::with_capacity(LONGEST);
        self.write_time(&mut text, self.zone.local(moment).time(), moment);
        text
    }

    /// `29 November 2026, 18:04 CET`
    pub fn exact(self, moment: Timestamp) -> String {
        let local = self.zone.local(moment);
        let mut text = String::with_capacity(LONGEST);
        self.format.write(&mut text, local.date(), MONTHS[local.month0() as usize]);
        text.push_str(", ");
        self.write_time(&mut text, local.time(), moment);
        text
    }

    fn write_time(self, text: &mut String, time: NaiveTime, moment: Timestamp) {
        digits::two(text, time.hour());
        text.push(':');
        digits::two(text, time.minute());
        text.push(' ');
        text.push_str(&self.zone.label(moment));
    }
}
