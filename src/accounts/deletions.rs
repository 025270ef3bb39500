//! Accounts that are to be deleted: the rows. What deletes them is [`crate::privacy::erase`].
//!
//! * A link is mailed, works for 24 hours, and counts for the account that asked alone, while somebody is signed in to it. A new password
//!   or another address ends it.
//! * Once it was used, seven days pass in which whoever is signed in can keep the account. A new password keeps it, too: whoever chose it
//!   may not be the one who asked.
//! * One row an account: first with a link and until when it works, then with the moment at which the account is deleted.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;

use crate::access::Person;
use crate::accounts::mail::{DeletionNews, DeletionTold};
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::jobs::Purge;
use crate::schema::{account_deletions as deletions, users as user_rows};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// The link works for so long.
const LINK_LIFETIME: Duration = Duration::hours(24);
/// How long an account can still be kept after that.
pub const COOLING_OFF: Duration = Duration::days(7);

/// That somebody wants their account deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// A link was mailed that nobody has used.
    Asked { until: Timestamp },
    /// It was.
    Confirmed { due_at: Timestamp },
}

impl Deletion {
    /// When the account is deleted, unless it is kept.
    pub fn due_at(self) -> Option<Timestamp> {
        match self {
            Self::Asked { .. } => None,
            Self::Confirmed { due_at } => Some(due_at),
        }
    }
}

/// What an account waits for.
pub fn of_user(connection: &mut Connection, user: &UserId, now: Timestamp) -> Result<Option<Deletion>, DbError> {
    let row = deletions::table.filter(deletions::user_id.eq(user)).select((deletions::expires_at, deletions::due_at));
    let found: Option<(Option<Timestamp>, Option<Timestamp>)> = row.first(connection).optional()?;
    Ok(found.and_then(|(expires_at, due_at)| match (due_at, expires_at) {
        (Some(due_at), _) => Some(Deletion::Confirmed { due_at }),
        (None, until) => until.filter(|until| now < *until).map(|until| Deletion::Asked { until }),
    }))
}

/// Whether a link works for this account.
pub fn has_link(connection: &mut Connection, user: &UserId, secret: &Secret, now: Timestamp) -> Result<bool, DbError> {
    let found: Option<UserId> = deletions::table
        .filter(deletions::token_hash.eq(Some(secret.hash())))
        .filter(deletions::user_id.eq(user))
        .filter(deletions::expires_at.gt(now))
        .select(deletions::user_id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Notes a link, in place of one that was mailed before. The account is locked, as in all that follows.
pub fn ask(tx: &mut WriteTx, user: &UserId, secret: &Secret) -> Result<Timestamp, DbError> {
    let until = tx.now + LINK_LIFETIME;
    end(tx, user)?;
    let row = (
        deletions::user_id.eq(user),
        deletions::asked_at.eq(tx.now),
        deletions::token_hash.eq(Some(secret.hash())),
        deletions::expires_at.eq(Some(until)),
    );
    diesel::insert_into(deletions::table).values(row).execute(tx.connection)?;
    Ok(until)
}

/// Uses the link up. Answers when the account is deleted.
pub fn confirm(tx: &mut WriteTx, user: &UserId) -> Result<Timestamp, DbError> {
    let due_at = tx.now + COOLING_OFF;
    diesel::update(deletions::table.filter(deletions::user_id.eq(user)))
        .set((
            deletions::token_hash.eq(None::<String>),
            deletions::expires_at.eq(None::<Timestamp>),
            deletions::due_at.eq(Some(due_at)),
        ))
        .execute(tx.connection)?;
    Ok(due_at)
}

/// Ends what waits. Whether something did.
pub fn end(tx: &mut WriteTx, user: &UserId) -> Result<bool, DbError> {
    Ok(diesel::delete(deletions::table.filter(deletions::user_id.eq(user))).execute(tx.connection)? > 0)
}

/// Ends a link that nobody has used.
pub fn end_link(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    let unused = deletions::table.filter(deletions::user_id.eq(user)).filter(deletions::due_at.is_null());
    diesel::delete(unused).execute(tx.connection)?;
    Ok(())
}

/// Keeps the account of somebody who has a new password, and tells them where it would have been deleted.
pub(super) fn end_with_password(tx: &mut WriteTx, holder: &Person) -> Result<(), DbError> {
    end_link(tx, &holder.user_id)?;
    if !end(tx, &holder.user_id)? {
        return Ok(());
    }
    let first_name = holder.first_name.clone();
    tx.send(&holder.email, &DeletionTold { first_name, news: DeletionNews::KeptByPassword })?;
    users::record(tx, holder, Action::DeletionEnded, Value::Null)
}

/// Those of active accounts whose time has come, in the order of their ids: up to `most` behind `after`.
pub fn due(
    connection: &mut Connection,
    after: Option<&UserId>,
    most: i64,
    now: Timestamp,
) -> Result<Vec<UserId>, DbError> {
    Ok(deletions::table
        .inner_join(user_rows::table)
        .filter(deletions::due_at.le(now))
        .filter(deletions::user_id.gt(after.map_or("", UserId::as_str)))
        .filter(user_rows::suspended_at.is_null())
        .order(deletions::user_id)
        .limit(most)
        .select(deletions::user_id)
        .load(connection)?)
}

/// Removes links that ran out.
pub const PURGE: Purge = Purge {
    kind: "account-deletions.purge",
    table: "account_deletions",
    key: "user_id",
    moment: "expires_at",
    kept: Duration::zero(),
};
