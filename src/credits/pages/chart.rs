//! The balance of the last year as a drawing, and as the table behind it. The drawing is a path of points in a plane that pages
//! stretch to the room they have; its labels are text beside it.

use std::fmt::Write;

use chrono::{Datelike, Months, NaiveDate, NaiveTime, Timelike};

use crate::credits::amount::grouped;
use crate::credits::balances::MOMENTS;
use crate::time::Timestamp;

/// How many months are drawn, the present one among them.
const MONTHS: usize = MOMENTS / 2;
/// How wide a month is in the plane, and how high all of it.
const MONTH: f64 = 100.0;
const HEIGHT: f64 = 200.0;

/// A month as the chart names it below the drawing.
pub struct MonthLabel {
    /// `Nov`
    pub name: String,
    /// Where a year begins, and of the first month.
    pub year: Option<i32>,
}

/// A line of the table.
pub struct ChartRow {
    /// `1 November 2026`
    pub day: String,
    pub balance: String,
}

pub struct Chart {
    /// The path of the balance, and of what is below it.
    pub line: String,
    pub area: String,
    /// The numbers at the top and in the middle of the axis.
    pub top: String,
    pub middle: String,
    pub months: Vec<MonthLabel>,
    pub highest: String,
    /// Newest first; the present moment is not among them.
    pub rows: Vec<ChartRow>,
}

/// The first day of each month that is drawn, oldest first.
fn months(now: Timestamp) -> Vec<NaiveDate> {
    let this = now.day().with_day(1).unwrap_or_else(|| now.day());
    let ago = |months: usize| this.checked_sub_months(Months::new(months as u32)).unwrap_or(this);
    (0..MONTHS).rev().map(ago).collect()
}

/// The moments at which the balance is asked for: the beginning and the middle of each month.
pub fn moments(now: Timestamp) -> [Timestamp; MOMENTS] {
    let mut moments = [now; MOMENTS];
    let days = months(now).into_iter().flat_map(|month| [Some(month), month.with_day(16)]).flatten();
    for (moment, day) in moments.iter_mut().zip(days) {
        *moment = Timestamp::from(day.and_time(NaiveTime::MIN));
    }
    moments
}

/// Where a moment is in the plane, from left to right. Months are equally wide.
fn across(months: &[NaiveDate], moment: Timestamp) -> f64 {
    let (day, time) = (moment.day(), moment.to_utc().time());
    let month = months.iter().rposition(|month| *month <= day).unwrap_or(0);
    let gone = f64::from(day.day0()) + f64::from(time.num_seconds_from_midnight()) / 86_400.0;
    let length = months[month].checked_add_months(Months::new(1)).map_or(31, |next| (next - months[month]).num_days());
    (month as f64 + gone / length as f64) * MONTH
}

/// A round number that is not below `highest`.
fn round_up(highest: i64) -> i64 {
    let mut step: i64 = 10;
    loop {
        for factor in [1, 2, 4, 5, 8] {
            if step.saturating_mul(factor) >= highest {
                return step.saturating_mul(factor);
            }
        }
        step = step.saturating_mul(10);
    }
}

impl Chart {
    /// `balances` are those of [`moments`]; what is not over yet is not drawn.
    pub fn new(now: Timestamp, balances: &[i64; MOMENTS], balance: i64) -> Self {
        let months = months(now);
        let past = moments(now).into_iter().zip(*balances).filter(|(moment, _)| *moment < now);
        let points: Vec<(Timestamp, i64)> = past.chain([(now, balance)]).collect();
        let highest = points.iter().map(|(_, balance)| *balance).max().unwrap_or(0);
        let top = round_up(highest);
        let mut line = String::new();
        for (moment, balance) in &points {
            let command = if line.is_empty() { 'M' } else { 'L' };
            let (x, y) = (across(&months, *moment), HEIGHT - *balance as f64 / top as f64 * HEIGHT);
            // Writing to a text does not fail.
            let _ = write!(line, "{command}{x:.0} {y:.1}");
        }
        let area = format!("{line}V{HEIGHT}H0Z");
        let row = |(moment, balance): &(Timestamp, i64)| ChartRow { day: moment.words(), balance: grouped(*balance) };
        let begins_month = |(moment, _): &&(Timestamp, i64)| *moment < now && moment.day().day() == 1;
        Self {
            line,
            area,
            top: grouped(top),
            middle: grouped(top / 2),
            months: months.iter().enumerate().map(|(at, month)| MonthLabel::new(*month, at == 0)).collect(),
            highest: grouped(highest),
            rows: points.iter().filter(begins_month).rev().map(row).collect(),
        }
    }
}

impl MonthLabel {
    fn new(month: NaiveDate, is_first: bool) -> Self {
        let year = (is_first || month.month() == 1).then(|| month.year());
        Self { name: Timestamp::from(month.and_time(NaiveTime::MIN)).month().to_owned(), year }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<chrono::NaiveDateTime>().expect("a moment"))
    }

    #[test]
    fn thirteen_months_are_asked_about_twice_each() {
        let now = at("2028-03-10T12:00:00");
        let moments = moments(now);
        assert_eq!((moments[0], moments[1]), (at("2027-03-01T00:00:00"), at("2027-03-16T00:00:00")));
        assert_eq!((moments[24], moments[25]), (at("2028-03-01T00:00:00"), at("2028-03-16T00:00:00")));
        assert!(moments.is_sorted());
    }

    #[test]
    fn what_is_not_over_is_not_drawn_and_the_present_is_the_last_point() {
        let now = at("2028-03-10T12:00:00");
        let chart = Chart::new(now, &[50; MOMENTS], 100);
        assert!(chart.line.starts_with("M0 100.0L") && chart.line.ends_with(" 0.0"), "{}", chart.line);
        assert_eq!(chart.line.matches('L').count(), 25, "24 halves of months, the first of this one, and now");
        assert_eq!((chart.rows.len(), chart.rows[0].day.as_str()), (13, "1 March 2028"));
        assert_eq!((chart.top.as_str(), chart.middle.as_str(), chart.highest.as_str()), ("100", "50", "100"));
        let names: Vec<_> = chart.months.iter().map(|month| (month.name.as_str(), month.year)).collect();
        assert_eq!((names[0], names[10], names[12]), (("Mar", Some(2027)), ("Jan", Some(2028)), ("Mar", None)));
    }

    #[test]
    fn an_axis_ends_at_a_round_number() {
        for (highest, top) in
            [(0, 10), (10, 10), (11, 20), (41, 50), (501, 800), (9_999, 10_000), (1_234_567, 2_000_000)]
        {
            assert_eq!(round_up(highest), top, "{highest}");
        }
        assert!(round_up(i64::MAX) > 0);
    }
}
