//! The rows.

use diesel::prelude::*;

use crate::db::{Connection, WriteTx};
use crate::ids::JobId;
use crate::schema::jobs;
use crate::time::Timestamp;

/// Which of the jobs that are due comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Priority {
    /// Somebody waits for it.
    Waiting = 0,
    Usual = 1,
    /// Many at once, and none of them urgent.
    Bulk = 2,
}

impl Priority {
    /// The most urgent first.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Usual, Self::Bulk];
}

/// A job that somebody has claimed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    /// The id of what it is about; empty where there is only one job of its kind.
    pub subject: String,
    pub created_at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: i32,
}

/// A job to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    pub queue: &'static str,
    pub kind: &'static str,
    pub subject: &'a str,
    pub priority: Priority,
    pub due_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct Row<'a> {
    id: JobId,
    queue: &'static str,
    kind: &'static str,
    subject: &'a str,
    priority: i32,
    created_at: Timestamp,
    due_at: Timestamp,
    attempts: i32,
    claimed_by: Option<&'static str>,
    last_error: &'static str,
}

impl NewJob<'_> {
    /// Stores it without telling anybody: see [`WriteTx::add_job`].
    pub(crate) fn insert(self, connection: &mut Connection, now: Timestamp) -> QueryResult<()> {
        let row = Row {
            id: JobId::new(now),
            queue: self.queue,
            kind: self.kind,
            subject: self.subject,
            priority: self.priority as i32,
            created_at: now,
            due_at: self.due_at,
            attempts: 0,
            claimed_by: None,
            last_error: "",
        };
        diesel::insert_into(jobs::table).values(row).execute(connection).map(drop)
    }
}

impl WriteTx<'_> {
    /// Stores a job. It is done once this transaction is committed and its time has come.
    ///
    /// # Errors
    /// A job of this kind about this subject is there already.
    pub fn add_job(&mut self, new: NewJob<'_>) -> QueryResult<()> {
        self.wake();
        new.insert(self.connection, self.now)
    }

    /// The same, unless such a job is there already.
    pub(super) fn add_job_once(&mut self, new: NewJob<'_>) -> QueryResult<()> {
        self.lock_name(new.kind)?;
        let same = jobs::table.filter(jobs::kind.eq(new.kind)).filter(jobs::subject.eq(new.subject));
        let there: Option<JobId> = same.select(jobs::id).first(self.connection).optional()?;
        if there.is_some() { Ok(()) } else { self.add_job(new) }
    }

    /// Whether a job waits that nobody has begun; if so, nobody begins it before this transaction ends.
    pub fn hold_job(&mut self, kind: &str, subject: &str) -> QueryResult<bool> {
        // The update locks the row, which a claim has to wait for.
        let held = diesel::update(jobs::table.filter(jobs::kind.eq(kind)).filter(jobs::subject.eq(subject)))
            .filter(jobs::attempts.eq(0))
            .set(jobs::attempts.eq(0))
            .execute(self.connection)?;
        Ok(held > 0)
    }

    /// Takes back a job, whether somebody is about it or not. Whether there was one.
    pub fn remove_job(&mut self, kind: &str, subject: &str) -> QueryResult<bool> {
        let job = jobs::table.filter(jobs::kind.eq(kind)).filter(jobs::subject.eq(subject));
        Ok(diesel::delete(job).execute(self.connection)? > 0)
    }

    /// Makes a job due now that waits for its next try. Whether there is one that nobody is about.
    pub fn hurry_job(&mut self, kind: &str, subject: &str) -> QueryResult<bool> {
        let hurried = diesel::update(jobs::table.filter(jobs::kind.eq(kind)).filter(jobs::subject.eq(subject)))
            .filter(jobs::claimed_by.is_null())
            .set(jobs::due_at.eq(self.now))
            .execute(self.connection)?;
        self.wake();
        Ok(hurried > 0)
    }
}
