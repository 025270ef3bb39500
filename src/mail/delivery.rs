//! Delivering the outbox: a job for each mail.
//!
//! A process that dies in between leaves a mail whose claim runs out: it may then be sent a second time (with the same
//! Message-ID), but is never lost, and it is never more than the mails in flight.
//!
//! A server that refuses a mail for good may be right about it, or be refusing everybody just now. It is believed when it says so
//! again and has taken other mails in between, or has said so for an hour.

use chrono::Duration;
use diesel::prelude::*;

use super::backend::Backend;
use super::outbox::{DELIVER, open};
use super::undeliverable::{Trouble, Undeliverable};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::MailId;
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::metrics::counts::COUNTS;
use crate::schema::outbox;
use crate::time::Timestamp;

/// A mail that could not be delivered for so long is given up.
const GIVE_UP_AFTER: Duration = Duration::days(3);
/// A mail that was refused is tried again after this long, and then each time after `REFUSED_AGAIN`.
const REFUSED_ONCE: Duration = Duration::minutes(1);
const REFUSED_AGAIN: Duration = Duration::minutes(10);
/// A refusal that lasts so long is believed even where no other mail shows that the server works.
const BELIEVED_AFTER: Duration = Duration::hours(1);

/// Delivers mails.
pub struct Delivery {
    pub backend: Backend,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Mail {
    id: MailId,
    recipient: String,
    sealed: Vec<u8>,
    created_at: Timestamp,
    refused_at: Option<Timestamp>,
}

impl Work for Delivery {
    fn kind(&self) -> &'static str {
        DELIVER
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let mail = match context.db.read(|connection| find(connection, &job.subject)) {
            Ok(Some(mail)) => mail,
            // Somebody took it back.
            Ok(None) => return Outcome::Done.into(),
            Err(error) => return Outcome::failed(job, error).into(),
        };
        let Some(envelope) = open(&context.transactions.sealer, &mail.id, &mail.sealed) else {
            return Outcome::Left { error: "sealed with another secret key".to_owned() }.into();
        };
        let now = context.transactions.clock.now();
        let is_old = now - mail.created_at > GIVE_UP_AFTER;
        match self.backend.deliver(&mail.id, &mail.recipient, &envelope) {
            Ok(()) => {
                COUNTS.mail("delivered");
                let keeps_content = self.backend.keeps_content();
                // In the demo it went nowhere.
                if keeps_content {
                    tracing::debug!(mail = %mail.id, "mail kept");
                } else {
                    tracing::info!(mail = %mail.id, attempts = job.attempts, "mail delivered");
                }
                Tried::storing(Outcome::Done, move |tx| mark_delivered(tx, &mail.id, keeps_content))
            }
            Err(Trouble::Server(error)) if is_old => given_up(mail.id, Undeliverable::Unreachable, error),
            Err(Trouble::Server(error)) => {
                COUNTS.mail("put off");
                Outcome::failed(job, error).into()
            }
            Err(Trouble::Mail(reason, error)) => match is_old || is_believed(context, &mail, now) {
                true => given_up(mail.id, reason, error),
                false => refused(mail, now, error),
            },
        }
    }
}

fn find(connection: &mut Connection, id: &str) -> Result<Option<Mail>, DbError> {
    Ok(outbox::table
        .filter(outbox::id.eq(id))
        .filter(outbox::delivered_at.is_null())
        .filter(outbox::failed_at.is_null())
        .select(Mail::as_select())
        .first(connection)
        .optional()?)
}

/// Whether a refusal concerns this mail, and not everybody's.
fn is_believed(context: &JobContext, mail: &Mail, now: Timestamp) -> bool {
    let Some(since) = mail.refused_at else { return false };
    let took_others = |connection: &mut Connection| {
        let others = outbox::table.filter(outbox::delivered_at.gt(since)).select(outbox::id);
        Ok::<_, DbError>(others.first::<MailId>(connection).optional()?.is_some())
    };
    now - since >= BELIEVED_AFTER || context.db.read(took_others).unwrap_or(false)
}

/// Refused, and not believed yet.
fn refused(mail: Mail, now: Timestamp, error: String) -> Tried {
    COUNTS.mail("put off");
    let (after, since) = match mail.refused_at {
        None => (REFUSED_ONCE, now),
        Some(since) => (REFUSED_AGAIN, since),
    };
    Tried::storing(Outcome::Failed { error, after }, move |tx| {
        diesel::update(outbox::table.filter(outbox::id.eq(&mail.id)))
            .set(outbox::refused_at.eq(Some(since)))
            .execute(tx.connection)?;
        Ok(())
    })
}

fn given_up(id: MailId, reason: Undeliverable, error: String) -> Tried {
    COUNTS.mail("given up");
    let failure = error.clone();
    Tried::storing(Outcome::GivenUp { error }, move |tx| mark_failed(tx, &id, reason, &failure))
}

fn mark_delivered(tx: &mut WriteTx, id: &MailId, keeps_content: bool) -> Result<(), DbError> {
    let row = outbox::table.filter(outbox::id.eq(id));
    let delivered = outbox::delivered_at.eq(Some(tx.now));
    if keeps_content {
        diesel::update(row).set(delivered).execute(tx.connection)?;
    } else {
        diesel::update(row).set((delivered, outbox::sealed.eq(Vec::new()))).execute(tx.connection)?;
    }
    Ok(())
}

/// Gives a mail up. Its content, which may carry a link, is erased.
pub(super) fn mark_failed(tx: &mut WriteTx, id: &MailId, reason: Undeliverable, failure: &str) -> Result<(), DbError> {
    diesel::update(outbox::table.filter(outbox::id.eq(id)))
        .set((
            outbox::failed_at.eq(Some(tx.now)),
            outbox::failed_as.eq(Some(reason)),
            outbox::failure.eq(failure),
            outbox::sealed.eq(Vec::new()),
        ))
        .execute(tx.connection)?;
    Ok(())
}
