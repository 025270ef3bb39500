//! Telling that credits run low.

use crate::credits::amount::grouped;
use crate::credits::low_balance::{self, TELL, organization_of};
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::notifications::kinds::Kind;
use crate::notifications::mail::LowCredits;
use crate::notifications::send::{About, tell};

/// Tells those who want to hear of it, if the balance is still low. Answers how many mails that are.
pub fn tell_of_low_balance(tx: &mut WriteTx, organization: &OrganizationId) -> Result<usize, DbError> {
    let about = About::locked(tx, organization)?;
    let Some(low) = low_balance::take(tx, organization)? else { return Ok(0) };
    let link = about.link(tx, "/credits");
    tell(tx, &about, Kind::LowCredits, |reader, unsubscribe_link| LowCredits {
        reader,
        balance: grouped(low.balance),
        below: grouped(low.below),
        link: link.clone(),
        unsubscribe_link,
    })
}

/// Does it for each time that a balance fell below what is low.
pub struct TellOfLowBalance;

impl Work for TellOfLowBalance {
    fn kind(&self) -> &'static str {
        TELL
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let Some(organization) = organization_of(&job.subject) else {
            return Outcome::GivenUp { error: "it names no Organization".to_owned() }.into();
        };
        match context.write(|tx| tell_of_low_balance(tx, &organization)) {
            Ok(_) => Outcome::Done.into(),
            Err(error) => Outcome::failed(job, error).into(),
        }
    }
}
