//! Telling that licences end, or have ended.
//!
//! A job looks at what has come since it looked last, wherever it is, and goes on from there. Who is told of which end stands in the
//! transaction that stores the mails (`licence_notices`), so that whatever runs twice, or at once, tells once. What an Organization has
//! due at a time goes into one mail for each kind.

use std::collections::BTreeSet;

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceNoticeId, OrganizationId};
use crate::jobs::{Job, JobContext, Outcome, Purge, Tried, Work};
use crate::licences::terms::last_moment;
use crate::notifications::due::{self, Due, Span};
use crate::notifications::kinds::Kind;
use crate::notifications::mail::{Ending, LicencesExpired, LicencesExpiring};
use crate::notifications::send::{About, tell};
use crate::schema::{licence_notices as notices, notification_sweeps as sweeps};
use crate::time::Timestamp;

const EVERY: Duration = Duration::minutes(10);
/// What is later than this is not told any more.
const LATEST: Duration = Duration::days(30);
/// How many licences are read at a time, and told of in one mail.
const BATCH: i64 = 500;
/// How many of them a mail names.
const NAMED: usize = 20;
/// What was told is known for longer than it could be told.
const KEPT: Duration = Duration::days(400);
/// The name of the row that says up to when was looked.
const SWEEP: &str = "licences.ends";

/// Tells those who want to hear of it what has come for an Organization in a span of time, where `grace` is how long seats are kept.
/// Done again, or by two at once, it tells nothing twice. Answers how many licences that were.
pub fn tell_of_ends(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    span: Span,
    grace: Duration,
) -> Result<usize, DbError> {
    let about = About::locked(tx, organization)?;
    let (mut expiring, mut expired) = (Vec::new(), Vec::new());
    for window in span.windows() {
        let found = due::untold(tx.connection, organization, window, BATCH)?;
        for licence in &found {
            note(tx, licence, window.threshold)?;
        }
        if window.threshold == 0 { &mut expired } else { &mut expiring }.extend(found);
    }
    let count = expiring.len() + expired.len();
    let link = about.link(tx, "/plans");
    if !expiring.is_empty() {
        let (licences, others) = named(expiring, grace);
        tell(tx, &about, Kind::Expiring, |reader, unsubscribe_link| {
            let (licences, link) = (licences.clone(), link.clone());
            LicencesExpiring { reader, licences, others, link, unsubscribe_link }
        })?;
    }
    if !expired.is_empty() {
        let (licences, others) = named(expired, grace);
        let has_grace = grace > Duration::zero();
        tell(tx, &about, Kind::Expired, |reader, unsubscribe_link| {
            let (licences, link) = (licences.clone(), link.clone());
            LicencesExpired { reader, licences, others, has_grace, link, unsubscribe_link }
        })?;
    }
    Ok(count)
}

fn note(tx: &mut WriteTx, licence: &Due, threshold: i32) -> Result<(), DbError> {
    diesel::insert_into(notices::table)
        .values((
            notices::id.eq(LicenceNoticeId::new(tx.now)),
            notices::licence_id.eq(&licence.id),
            notices::ends_at.eq(licence.ends_at),
            notices::threshold.eq(threshold),
            notices::sent_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// The first of them, and how many there are besides.
fn named(mut due: Vec<Due>, grace: Duration) -> (Vec<Ending>, usize) {
    due.sort_by_key(|licence| licence.ends_at);
    let others = due.len().saturating_sub(NAMED);
    let ending = |licence: Due| Ending {
        product: licence.product,
        plan: licence.plan,
        last: last_moment(licence.ends_at),
        kept: last_moment(licence.ends_at + grace),
    };
    (due.into_iter().take(NAMED).map(ending).collect(), others)
}

/// Does it for all Organizations, every ten minutes.
pub struct TellOfEnds {
    /// How long seats are kept after the end.
    pub grace: Duration,
}

impl Work for TellOfEnds {
    fn kind(&self) -> &'static str {
        "notifications.ends"
    }

    fn every(&self) -> Option<Duration> {
        Some(EVERY)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let until = context.transactions.clock.now();
        let told = context.db.look(|connection| swept_until(connection, until)).and_then(|since| {
            let span = Span { since, until };
            let failed = self.tell_all(context, span)?;
            if failed.is_none() {
                context.write(|tx| note_sweep(tx, until))?;
            }
            Ok(failed)
        });
        match told {
            Ok(None) => Outcome::Done,
            // The others were told; what was not is looked at again.
            Ok(Some(error)) => Outcome::Failed { error, after: EVERY },
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}

impl TellOfEnds {
    /// Answers what failed, if anything: an Organization that cannot be told must not keep the others from it.
    fn tell_all(&self, context: &JobContext, span: Span) -> Result<Option<String>, DbError> {
        let (mut done, mut failed) = (BTreeSet::new(), None);
        for window in span.windows() {
            let mut after = None;
            loop {
                let found =
                    context.db.look(|connection| due::organizations(connection, window, after.as_ref(), BATCH))?;
                let is_last = (found.len() as i64) < BATCH;
                after = found.last().map(|(_, ends_at, id)| (*ends_at, id.clone()));
                for (organization, ..) in found {
                    if !done.insert(organization.clone()) {
                        continue;
                    }
                    if let Err(error) = self.tell_one(context, &organization, span) {
                        failed = Some(format!("{organization}: {error}"));
                    }
                }
                if is_last {
                    break;
                }
            }
        }
        Ok(failed)
    }

    fn tell_one(&self, context: &JobContext, organization: &OrganizationId, span: Span) -> Result<(), DbError> {
        loop {
            let told = context.write(|tx| tell_of_ends(tx, organization, span, self.grace))?;
            if (told as i64) < BATCH {
                return Ok(());
            }
        }
    }
}

/// From when on is to be looked.
fn swept_until(connection: &mut Connection, now: Timestamp) -> Result<Timestamp, DbError> {
    let row = sweeps::table.filter(sweeps::kind.eq(SWEEP));
    let until: Option<Timestamp> = row.select(sweeps::swept_until).first(connection).optional()?;
    let earliest = now - LATEST;
    Ok(until.map_or(earliest, |until| until.max(earliest)))
}

/// Looked up to this moment. Never goes back: another process may have been later.
fn note_sweep(tx: &mut WriteTx, until: Timestamp) -> Result<(), DbError> {
    tx.lock_name(SWEEP)?;
    let row = sweeps::table.filter(sweeps::kind.eq(SWEEP));
    let stored: Option<Timestamp> = row.select(sweeps::swept_until).first(tx.connection).optional()?;
    match stored {
        Some(stored) if stored >= until => {}
        Some(_) => {
            diesel::update(row).set(sweeps::swept_until.eq(until)).execute(tx.connection)?;
        }
        None => {
            let new = (sweeps::kind.eq(SWEEP), sweeps::swept_until.eq(until));
            diesel::insert_into(sweeps::table).values(new).execute(tx.connection)?;
        }
    }
    Ok(())
}

/// Forgets what was told more than a year ago.
pub const PURGE: Purge =
    Purge { kind: "notifications.ends.purge", table: "licence_notices", key: "id", moment: "sent_at", kept: KEPT };
