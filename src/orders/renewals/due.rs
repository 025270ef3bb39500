//! Which licences are to be renewed, and that each end of a term is taken up once.

use chrono::Duration;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::renewal::{self, Ending, Renewal};
use crate::access::{is_open, lock_organization};
use crate::credits::top_up_job::QUEUE;
use crate::db::{Ascending, Connection, DbError, WriteTx};
use crate::ids::{JobId, LicenceId, OrganizationId, RenewalId};
use crate::jobs::{Job, JobContext, NewJob, Outcome, Priority, Tried, Work};
use crate::licences::automatic::{AHEAD, Problem};
use crate::licences::licence::Licence;
use crate::schema::{licences, organizations, renewals};
use crate::time::Timestamp;

/// The job that finds what is due.
pub const FIND: &str = "orders.renewals";
/// The job that charges. Its subject is the renewal and something that is new each time.
pub(super) const CHARGE: &str = "orders.renew";
const EVERY: Duration = Duration::minutes(5);
/// How many licences are read at once.
const BATCH: usize = 100;

/// Stores the job that tries a renewal at a moment.
pub(super) fn add_job(tx: &mut WriteTx, renewal: &RenewalId, due_at: Timestamp) -> Result<(), DbError> {
    // An earlier job about the same may be under way, and must not keep this one out.
    let subject = format!("{renewal} {}", JobId::new(tx.now));
    Ok(tx.add_job(NewJob { queue: QUEUE, kind: CHARGE, subject: &subject, priority: Priority::Usual, due_at })?)
}

/// The renewal that a job is about.
pub(super) fn renewal_of(subject: &str) -> Option<RenewalId> {
    subject.split_once(' ').and_then(|(renewal, _)| RenewalId::parse(renewal))
}

/// Whether a licence is charged for another term at this moment. What has ended while nobody looked is, as long as it is kept.
pub(super) fn is_wanted(licence: &Licence, now: Timestamp, grace: Duration) -> bool {
    let is_near = licence.ends_at.is_some_and(|end| now + AHEAD >= end && now < end + grace);
    is_near && licence.renews()
}

/// Up to [`BATCH`] licences behind a place in the order of their ends that are to be renewed and are not. By index: those that were
/// begun and have not ended are passed over, which are few, since what is paid ends later.
fn due(
    connection: &mut Connection,
    now: Timestamp,
    grace: Duration,
    after: Option<(Timestamp, LicenceId)>,
) -> Result<Vec<(Timestamp, LicenceId)>, DbError> {
    let begun = renewals::table
        .filter(renewals::licence_id.eq(licences::id))
        .filter(renewals::term_ends_at.nullable().eq(licences::ends_at))
        .filter(renewals::outcome.is_null().or(renewals::outcome.ne(Ending::Stopped)))
        .select(renewals::id);
    let open = organizations::table
        .filter(organizations::id.eq(licences::organization_id))
        .filter(organizations::closed_at.is_null())
        .select(organizations::id);
    let mut query = licences::table
        .filter(licences::suspended_at.is_null())
        .filter(licences::cancelled_at.is_null())
        .filter(licences::unit_price.gt(0))
        .filter(exists(open))
        .filter(not(exists(begun)))
        .order((licences::ends_at, licences::id))
        .limit(BATCH as i64)
        .select((licences::ends_at.assume_not_null(), licences::id))
        .into_boxed();
    if let Some(last) = after {
        query = query.filter(Ascending::behind((licences::ends_at, licences::id), last));
    }
    let in_time = query.filter(licences::ends_at.ge(now - grace)).filter(licences::ends_at.le(now + AHEAD));
    Ok(in_time.load(connection)?)
}

/// Takes the renewal of a licence up. False where there is nothing to do: somebody has begun it, or it is not wanted any more.
pub fn begin(tx: &mut WriteTx, id: &LicenceId, grace: Duration) -> Result<bool, DbError> {
    let organization: Option<OrganizationId> =
        licences::table.find(id).select(licences::organization_id).first(tx.connection).optional()?;
    let Some(organization) = organization else { return Ok(false) };
    lock_organization(tx, &organization)?;
    tx.lock_row("licences", id.as_str())?;
    if !is_open(tx.connection, &organization)? {
        return Ok(false);
    }
    let licence: Licence = licences::table.find(id).select(Licence::as_select()).first(tx.connection)?;
    let Some(end) = licence.ends_at.filter(|_| is_wanted(&licence, tx.now, grace)) else { return Ok(false) };
    let renewal = match renewal::of_term(tx.connection, id, end)? {
        None => open(tx, &licence, end)?,
        Some(stopped) if stopped.outcome == Some(Ending::Stopped) => reopen(tx, stopped.id)?,
        Some(_) => return Ok(false),
    };
    let now = tx.now;
    add_job(tx, &renewal, now)?;
    Ok(true)
}

fn open(tx: &mut WriteTx, licence: &Licence, term_ends_at: Timestamp) -> Result<RenewalId, DbError> {
    let id = RenewalId::new(tx.now);
    let row = Renewal {
        id: id.clone(),
        licence_id: licence.id.clone(),
        organization_id: licence.organization_id.clone(),
        term_ends_at,
        order_id: None,
        first_try_at: tx.now,
        next_try_at: Some(tx.now),
        problem: None,
        ended_at: None,
        outcome: None,
    };
    diesel::insert_into(renewals::table).values(row).execute(tx.connection)?;
    Ok(id)
}

/// It was cancelled, and is not any more.
fn reopen(tx: &mut WriteTx, id: RenewalId) -> Result<RenewalId, DbError> {
    diesel::update(renewals::table.find(&id))
        .set((
            renewals::first_try_at.eq(tx.now),
            renewals::next_try_at.eq(tx.now),
            renewals::problem.eq(None::<Problem>),
            renewals::ended_at.eq(None::<Timestamp>),
            renewals::outcome.eq(None::<Ending>),
        ))
        .execute(tx.connection)?;
    Ok(id)
}

/// Takes up all that is due, every few minutes.
pub struct FindRenewals {
    /// For how long what has ended is kept.
    pub grace: Duration,
}

impl Work for FindRenewals {
    fn kind(&self) -> &'static str {
        FIND
    }

    fn every(&self) -> Option<Duration> {
        Some(EVERY)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let now = context.transactions.clock.now();
        let (mut place, mut outcome) = (None, Outcome::Done);
        loop {
            let found = match context.db.look(|connection| due(connection, now, self.grace, place.clone())) {
                Ok(found) => found,
                Err(error) => return Outcome::failed(job, error).into(),
            };
            for (_, licence) in &found {
                // One that cannot be stored must not keep the others from it.
                if let Err(error) = context.write(|tx| begin(tx, licence, self.grace)) {
                    outcome = Outcome::Failed { error: format!("{licence}: {error}"), after: EVERY };
                }
            }
            match found.into_iter().nth(BATCH - 1) {
                Some(last) => place = Some(last),
                None => return outcome.into(),
            }
        }
    }
}
