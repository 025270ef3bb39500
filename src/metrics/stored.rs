//! What only the database knows. Each is a count or the end of an index, never the rows themselves.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::db::{Connection, Db, DbError};
use crate::schema::{jobs, outbox, user_sessions};
use crate::time::Timestamp;

/// What is gauged in the database.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub bytes: i64,
    pub sessions: i64,
    pub mails_failed: i64,
    pub jobs: Vec<Jobs>,
    pub recurring: Vec<Recurring>,
}

/// The jobs of one queue and priority.
#[derive(Clone, Debug)]
pub(super) struct Jobs {
    pub queue: String,
    pub priority: i32,
    /// All that are not done, also those that wait for their time or are being done.
    pub count: i64,
    pub due: i64,
    /// How long the one that is due longest is due already.
    pub oldest_due_seconds: f64,
}

/// The one job of a kind of work that recurs.
#[derive(Clone, Debug)]
pub(super) struct Recurring {
    pub kind: String,
    /// How many tries failed one after the other.
    pub failures: i64,
    /// Since it was done last, or since it was stored first.
    pub since_done_seconds: f64,
    /// Until it is due again.
    pub until_due_seconds: f64,
}

pub(super) fn read(db: &Db, now: Timestamp) -> Result<Stored, DbError> {
    let bytes = db.size_in_bytes()?;
    db.look_apart(|connection| {
        let live = user_sessions::table.filter(user_sessions::expires_at.gt(now));
        let sessions = live.select(count_star()).first(connection)?;
        let failed = outbox::table.filter(outbox::failed_at.is_not_null());
        let mails_failed = failed.select(count_star()).first(connection)?;
        Ok(Stored {
            bytes,
            sessions,
            mails_failed,
            jobs: jobs(connection, now)?,
            recurring: recurring(connection, now)?,
        })
    })
}

/// The names of queues and the priorities are from closed lists in the code, and so are few.
fn jobs(connection: &mut Connection, now: Timestamp) -> Result<Vec<Jobs>, DbError> {
    let kinds = (jobs::queue, jobs::priority);
    let all: Vec<(String, i32, i64)> =
        jobs::table.group_by(kinds).select((jobs::queue, jobs::priority, count_star())).load(connection)?;
    let due: Vec<(String, i32, i64, Option<Timestamp>)> = jobs::table
        .filter(jobs::due_at.le(now))
        .group_by(kinds)
        .select((jobs::queue, jobs::priority, count_star(), min(jobs::due_at)))
        .load(connection)?;
    let with_due = |(queue, priority, count): (String, i32, i64)| {
        let due = due.iter().find(|due| due.0 == queue && due.1 == priority);
        let (due, since) = due.map_or((0, None), |due| (due.2, due.3));
        Jobs { queue, priority, count, due, oldest_due_seconds: since.map_or(0.0, |since| seconds(since, now)) }
    };
    Ok(all.into_iter().map(with_due).collect())
}

/// A row each: what recurs is about nothing in particular, and nothing else is.
fn recurring(connection: &mut Connection, now: Timestamp) -> Result<Vec<Recurring>, DbError> {
    type Row = (String, i32, Option<String>, Timestamp, Option<Timestamp>, Timestamp);
    let rows: Vec<Row> = jobs::table
        .filter(jobs::subject.eq(""))
        .select((jobs::kind, jobs::attempts, jobs::claimed_by, jobs::created_at, jobs::done_at, jobs::due_at))
        .load(connection)?;
    let read = |(kind, attempts, claimed_by, created_at, done_at, due_at): Row| Recurring {
        kind,
        failures: i64::from(attempts) - i64::from(claimed_by.is_some()),
        since_done_seconds: seconds(done_at.unwrap_or(created_at), now),
        until_due_seconds: seconds(now, due_at),
    };
    Ok(rows.into_iter().map(read).collect())
}

fn seconds(earlier: Timestamp, later: Timestamp) -> f64 {
    (later - earlier).num_milliseconds().max(0) as f64 / 1_000.0
}
