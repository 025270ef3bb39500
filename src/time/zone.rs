//! Time zones, and where their days begin.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetName, Tz};

use super::Timestamp;
use crate::names::fold;

/// A zone of the tz database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    pub const UTC: Self = Self(Tz::UTC);

    /// The names that are offered, in alphabetical order: those of cities, and UTC. Others are understood, too.
    pub fn offered() -> impl Iterator<Item = &'static str> {
        const OLD: [&str; 7] = ["Etc", "US", "Canada", "Brazil", "Chile", "Mexico", "SystemV"];
        let is_city = |name: &&str| name.split_once('/').is_some_and(|(region, _)| !OLD.contains(&region));
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(is_city).chain(["UTC"])
    }

    /// The zone of this name or city, however it is written: `Europe/Zurich`, `zürich`, `new york`. `None` where there is none, or where
    /// several are called so.
    pub fn find(typed: &str) -> Option<Self> {
        let plain = |text: &str| fold(text).replace([' ', '-'], "_");
        let wanted = plain(typed);
        let all = || chrono_tz::TZ_VARIANTS.iter().copied();
        if let Some(named) = all().find(|zone| plain(zone.name()) == wanted) {
            return Some(Self(named));
        }
        let city = |zone: &Tz| zone.name().rsplit_once('/').is_some_and(|(_, city)| plain(city) == wanted);
        let region = |zone: Tz| zone.name().split('/').next();
        let mut found = all().filter(city);
        let first = found.next()?;
        found.all(|other| region(other) == region(first)).then_some(Self(first))
    }

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What clocks show there.
    pub fn local(self, moment: Timestamp) -> NaiveDateTime {
        self.0.from_utc_datetime(&NaiveDateTime::from(moment)).naive_local()
    }

    /// The day that it is there.
    pub fn day(self, moment: Timestamp) -> NaiveDate {
        self.local(moment).date()
    }

    /// The first moment of a day there. Where clocks skip midnight, the day begins with the first time that they show; where they skip
    /// the day, with the next one.
    pub fn start_of(self, day: NaiveDate) -> Timestamp {
        const STEP: TimeDelta = TimeDelta::minutes(15);
        const MOST: usize = 2 * 24 * 4;
        let mut local = day.and_time(NaiveTime::MIN);
        for _ in 0..MOST {
            if let Some(moment) = self.0.from_local_datetime(&local).earliest() {
                return Timestamp::from(moment.to_utc());
            }
            local += STEP;
        }
        Timestamp::from(day.and_time(NaiveTime::MIN))
    }

    /// The last moment of the last day there that lies wholly before `end`: what is valid until then is valid through that day.
    pub fn last_moment_before(self, end: Timestamp) -> Timestamp {
        self.start_of(self.day(end)) - TimeDelta::microseconds(1)
    }

    /// What the time is called there at a moment: `CET`, or `UTC+05:45` where people have no name for it.
    pub fn label(self, moment: Timestamp) -> String {
        let offset = self.0.offset_from_utc_datetime(&NaiveDateTime::from(moment));
        match offset.abbreviation() {
            Some(name) if name.starts_with(char::is_alphabetic) => name.to_owned(),
            _ => {
                let seconds = offset.fix().local_minus_utc();
                let sign = if seconds < 0 { '−' } else { '+' };
                let minutes = seconds.unsigned_abs() / 60;
                format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no zone of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchZone;

impl FromStr for Zone {
    type Err = NoSuchZone;
    fn from_str(name: &str) -> Result<Self, NoSuchZone> {
        name.parse().map(Self).map_err(|_| NoSuchZone)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Days, Utc};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_when_clocks_show_it_first() {
        for (name, date, begins) in [
            ("UTC", "2026-11-29", "2026-11-29T00:00:00Z"),
            ("Europe/Zurich", "2026-03-29", "2026-03-28T23:00:00Z"),
            ("Europe/Zurich", "2026-03-30", "2026-03-29T22:00:00Z"),
            ("Europe/Zurich", "2026-10-25", "2026-10-24T22:00:00Z"),
            ("Europe/Zurich", "2026-10-26", "2026-10-25T23:00:00Z"),
            ("Asia/Kathmandu", "2026-11-29", "2026-11-28T18:15:00Z"),
            ("Pacific/Chatham", "2026-11-29", "2026-11-28T10:15:00Z"),
            ("Pacific/Kiritimati", "2026-11-29", "2026-11-28T10:00:00Z"),
            ("Pacific/Pago_Pago", "2026-11-29", "2026-11-29T11:00:00Z"),
            // Clocks went from 23:59 to 01:00.
            ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
            // There was no such day.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(zone(name).start_of(day(date)), at(begins), "{date} in {name}");
        }
        let length = |date: &str| {
            let first = day(date);
            (zone("Europe/Zurich").start_of(first + Days::new(1)) - zone("Europe/Zurich").start_of(first)).num_hours()
        };
        assert_eq!((length("2026-03-29"), length("2026-10-25"), length("2026-11-29")), (23, 25, 24));
    }

    #[test]
    fn what_ends_is_valid_through_the_end_of_the_day_that_is_told() {
        let midnight = at("2027-01-01T00:00:00Z");
        for (name, last) in [
            ("UTC", "2026-12-31"),
            ("Europe/Zurich", "2026-12-31"),
            ("Asia/Kathmandu", "2026-12-31"),
            ("Pacific/Kiritimati", "2026-12-31"),
            ("America/New_York", "2026-12-30"),
            ("Pacific/Pago_Pago", "2026-12-30"),
        ] {
            let moment = zone(name).last_moment_before(midnight);
            assert_eq!(zone(name).day(moment).to_string(), last, "{name}");
            assert_eq!(zone(name).local(moment).time().to_string(), "23:59:59.999999", "{name}");
            assert!(moment < midnight);
        }
        let skipped = zone("Pacific/Apia").last_moment_before(at("2011-12-30T10:00:00Z"));
        assert_eq!(zone("Pacific/Apia").day(skipped).to_string(), "2011-12-29");
    }

    #[test]
    fn a_zone_is_found_by_its_name_or_its_city() {
        for (typed, name) in [
            ("Europe/Zurich", "Europe/Zurich"),
            (" europe/zurich", "Europe/Zurich"),
            ("Zürich", "Europe/Zurich"),
            ("new york", "America/New_York"),
            ("Port au Prince", "America/Port-au-Prince"),
            ("utc", "UTC"),
        ] {
            assert_eq!(Zone::find(typed).map(Zone::name), Some(name), "{typed}");
        }
        // Several countries have a "Central".
        for typed in ["", "Atlantis", "Central", "Europe", "Europe/", "\0"] {
            assert_eq!(Zone::find(typed), None, "{typed}");
        }
        let offered: Vec<&str> = Zone::offered().collect();
        assert!(offered.contains(&"Asia/Kathmandu") && offered.contains(&"UTC") && !offered.contains(&"US/Eastern"));
    }

    #[test]
    fn the_time_has_a_name_or_its_distance_from_utc() {
        for (name, moment, label) in [
            ("UTC", "2026-07-01T00:00:00Z", "UTC"),
            ("Europe/Zurich", "2026-10-25T00:59:59Z", "CEST"),
            ("Europe/Zurich", "2026-10-25T01:00:00Z", "CET"),
            ("Asia/Kathmandu", "2026-07-01T00:00:00Z", "UTC+05:45"),
            ("America/Sao_Paulo", "2026-07-01T00:00:00Z", "UTC−03:00"),
            ("Pacific/Chatham", "2026-01-01T00:00:00Z", "UTC+13:45"),
        ] {
            assert_eq!(zone(name).label(at(moment)), label, "{name}");
        }
        assert_eq!("Europe/Atlantis".parse::<Zone>(), Err(NoSuchZone));
    }
}
