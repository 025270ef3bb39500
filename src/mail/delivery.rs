//! Delivering the outbox in the background, one mail at a time.
//!
//! A mail is claimed by moving its due time into the future, sent, and marked. A process that dies in between leaves a mail
//! that becomes due again: it may then be sent a second time (with the same Message-ID), but never lost, and never more than
//! the one mail in flight.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use chrono::Duration;
use diesel::prelude::*;

use super::backend::{Backend, DeliveryError};
use super::outbox::open;
use crate::db::{Connection, Db, DbError, TxContext, Wake, WriteTx};
use crate::ids::MailId;
use crate::schema::outbox;
use crate::time::Timestamp;

/// How long the process that claimed a mail may take before another one tries: far above the time-out of the mail server.
const CLAIM: Duration = Duration::minutes(2);
/// A mail that could not be delivered for so long is given up.
const GIVE_UP_AFTER: Duration = Duration::days(3);
/// How often the outbox is looked at without being told: for mails of other processes and for those that wait.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(2);

/// Everything that the delivery needs.
#[derive(Clone)]
pub struct Delivery {
    pub db: Db,
    pub context: TxContext,
    pub backend: Backend,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Claimed {
    id: MailId,
    recipient: String,
    sealed: Vec<u8>,
    created_at: Timestamp,
    attempts: i32,
}

/// The thread that delivers. It stops when told to, after the mail it is sending.
pub struct DeliveryThread {
    stop: Arc<AtomicBool>,
    wake: Wake,
    thread: Option<JoinHandle<()>>,
}

impl Delivery {
    pub fn start(self) -> std::io::Result<DeliveryThread> {
        let stop = Arc::new(AtomicBool::new(false));
        let wake = self.context.wake.clone();
        let told = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("mail".to_owned()).spawn(move || {
            while !told.load(Ordering::Acquire) {
                // A panic ends this try. The mail becomes due again, and the thread goes on.
                match catch_unwind(AssertUnwindSafe(|| self.deliver_one())) {
                    Ok(Ok(true)) => continue,
                    Ok(Ok(false)) => {}
                    Ok(Err(error)) => tracing::error!(%error, "the outbox cannot be read"),
                    Err(_) => tracing::error!("delivering a mail panicked"),
                }
                self.context.wake.wait(LOOK_AGAIN);
            }
        })?;
        Ok(DeliveryThread { stop, wake, thread: Some(thread) })
    }

    /// Delivers all that is due now. Answers how many mails were tried.
    pub fn deliver_due(&self) -> Result<usize, DbError> {
        let mut tried = 0;
        while self.deliver_one()? {
            tried += 1;
        }
        Ok(tried)
    }

    /// Tries the mail that is due longest, if any is.
    fn deliver_one(&self) -> Result<bool, DbError> {
        let now = self.context.clock.now();
        // Looking first keeps an idle process from taking the write lock every two seconds.
        if self.db.look(|connection| longest_due(connection, now))?.is_none() {
            return Ok(false);
        }
        let Some(mail) = self.db.write(&self.context, claim)? else {
            return Ok(false);
        };
        let outcome = match open(&self.context.sealer, &mail.id, &mail.sealed) {
            Some(envelope) => self.backend.deliver(&mail.id, &mail.recipient, &envelope),
            // Another process may have the key that fits.
            None => Err(DeliveryError { message: "sealed with another secret key".to_owned(), is_final: false }),
        };
        self.db.write(&self.context, |tx| self.mark(tx, &mail, &outcome))?;
        Ok(true)
    }

    fn mark(&self, tx: &mut WriteTx, mail: &Claimed, outcome: &Result<(), DeliveryError>) -> Result<(), DbError> {
        let row = outbox::table.filter(outbox::id.eq(&mail.id));
        let now = tx.now;
        match outcome {
            Ok(()) => {
                tracing::info!(mail = %mail.id, attempts = mail.attempts, "mail delivered");
                let nothing_due = outbox::due_at.eq(None::<Timestamp>);
                let delivered = outbox::delivered_at.eq(Some(now));
                if self.backend.keeps_content() {
                    diesel::update(row).set((nothing_due, delivered)).execute(tx.connection)?;
                } else {
                    let erased = outbox::sealed.eq(Vec::new());
                    diesel::update(row).set((nothing_due, delivered, erased)).execute(tx.connection)?;
                }
            }
            Err(error) => {
                let gives_up = error.is_final || now - mail.created_at > GIVE_UP_AFTER;
                tracing::warn!(mail = %mail.id, attempts = mail.attempts, gives_up, error = %error.message, "mail not delivered");
                let due_at = (!gives_up).then(|| now + wait_after(mail.attempts));
                diesel::update(row)
                    .set((outbox::due_at.eq(due_at), outbox::failure.eq(&error.message)))
                    .execute(tx.connection)?;
            }
        }
        Ok(())
    }
}

/// Five seconds, then twice as long each time, half an hour at the most.
fn wait_after(attempts: i32) -> Duration {
    let doublings = attempts.saturating_sub(1).clamp(0, 9) as u32;
    Duration::seconds((5_i64 << doublings).min(1_800))
}

fn longest_due(connection: &mut Connection, now: Timestamp) -> Result<Option<MailId>, DbError> {
    Ok(outbox::table
        .filter(outbox::due_at.le(now))
        .order(outbox::due_at)
        .select(outbox::id)
        .first(connection)
        .optional()?)
}

fn claim(tx: &mut WriteTx) -> Result<Option<Claimed>, DbError> {
    tx.lock_name("outbox")?;
    let Some(id) = longest_due(tx.connection, tx.now)? else {
        return Ok(None);
    };
    let row = outbox::table.filter(outbox::id.eq(&id));
    diesel::update(row)
        .set((outbox::due_at.eq(Some(tx.now + CLAIM)), outbox::attempts.eq(outbox::attempts + 1)))
        .execute(tx.connection)?;
    Ok(row.select(Claimed::as_select()).first(tx.connection).optional()?)
}

impl DeliveryThread {
    /// Stops after the mail that is being sent.
    pub fn stop(mut self) {
        self.stop.store(true, Ordering::Release);
        self.wake.ring();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
