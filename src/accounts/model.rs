//! Users, sign-ups and password resets: the rows and the verbs.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::accounts::sessions;
use crate::audit::{Action, Actor, Change};
use crate::db::{Connection, DbError, Timestamp, WriteTx, is_unique};
use crate::ids::{PasswordResetId, SignUpId, UserId};
use crate::limits::SIGN_IN_ACCOUNT;
use crate::mail::{AccountExists, PasswordChanged, PasswordReset, Verification};
use crate::schema::{password_resets, sign_ups, users};
use crate::secrets::Secret;
use crate::web::exact;

/// A link that confirms an address works for so long.
pub const SIGN_UP_LIFETIME: Duration = Duration::hours(24);
/// A link to choose a new password works for so long.
pub const RESET_LIFETIME: Duration = Duration::hours(1);

/// What a person says of themselves when they sign up. The password is hashed already.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: String,
    pub password_hash: String,
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub country: String,
}

/// A user as sign-in needs it.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub id: UserId,
    pub password_hash: String,
}

/// Addresses of the pages that mails point to.
pub struct Links<'a> {
    pub public_url: &'a str,
}

impl Links<'_> {
    fn to(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}

pub fn credentials(connection: &mut Connection, email: &str) -> Result<Option<Credentials>, DbError> {
    let row: Option<(UserId, String)> = users::table
        .filter(users::email.eq(email))
        .select((users::id, users::password_hash))
        .first(connection)
        .optional()?;
    Ok(row.map(|(id, password_hash)| Credentials { id, password_hash }))
}

pub fn has_account(connection: &mut Connection, email: &str) -> Result<bool, DbError> {
    Ok(credentials(connection, email)?.is_some())
}

/// Creates an account whose address is proven.
///
/// # Errors
/// `Ok(None)` when the address has an account already.
pub fn create_user(tx: &mut WriteTx, new: &NewUser, address: &str) -> Result<Option<UserId>, DbError> {
    let id = UserId::new(tx.now);
    let now = tx.now;
    let inserted = tx.savepoint(|connection| {
        diesel::insert_into(users::table)
            .values((
                users::id.eq(&id),
                users::email.eq(&new.email),
                users::password_hash.eq(&new.password_hash),
                users::first_name.eq(&new.first_name),
                users::last_name.eq(&new.last_name),
                users::company.eq(&new.company),
                users::country.eq(&new.country),
                users::created_at.eq(now),
                users::updated_at.eq(now),
            ))
            .execute(connection)
    });
    match inserted {
        Ok(_) => {}
        Err(error) if is_unique(&error, "users", "email") => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // Whatever else was signed up with this address is void now.
    diesel::delete(sign_ups::table.filter(sign_ups::email.eq(&new.email))).execute(tx.connection)?;
    let name = format!("{} {}", new.first_name, new.last_name);
    let actor = Actor { id: id.clone(), name: name.clone(), role: None, address: address.to_owned() };
    tx.record(
        &actor,
        None,
        Change {
            action: Action::AccountCreated,
            subject_id: id.as_str(),
            subject_name: &name,
            before: Value::Null,
            after: json!({ "email": new.email }),
        },
    )?;
    Ok(Some(id))
}

/// Takes a sign-up and mails the link that confirms it, or tells the holder of the address that they have an account already.
/// Both do the same work, and neither answers which it was. `form_key` makes a form that is sent twice with the same address
/// count once: then there is no secret.
pub fn sign_up(tx: &mut WriteTx, new: &NewUser, form_key: &str, links: &Links) -> Result<Option<Secret>, DbError> {
    let secret = Secret::random();
    let holder: Option<String> =
        users::table.filter(users::email.eq(&new.email)).select(users::first_name).first(tx.connection).optional()?;
    // Hashed, since the browser chooses how long the key is.
    let once = format!("sign-up:{}", Secret::presented(&format!("{form_key}\n{}", new.email)).hash());
    let expires_at = tx.now + SIGN_UP_LIFETIME;
    let is_first = match holder {
        Some(first_name) => {
            let message = AccountExists {
                first_name,
                sign_in_link: links.to("/sign-in"),
                reset_link_page: links.to("/forgot-password"),
            };
            tx.send_once(&new.email, &message, &once)?
        }
        None => {
            let message = Verification {
                first_name: new.first_name.clone(),
                link: links.to(&format!("/verify-email?token={}", secret.as_str())),
                expires: exact(expires_at),
            };
            tx.send_once(&new.email, &message, &once)?
        }
    };
    if is_first {
        diesel::insert_into(sign_ups::table)
            .values((
                sign_ups::id.eq(SignUpId::new(tx.now)),
                sign_ups::token_hash.eq(secret.hash()),
                sign_ups::email.eq(&new.email),
                sign_ups::password_hash.eq(&new.password_hash),
                sign_ups::first_name.eq(&new.first_name),
                sign_ups::last_name.eq(&new.last_name),
                sign_ups::company.eq(&new.company),
                sign_ups::country.eq(&new.country),
                sign_ups::created_at.eq(tx.now),
                sign_ups::expires_at.eq(expires_at),
            ))
            .execute(tx.connection)?;
    }
    Ok(is_first.then_some(secret))
}

/// The sign-up behind a link, while the link works.
pub fn find_sign_up(connection: &mut Connection, secret: &Secret, now: Timestamp) -> Result<Option<NewUser>, DbError> {
    let row: Option<(String, String, String, String, String, String)> = sign_ups::table
        .filter(sign_ups::token_hash.eq(secret.hash()))
        .filter(sign_ups::expires_at.gt(now))
        .select((
            sign_ups::email,
            sign_ups::password_hash,
            sign_ups::first_name,
            sign_ups::last_name,
            sign_ups::company,
            sign_ups::country,
        ))
        .first(connection)
        .optional()?;
    Ok(row.map(|(email, password_hash, first_name, last_name, company, country)| NewUser {
        email,
        password_hash,
        first_name,
        last_name,
        company,
        country,
    }))
}

/// Turns a sign-up into an account. `None` when the link was used or ran out meanwhile.
pub fn confirm_sign_up(tx: &mut WriteTx, secret: &Secret, address: &str) -> Result<Option<UserId>, DbError> {
    let now = tx.now;
    let Some(new) = find_sign_up(tx.connection, secret, now)? else {
        return Ok(None);
    };
    create_user(tx, &new, address)
}

/// Mails a link to choose a new password, if the address has an account. If not, the mail is written all the same and thrown
/// away, so that both answers take as long.
pub fn request_reset(tx: &mut WriteTx, email: &str, links: &Links) -> Result<(), DbError> {
    let user: Option<(UserId, String, String)> = users::table
        .filter(users::email.eq(email))
        .select((users::id, users::email, users::first_name))
        .first(tx.connection)
        .optional()?;
    let secret = Secret::random();
    let expires_at = tx.now + RESET_LIFETIME;
    let message = |first_name: String| PasswordReset {
        first_name,
        link: links.to(&format!("/reset-password?token={}", secret.as_str())),
        expires: exact(expires_at),
    };
    // The mail goes to the stored address, never to the typed one.
    let Some((user_id, stored_email, first_name)) = user else { return tx.rehearse(email, &message(String::new())) };
    diesel::insert_into(password_resets::table)
        .values((
            password_resets::id.eq(PasswordResetId::new(tx.now)),
            password_resets::user_id.eq(&user_id),
            password_resets::email.eq(&stored_email),
            password_resets::token_hash.eq(secret.hash()),
            password_resets::created_at.eq(tx.now),
            password_resets::expires_at.eq(expires_at),
            password_resets::used_at.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    tx.send(&stored_email, &message(first_name))
}

/// Whose password a link may change.
#[derive(Clone, Debug)]
pub struct ResetTarget {
    pub user_id: UserId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
}

/// The account behind a link, while the link works and the account still has the address that it was sent to.
pub fn find_reset(
    connection: &mut Connection,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<ResetTarget>, DbError> {
    let row: Option<(UserId, String, String, String)> = password_resets::table
        .inner_join(users::table)
        .filter(password_resets::token_hash.eq(secret.hash()))
        .filter(password_resets::used_at.is_null())
        .filter(password_resets::expires_at.gt(now))
        .filter(password_resets::email.eq(users::email))
        .select((users::id, users::email, users::first_name, users::last_name))
        .first(connection)
        .optional()?;
    Ok(row.map(|(user_id, email, first_name, last_name)| ResetTarget { user_id, email, first_name, last_name }))
}

/// Sets a new password by a link: the link is used up, every other link and every session of the account ends, and the holder
/// is told. False when the link was used or ran out meanwhile.
pub fn reset_password(
    tx: &mut WriteTx,
    secret: &Secret,
    password_hash: &str,
    address: &str,
    links: &Links,
) -> Result<bool, DbError> {
    let now = tx.now;
    let Some(seen) = find_reset(tx.connection, secret, now)? else { return Ok(false) };
    // Two links of one account used at once wait here for each other: the second one finds its link used up.
    tx.lock_account(&seen.user_id)?;
    let Some(target) = find_reset(tx.connection, secret, now)? else { return Ok(false) };
    let claimed = diesel::update(
        password_resets::table
            .filter(password_resets::token_hash.eq(secret.hash()))
            .filter(password_resets::used_at.is_null()),
    )
    .set(password_resets::used_at.eq(Some(now)))
    .execute(tx.connection)?;
    if claimed != 1 {
        return Ok(false);
    }
    diesel::update(password_resets::table)
        .filter(password_resets::user_id.eq(&target.user_id))
        .filter(password_resets::used_at.is_null())
        .set(password_resets::used_at.eq(Some(now)))
        .execute(tx.connection)?;
    set_password_hash(tx, &target.user_id, password_hash)?;
    sessions::end_all(tx, &target.user_id)?;
    // Wrong guesses of the old password say nothing about the new one.
    tx.forget(SIGN_IN_ACCOUNT, &target.email)?;
    let name = format!("{} {}", target.first_name, target.last_name);
    let actor = Actor { id: target.user_id.clone(), name: name.clone(), role: None, address: address.to_owned() };
    tx.record(
        &actor,
        None,
        Change {
            action: Action::PasswordReset,
            subject_id: target.user_id.as_str(),
            subject_name: &name,
            before: Value::Null,
            after: Value::Null,
        },
    )?;
    let notice =
        PasswordChanged { first_name: target.first_name, at: exact(now), forgot_link: links.to("/forgot-password") };
    tx.send(&target.email, &notice)?;
    Ok(true)
}

/// Stores another hash of the same password, or of a new one.
pub fn set_password_hash(tx: &mut WriteTx, user: &UserId, hash: &str) -> Result<(), DbError> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::password_hash.eq(hash), users::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

/// Removes what has run out: sessions, links and counters.
pub fn clean_up(tx: &mut WriteTx) -> Result<usize, DbError> {
    use crate::schema::{rate_limits, user_sessions};
    let now = tx.now;
    let day_ago = now - Duration::days(1);
    let mut removed =
        diesel::delete(user_sessions::table.filter(user_sessions::expires_at.le(now))).execute(tx.connection)?;
    removed += diesel::delete(sign_ups::table.filter(sign_ups::expires_at.le(day_ago))).execute(tx.connection)?;
    removed += diesel::delete(password_resets::table.filter(password_resets::expires_at.le(day_ago)))
        .execute(tx.connection)?;
    removed += diesel::delete(rate_limits::table.filter(rate_limits::ends_at.le(now))).execute(tx.connection)?;
    Ok(removed)
}
