//! How recurring work goes: when it ran, when it runs next, and what fails.

use diesel::prelude::*;

use crate::db::{Connection, DbError};
use crate::schema::jobs;
use crate::time::Timestamp;

/// The one job of a kind of recurring work.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct Recurring {
    pub kind: String,
    /// When the last try ended.
    pub ran_at: Option<Timestamp>,
    /// When the last try ended that was no failure.
    pub done_at: Option<Timestamp>,
    /// When it is due next; while it is being done, when another process would take over.
    pub due_at: Timestamp,
    attempts: i32,
    claimed_by: Option<String>,
    /// Why the last try failed. Empty where it did not.
    pub last_error: String,
}

impl Recurring {
    pub fn is_running(&self) -> bool {
        self.claimed_by.is_some()
    }

    pub fn is_failing(&self) -> bool {
        !self.last_error.is_empty()
    }

    /// How many tries failed one after the other.
    pub fn failures(&self) -> i32 {
        self.attempts - i32::from(self.is_running())
    }
}

/// Those of these kinds that were ever begun, in the order of their names. One statement.
pub fn recurring(connection: &mut Connection, kinds: &[&str]) -> Result<Vec<Recurring>, DbError> {
    Ok(jobs::table
        .filter(jobs::kind.eq_any(kinds))
        .filter(jobs::subject.eq(""))
        .order(jobs::kind)
        .select(Recurring::as_select())
        .load(connection)?)
}
