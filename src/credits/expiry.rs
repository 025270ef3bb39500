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
/// How many grants are looked at to find whose ledgers there is work in.
const BATCH: i64 = 100;
/// How many ledgers a try works on.
const LEDGERS: usize = 1_000;
/// How many batches of grants one transaction settles: nobody waits longer for the wallet.
const BATCHES: usize = 32;

/// Takes what is left of grants that have ended out of the balance, a row each, up to a few hundred of them. Answers how many
/// credits. The wallet is locked.
pub(super) fn settle(tx: &mut WriteTx, wallet: &mut Wallet) -> Result<i64, DbError> {
    let organization = wallet.organization_id.clone();
    let by = By::outside(Actor::Job, &organization);
    let mut expired = 0;
    for _ in 0..BATCHES {
        let ended = grants::ended(tx, &organization)?;
        if ended.is_empty() {
            break;
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
    Ok(expired)
}

/// The same for an Organization. Done again until nothing more expires, it has done all.
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
        let (mut tried, mut failed): (Vec<OrganizationId>, _) = (Vec::new(), None);
        while tried.len() < LEDGERS {
            // A ledger that cannot be written must not keep the others from it, now or the next time: it is asked for once a try.
            let due = context.db.look(|connection| grants::with_ended(connection, now, &tried, BATCH));
            let due: BTreeSet<OrganizationId> = match due {
                Ok(due) => due.into_iter().collect(),
                Err(error) => return Outcome::failed(job, error).into(),
            };
            if due.is_empty() {
                return failed.unwrap_or(Outcome::Done).into();
            }
            for organization in &due {
                if let Err(error) = expire_all(context, organization) {
                    failed = Some(Outcome::Failed { error: format!("{organization}: {error}"), after: EVERY });
                }
            }
            tried.extend(due);
        }
        failed.unwrap_or(Outcome::More).into()
    }
}

/// A transaction for each part, so that spends get their turn in between.
fn expire_all(context: &JobContext, organization: &OrganizationId) -> Result<(), DbError> {
    while context.write(|tx| expire(tx, organization))? > 0 {}
    Ok(())
}
