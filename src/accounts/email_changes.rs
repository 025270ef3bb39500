//! Another address for an account, as far as it is asked for; [`crate::people::address`] makes the change.
//!
//! * The link goes to the new address, and counts for the account that asked alone, while somebody is signed in to it and as long as
//!   it has the address it had then.
//! * Nobody learns whether an address has an account: the same is stored and mailed for a taken one, only that the mail tells its holder
//!   and carries no link.
//! * One change waits at a time; a new password, by whatever way, ends it.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::Person;
use crate::accounts::mail::{EmailChange, EmailTaken};
use crate::accounts::{sign_ups, users};
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::jobs::Purge;
use crate::limits::TooOften;
use crate::network::network_of;
use crate::rates::Limit;
use crate::schema::{email_changes, users as user_rows};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// The link works for so long.
pub const LIFETIME: Duration = Duration::hours(24);

/// A change that waits for its confirmation.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = email_changes)]
pub struct Pending {
    pub old_email: String,
    pub new_email: String,
    pub expires_at: Timestamp,
}

/// What waits for an account.
pub fn of_user(connection: &mut Connection, user: &UserId, now: Timestamp) -> Result<Option<Pending>, DbError> {
    Ok(email_changes::table
        .filter(email_changes::user_id.eq(user))
        .filter(email_changes::expires_at.gt(now))
        .select(Pending::as_select())
        .first(connection)
        .optional()?)
}

/// The change behind a link, while the link works for this account.
pub fn find(
    connection: &mut Connection,
    user: &UserId,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Pending>, DbError> {
    Ok(email_changes::table
        .inner_join(user_rows::table)
        .filter(email_changes::token_hash.eq(secret.hash()))
        .filter(email_changes::user_id.eq(user))
        .filter(email_changes::expires_at.gt(now))
        .filter(email_changes::old_email.eq(user_rows::email))
        .select(Pending::as_select())
        .first(connection)
        .optional()?)
}

#[derive(Debug)]
pub enum Ask {
    /// A message is on its way, whoever it is to.
    Sent,
    /// It is the address of the account already.
    Same,
    TooOften(TooOften),
}

/// Mails a link to the new address, in place of what waited before.
pub fn ask(tx: &mut WriteTx, person: &Person, new_email: &str) -> Result<Ask, DbError> {
    if person.email == new_email {
        return Ok(Ask::Same);
    }
    let mut wanted = vec![(Limit::EmailChanges, person.user_id.to_string())];
    wanted.extend(sign_ups::limits(&network_of(&person.ip), new_email));
    if let Some(too_often) = tx.take_each(&wanted)?.refusal() {
        return Ok(Ask::TooOften(too_often));
    }
    users::lock(tx, &person.user_id)?;
    let holder: Option<String> = user_rows::table
        .filter(user_rows::email.eq(new_email))
        .select(user_rows::first_name)
        .first(tx.connection)
        .optional()?;
    let (secret, expires) = (Secret::random(), tx.now + LIFETIME);
    cancel(tx, &person.user_id)?;
    let row = (
        email_changes::user_id.eq(&person.user_id),
        email_changes::old_email.eq(&person.email),
        email_changes::new_email.eq(new_email),
        email_changes::token_hash.eq(secret.hash()),
        email_changes::created_at.eq(tx.now),
        email_changes::expires_at.eq(expires),
    );
    diesel::insert_into(email_changes::table).values(row).execute(tx.connection)?;
    match holder {
        None => {
            let link = tx.context.links.to(&format!("/account/security/email/confirm/{}", secret.as_str()));
            tx.send(new_email, &EmailChange { link, expires })?;
        }
        Some(first_name) => {
            let sign_in_link = tx.context.links.to("/sign-in");
            tx.send(new_email, &EmailTaken { first_name, sign_in_link })?;
        }
    }
    users::record(tx, person, Action::EmailChangeAsked, json!({ "email": new_email }))?;
    Ok(Ask::Sent)
}

/// Ends what waits, as its holder wants it. Whether something did.
pub fn withdraw(tx: &mut WriteTx, person: &Person) -> Result<bool, DbError> {
    let withdrawn = cancel(tx, &person.user_id)?;
    if withdrawn {
        users::record(tx, person, Action::EmailChangeCancelled, Value::Null)?;
    }
    Ok(withdrawn)
}

/// Ends what waits. Whether something did.
pub fn cancel(tx: &mut WriteTx, user: &UserId) -> Result<bool, DbError> {
    let waiting = email_changes::table.filter(email_changes::user_id.eq(user));
    Ok(diesel::delete(waiting).execute(tx.connection)? > 0)
}

/// Removes links that ran out.
pub const PURGE: Purge = Purge {
    kind: "email-changes.purge",
    table: "email_changes",
    key: "user_id",
    moment: "expires_at",
    kept: Duration::zero(),
};
