//! What is done for a job, and what came of it.

use chrono::Duration;

use crate::db::{Db, DbError, TxContext, WriteTx};
use crate::jobs::Job;

/// What work has at hand.
#[derive(Clone)]
pub struct JobContext {
    pub db: Db,
    pub transactions: TxContext,
}

impl JobContext {
    /// Runs one transaction.
    pub fn write<T>(&self, body: impl FnOnce(&mut WriteTx) -> Result<T, DbError>) -> Result<T, DbError> {
        self.db.write(&self.transactions, body)
    }
}

/// Does the jobs of one kind.
pub trait Work: Send + Sync + 'static {
    fn kind(&self) -> &'static str;

    /// How long after it was done it is to be done again. The first such job is stored when the runner starts.
    fn every(&self) -> Option<Duration> {
        None
    }

    /// Tries once, outside of any transaction. It may be tried again where the result could not be stored.
    fn run(&self, context: &JobContext, job: &Job) -> Tried;
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// A part of it is done; the rest is due now.
    More,
    /// It failed: once more after a while.
    Failed {
        error: String,
        after: Duration,
    },
    /// It failed, and trying again cannot help.
    GivenUp {
        error: String,
    },
    /// Another process may be able to do it. This does not count as a try.
    Left {
        error: String,
    },
}

impl Outcome {
    /// It failed: once more after a while that is longer each time.
    pub fn failed(job: &Job, error: impl ToString) -> Self {
        Self::Failed { error: error.to_string(), after: back_off(job.attempts) }
    }
}

type Store = Box<dyn Fn(&mut WriteTx) -> Result<(), DbError> + Send>;

/// The outcome of a try, and what is stored in the transaction that ends it.
pub struct Tried {
    pub(super) outcome: Outcome,
    pub(super) store: Option<Store>,
}

impl From<Outcome> for Tried {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, store: None }
    }
}

impl Tried {
    /// With something that is stored along, if the claim still holds then.
    pub fn storing(outcome: Outcome, store: impl Fn(&mut WriteTx) -> Result<(), DbError> + Send + 'static) -> Self {
        Self { outcome, store: Some(Box::new(store)) }
    }
}

/// Five seconds, then twice as long each time, half an hour at the most.
fn back_off(attempts: i32) -> Duration {
    let doublings = attempts.saturating_sub(1).clamp(0, 9) as u32;
    Duration::seconds((5_i64 << doublings).min(1_800))
}
