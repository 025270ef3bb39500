//! The job that tops up.

use std::sync::Arc;

use super::{due, outcome};
use crate::credits::top_up_job::{self, organization_of};
use crate::db::DbError;
use crate::ids::OrganizationId;
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::orders::off_session::{Answer, LOOK_AGAIN, ask};
use crate::orders::settle::settle;
use crate::payments::provider::Provider;

pub struct ChargeTopUps {
    pub provider: Arc<dyn Provider>,
}

impl Work for ChargeTopUps {
    fn kind(&self) -> &'static str {
        top_up_job::KIND
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let Some(organization) = organization_of(&job.subject) else {
            return Outcome::GivenUp { error: "it is about no Organization".to_owned() }.into();
        };
        match self.charge(context, job, &organization) {
            Ok(tried) => tried,
            Err(error) => Outcome::failed(job, error).into(),
        }
    }
}

impl ChargeTopUps {
    fn charge(&self, context: &JobContext, job: &Job, organization: &OrganizationId) -> Result<Tried, DbError> {
        let Some(question) = context.write(|tx| due::step(tx, organization, self.provider.kind()))? else {
            return Ok(Outcome::Done.into());
        };
        let payment = question.payment();
        match ask(&*self.provider, &question) {
            Answer::Paid(paid) => drop(context.write(|tx| settle(tx, payment, &paid))?),
            Answer::Declined(reason) => context.write(|tx| outcome::declined(tx, organization, payment, &reason))?,
            Answer::Never => context.write(|tx| outcome::not_charged(tx, organization, payment))?,
            Answer::Later => {
                let organization = organization.clone();
                let again =
                    move |tx: &mut crate::db::WriteTx<'_>| top_up_job::add(tx, &organization, tx.now + LOOK_AGAIN);
                return Ok(Tried::storing(Outcome::Done, again));
            }
            // It may have done it: the same is asked for again.
            Answer::Away(error) => return Ok(Outcome::failed(job, error).into()),
        }
        Ok(Outcome::Done.into())
    }
}
