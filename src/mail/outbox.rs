//! The outbox: mails between the transaction that caused them and the server that takes them.
//!
//! Mails carry secrets of which only hashes are stored elsewhere, so the content is sealed with a key derived from
//! `PORTICO_SECRET_KEY` and erased once delivered (the demo keeps it, to show it in the mailbox) or given up. What became of a
//! mail is kept for a month.

use chrono::Duration;
use diesel::prelude::*;
use diesel::result::Error as QueryError;
use serde::{Deserialize, Serialize};

use crate::db::{DbError, WriteTx, is_unique};
use crate::ids::MailId;
use crate::jobs::{NewJob, Purge};
use crate::mail::{Message, Undeliverable};
use crate::schema::{jobs, outbox, users};
use crate::secrets::Sealer;
use crate::time::{Calendar, DateFormat, Timestamp};

/// A mail as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Who answers a reply. Not known of mails that wait since an earlier version, as what follows.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Where mails like it are ended.
    #[serde(default)]
    pub unsubscribe: Option<String>,
}

/// The queue of mails, and the kind of job that delivers one. Its subject is the id of the mail.
pub const QUEUE: &str = "mail";
pub(super) const DELIVER: &str = "mail.deliver";
/// How long it is known what became of a mail.
const KEPT: Duration = Duration::days(30);

/// What the content of mails is sealed for.
const PURPOSE: &str = "outbox";

fn seal(sealer: &Sealer, id: &MailId, message: &impl Message, calendar: Calendar) -> Vec<u8> {
    let envelope = Envelope {
        subject: message.subject(),
        text: message.text(calendar),
        html: message.html(calendar),
        reply_to: message.reply_to().map(str::to_owned),
        unsubscribe: message.unsubscribe().map(str::to_owned),
    };
    let plain = serde_json::to_vec(&envelope).expect("strings always make JSON");
    sealer.seal(PURPOSE, id.as_str(), &plain)
}

/// The mail, unless it was sealed with another key or is erased.
pub fn open(sealer: &Sealer, id: &MailId, sealed: &[u8]) -> Option<Envelope> {
    serde_json::from_slice(&sealer.open(PURPOSE, id.as_str(), sealed)?).ok()
}

#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
struct NewMail<'a> {
    id: &'a MailId,
    kind: &'static str,
    recipient: &'a str,
    sealed: Vec<u8>,
    once_key: Option<&'a str>,
    created_at: Timestamp,
    delivered_at: Option<Timestamp>,
    failure: &'static str,
    refused_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    failed_as: Option<Undeliverable>,
}

/// A mail that was sent with a key before.
#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Earlier {
    id: MailId,
    created_at: Timestamp,
    delivered_at: Option<Timestamp>,
}

impl WriteTx<'_> {
    /// Puts a mail into the outbox: it is sent once this transaction is committed.
    pub fn send<M: Message>(&mut self, recipient: &str, message: &M) -> Result<MailId, DbError> {
        let now = self.now;
        Ok(self.enqueue(recipient, message, None, now)?)
    }

    /// Like [`WriteTx::send`], but some time later, so that it can be taken back until then.
    pub fn send_later<M: Message>(&mut self, recipient: &str, message: &M, delay: Duration) -> Result<MailId, DbError> {
        let due_at = self.now + delay;
        Ok(self.enqueue(recipient, message, None, due_at)?)
    }

    /// Like [`WriteTx::send`], but only once for each `key`: the answer tells whether this was the first time.
    pub fn send_once<M: Message>(&mut self, recipient: &str, message: &M, key: &str) -> Result<bool, DbError> {
        let now = self.now;
        match self.enqueue(recipient, message, Some(key), now) {
            Err(error) if is_unique(&error, "outbox_once", "outbox.once_key") => Ok(false),
            other => Ok(other.map(|_| true)?),
        }
    }

    /// Like [`WriteTx::send`] for news of which only the latest counts: the first mail with a `key` goes at once, the next one
    /// `spacing` after it, and whatever comes in between takes the place of the one that waits. The caller holds a lock on what
    /// the news are about.
    pub fn send_latest<M: Message>(
        &mut self,
        recipient: &str,
        message: &M,
        key: &str,
        spacing: Duration,
    ) -> Result<(), DbError> {
        let with_key = outbox::table.filter(outbox::once_key.eq(key));
        let earlier: Option<Earlier> = with_key.select(Earlier::as_select()).first(self.connection).optional()?;
        let mut due_at = self.now;
        if let Some(earlier) = earlier {
            if self.hold_job(DELIVER, earlier.id.as_str())? {
                let calendar = self.calendar_of(recipient)?;
                let sealed = seal(&self.context.sealer, &earlier.id, message, calendar);
                diesel::update(outbox::table.filter(outbox::id.eq(&earlier.id)))
                    .set((outbox::sealed.eq(sealed), outbox::recipient.eq(recipient)))
                    .execute(self.connection)?;
                return Ok(());
            }
            due_at = due_at.max(earlier.delivered_at.unwrap_or(earlier.created_at) + spacing);
            diesel::update(with_key).set(outbox::once_key.eq(None::<String>)).execute(self.connection)?;
        }
        Ok(self.enqueue(recipient, message, Some(key), due_at).map(drop)?)
    }

    /// Takes back a mail, where nobody has begun to deliver it. Whether it was.
    pub fn unsend(&mut self, id: &MailId) -> Result<bool, DbError> {
        let is_held = self.hold_job(DELIVER, id.as_str())?;
        if is_held {
            self.remove_job(DELIVER, id.as_str())?;
            diesel::delete(outbox::table.filter(outbox::id.eq(id))).execute(self.connection)?;
        }
        Ok(is_held)
    }

    /// Takes back the mail with this key: see [`WriteTx::unsend`].
    pub fn unsend_latest(&mut self, key: &str) -> Result<(), DbError> {
        let with_key = outbox::table.filter(outbox::once_key.eq(key)).select(outbox::id);
        match with_key.first::<MailId>(self.connection).optional()? {
            Some(id) => self.unsend(&id).map(drop),
            None => Ok(()),
        }
    }

    /// Forgets all mails to an address, whatever became of them. None that waits is delivered; one that is on its way may still arrive.
    pub fn forget_mails_to(&mut self, recipient: &str) -> Result<(), DbError> {
        let theirs = outbox::table.filter(outbox::recipient.eq(recipient));
        let deliveries = jobs::table.filter(jobs::kind.eq(DELIVER));
        diesel::delete(deliveries.filter(jobs::subject.eq_any(theirs.select(outbox::id)))).execute(self.connection)?;
        diesel::delete(theirs).execute(self.connection)?;
        Ok(())
    }

    /// Does all that [`WriteTx::send`] does and takes it back: for an answer that must not be quicker where nobody is written to.
    pub fn rehearse<M: Message>(&mut self, recipient: &str, message: &M) -> Result<(), DbError> {
        let now = self.now;
        let id = MailId::new(now);
        let mail = self.new_mail(&id, recipient, message, None)?;
        let outcome = self.savepoint(|connection| {
            diesel::insert_into(outbox::table).values(mail).execute(connection)?;
            delivery_of::<M>(&id, now).insert(connection, now)?;
            Err::<(), _>(QueryError::RollbackTransaction)
        });
        // Who works in the background wakes up, too, and finds nothing.
        self.wake();
        match outcome {
            Ok(()) | Err(QueryError::RollbackTransaction) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// How whoever gets a mail reads moments: as they chose, where the address has an account.
    fn calendar_of(&mut self, recipient: &str) -> Result<Calendar, QueryError> {
        let holder = users::table.filter(users::email.eq(recipient)).select((users::time_zone, users::date_format));
        let chosen: Option<(String, DateFormat)> = holder.first(self.connection).optional()?;
        Ok(chosen.map_or(Calendar::USUAL, |(zone, format)| Calendar::stored(&zone, format)))
    }

    fn new_mail<'a, M: Message>(
        &mut self,
        id: &'a MailId,
        recipient: &'a str,
        message: &M,
        key: Option<&'a str>,
    ) -> Result<NewMail<'a>, QueryError> {
        let calendar = self.calendar_of(recipient)?;
        Ok(NewMail {
            id,
            kind: M::KIND,
            recipient,
            sealed: seal(&self.context.sealer, id, message, calendar),
            once_key: key,
            created_at: self.now,
            delivered_at: None,
            failure: "",
            refused_at: None,
            failed_at: None,
            failed_as: None,
        })
    }

    /// In a savepoint, since a key that was used before must not end the transaction.
    fn enqueue<M: Message>(
        &mut self,
        recipient: &str,
        message: &M,
        key: Option<&str>,
        due_at: Timestamp,
    ) -> Result<MailId, QueryError> {
        let id = MailId::new(self.now);
        let mail = self.new_mail(&id, recipient, message, key)?;
        self.savepoint(|connection| diesel::insert_into(outbox::table).values(mail).execute(connection).map(drop))?;
        self.add_job(delivery_of::<M>(&id, due_at))?;
        Ok(id)
    }
}

fn delivery_of<M: Message>(id: &MailId, due_at: Timestamp) -> NewJob<'_> {
    NewJob { queue: QUEUE, kind: DELIVER, subject: id.as_str(), priority: M::PRIORITY, due_at }
}

/// Remove what is known of mails that were delivered or given up a month ago.
pub const PURGES: [Purge; 2] = [
    Purge { kind: "outbox.delivered.purge", table: "outbox", key: "id", moment: "delivered_at", kept: KEPT },
    Purge { kind: "outbox.failed.purge", table: "outbox", key: "id", moment: "failed_at", kept: KEPT },
];
