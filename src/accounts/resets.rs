//! Choosing a new password by a link.

use chrono::Duration;
use diesel::prelude::*;
use diesel::result::Error as QueryError;
use serde_json::Value;

use crate::access::Person;
use crate::accounts::mail::{PasswordChanged, PasswordReset};
use crate::accounts::sessions::{self, Browser};
use crate::accounts::{deletions, email_changes, sign_in, sign_ups, user_agent, users};
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{PasswordResetId, UserId};
use crate::jobs::Purge;
use crate::limits::TooOften;
use crate::network::network_of;
use crate::rates::Limit;
use crate::schema::{password_resets, users as user_rows};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// A link to choose a new password works for so long.
pub const LIFETIME: Duration = Duration::hours(1);

/// Whose password a link may change.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = user_rows)]
pub struct Target {
    #[diesel(column_name = id)]
    pub user_id: UserId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
}

#[derive(Insertable)]
#[diesel(table_name = password_resets, treat_none_as_default_value = false)]
struct Row<'a> {
    id: PasswordResetId,
    user_id: &'a UserId,
    email: &'a str,
    token_hash: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

/// Mails a link to choose a new password, if the address has an account that is not suspended. If not, link and mail are written
/// all the same and thrown away, so that both answers take as long. Answers why not, where it was asked for too often.
/// A browser that the holder has signed in with before has a limit of its own, which no stranger uses up.
pub fn request(tx: &mut WriteTx, email: &str, browser: &Browser) -> Result<Option<TooOften>, DbError> {
    let Some((account, suspended_at)) = nearest(tx.connection, email)? else { return Ok(None) };
    let holder = Some(&account.user_id).filter(|_| account.email == email);
    let allowance = match holder.and_then(|holder| browser.own_limit(holder, Limit::AccountMailBrowser)) {
        Some((limit, who)) => tx.take(limit, &who)?,
        None => tx.take_each(&sign_ups::limits(&network_of(&browser.ip), email))?,
    };
    if let Some(too_often) = allowance.refusal() {
        return Ok(Some(too_often));
    }
    let is_theirs = account.email == email && suspended_at.is_none();
    let (secret, expires) = (Secret::random(), tx.now + LIFETIME);
    insert(tx, &account, &secret, expires, is_theirs)?;
    if is_theirs {
        // The mail goes to the stored address, never to the typed one.
        let mail = message(tx, &account.first_name, &secret, expires);
        tx.send(&account.email, &mail)?;
    } else {
        let mail = message(tx, "", &secret, expires);
        tx.rehearse(email, &mail)?;
    }
    Ok(None)
}

fn message(tx: &WriteTx, first_name: &str, secret: &Secret, expires: Timestamp) -> PasswordReset {
    let link = tx.context.links.to(&format!("/reset-password?token={}", secret.as_str()));
    PasswordReset { first_name: first_name.to_owned(), link, expires }
}

/// Mails a link to choose a new password to the holder of an account, who asked for it by a link of theirs.
pub(super) fn mail_link(tx: &mut WriteTx, account: &Target) -> Result<(), DbError> {
    let (secret, expires) = (Secret::random(), tx.now + LIFETIME);
    insert(tx, account, &secret, expires, true)?;
    let mail = message(tx, &account.first_name, &secret, expires);
    tx.send(&account.email, &mail).map(drop)
}

/// The account of an address; where it has none, one that stands in while the same work is rehearsed.
fn nearest(connection: &mut Connection, email: &str) -> Result<Option<(Target, Option<Timestamp>)>, DbError> {
    let accounts = user_rows::table.select((Target::as_select(), user_rows::suspended_at));
    let next = accounts.filter(user_rows::email.ge(email)).order(user_rows::email).first(connection).optional()?;
    if next.is_some() {
        return Ok(next);
    }
    Ok(accounts.filter(user_rows::email.lt(email)).order(user_rows::email.desc()).first(connection).optional()?)
}

/// Stores a link, or does all that and takes it back.
fn insert(
    tx: &mut WriteTx,
    account: &Target,
    secret: &Secret,
    expires: Timestamp,
    is_theirs: bool,
) -> Result<(), DbError> {
    let row = Row {
        id: PasswordResetId::new(tx.now),
        user_id: &account.user_id,
        email: &account.email,
        token_hash: secret.hash(),
        created_at: tx.now,
        expires_at: expires,
        used_at: None,
    };
    let outcome = tx.savepoint(|connection| {
        diesel::insert_into(password_resets::table).values(row).execute(connection)?;
        if is_theirs { Ok(()) } else { Err(QueryError::RollbackTransaction) }
    });
    match outcome {
        Ok(()) | Err(QueryError::RollbackTransaction) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The account behind a link, while the link works and the account still has the address that it was sent to.
pub fn find(connection: &mut Connection, secret: &Secret, now: Timestamp) -> Result<Option<Target>, DbError> {
    Ok(password_resets::table
        .inner_join(user_rows::table)
        .filter(password_resets::token_hash.eq(secret.hash()))
        .filter(password_resets::used_at.is_null())
        .filter(password_resets::expires_at.gt(now))
        .filter(password_resets::email.eq(user_rows::email))
        .filter(user_rows::suspended_at.is_null())
        .select(Target::as_select())
        .first(connection)
        .optional()?)
}

/// Sets a new password by a link: the link is used up, every other link and every session of the account ends, and the holder
/// is told. False when the link was used or ran out meanwhile.
pub fn finish(tx: &mut WriteTx, secret: &Secret, password_hash: &str, browser: &Browser) -> Result<bool, DbError> {
    let now = tx.now;
    let Some(seen) = find(tx.connection, secret, now)? else { return Ok(false) };
    // Two links of one account used at once wait here for each other: the second one finds its link used up.
    users::lock(tx, &seen.user_id)?;
    let Some(target) = find(tx.connection, secret, now)? else { return Ok(false) };
    void_all(tx, &target.user_id)?;
    email_changes::cancel(tx, &target.user_id)?;
    users::set_password_hash(tx, &target.user_id, password_hash)?;
    sessions::end_all(tx, &target.user_id)?;
    sign_in::forget_guesses(tx, &target.email, &target.user_id, &browser.ip)?;
    let forgot_link = tx.context.links.to("/forgot-password");
    let notice = PasswordChanged {
        first_name: target.first_name.clone(),
        at: now,
        ip: browser.ip.clone(),
        browser: user_agent::words(&browser.user_agent),
        was_reset: true,
        forgot_link,
    };
    tx.send(&target.email, &notice)?;
    let Target { user_id, email, first_name, last_name } = target;
    let holder = Person { user_id, email, first_name, last_name, ip: browser.ip.clone() };
    users::record(tx, &holder, Action::PasswordReset, Value::Null)?;
    deletions::end_with_password(tx, &holder)?;
    Ok(true)
}

/// Makes every link of an account useless.
pub fn void_all(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    diesel::update(password_resets::table)
        .filter(password_resets::user_id.eq(user))
        .filter(password_resets::used_at.is_null())
        .set(password_resets::used_at.eq(Some(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

/// Removes links that ran out a day ago.
pub const PURGE: Purge = Purge {
    kind: "password-resets.purge",
    table: "password_resets",
    key: "id",
    moment: "expires_at",
    kept: Duration::days(1),
};
