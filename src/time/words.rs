//! Moments in words. Times are shown in UTC, and say so.

use chrono::{Datelike, NaiveDate, Timelike};

use super::Timestamp;

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
        words(self.moment)
    }

    /// `23 Nov 2026`
    pub fn short(&self) -> String {
        let date = self.moment.to_utc().date_naive();
        format!("{} {} {}", date.day(), &MONTHS[date.month0() as usize][..3], date.year())
    }

    /// `23 November 2026, 18:04 UTC`
    pub fn exact(&self) -> String {
        self.moment.exact()
    }

    /// `2026-11-23T18:04:00Z`
    pub fn iso(&self) -> String {
        let at = self.moment.to_utc();
        let (date, time) = (at.date_naive(), at.time());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        format!("{}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", date.year(), date.month(), date.day())
    }

    /// `in 12 days`, `3 days ago`, `today`: whole days of UTC.
    pub fn relative(&self) -> String {
        match relative_day(self.moment.day(), self.now) {
            today if today == "today" && self.moment > self.now => "later today".to_owned(),
            other => other,
        }
    }

    /// How much is left until then, in whole days of UTC: `6 days left`, `last day`.
    pub fn left(&self) -> String {
        match (self.moment.to_utc().date_naive() - self.now.to_utc().date_naive()).num_days() {
            ..=0 => "last day".to_owned(),
            1 => "1 day left".to_owned(),
            days => format!("{days} days left"),
        }
    }
}

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

// A page shows a hundred of these: putting them together here costs a tenth of reading a pattern for each.
fn words(moment: Timestamp) -> String {
    let date = moment.to_utc().date_naive();
    format!("{} {} {}", date.day(), MONTHS[date.month0() as usize], date.year())
}

/// `in 12 days`, `3 days ago`, `today`
pub fn relative_day(day: NaiveDate, now: Timestamp) -> String {
    match (day - now.day()).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {days} days"),
        days => format!("{} days ago", -days),
    }
}

// In a mail, which is read within days: a year would be noise.
impl Timestamp {
    /// `23 November`
    pub fn day_and_month(self) -> String {
        let date = self.to_utc().date_naive();
        format!("{} {}", date.day(), MONTHS[date.month0() as usize])
    }

    /// `18:04 UTC`
    pub fn time(self) -> String {
        let time = self.to_utc().time();
        format!("{:02}:{:02} UTC", time.hour(), time.minute())
    }

    /// `23 November, 18:04 UTC`
    pub fn day_and_time(self) -> String {
        format!("{}, {}", self.day_and_month(), self.time())
    }
}

impl Timestamp {
    /// `23 November 2026`
    pub fn words(self) -> String {
        words(self)
    }

    /// `Nov`
    pub fn month(self) -> &'static str {
        &MONTHS[self.to_utc().month0() as usize][..3]
    }

    /// `23 November 2026, 18:04 UTC`
    pub fn exact(self) -> String {
        format!("{}, {}", words(self), self.time())
    }
}

/// A number of seconds in words: `a second`, `90 seconds`, `15 minutes`.
pub fn duration(seconds: i64) -> String {
    match seconds {
        ..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    #[test]
    fn a_moment_is_shown_in_words_exactly_and_for_machines() {
        let when = When::new(at("2026-03-05T08:04:09.5Z"), at("2026-03-01T23:00:00Z"));
        assert_eq!(when.words(), "5 March 2026");
        assert_eq!(when.short(), "5 Mar 2026");
        assert_eq!(when.exact(), "5 March 2026, 08:04 UTC");
        assert_eq!(when.iso(), "2026-03-05T08:04:09Z");
        assert_eq!(when.relative(), "in 4 days");
    }

    #[test]
    fn moments_are_told_by_how_far_they_are() {
        let now = "2026-03-01T12:00:00Z";
        for (moment, told) in [
            ("2026-03-01T12:00:01Z", "later today"),
            ("2026-03-01T23:59:59Z", "later today"),
            ("2026-03-01T12:00:00Z", "today"),
            ("2026-03-01T00:00:00Z", "today"),
            ("2026-03-02T00:00:00Z", "tomorrow"),
            ("2026-02-28T23:59:59Z", "yesterday"),
            ("2026-03-03T00:00:00Z", "in 2 days"),
            ("2026-02-27T00:00:00Z", "2 days ago"),
        ] {
            assert_eq!(When::new(at(moment), at(now)).relative(), told, "{moment}");
        }
    }

    #[test]
    fn what_is_left_is_told_in_whole_days() {
        let now = at("2026-03-01T12:00:00Z");
        for (moment, told) in [
            ("2026-03-16T12:00:00Z", "15 days left"),
            ("2026-03-02T23:00:00Z", "1 day left"),
            ("2026-03-01T23:59:59Z", "last day"),
        ] {
            assert_eq!(When::new(at(moment), now).left(), told, "{moment}");
        }
    }

    #[test]
    fn waits_are_told_in_round_numbers() {
        for (seconds, told) in
            [(0, "a second"), (1, "a second"), (90, "90 seconds"), (91, "2 minutes"), (900, "15 minutes")]
        {
            assert_eq!(duration(seconds), told);
        }
    }
}
