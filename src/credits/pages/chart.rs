//! The balance of the last months as a drawing, and as the table behind it. The drawing is a path of points in a plane that pages
//! stretch to the room they have; its labels are text beside it.

use std::fmt::Write;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::credits::amount::grouped;
use crate::credits::balances::MOMENTS;
use crate::time::{Reading, Timestamp, month};

/// How many months or weeks are drawn, the present one among them.
const PARTS: usize = MOMENTS / 2;
/// How wide a month or week is in the plane, and how high all of it: fine enough for whole numbers.
const PART: f64 = 100.0;
const HEIGHT: f64 = 2000.0;

/// How much time is drawn: thirteen months, or as many weeks of a ledger that has no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Months,
    Weeks,
}

impl Span {
    /// The one that fits a ledger whose first row was written at `first`.
    pub fn of(first: Timestamp, reading: Reading) -> Self {
        if Self::Weeks.edges(reading)[0] <= reading.calendar.zone.day(first) { Self::Weeks } else { Self::Months }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Months => "thirteen months",
            Self::Weeks => "thirteen weeks",
        }
    }

    /// The first day of each part, oldest first, and the day behind the last one.
    fn edges(self, reading: Reading) -> Vec<NaiveDate> {
        let today = reading.calendar.zone.day(reading.now);
        let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
        let month = today.with_day(1).unwrap_or(today);
        let edge = |ago: usize| match self {
            Self::Months => month.checked_add_months(Months::new(1))?.checked_sub_months(Months::new(ago as u32)),
            Self::Weeks => monday.checked_add_days(Days::new(7))?.checked_sub_days(Days::new(7 * ago as u64)),
        };
        (0..=PARTS).rev().filter_map(edge).collect()
    }

    /// What is drawn for whoever reads.
    pub fn frame(self, reading: Reading) -> Frame {
        let zone = reading.calendar.zone;
        let half = match self {
            Self::Months => Days::new(15),
            Self::Weeks => Days::new(3),
        };
        let days = self.edges(reading);
        let edges: Vec<Timestamp> = days.iter().map(|day| zone.start_of(*day)).collect();
        let halves = days.iter().map(|day| zone.start_of(*day + half));
        let mut moments = [reading.now; MOMENTS];
        for (moment, at) in moments.iter_mut().zip(edges.iter().zip(halves).flat_map(|(edge, half)| [*edge, half])) {
            *moment = at;
        }
        Frame { span: self, days, edges, moments }
    }
}

/// The parts that are drawn.
pub struct Frame {
    span: Span,
    /// The first day of each part, oldest first, and the day behind the last one.
    days: Vec<NaiveDate>,
    /// When these begin.
    edges: Vec<Timestamp>,
    /// The moments at which the balance is asked for: the beginning and about the middle of each part.
    pub moments: [Timestamp; MOMENTS],
}

/// A month or week as the chart names it below the drawing.
pub struct PartLabel {
    /// `Nov`, or the day on which the week begins: `23 Nov`.
    pub name: String,
    /// Where it is another one than before.
    pub year: Option<i32>,
}

/// A line of the table.
pub struct ChartRow {
    /// `1 November 2026`
    pub day: String,
    pub balance: String,
}

pub struct Chart {
    /// How much time it is, in words.
    pub span: &'static str,
    /// The path of the balance, and of what is below it.
    pub line: String,
    pub area: String,
    /// The numbers at the top and in the middle of the axis.
    pub top: String,
    pub middle: String,
    pub parts: Vec<PartLabel>,
    pub highest: String,
    /// Newest first; the present moment is not among them.
    pub rows: Vec<ChartRow>,
}

/// Where a moment is in the plane, from left to right. Parts are equally wide.
fn across(edges: &[Timestamp], moment: Timestamp) -> f64 {
    let part = edges.iter().rposition(|edge| *edge <= moment).unwrap_or(0).min(PARTS - 1);
    let (from, to) = (edges[part], edges[part + 1]);
    let gone = (moment - from).num_seconds() as f64 / (to - from).num_seconds() as f64;
    (part as f64 + gone) * PART
}

/// A round number that is not below `highest` and can be halved.
fn round_up(highest: i64) -> i64 {
    let mut unit: i64 = 2;
    loop {
        for factor in [10, 15, 20, 25, 30, 40, 50, 60, 80] {
            if unit.saturating_mul(factor) >= highest {
                return unit.saturating_mul(factor);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

impl Chart {
    /// `balances` are those of the moments of the frame; what is not over yet is not drawn.
    pub fn new(frame: &Frame, reading: Reading, balances: &[i64; MOMENTS], balance: i64) -> Self {
        let Reading { now, calendar } = reading;
        let Frame { span, days, edges, moments } = frame;
        let past = moments.iter().copied().zip(*balances).filter(|(moment, _)| *moment < now);
        let points: Vec<(Timestamp, i64)> = past.chain([(now, balance)]).collect();
        let highest = points.iter().map(|(_, balance)| *balance).max().unwrap_or(0);
        let top = round_up(highest);
        let mut line = String::new();
        for (moment, balance) in &points {
            let command = if line.is_empty() { 'M' } else { 'L' };
            let (x, y) = (across(edges, *moment), HEIGHT - *balance as f64 / top as f64 * HEIGHT);
            // Writing to a text does not fail.
            let _ = write!(line, "{command}{} {}", x.round() as i64, y.round() as i64);
        }
        let row =
            |(moment, balance): &(Timestamp, i64)| ChartRow { day: calendar.date(*moment), balance: grouped(*balance) };
        let is_edge = |(moment, _): &&(Timestamp, i64)| *moment < now && edges.contains(moment);
        Self {
            span: span.words(),
            area: format!("{line}V{HEIGHT}H0Z"),
            top: grouped(top),
            middle: grouped(top / 2),
            parts: labels(*span, days),
            highest: grouped(highest),
            rows: points.iter().filter(is_edge).rev().map(row).collect(),
            line,
        }
    }
}

fn labels(span: Span, edges: &[NaiveDate]) -> Vec<PartLabel> {
    let mut year = None;
    let label = |edge: &NaiveDate| {
        let month = month(*edge);
        let name = match span {
            Span::Months => month.to_owned(),
            Span::Weeks => format!("{} {month}", edge.day()),
        };
        let is_new = year.replace(edge.year()) != Some(edge.year());
        PartLabel { name, year: is_new.then(|| edge.year()) }
    };
    edges[..PARTS].iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<chrono::NaiveDateTime>().expect("a moment"))
    }

    fn reading(now: Timestamp) -> Reading {
        Reading { now, calendar: crate::time::Calendar::USUAL }
    }

    fn told(chart: &Chart) -> Vec<(&str, Option<i32>)> {
        chart.parts.iter().map(|part| (part.name.as_str(), part.year)).collect()
    }

    #[test]
    fn thirteen_months_are_asked_about_twice_each() {
        let now = at("2028-03-10T12:00:00");
        let Frame { moments, .. } = Span::Months.frame(reading(now));
        assert_eq!((moments[0], moments[1]), (at("2027-03-01T00:00:00"), at("2027-03-16T00:00:00")));
        assert_eq!((moments[24], moments[25]), (at("2028-03-01T00:00:00"), at("2028-03-16T00:00:00")));
        assert!(moments.is_sorted());
    }

    #[test]
    fn of_a_young_ledger_weeks_are_drawn() {
        // A Friday.
        let now = at("2028-03-10T12:00:00");
        let frame = Span::Weeks.frame(reading(now));
        let moments = frame.moments;
        assert_eq!((moments[0], moments[1]), (at("2027-12-13T00:00:00"), at("2027-12-16T00:00:00")));
        assert_eq!((moments[24], moments[25]), (at("2028-03-06T00:00:00"), at("2028-03-09T00:00:00")));
        assert_eq!(Span::of(at("2027-12-13T00:00:00"), reading(now)), Span::Weeks);
        assert_eq!(Span::of(at("2027-12-12T23:59:59"), reading(now)), Span::Months);
        let chart = Chart::new(&frame, reading(now), &[50; MOMENTS], 40);
        assert_eq!(
            told(&chart)[..4],
            [("13 Dec", Some(2027)), ("20 Dec", None), ("27 Dec", None), ("3 Jan", Some(2028))]
        );
        assert_eq!((chart.rows.len(), chart.rows[0].day.as_str()), (13, "6 March 2028"));
    }

    #[test]
    fn what_is_not_over_is_not_drawn_and_the_present_is_the_last_point() {
        let now = at("2028-03-10T12:00:00");
        let chart = Chart::new(&Span::Months.frame(reading(now)), reading(now), &[50; MOMENTS], 100);
        assert!(chart.line.starts_with("M0 1000L") && chart.line.ends_with(" 0"), "{}", chart.line);
        assert_eq!(chart.line.matches('L').count(), 25, "24 halves of months, the first of this one, and now");
        assert_eq!((chart.rows.len(), chart.rows[0].day.as_str()), (13, "1 March 2028"));
        assert_eq!((chart.top.as_str(), chart.middle.as_str(), chart.highest.as_str()), ("100", "50", "100"));
        let told = told(&chart);
        assert_eq!((told[0], told[10], told[12]), (("Mar", Some(2027)), ("Jan", Some(2028)), ("Mar", None)));
    }

    #[test]
    fn an_axis_ends_at_a_round_number() {
        for (highest, top) in
            [(0, 20), (20, 20), (21, 30), (41, 50), (161, 200), (501, 600), (2_429, 3_000), (1_234_567, 1_600_000)]
        {
            assert_eq!(round_up(highest), top, "{highest}");
        }
        assert!(round_up(i64::MAX) > 0);
    }
}
