//! Claiming jobs, and ending what was claimed.

use chrono::Duration;
use diesel::prelude::*;

use super::job::{Job, Priority};
use super::work::{Outcome, Tried};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::JobId;
use crate::schema::jobs;
use crate::time::Timestamp;

/// How long a claim holds that nobody renews.
const CLAIM: Duration = Duration::minutes(2);
/// A job that a process leaves to others is due again so soon.
const LEFT_FOR: Duration = Duration::seconds(5);

/// Whether anything is due in a queue. Looking before claiming keeps idle processes from writing.
pub(super) fn is_due(
    connection: &mut Connection,
    queue: &str,
    priorities: &[Priority],
    now: Timestamp,
) -> Result<bool, DbError> {
    let found: Option<JobId> = jobs::table
        .filter(jobs::queue.eq(queue))
        .filter(jobs::priority.eq_any(priorities.iter().map(|priority| *priority as i32)))
        .filter(jobs::due_at.le(now))
        .select(jobs::id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Claims up to `most` jobs of a queue that are due: the most urgent first, and those that are due longest.
pub(super) fn claim(
    tx: &mut WriteTx,
    queue: &str,
    priorities: &[Priority],
    most: usize,
    claimed_by: &str,
) -> Result<Vec<Job>, DbError> {
    tx.lock_name(&format!("jobs {queue}"))?;
    let mut ids: Vec<JobId> = Vec::new();
    for priority in priorities {
        let due: Vec<JobId> = jobs::table
            .filter(jobs::queue.eq(queue))
            .filter(jobs::priority.eq(*priority as i32))
            .filter(jobs::due_at.le(tx.now))
            .order(jobs::due_at)
            .limit((most - ids.len()) as i64)
            .select(jobs::id)
            .load(tx.connection)?;
        ids.extend(due);
        if ids.len() >= most {
            break;
        }
    }
    let mut claimed = Vec::with_capacity(ids.len());
    for id in ids {
        // One that was taken back meanwhile is not there any more.
        let row = jobs::table.filter(jobs::id.eq(&id));
        diesel::update(row)
            .set((
                jobs::due_at.eq(tx.now + CLAIM),
                jobs::attempts.eq(jobs::attempts + 1),
                jobs::claimed_by.eq(Some(claimed_by)),
            ))
            .execute(tx.connection)?;
        claimed.extend(row.select(Job::as_select()).first::<Job>(tx.connection).optional()?);
    }
    Ok(claimed)
}

/// Makes all claims of a process last longer.
pub(super) fn renew(tx: &mut WriteTx, claimed_by: &str) -> Result<(), DbError> {
    diesel::update(jobs::table.filter(jobs::claimed_by.eq(claimed_by)))
        .set(jobs::due_at.eq(tx.now + CLAIM))
        .execute(tx.connection)?;
    Ok(())
}

/// Ends a try. `every` is when a recurring job comes again. False where the claim does not hold any more: then nothing is stored,
/// since another process may have tried meanwhile.
pub(super) fn finish(
    tx: &mut WriteTx,
    job: &Job,
    claimed_by: &str,
    tried: &Tried,
    every: Option<Duration>,
) -> Result<bool, DbError> {
    let held = jobs::table
        .filter(jobs::id.eq(&job.id))
        .filter(jobs::claimed_by.eq(claimed_by))
        .filter(jobs::attempts.eq(job.attempts));
    let is_done = matches!(tried.outcome, Outcome::Done | Outcome::More);
    let mut wait = |after: Duration, attempts: i32, error: &str| {
        let changes = (
            jobs::due_at.eq(tx.now + after),
            jobs::attempts.eq(attempts),
            jobs::claimed_by.eq(None::<String>),
            jobs::last_error.eq(error),
            jobs::ran_at.eq(tx.now),
            is_done.then(|| jobs::done_at.eq(tx.now)),
        );
        diesel::update(held).set(changes).execute(tx.connection)
    };
    let ended = match (&tried.outcome, every) {
        (Outcome::Done, Some(every)) => wait(every, 0, "")?,
        (Outcome::More, _) => wait(Duration::zero(), 0, "")?,
        (Outcome::Failed { error, after }, _) => wait(*after, job.attempts, error)?,
        (Outcome::GivenUp { error }, Some(every)) => wait(every, 0, error)?,
        (Outcome::Left { error }, _) => wait(LEFT_FOR, job.attempts - 1, error)?,
        (Outcome::Done | Outcome::GivenUp { .. }, None) => diesel::delete(held).execute(tx.connection)?,
    };
    if ended == 0 {
        return Ok(false);
    }
    if let Some(store) = &tried.store {
        store(tx)?;
    }
    Ok(true)
}
