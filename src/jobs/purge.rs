//! Removing rows that have run out, a batch at a time, so that nobody waits for a long transaction.

use chrono::Duration;

use crate::jobs::{Job, JobContext, Outcome, Tried, Work};

/// How many rows a batch removes at the most.
const BATCH: usize = 1_000;

/// Work that removes the rows of a table some time after their moment, once an hour.
pub struct Purge {
    pub kind: &'static str,
    pub table: &'static str,
    /// The column that names a row.
    pub key: &'static str,
    /// The column of the moment from which on a row is over. Rows without one stay. It has an index.
    pub moment: &'static str,
    /// How long rows are kept after that.
    pub kept: Duration,
}

impl Work for Purge {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::hours(1))
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let batch = context.write(|tx| {
            let until = tx.now - self.kept;
            Ok(tx.delete_until(self.table, self.key, self.moment, until, BATCH)?)
        });
        match batch {
            // The rest gets in line again: whoever waits to write comes in between.
            Ok(BATCH..) => Outcome::More,
            Ok(removed) => {
                tracing::debug!(kind = self.kind, removed, "what ran out is removed");
                Outcome::Done
            }
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}
