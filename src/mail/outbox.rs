//! The outbox: mails between the transaction that caused them and the server that takes them.
//!
//! Mails carry secrets of which only hashes are stored elsewhere, so the content is sealed with a key derived from
//! `PORTICO_SECRET_KEY` and erased once delivered (the demo keeps it, to show it in the mailbox).

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use diesel::prelude::*;
use diesel::result::Error as QueryError;
use serde::{Deserialize, Serialize};

use crate::db::{DbError, Timestamp, WriteTx, is_unique};
use crate::ids::MailId;
use crate::mail::Message;
use crate::schema::outbox;
use crate::secrets::{SecretKey, random_bytes};

/// A mail as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Seals and opens mails, and wakes the delivery when there is a new one.
#[derive(Clone)]
pub struct Outbox {
    cipher: Aes256Gcm,
    wake: SyncSender<()>,
    woken: Arc<Mutex<Receiver<()>>>,
}

const NONCE_BYTES: usize = 12;

impl Outbox {
    pub fn new(key: &SecretKey) -> Self {
        let (wake, woken) = sync_channel(1);
        let cipher = Aes256Gcm::new(&key.derive::<32>("outbox").into());
        Self { cipher, wake, woken: Arc::new(Mutex::new(woken)) }
    }

    fn seal(&self, id: &MailId, envelope: &Envelope) -> Vec<u8> {
        let plain = serde_json::to_vec(envelope).expect("three strings always make JSON");
        let nonce = random_bytes::<NONCE_BYTES>();
        let payload = aes_gcm::aead::Payload { msg: &plain, aad: id.as_str().as_bytes() };
        let sealed = self.cipher.encrypt(Nonce::from_slice(&nonce), payload).expect("a mail is far below 64 GiB");
        [nonce.as_slice(), &sealed].concat()
    }

    /// The mail, unless it was sealed with another key or is erased.
    pub fn open(&self, id: &MailId, sealed: &[u8]) -> Option<Envelope> {
        let (nonce, content) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = aes_gcm::aead::Payload { msg: content, aad: id.as_str().as_bytes() };
        let plain = self.cipher.decrypt(Nonce::from_slice(nonce), payload).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Tells the delivery of this process that there is work.
    pub fn wake(&self) {
        // A full channel means that it is awake already.
        let _ = self.wake.try_send(());
    }

    /// Waits until there is work, or until `at_most` is over.
    pub(super) fn wait(&self, at_most: std::time::Duration) {
        let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = woken.recv_timeout(at_most);
    }
}

impl WriteTx<'_> {
    /// Puts a mail into the outbox: it is sent once this transaction is committed.
    pub fn send<M: Message>(&mut self, recipient: &str, message: &M) -> Result<(), DbError> {
        self.enqueue(recipient, message, None, true).map(drop)
    }

    /// Does all that [`WriteTx::send`] does and takes it back: for an answer that must not be quicker where nobody is written to.
    pub fn rehearse<M: Message>(&mut self, recipient: &str, message: &M) -> Result<(), DbError> {
        self.enqueue(recipient, message, None, false).map(drop)
    }

    /// Like [`WriteTx::send`], but only once for each `key`: the answer tells whether this was the first time.
    pub fn send_once<M: Message>(&mut self, recipient: &str, message: &M, key: &str) -> Result<bool, DbError> {
        self.enqueue(recipient, message, Some(key), true)
    }

    fn enqueue<M: Message>(
        &mut self,
        recipient: &str,
        message: &M,
        key: Option<&str>,
        is_kept: bool,
    ) -> Result<bool, DbError> {
        let envelope = Envelope { subject: message.subject(), text: message.text(), html: message.html() };
        let id = MailId::new(self.now);
        let sealed = self.outbox.seal(&id, &envelope);
        let now = self.now;
        let inserted = self.savepoint(|connection| {
            diesel::insert_into(outbox::table)
                .values((
                    outbox::id.eq(&id),
                    outbox::kind.eq(M::KIND),
                    outbox::recipient.eq(recipient),
                    outbox::sealed.eq(&sealed),
                    outbox::once_key.eq(key),
                    outbox::created_at.eq(now),
                    outbox::attempts.eq(0),
                    outbox::due_at.eq(Some(now)),
                    outbox::delivered_at.eq(None::<Timestamp>),
                    outbox::failure.eq(""),
                ))
                .execute(connection)?;
            if is_kept { Ok(()) } else { Err(QueryError::RollbackTransaction) }
        });
        match inserted {
            Err(QueryError::RollbackTransaction) if !is_kept => Ok(false),
            Ok(()) => {
                self.has_mail = true;
                Ok(true)
            }
            Err(error) if key.is_some() && is_unique(&error, "outbox", "once") => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
