//! The outbox as operators see it: what waits and what was given up, trying again, dropping.

use diesel::prelude::*;
use serde_json::Value;

use super::delivery::mark_failed;
use super::outbox::DELIVER;
use super::undeliverable::Undeliverable;
use crate::access::Operator;
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::MailId;
use crate::schema::{jobs, outbox};
use crate::time::Timestamp;

/// A mail that waits.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Waiting {
    pub id: MailId,
    pub kind: String,
    pub recipient: String,
    pub created_at: Timestamp,
    #[diesel(select_expression = jobs::attempts)]
    pub attempts: i32,
    #[diesel(select_expression = jobs::due_at)]
    pub due_at: Timestamp,
    /// What went wrong the last time, in the words of the server. Empty where nothing has.
    #[diesel(select_expression = jobs::last_error)]
    pub last_error: String,
}

/// A mail that was given up.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Failed {
    pub id: MailId,
    pub kind: String,
    pub recipient: String,
    pub created_at: Timestamp,
    #[diesel(select_expression = outbox::failed_at.assume_not_null())]
    pub failed_at: Timestamp,
    pub failure: String,
}

/// Up to `limit` mails that wait, oldest first.
pub fn waiting(connection: &mut Connection, limit: i64) -> Result<Vec<Waiting>, DbError> {
    Ok(jobs::table
        .inner_join(outbox::table.on(outbox::id.eq(jobs::subject)))
        .filter(jobs::kind.eq(DELIVER))
        .order(jobs::subject)
        .limit(limit)
        .select(Waiting::as_select())
        .load(connection)?)
}

/// Up to `limit` mails that were given up, newest first.
pub fn failed(connection: &mut Connection, limit: i64) -> Result<Vec<Failed>, DbError> {
    Ok(outbox::table
        .filter(outbox::failed_at.is_not_null())
        .order(outbox::failed_at.desc())
        .limit(limit)
        .select(Failed::as_select())
        .load(connection)?)
}

/// Makes a mail due now that waits for its next try. False where none with this id does.
pub fn retry(tx: &mut WriteTx, id: &MailId) -> Result<bool, DbError> {
    Ok(tx.hurry_job(DELIVER, id.as_str())?)
}

/// Makes all mails due now that wait for their next try after one that failed, and answers how many.
pub fn retry_all(tx: &mut WriteTx) -> Result<usize, DbError> {
    let failed = jobs::table.filter(jobs::kind.eq(DELIVER)).filter(jobs::claimed_by.is_null());
    let hurried =
        diesel::update(failed.filter(jobs::last_error.ne(""))).set(jobs::due_at.eq(tx.now)).execute(tx.connection)?;
    tx.wake();
    Ok(hurried)
}

/// Gives up a mail that waits. False where none with this id does.
pub fn drop(tx: &mut WriteTx, operator: &Operator, id: &MailId) -> Result<bool, DbError> {
    if !tx.remove_job(DELIVER, id.as_str())? {
        return Ok(false);
    }
    mark_failed(tx, id, Undeliverable::Dropped, "dropped by an operator")?;
    let recipient: String = outbox::table.filter(outbox::id.eq(id)).select(outbox::recipient).first(tx.connection)?;
    let (action, subject_id, subject_name) = (Action::MailDropped, id.as_str(), recipient.as_str());
    let (before, after) = (Value::Null, Value::Null);
    tx.record(By::operator(operator), Change { action, subject_id, subject_name, before, after })?;
    Ok(true)
}
