//! "Export my data": asked for, made in the background, downloaded.
//!
//! * One at a time for an account, and a few a day. What is asked for anew takes the place of what was ready.
//! * The link is mailed, works for 24 hours, and only while its holder is signed in. What ran out is removed.
//! * The document is compressed, then sealed: whoever reads the database alone reads nothing that was put together here.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;

use super::document;
use super::mail::DataExport;
use crate::access::Person;
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::jobs::{Job, JobContext, NewJob, Outcome, Priority, Purge, Tried, Work};
use crate::limits::TooOften;
use crate::rates::Limit;
use crate::schema::{data_exports, users as user_rows};
use crate::secrets::{Sealer, Secret};
use crate::time::Timestamp;

/// How long the link works.
pub const LIFETIME: Duration = Duration::hours(24);
pub const QUEUE: &str = "privacy";
const KIND: &str = "privacy.export";
/// What the sealer knows the document by.
const PURPOSE: &str = "data-export";

/// An export, as the page shows it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = data_exports)]
pub struct DataExportRow {
    pub asked_at: Timestamp,
    pub expires_at: Timestamp,
    token_hash: Option<String>,
}

impl DataExportRow {
    pub fn is_ready(&self) -> bool {
        self.token_hash.is_some()
    }
}

pub fn of_user(connection: &mut Connection, user: &UserId, now: Timestamp) -> Result<Option<DataExportRow>, DbError> {
    Ok(data_exports::table
        .filter(data_exports::user_id.eq(user))
        .filter(data_exports::expires_at.gt(now))
        .select(DataExportRow::as_select())
        .first(connection)
        .optional()?)
}

#[derive(Debug)]
pub enum Ask {
    /// It is being made, and its link is mailed.
    Asked,
    /// One is being made already.
    Pending,
    TooOften(TooOften),
}

pub fn ask(tx: &mut WriteTx, person: &Person) -> Result<Ask, DbError> {
    let user = &person.user_id;
    users::lock(tx, user)?;
    if of_user(tx.connection, user, tx.now)?.is_some_and(|export| !export.is_ready()) {
        return Ok(Ask::Pending);
    }
    if let Some(too_often) = tx.take(Limit::DataExports, user.as_str())?.refusal() {
        return Ok(Ask::TooOften(too_often));
    }
    let theirs = data_exports::table.filter(data_exports::user_id.eq(user));
    diesel::delete(theirs).execute(tx.connection)?;
    let row = (
        data_exports::user_id.eq(user),
        data_exports::asked_at.eq(tx.now),
        data_exports::expires_at.eq(tx.now + LIFETIME),
    );
    diesel::insert_into(data_exports::table).values(row).execute(tx.connection)?;
    let subject = user.as_str();
    tx.remove_job(KIND, subject)?;
    tx.add_job(NewJob { queue: QUEUE, kind: KIND, subject, priority: Priority::Usual, due_at: tx.now })?;
    users::record_change(tx, person, Action::DataExportAsked, Value::Null, Value::Null)?;
    Ok(Ask::Asked)
}

/// Makes what was asked for.
pub struct MakeExport;

impl Work for MakeExport {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let Some(user) = UserId::parse(&job.subject) else { return Outcome::Done.into() };
        let now = context.transactions.clock.now();
        let made = context.db.read(|connection| match of_user(connection, &user, now)? {
            Some(export) if !export.is_ready() => document::compressed(connection, &user, now).map(Some),
            _ => Ok(None),
        });
        match made {
            // It was not made for a day: nobody waits for it any more.
            Ok(None) => Outcome::Done.into(),
            Ok(Some(compressed)) => {
                let sealed = context.transactions.sealer.seal(PURPOSE, user.as_str(), &compressed);
                Tried::storing(Outcome::Done, move |tx| keep(tx, &user, &sealed).map(drop))
            }
            Err(error) => Outcome::failed(job, error).into(),
        }
    }
}

/// Stores the document where it is still waited for, and mails its link. The secret of the link.
pub fn keep(tx: &mut WriteTx, user: &UserId, sealed: &[u8]) -> Result<Option<Secret>, DbError> {
    if !users::lock_active(tx, user)? {
        return Ok(None);
    }
    let secret = Secret::random();
    let waiting = data_exports::table.filter(data_exports::user_id.eq(user)).filter(data_exports::token_hash.is_null());
    let expires = tx.now + LIFETIME;
    let kept = diesel::update(waiting)
        .set((
            data_exports::token_hash.eq(Some(secret.hash())),
            data_exports::content.eq(Some(sealed)),
            data_exports::expires_at.eq(expires),
        ))
        .execute(tx.connection)?;
    if kept == 0 {
        return Ok(None);
    }
    let (email, first_name): (String, String) = user_rows::table
        .filter(user_rows::id.eq(user))
        .select((user_rows::email, user_rows::first_name))
        .first(tx.connection)?;
    let link = tx.context.links.to(&format!("/account/privacy/export/{}", secret.as_str()));
    tx.send(&email, &DataExport { first_name, link, expires })?;
    Ok(Some(secret))
}

/// Until when the export behind a link can be downloaded, while the link works for this account.
pub fn find(
    connection: &mut Connection,
    user: &UserId,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    Ok(data_exports::table
        .filter(data_exports::token_hash.eq(secret.hash()))
        .filter(data_exports::user_id.eq(user))
        .filter(data_exports::expires_at.gt(now))
        .select(data_exports::expires_at)
        .first(connection)
        .optional()?)
}

/// What is behind the link, sealed.
pub fn sealed(
    connection: &mut Connection,
    user: &UserId,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, DbError> {
    let content: Option<Option<Vec<u8>>> = data_exports::table
        .filter(data_exports::token_hash.eq(secret.hash()))
        .filter(data_exports::user_id.eq(user))
        .filter(data_exports::expires_at.gt(now))
        .select(data_exports::content)
        .first(connection)
        .optional()?;
    Ok(content.flatten())
}

/// The document as it is stored.
pub fn sealed_document(sealer: &Sealer, user: &UserId, document: &[u8]) -> std::io::Result<Vec<u8>> {
    Ok(sealer.seal(PURPOSE, user.as_str(), &zstd::encode_all(document, 3)?))
}

/// The document. `None` where it was sealed with a key that this process does not have.
pub fn opened(sealer: &Sealer, user: &UserId, sealed: &[u8]) -> Option<Vec<u8>> {
    let compressed = sealer.open(PURPOSE, user.as_str(), sealed)?;
    zstd::decode_all(compressed.as_slice()).ok()
}

/// Removes what ran out.
pub const PURGE: Purge = Purge {
    kind: "data-exports.purge",
    table: "data_exports",
    key: "user_id",
    moment: "expires_at",
    kept: Duration::zero(),
};
