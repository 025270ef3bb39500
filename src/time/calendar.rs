//! How somebody reads moments: in which zone, and how a date is written.

use chrono::{Datelike, NaiveDate, Timelike};

use super::{Timestamp, Zone};
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
        match self {
            Self::DayMonthYear => format!("{} {} {}", day.day(), MONTHS[day.month0() as usize], day.year()),
            _ => self.short(day),
        }
    }

    /// The same where there is little room.
    pub fn short(self, day: NaiveDate) -> String {
        let (year, month, date) = (day.year(), day.month(), day.day());
        match self {
            Self::DayMonthYear => format!("{date} {} {year}", self::month(day)),
            Self::YearMonthDay => format!("{year}-{month:02}-{date:02}"),
            Self::DaySlashMonth => format!("{date:02}/{month:02}/{year}"),
            Self::MonthSlashDay => format!("{month:02}/{date:02}/{year}"),
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
        let local = self.zone.local(moment);
        format!("{:02}:{:02} {}", local.hour(), local.minute(), self.zone.label(moment))
    }

    /// `29 November 2026, 18:04 CET`
    pub fn exact(self, moment: Timestamp) -> String {
        format!("{}, {}", self.date(moment), self.time(moment))
    }
}
