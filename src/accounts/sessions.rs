//! Sessions: signed-in browsers. The cookie carries a secret, the row behind it is read on each request, so ending a session
//! takes effect at once and everywhere.

use actix_identity::Identity;
use actix_web::{HttpMessage, HttpRequest};
use chrono::Duration;
use diesel::prelude::*;

use crate::access::SignedIn;
use crate::db::{Connection, DbError, Timestamp, WriteTx};
use crate::ids::{SessionId, UserId};
use crate::schema::{user_sessions, users};
use crate::secrets::Secret;
use crate::web::AppError;

/// A session ends after this long, used or not.
const ABSOLUTE_LIMIT: Duration = Duration::days(30);
/// A session ends when it was not used for so long.
const IDLE_LIMIT: Duration = Duration::days(7);
/// How exact "last seen" is: finer would mean a write for every page.
const SEEN_STEP: Duration = Duration::minutes(5);
/// How much of a browser's description is kept, in characters.
const USER_AGENT_LENGTH: usize = 255;

/// Starts a session and answers its secret, for [`remember`].
pub fn start(tx: &mut WriteTx, user: &UserId, address: &str, user_agent: &str) -> Result<Secret, DbError> {
    let secret = Secret::random();
    let user_agent: String = user_agent.chars().take(USER_AGENT_LENGTH).collect();
    diesel::insert_into(user_sessions::table)
        .values((
            user_sessions::id.eq(SessionId::new(tx.now)),
            user_sessions::user_id.eq(user),
            user_sessions::token_hash.eq(secret.hash()),
            user_sessions::created_at.eq(tx.now),
            user_sessions::last_seen_at.eq(tx.now),
            user_sessions::authenticated_at.eq(tx.now),
            user_sessions::expires_at.eq(tx.now + ABSOLUTE_LIMIT),
            user_sessions::address.eq(address),
            user_sessions::user_agent.eq(user_agent),
        ))
        .execute(tx.connection)?;
    Ok(secret)
}

/// Puts the secret of a session into the cookie. The cookie's content is renewed, whatever it was before.
pub fn remember(request: &HttpRequest, secret: &Secret) -> Result<(), AppError> {
    Identity::login(&request.extensions(), secret.as_str().to_owned())
        .map(drop)
        .map_err(|error| AppError::Internal(format!("the session cookie cannot be set: {error}")))
}

/// The browser's own description of itself.
pub fn user_agent(request: &HttpRequest) -> String {
    let value = request.headers().get(actix_web::http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// Who is signed in with this secret, and whether "last seen" is due. One statement.
pub fn find(
    connection: &mut Connection,
    secret: &Secret,
    address: String,
    now: Timestamp,
) -> Result<Option<(SignedIn, bool)>, DbError> {
    type Row = (SessionId, UserId, String, String, String, Timestamp, Timestamp);
    let row: Option<Row> = user_sessions::table
        .inner_join(users::table)
        .filter(user_sessions::token_hash.eq(secret.hash()))
        .select((
            user_sessions::id,
            users::id,
            users::email,
            users::first_name,
            users::last_name,
            user_sessions::last_seen_at,
            user_sessions::expires_at,
        ))
        .first(connection)
        .optional()?;
    let Some((session_id, user_id, email, first_name, last_name, last_seen_at, expires_at)) = row else {
        return Ok(None);
    };
    if now >= expires_at || now - last_seen_at >= IDLE_LIMIT {
        return Ok(None);
    }
    let is_stale = now - last_seen_at >= SEEN_STEP;
    Ok(Some((SignedIn { user_id, session_id, email, first_name, last_name, address }, is_stale)))
}

/// Notes that a session was used.
pub fn touch(tx: &mut WriteTx, session: &SessionId) -> Result<(), DbError> {
    diesel::update(user_sessions::table.filter(user_sessions::id.eq(session)))
        .set(user_sessions::last_seen_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(())
}

/// Ends the session of a secret.
pub fn end(tx: &mut WriteTx, session: &SessionId) -> Result<(), DbError> {
    diesel::delete(user_sessions::table.filter(user_sessions::id.eq(session))).execute(tx.connection)?;
    Ok(())
}

/// Ends every session of a user.
pub fn end_all(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    diesel::delete(user_sessions::table.filter(user_sessions::user_id.eq(user))).execute(tx.connection)?;
    Ok(())
}
