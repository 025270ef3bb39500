//! How work goes: when what recurs ran and runs next, and what fails.

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

/// How many of the jobs that fail are counted.
const MOST: i64 = 1_000;

/// Jobs of a kind that come once, and whose last try failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    pub kind: String,
    pub count: usize,
    /// When the first of them is tried again, and why it failed.
    pub due_at: Timestamp,
    pub last_error: String,
}

/// What fails in these queues, in the order of the kinds. One statement.
pub fn failing(connection: &mut Connection, queues: &[&str]) -> Result<Vec<Failing>, DbError> {
    let rows: Vec<(String, Timestamp, String)> = jobs::table
        .filter(jobs::queue.eq_any(queues))
        .filter(jobs::subject.ne(""))
        .filter(jobs::last_error.ne(""))
        .order((jobs::kind, jobs::due_at))
        .limit(MOST)
        .select((jobs::kind, jobs::due_at, jobs::last_error))
        .load(connection)?;
    let mut found: Vec<Failing> = Vec::new();
    for (kind, due_at, last_error) in rows {
        match found.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.count += 1,
            None => found.push(Failing { kind, count: 1, due_at, last_error }),
        }
    }
    Ok(found)
}
