//! What is done about orders in the background. Each transaction looks again, so several processes may do it at once.

use std::sync::Arc;

use chrono::Duration;

use super::ending;
use super::payment::{self, Payment, Status};
use super::settle::settle;
use crate::db::DbError;
use crate::ids::{OrderId, OrganizationId, PaymentId};
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::payments::provider::{CheckoutState, Provider, ProviderError};

/// What the jobs are called.
pub const END: &str = "orders.end";
pub const LOOK: &str = "payments.look";
const EVERY: Duration = Duration::minutes(5);
/// How many rows are read at a time.
const BATCH: i64 = 50;
/// So long after it was begun an open payment is looked at: until then, events and whoever pays are faster.
const PATIENCE: Duration = Duration::minutes(5);

/// Why something was left for the next time.
#[derive(Debug, thiserror::Error)]
enum Left {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// Ends pending orders whose time is over. The page at the provider is closed first, and what was paid on it is settled.
pub struct EndOverdue {
    pub provider: Option<Arc<dyn Provider>>,
}

impl EndOverdue {
    /// Whether the payment was closed, or settled.
    fn close(&self, context: &JobContext, payment: &Payment) -> Result<(), Left> {
        let (Some(provider), Some(session)) = (&self.provider, &payment.session) else { return Ok(()) };
        if payment.status == Status::Open
            && provider.kind() == payment.provider()?
            && let CheckoutState::Paid(paid) = provider.close_checkout(session)?
        {
            context.write(|tx| settle(tx, &payment.id, &paid))?;
        }
        Ok(())
    }

    fn end(&self, context: &JobContext, organization: &OrganizationId, order: &OrderId) -> Result<(), Left> {
        for payment in context.db.read(|connection| payment::of_order(connection, order))? {
            self.close(context, &payment)?;
        }
        context.write(|tx| ending::end_overdue(tx, organization, order))?;
        Ok(())
    }
}

impl Work for EndOverdue {
    fn kind(&self) -> &'static str {
        END
    }

    fn every(&self) -> Option<Duration> {
        Some(EVERY)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let now = context.transactions.clock.now();
        let overdue = match context.db.read(|connection| ending::overdue(connection, now, BATCH)) {
            Ok(overdue) => overdue,
            Err(error) => return Outcome::failed(job, error).into(),
        };
        let mut left = None;
        for (organization, order) in &overdue {
            if let Err(error) = self.end(context, organization, order) {
                tracing::warn!(%order, %error, "an order could not be ended");
                left = Some(error);
            }
        }
        match left {
            Some(error) => Outcome::failed(job, error),
            None if overdue.len() as i64 == BATCH => Outcome::More,
            None => Outcome::Done,
        }
        .into()
    }
}

/// Looks at open payments of which nothing was heard, so that a lost event costs minutes.
pub struct LookAtPayments {
    pub provider: Arc<dyn Provider>,
}

impl LookAtPayments {
    fn look(&self, context: &JobContext, payment: &Payment) -> Result<(), Left> {
        let Some(session) = payment.session.as_ref().filter(|_| payment.provider().ok() == Some(self.provider.kind()))
        else {
            return Ok(());
        };
        match self.provider.look(session)? {
            CheckoutState::Open { .. } => {}
            CheckoutState::Paid(paid) => {
                context.write(|tx| settle(tx, &payment.id, &paid))?;
            }
            CheckoutState::Ended => {
                context.write(|tx| payment::close(tx, &payment.id, Status::Ended, &payment.failure))?;
            }
        }
        Ok(())
    }

    fn look_at_all(&self, context: &JobContext) -> Result<(), Left> {
        let before = context.transactions.clock.now() - PATIENCE;
        let mut after: Option<PaymentId> = None;
        let mut left = None;
        loop {
            let batch =
                context.db.read(|connection| payment::open_before(connection, before, after.as_ref(), BATCH))?;
            for payment in &batch {
                if let Err(error) = self.look(context, payment) {
                    tracing::warn!(payment = %payment.id, %error, "a payment could not be looked at");
                    left = Some(error);
                }
            }
            match batch.last() {
                Some(last) if batch.len() as i64 == BATCH => after = Some(last.id.clone()),
                _ => return left.map_or(Ok(()), Err),
            }
        }
    }
}

impl Work for LookAtPayments {
    fn kind(&self) -> &'static str {
        LOOK
    }

    fn every(&self) -> Option<Duration> {
        Some(EVERY)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        self.look_at_all(context).map_or_else(|error| Outcome::failed(job, error), |()| Outcome::Done).into()
    }
}
