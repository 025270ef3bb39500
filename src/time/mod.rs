//! The time: moments as both databases store them, where the present one comes from, and how pages and mails write them.

mod calendar;
mod clock;
mod digits;
mod words;
mod zone;

use std::fmt;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types;

pub use calendar::{Calendar, DateFormat, month};
pub use clock::Clock;
pub use words::{Reading, When, duration, relative_day};
pub use zone::Zone;

/// A moment in UTC, to the microsecond: PostgreSQL keeps no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Timestamp)]
pub struct Timestamp(NaiveDateTime);

impl Timestamp {
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// The day, in UTC.
    pub fn day(self) -> NaiveDate {
        self.0.date()
    }

    /// `2026-11-23 18:04`, which spreadsheets read as a moment.
    pub fn minutes(self) -> String {
        self.0.format("%Y-%m-%d %H:%M").to_string()
    }

    /// Milliseconds since the Unix epoch, for time-ordered ids.
    pub fn unix_millis(self) -> i64 {
        self.0.and_utc().timestamp_millis()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        let naive = moment.naive_utc();
        let micros = naive.nanosecond() / 1_000 * 1_000;
        Self(naive.with_nanosecond(micros).unwrap_or(naive))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0 - duration)
    }
}

impl std::ops::Sub for Timestamp {
    type Output = TimeDelta;
    fn sub(self, other: Self) -> TimeDelta {
        self.0 - other.0
    }
}

/// As `src/db/` loads and stores it.
impl From<NaiveDateTime> for Timestamp {
    fn from(stored: NaiveDateTime) -> Self {
        Self(stored)
    }
}

impl From<Timestamp> for NaiveDateTime {
    fn from(moment: Timestamp) -> Self {
        moment.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.and_utc().format("%Y-%m-%dT%H:%M:%S%.fZ"))
    }
}
