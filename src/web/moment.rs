//! Moments in words. Times are shown in UTC, and say so.

use chrono::Duration;

use crate::db::Timestamp;

/// A moment as pages show it.
#[derive(Clone, Copy, Debug)]
pub struct When {
    moment: Timestamp,
    now: Timestamp,
}

impl When {
    pub fn new(moment: Timestamp, now: Timestamp) -> Self {
        Self { moment, now }
    }

    /// `23 November 2026`
    pub fn words(&self) -> String {
        self.moment.to_utc().format("%-d %B %Y").to_string()
    }

    /// `23 November 2026, 18:04 UTC`
    pub fn exact(&self) -> String {
        exact(self.moment)
    }

    /// `2026-11-23T18:04:00Z`
    pub fn iso(&self) -> String {
        self.moment.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `in 12 days`, `3 days ago`, `today`: whole days of UTC.
    pub fn relative(&self) -> String {
        let days = (self.moment.to_utc().date_naive() - self.now.to_utc().date_naive()).num_days();
        match days {
            0 if self.moment - self.now > Duration::zero() => "later today".to_owned(),
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            -1 => "yesterday".to_owned(),
            days if days > 0 => format!("in {days} days"),
            days => format!("{} days ago", -days),
        }
    }
}

/// `23 November 2026, 18:04 UTC`
pub fn exact(moment: Timestamp) -> String {
    moment.to_utc().format("%-d %B %Y, %H:%M UTC").to_string()
}
