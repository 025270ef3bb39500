//! What was sent to whom, and what became of it.
//!
//! As long as a mail is in the outbox, that says what became of it; before it is forgotten there, it is copied ([`CopyDeliveries`]).

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{MailId, NotificationId, OrganizationId, UserId};
use crate::jobs::{Job, JobContext, Outcome, Purge, Tried, Work};
use crate::mail::Undeliverable;
use crate::notifications::audience::Addressee;
use crate::notifications::kinds::Occasion;
use crate::paging::{self, Part};
use crate::schema::{notification_mails as mails, outbox};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// For how long it is known.
const KEPT: Duration = Duration::days(365);

#[derive(Insertable)]
#[diesel(table_name = mails)]
struct Row<'a> {
    id: NotificationId,
    organization_id: &'a OrganizationId,
    occasion: Occasion,
    subject: &'a str,
    recipient: &'a str,
    user_id: Option<&'a UserId>,
    mail_id: &'a MailId,
    secret_hash: String,
    sent_at: Timestamp,
}

pub(super) fn write(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    occasion: Occasion,
    to: &Addressee,
    (subject, mail_id, secret): (&str, &MailId, &Secret),
) -> Result<(), DbError> {
    let row = Row {
        id: NotificationId::new(tx.now),
        organization_id: organization,
        occasion,
        subject,
        recipient: &to.email,
        user_id: to.owner.as_ref(),
        mail_id,
        secret_hash: secret.hash(),
        sent_at: tx.now,
    };
    diesel::insert_into(mails::table).values(row).execute(tx.connection)?;
    Ok(())
}

/// A mail of the log.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct Sent {
    pub id: NotificationId,
    pub occasion: Occasion,
    pub subject: String,
    pub recipient: String,
    pub sent_at: Timestamp,
    delivered_at: Option<Timestamp>,
    failed_as: Option<Undeliverable>,
    #[diesel(select_expression = outbox::delivered_at.nullable())]
    delivered_now: Option<Timestamp>,
    #[diesel(select_expression = outbox::failed_as.nullable())]
    failed_now: Option<Undeliverable>,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits for its turn, or for the mail server.
    Waiting,
    /// The mail server took it.
    Delivered(Timestamp),
    Failed(Undeliverable),
}

impl Sent {
    pub fn delivery(&self) -> Delivery {
        match (self.failed_as.or(self.failed_now), self.delivered_at.or(self.delivered_now)) {
            (Some(reason), _) => Delivery::Failed(reason),
            (None, Some(at)) => Delivery::Delivered(at),
            (None, None) => Delivery::Waiting,
        }
    }
}

pub type Place = paging::Place<NotificationId>;

/// A part of the log of an Organization, the newest first. One statement.
pub fn read(
    connection: &mut Connection,
    organization: &OrganizationId,
    place: &Place,
    most: usize,
) -> Result<Part<Sent>, DbError> {
    let query = mails::table
        .left_join(outbox::table.on(outbox::id.eq(mails::mail_id)))
        .filter(mails::organization_id.eq(organization))
        .limit(most as i64 + 1)
        .select(Sent::as_select())
        .into_boxed();
    let query = match place {
        Place::Start => query.order(mails::id.desc()),
        Place::After(id) => query.filter(mails::id.lt(id)).order(mails::id.desc()),
        Place::Before(id) => query.filter(mails::id.gt(id)).order(mails::id.asc()),
    };
    Ok(Part::as_read(query.load(connection)?, place, most))
}

/// How many are looked at in a transaction.
const BATCH: i64 = 500;

/// Copies from the outbox what became of mails, once an hour.
pub struct CopyDeliveries;

impl Work for CopyDeliveries {
    fn kind(&self) -> &'static str {
        "notifications.deliveries.copy"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::hours(1))
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let mut after = None;
        loop {
            match context.write(|tx| copy(tx, after.as_ref())) {
                Ok(None) => return Outcome::Done.into(),
                Ok(last) => after = last,
                Err(error) => return Outcome::failed(job, error).into(),
            }
        }
    }
}

/// Copies a batch of those behind `after`, and answers the last of them, if there may be more.
fn copy(tx: &mut WriteTx, after: Option<&NotificationId>) -> Result<Option<NotificationId>, DbError> {
    type Ended = (NotificationId, Option<Timestamp>, Option<Timestamp>, Option<Undeliverable>);
    let open = mails::table
        .inner_join(outbox::table.on(outbox::id.eq(mails::mail_id)))
        .filter(mails::delivered_at.is_null())
        .filter(mails::failed_at.is_null())
        .filter(mails::id.gt(after.map_or("", NotificationId::as_str)))
        .order(mails::id)
        .limit(BATCH)
        .select((mails::id, outbox::delivered_at, outbox::failed_at, outbox::failed_as));
    let rows: Vec<Ended> = open.load(tx.connection)?;
    let is_full = rows.len() as i64 == BATCH;
    let last = rows.last().map(|(id, ..)| id.clone()).filter(|_| is_full);
    for (id, delivered_at, failed_at, failed_as) in rows {
        if delivered_at.is_some() || failed_at.is_some() {
            diesel::update(mails::table.filter(mails::id.eq(id)))
                .set((
                    mails::delivered_at.eq(delivered_at),
                    mails::failed_at.eq(failed_at),
                    mails::failed_as.eq(failed_as),
                ))
                .execute(tx.connection)?;
        }
    }
    Ok(last)
}

/// Removes what was sent a year ago.
pub const PURGE: Purge =
    Purge { kind: "notifications.log.purge", table: "notification_mails", key: "id", moment: "sent_at", kept: KEPT };
