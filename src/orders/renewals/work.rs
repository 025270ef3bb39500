//! The job that charges: one for each try.

use std::sync::Arc;

use chrono::Duration;

use super::due::{self, CHARGE, renewal_of};
use super::{outcome, step};
use crate::db::DbError;
use crate::ids::RenewalId;
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::orders::off_session::{Answer, LOOK_AGAIN, ask};
use crate::orders::settle::settle;
use crate::payments::provider::Provider;

pub struct ChargeRenewals {
    pub provider: Arc<dyn Provider>,
    /// For how long what has ended is kept.
    pub grace: Duration,
}

impl Work for ChargeRenewals {
    fn kind(&self) -> &'static str {
        CHARGE
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let Some(renewal) = renewal_of(&job.subject) else {
            return Outcome::GivenUp { error: "it is about no renewal".to_owned() }.into();
        };
        match self.charge(context, job, &renewal) {
            Ok(tried) => tried,
            Err(error) => Outcome::failed(job, error).into(),
        }
    }
}

impl ChargeRenewals {
    fn charge(&self, context: &JobContext, job: &Job, renewal: &RenewalId) -> Result<Tried, DbError> {
        let Some(question) = context.write(|tx| step::step(tx, renewal, self.provider.kind(), self.grace))? else {
            return Ok(Outcome::Done.into());
        };
        let payment = question.payment().clone();
        match ask(&*self.provider, &question) {
            Answer::Paid(paid) => drop(context.write(|tx| settle(tx, &payment, &paid))?),
            Answer::Declined(reason) => context.write(|tx| outcome::declined(tx, &payment, &reason, self.grace))?,
            Answer::Never => context.write(|tx| outcome::not_charged(tx, &payment))?,
            Answer::Later => {
                let renewal = renewal.clone();
                return Ok(Tried::storing(Outcome::Done, move |tx| due::add_job(tx, &renewal, tx.now + LOOK_AGAIN)));
            }
            // It may have done it: the same is asked for again, and is no other try.
            Answer::Away(error) => return Ok(Outcome::failed(job, error).into()),
        }
        Ok(Outcome::Done.into())
    }
}
