//! The last day of what an operator gives.

use chrono::{Months, NaiveDate};

use super::CliError;
use crate::time::Clock;

/// A hundred years.
const MOST_MONTHS: u32 = 1_200;

/// The day, unless it is over, or so far away that it must be a slip: no database holds a year of five digits.
pub(super) fn checked(day: NaiveDate) -> Result<NaiveDate, CliError> {
    let today = Clock::System.now().day();
    if (today..=today + Months::new(MOST_MONTHS)).contains(&day) {
        return Ok(day);
    }
    Err(CliError::Refused(format!("{day} is over, or too far away: choose a day of the next hundred years")))
}
