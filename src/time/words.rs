//! Moments in words: on pages as whoever reads them has chosen, elsewhere in UTC, which they say.

use chrono::{Datelike, NaiveDate, Timelike};

use super::{Calendar, Timestamp, digits};

/// A moment as pages show it.
#[derive(Clone, Copy, Debug)]
pub struct When {
    moment: Timestamp,
    now: Timestamp,
    calendar: Calendar,
}

impl When {
    pub fn new(moment: Timestamp, now: Timestamp, calendar: Calendar) -> Self {
        Self { moment, now, calendar }
    }

    /// The last day that lies wholly before this moment: what is valid until then is valid through that day.
    pub fn last_day(self) -> Self {
        Self { moment: self.calendar.zone.last_moment_before(self.moment), ..self }
    }

    /// `23 November 2026`
    pub fn words(&self) -> String {
        self.calendar.date(self.moment)
    }

    /// `23 Nov 2026`
    pub fn short(&self) -> String {
        self.calendar.short_date(self.moment)
    }

    /// `23 November 2026, 18:04 UTC`
    pub fn exact(&self) -> String {
        self.calendar.exact(self.moment)
    }

    /// `UTC`
    pub fn zone(&self) -> String {
        self.calendar.zone.label(self.moment)
    }

    /// `2026-11-23T18:04:00Z`
    pub fn iso(&self) -> String {
        let at = self.moment.to_utc();
        let mut text = String::with_capacity("2026-11-23T18:04:00Z".len());
        digits::year(&mut text, at.year());
        let rest = [('-', at.month()), ('-', at.day()), ('T', at.hour()), (':', at.minute()), (':', at.second())];
        for (before, number) in rest {
            text.push(before);
            digits::two(&mut text, number);
        }
        text.push('Z');
        text
    }

    /// `in 12 days`, `3 days ago`, `today`: whole days of the zone.
    pub fn relative(&self) -> String {
        match relative_day(self.day(), self.today()) {
            today if today == "today" && self.moment > self.now => "later today".to_owned(),
            other => other,
        }
    }

    /// How much is left until then, in whole days of the zone: `6 days left`, `last day`.
    pub fn left(&self) -> String {
        match (self.day() - self.today()).num_days() {
            ..=0 => "last day".to_owned(),
            1 => "1 day left".to_owned(),
            days => format!("{days} days left"),
        }
    }

    fn day(&self) -> NaiveDate {
        self.calendar.zone.day(self.moment)
    }

    fn today(&self) -> NaiveDate {
        self.calendar.zone.day(self.now)
    }
}

/// How pages show moments to whoever reads them.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub now: Timestamp,
    pub calendar: Calendar,
}

impl Reading {
    pub fn when(self, moment: Timestamp) -> When {
        When::new(moment, self.now, self.calendar)
    }

    /// The last day of what is valid until `end`.
    pub fn last_day(self, end: Timestamp) -> When {
        self.when(end).last_day()
    }
}

/// `in 12 days`, `3 days ago`, `today`
pub fn relative_day(day: NaiveDate, today: NaiveDate) -> String {
    match (day - today).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {days} days"),
        days => format!("{} days ago", -days),
    }
}

impl Timestamp {
    /// `23 November 2026`
    pub fn words(self) -> String {
        Calendar::USUAL.date(self)
    }

    /// `23 November 2026, 18:04 UTC`
    pub fn exact(self) -> String {
        Calendar::USUAL.exact(self)
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
    use crate::time::DateFormat;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    #[test]
    fn a_moment_is_shown_in_words_exactly_and_for_machines() {
        let when = When::new(at("2026-03-05T08:04:09.5Z"), at("2026-03-01T23:00:00Z"), Calendar::USUAL);
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
            assert_eq!(When::new(at(moment), at(now), Calendar::USUAL).relative(), told, "{moment}");
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
            assert_eq!(When::new(at(moment), now, Calendar::USUAL).left(), told, "{moment}");
        }
    }

    #[test]
    fn moments_are_told_in_the_zone_and_the_format_of_whoever_reads() {
        let told = |zone: &str, format, moment: &str| {
            let calendar = Calendar { zone: zone.parse().unwrap(), format };
            When::new(at(moment), at("2026-11-29T12:00:00Z"), calendar)
        };
        let late = "2026-11-29T23:30:00Z";
        let zurich = told("Europe/Zurich", DateFormat::DayMonthYear, late);
        assert_eq!(zurich.exact(), "30 November 2026, 00:30 CET");
        assert_eq!((zurich.relative().as_str(), zurich.left().as_str()), ("tomorrow", "1 day left"));
        assert_eq!(zurich.iso(), "2026-11-29T23:30:00Z");
        let beyond = told("Pacific/Kiritimati", DateFormat::YearMonthDay, late);
        assert_eq!((beyond.words().as_str(), beyond.short().as_str()), ("2026-11-30", "2026-11-30"));
        // It is the 30th there already.
        assert_eq!(beyond.relative(), "later today");
        assert_eq!(told("Asia/Kathmandu", DateFormat::DaySlashMonth, late).exact(), "30/11/2026, 05:15 UTC+05:45");
        assert_eq!(told("America/New_York", DateFormat::MonthSlashDay, late).exact(), "11/29/2026, 18:30 EST");
        let last = |zone: &str| {
            let calendar = Calendar { zone: zone.parse().unwrap(), ..Calendar::USUAL };
            When::new(at("2027-01-01T00:00:00Z"), at("2026-11-29T12:00:00Z"), calendar).last_day().words()
        };
        assert_eq!(
            (last("Europe/Zurich"), last("America/New_York")),
            ("31 December 2026".into(), "30 December 2026".into())
        );
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
