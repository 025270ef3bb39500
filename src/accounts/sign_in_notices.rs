//! Telling the holder of an account of a sign-in with a browser that was not seen before. The mail has a link for whoever did not do
//! it: see [`crate::accounts::not_me`].

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use crate::access::Person;
use crate::accounts::mail::NewBrowser;
use crate::accounts::{user_agent, users};
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{SignInNoticeId, UserId};
use crate::jobs::Purge;
use crate::rates::Limit;
use crate::schema::{sign_in_notices, users as user_rows};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// The link works for so long.
const LIFETIME: Duration = Duration::days(7);

#[derive(Queryable, Selectable)]
#[diesel(table_name = user_rows)]
struct Holder {
    email: String,
    first_name: String,
    last_name: String,
    created_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = sign_in_notices, treat_none_as_default_value = false)]
struct Row<'a> {
    id: SignInNoticeId,
    user_id: &'a UserId,
    token_hash: String,
    ip: &'a str,
    browser: &'a str,
    created_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

/// Tells the holder, and notes it among what happened to their account. Not where the account has just been created: that is told by
/// itself.
pub(super) fn tell(tx: &mut WriteTx, user: &UserId, ip: &str, description: &str) -> Result<(), DbError> {
    let row = user_rows::table.filter(user_rows::id.eq(user)).select(Holder::as_select());
    let Holder { email, first_name, last_name, created_at } = row.first(tx.connection)?;
    if created_at == tx.now {
        return Ok(());
    }
    let browser = user_agent::words(description);
    let holder = Person { user_id: user.clone(), email, first_name: first_name.clone(), last_name, ip: ip.to_owned() };
    users::record(tx, &holder, Action::NewBrowser, json!({ "browser": browser }))?;
    // Whoever signs in again and again without keeping a cookie is told so often, and no more.
    if tx.take(Limit::NewBrowserMail, user.as_str())?.refusal().is_some() {
        return Ok(());
    }
    let secret = Secret::random();
    let row = Row {
        id: SignInNoticeId::new(tx.now),
        user_id: user,
        token_hash: secret.hash(),
        ip,
        browser: browser.as_deref().unwrap_or_default(),
        created_at: tx.now,
        expires_at: tx.now + LIFETIME,
        used_at: None,
    };
    diesel::insert_into(sign_in_notices::table).values(row).execute(tx.connection)?;
    let link = tx.context.links.to(&format!("/not-me/{}", secret.as_str()));
    let mail = NewBrowser { first_name, at: tx.now, ip: ip.to_owned(), browser, link };
    tx.send(&holder.email, &mail).map(drop)
}

/// A sign-in that the holder was told of.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sign_in_notices)]
pub struct Told {
    pub user_id: UserId,
    #[diesel(select_expression = user_rows::email)]
    pub email: String,
    #[diesel(select_expression = user_rows::first_name)]
    pub first_name: String,
    #[diesel(select_expression = user_rows::last_name)]
    pub last_name: String,
    pub ip: String,
    /// In words; empty where it is not known.
    pub browser: String,
    #[diesel(column_name = created_at)]
    pub at: Timestamp,
}

/// The sign-in behind a link, while the link works.
pub fn find(connection: &mut Connection, secret: &Secret, now: Timestamp) -> Result<Option<Told>, DbError> {
    Ok(sign_in_notices::table
        .inner_join(user_rows::table)
        .filter(sign_in_notices::token_hash.eq(secret.hash()))
        .filter(sign_in_notices::used_at.is_null())
        .filter(sign_in_notices::expires_at.gt(now))
        .filter(user_rows::suspended_at.is_null())
        .select(Told::as_select())
        .first(connection)
        .optional()?)
}

/// Makes every such link of an account useless.
pub(super) fn void_all(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    diesel::update(sign_in_notices::table)
        .filter(sign_in_notices::user_id.eq(user))
        .filter(sign_in_notices::used_at.is_null())
        .set(sign_in_notices::used_at.eq(Some(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

/// Removes links that ran out a day ago.
pub const PURGE: Purge = Purge {
    kind: "sign-in-notices.purge",
    table: "sign_in_notices",
    key: "id",
    moment: "expires_at",
    kept: Duration::days(1),
};
