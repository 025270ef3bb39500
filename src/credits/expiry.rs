//! What is left of grants that have ended.

use std::collections::BTreeSet;

use chrono::Duration;

use crate::access::Actor;
use crate::audit::By;
use crate::credits::entry::Kind;
use crate::credits::grants;
use crate::credits::reference::of_expiry;
use crate::credits::wallet::{NewEntry, Wallet};
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};

const EVERY: Duration = Duration::minutes(1);
/// How many grants a try looks at.
const BATCH: usize = 100;

/// Takes what is left of grants that have ended out of the balance, a row each. Answers how many credits. The wallet is locked.
pub(super) fn settle(tx: &mut WriteTx, wallet: &mut Wallet) -> Result<i64, DbError> {
    let organization = wallet.organization_id.clone();
    let by = By::outside(Actor::Job, &organization);
    let mut expired = 0;
    loop {
        let ended = grants::ended(tx, &organization)?;
        if ended.is_empty() {
            return Ok(expired);
        }
        for (rest, grant) in ended {
            let reference = of_expiry(&grant, wallet.entries + 1);
            let new = NewEntry {
                kind: Kind::Expiry,
                source: None,
                amount: -rest.remaining,
                reference: Some(&reference),
                note: "",
            };
            let entry = wallet.book(tx, by, &new)?;
            grants::change(tx, &entry, &rest, -rest.remaining)?;
            expired += rest.remaining;
        }
    }
}

/// The same for an Organization. Done again, it finds nothing more to do.
pub fn expire(tx: &mut WriteTx, organization: &OrganizationId) -> Result<i64, DbError> {
    match Wallet::lock(tx, organization)? {
        Some(mut wallet) => settle(tx, &mut wallet),
        None => Ok(0),
    }
}

/// Does it for all Organizations, once a minute.
pub struct ExpireGrants;

impl Work for ExpireGrants {
    fn kind(&self) -> &'static str {
        "credits.expire"
    }

    fn every(&self) -> Option<Duration> {
        Some(EVERY)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let now = context.transactions.clock.now();
        let due = context.db.look(|connection| grants::with_ended(connection, now, BATCH as i64));
        let due = match due {
            Ok(due) => due,
            Err(error) => return Outcome::failed(job, error).into(),
        };
        let mut outcome = if due.len() == BATCH { Outcome::More } else { Outcome::Done };
        for organization in due.into_iter().collect::<BTreeSet<_>>() {
            // A ledger that cannot be written must not keep the others from it, now or the next time.
            if let Err(error) = context.write(|tx| expire(tx, &organization)) {
                outcome = Outcome::Failed { error: format!("{organization}: {error}"), after: EVERY };
            }
        }
        outcome.into()
    }
}
