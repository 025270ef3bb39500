//! After a change of the secret key, what apps share with the portal is sealed anew, so that the previous key can be forgotten.

use chrono::Duration;
use diesel::prelude::*;

use super::app::PURPOSE;
use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::installation::{Fit, fit};
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::schema::authenticator_apps as rows;
use crate::secrets::SecretKey;

/// How many are sealed anew in a transaction.
const BATCH: usize = 500;

/// Seals anew what a previous key has sealed. Where all is sealed with the current one, an index says so.
pub struct Reseal;

impl Work for Reseal {
    fn kind(&self) -> &'static str {
        "authenticator-apps.reseal"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::hours(1))
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let mut after = String::new();
        loop {
            match context.write(|tx| batch(tx, &after)) {
                Ok(Batch::Until(last)) => after = last,
                Ok(Batch::Last) => return Outcome::Done.into(),
                // While keys are changed one process after the other, none undoes what another has done.
                Ok(Batch::OtherKey) => {
                    return Outcome::Left { error: "another process has the current key".to_owned() }.into();
                }
                Err(error) => return Outcome::failed(job, error).into(),
            }
        }
    }
}

enum Batch {
    /// There may be more behind this account.
    Until(String),
    Last,
    OtherKey,
}

fn batch(tx: &mut WriteTx, after: &str) -> Result<Batch, DbError> {
    let sealer = tx.context.sealer.clone();
    let keys = sealer.keys();
    if fit(tx.connection, keys)? == Fit::Other {
        return Ok(Batch::OtherKey);
    }
    let earlier = keys.others.iter().map(SecretKey::fingerprint).chain([String::new()]);
    let found: Vec<(UserId, Vec<u8>)> = rows::table
        .filter(rows::key_fingerprint.eq_any(earlier.collect::<Vec<_>>()))
        .filter(rows::user_id.gt(after))
        .order(rows::user_id)
        .limit(BATCH as i64)
        .select((rows::user_id, rows::sealed))
        .load(tx.connection)?;
    for (user, sealed) in &found {
        let Some(secret) = sealer.open(PURPOSE, user.as_str(), sealed) else {
            tracing::error!(user = user.as_str(), "no key of this portal opens an authenticator app");
            continue;
        };
        let anew = (
            rows::sealed.eq(sealer.seal(PURPOSE, user.as_str(), &secret)),
            rows::key_fingerprint.eq(keys.current.fingerprint()),
        );
        // Unless it is another app by now.
        diesel::update(rows::table.filter(rows::user_id.eq(user)).filter(rows::sealed.eq(sealed)))
            .set(anew)
            .execute(tx.connection)?;
    }
    Ok(match found.last() {
        Some((last, _)) if found.len() == BATCH => Batch::Until(last.to_string()),
        _ => Batch::Last,
    })
}
