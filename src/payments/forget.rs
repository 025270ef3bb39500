//! Telling a provider to forget a method that is not kept any more: a job, since the provider may be away.

use std::sync::Arc;

use chrono::Duration;

use super::provider::Provider;
use crate::db::{DbError, WriteTx};
use crate::jobs::{Job, JobContext, NewJob, Outcome, Priority, Tried, Work};

/// The queue of what is done about payments in the background.
pub const QUEUE: &str = "payments";
const FORGET: &str = "forget payment method";
/// A provider that refuses for so long is left alone: the method can be removed there by hand.
const GIVE_UP_AFTER: Duration = Duration::days(3);

/// Has a method forgotten once this transaction is committed.
pub(super) fn forget_later(tx: &mut WriteTx, provider: &str, method: &str) -> Result<(), DbError> {
    let subject = format!("{provider} {method}");
    // It may be kept, removed, kept again.
    tx.remove_job(FORGET, &subject)?;
    let due_at = tx.now;
    Ok(tx.add_job(NewJob { queue: QUEUE, kind: FORGET, subject: &subject, priority: Priority::Usual, due_at })?)
}

pub struct Forget {
    pub provider: Arc<dyn Provider>,
}

impl Work for Forget {
    fn kind(&self) -> &'static str {
        FORGET
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let is_old = context.transactions.clock.now() - job.created_at > GIVE_UP_AFTER;
        let own: &str = self.provider.kind().into();
        let Some((provider, method)) = job.subject.split_once(' ').filter(|(provider, _)| *provider == own) else {
            let error = format!("the portal has another provider of payments by now: {}", job.subject);
            return Outcome::GivenUp { error }.into();
        };
        match self.provider.forget_method(method) {
            Ok(()) => Outcome::Done,
            Err(error) if is_old => {
                tracing::warn!(provider, %error, "a payment method is not forgotten");
                Outcome::GivenUp { error: error.to_string() }
            }
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}
