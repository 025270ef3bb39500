//! The work of giving back money that came too late. The provider is asked with the id of the row, so that it gives back once however
//! often it is asked.

use std::sync::Arc;

use super::too_late::{GIVE_BACK, given_back};
use super::{payment, refund};
use crate::ids::RefundId;
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::payments::provider::{NewRefund, Provider, ProviderError};

pub struct GiveBack {
    pub provider: Arc<dyn Provider>,
}

impl GiveBack {
    fn give_back(&self, context: &JobContext, job: &Job) -> Result<Outcome, crate::db::DbError> {
        let Some(id) = RefundId::parse(&job.subject) else {
            return Ok(Outcome::GivenUp { error: format!("there is no refund {}", job.subject) });
        };
        let found = context.db.read(|connection| {
            let Some(refund) = refund::find(connection, &id)? else { return Ok(None) };
            Ok::<_, crate::db::DbError>(payment::find(connection, &refund.payment_id)?.map(|payment| (refund, payment)))
        })?;
        let Some((refund, payment)) = found.filter(|(refund, _)| refund.status == refund::Status::Asked) else {
            return Ok(Outcome::Done);
        };
        if payment.provider()? != self.provider.kind() {
            let error = format!("it was paid by {}, which does not take payments here any more", payment.provider);
            context.write(|tx| refund::refuse(tx, &id, &error))?;
            return Ok(Outcome::GivenUp { error });
        }
        let provider_payment = payment.provider_payment.clone().unwrap_or_default();
        let new = NewRefund { key: id.to_string(), provider_payment, amount: payment.amount() };
        Ok(match self.provider.refund(&new) {
            Ok(given) => {
                context.write(|tx| given_back(tx, &refund, &given))?;
                Outcome::Done
            }
            Err(ProviderError::Away(error)) => Outcome::failed(job, error),
            Err(ProviderError::Refused(error)) => {
                tracing::error!(payment = %payment.id, error, "money that nobody owes is not given back");
                context.write(|tx| refund::refuse(tx, &id, &error))?;
                Outcome::GivenUp { error }
            }
        })
    }
}

impl Work for GiveBack {
    fn kind(&self) -> &'static str {
        GIVE_BACK
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        self.give_back(context, job).unwrap_or_else(|error| Outcome::failed(job, error)).into()
    }
}
