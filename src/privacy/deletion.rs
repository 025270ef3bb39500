//! "Request data deletion": asked for, confirmed by a mailed link, and taken back for seven days.

use serde_json::Value;

use crate::access::Person;
use crate::accounts::deletions::{self, Deletion};
use crate::accounts::mail::{AccountDeletion, DeletionNews, DeletionTold};
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{DbError, WriteTx};
use crate::limits::TooOften;
use crate::people::owners;
use crate::rates::Limit;
use crate::secrets::Secret;
use crate::time::Timestamp;

#[derive(Debug)]
pub enum Ask {
    /// A link is on its way.
    Asked,
    /// Somebody must become Owner of Organizations first, or they must be closed.
    Blocked,
    /// It was confirmed already.
    Confirmed,
    TooOften(TooOften),
}

/// Mails a link. One that was mailed before works no more.
pub fn ask(tx: &mut WriteTx, person: &Person) -> Result<Ask, DbError> {
    let user = &person.user_id;
    users::lock(tx, user)?;
    if let Some(Deletion::Confirmed { .. }) = deletions::of_user(tx.connection, user, tx.now)? {
        return Ok(Ask::Confirmed);
    }
    if !owners::alone_in(tx.connection, user)?.is_empty() {
        return Ok(Ask::Blocked);
    }
    if let Some(too_often) = tx.take(Limit::AccountDeletions, user.as_str())?.refusal() {
        return Ok(Ask::TooOften(too_often));
    }
    let secret = Secret::random();
    let expires = deletions::ask(tx, user, &secret)?;
    let link = tx.context.links.to(&format!("/account/privacy/deletion/confirm/{}", secret.as_str()));
    tx.send(&person.email, &AccountDeletion { first_name: person.first_name.clone(), link, expires })?;
    users::record_change(tx, person, Action::DeletionAsked, Value::Null, Value::Null)?;
    Ok(Ask::Asked)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirm {
    Confirmed {
        due_at: Timestamp,
    },
    /// They are the only Owner of some Organizations. The link works on.
    Blocked,
    Unusable,
}

/// Begins the seven days. What blocks it is looked at again when they are over, under the locks that matter then.
pub fn confirm(tx: &mut WriteTx, person: &Person, secret: &Secret) -> Result<Confirm, DbError> {
    let (user, now) = (&person.user_id, tx.now);
    if !users::lock_active(tx, user)? || !deletions::has_link(tx.connection, user, secret, now)? {
        return Ok(Confirm::Unusable);
    }
    if !owners::alone_in(tx.connection, user)?.is_empty() {
        return Ok(Confirm::Blocked);
    }
    let due_at = deletions::confirm(tx, user)?;
    let keep_link = tx.context.links.to("/account/privacy");
    tell(tx, person, DeletionNews::Scheduled { due_at, keep_link })?;
    users::record_change(tx, person, Action::DeletionConfirmed, Value::Null, Value::Null)?;
    Ok(Confirm::Confirmed { due_at })
}

/// Keeps the account. False where nothing would have deleted it.
pub fn keep(tx: &mut WriteTx, person: &Person) -> Result<bool, DbError> {
    let user = &person.user_id;
    users::lock(tx, user)?;
    let Some(deletion) = deletions::of_user(tx.connection, user, tx.now)? else { return Ok(false) };
    deletions::end(tx, user)?;
    if deletion.due_at().is_some() {
        tell(tx, person, DeletionNews::Kept)?;
    }
    users::record_change(tx, person, Action::DeletionEnded, Value::Null, Value::Null)?;
    Ok(true)
}

fn tell(tx: &mut WriteTx, person: &Person, news: DeletionNews) -> Result<(), DbError> {
    tx.send(&person.email, &DeletionTold { first_name: person.first_name.clone(), news }).map(drop)
}
