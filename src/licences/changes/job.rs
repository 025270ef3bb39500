//! What changes with a term that has begun.

use chrono::Duration;
use diesel::prelude::*;

use crate::access::lock_organization;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::licences::changes::state::locked;
use crate::schema::licences;
use crate::time::Timestamp;

const EVERY: Duration = Duration::minutes(1);
/// How many licences a try looks at.
const BATCH: i64 = 100;

/// Gives licences what their next term has once it has begun, once a minute. Who takes a seat meanwhile is told by the moment.
pub struct ApplyChanges;

impl Work for ApplyChanges {
    fn kind(&self) -> &'static str {
        "licences.change"
    }

    fn every(&self) -> Option<Duration> {
        Some(EVERY)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let now = context.transactions.clock.now();
        let due = match context.db.look(|connection| due(connection, now)) {
            Ok(due) => due,
            Err(error) => return Outcome::failed(job, error).into(),
        };
        let mut outcome = if due.len() as i64 == BATCH { Outcome::More } else { Outcome::Done };
        for (organization, licence) in due {
            // One that cannot be changed must not keep the others from it.
            if let Err(error) = context.write(|tx| apply(tx, &organization, &licence)) {
                outcome = Outcome::Failed { error: format!("{licence}: {error}"), after: EVERY };
            }
        }
        outcome.into()
    }
}

/// Those whose moment has come, the first first.
pub fn due(connection: &mut Connection, now: Timestamp) -> Result<Vec<(OrganizationId, LicenceId)>, DbError> {
    Ok(licences::table
        .filter(licences::next_at.le(now))
        .order(licences::next_at)
        .limit(BATCH)
        .select((licences::organization_id, licences::id))
        .load(connection)?)
}

/// Does what is due. Done again, it finds nothing more to do.
pub fn apply(tx: &mut WriteTx, organization: &OrganizationId, licence: &LicenceId) -> Result<(), DbError> {
    lock_organization(tx, organization)?;
    locked(tx, organization, licence).map(drop)
}
