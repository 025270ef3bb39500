//! Sessions: signed-in browsers. The cookie carries a secret, the row behind it is read on each request, so ending a session
//! takes effect at once and everywhere.

use chrono::Duration;
use diesel::prelude::*;

use serde_json::json;

use crate::access::{Person, SignedIn};
use crate::accounts::known_browser::KnownBrowser;
use crate::accounts::pending_sign_ins;
use crate::accounts::{sign_in_notices, user_agent, users as accounts};
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx, on_either};
use crate::ids::{SessionId, UserId};
use crate::jobs::Purge;
use crate::rates::Limit;
use crate::schema::{account_deletions, user_sessions, users};
use crate::secrets::Secret;
use crate::time::{Calendar, DateFormat, Timestamp};

/// A session ends after this long, used or not.
const ABSOLUTE_LIMIT: Duration = Duration::days(30);
/// A session ends when it was not used for so long.
const IDLE_LIMIT: Duration = Duration::days(7);
/// How exact "last seen" is: finer would mean a write for every page.
const SEEN_STEP: Duration = Duration::minutes(5);
/// How much of a browser's description is kept, in characters.
const USER_AGENT_LENGTH: usize = 255;

/// A browser that somebody signs in with.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    pub ip: String,
    /// Its own description of itself.
    pub user_agent: String,
    /// The session it has already. It ends with a new one.
    pub session: Option<SessionId>,
    /// Who has signed in with it before, if anybody has.
    pub known: Option<KnownBrowser>,
}

impl Browser {
    /// A limit of this browser alone, where the holder has signed in with it before.
    pub fn own_limit(&self, holder: &UserId, limit: Limit) -> Option<(Limit, String)> {
        self.known.as_ref()?.limit_of(holder, limit)
    }

    /// Whether this holder has signed in with it before.
    fn is_known_of(&self, holder: &UserId) -> bool {
        self.known.as_ref().is_some_and(|known| known.is_of(holder))
    }
}

/// A session that has just begun.
pub struct Started {
    pub holder: UserId,
    /// The cookie of the browser is to carry it.
    pub secret: Secret,
}

#[derive(Insertable)]
#[diesel(table_name = user_sessions)]
struct Row<'a> {
    id: SessionId,
    user_id: &'a UserId,
    token_hash: String,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    authenticated_at: Timestamp,
    expires_at: Timestamp,
    ip: &'a str,
    user_agent: String,
}

/// Starts a session. Where the holder has not signed in with this browser before, they are told.
pub fn start(tx: &mut WriteTx, user: &UserId, browser: &Browser) -> Result<Started, DbError> {
    let started = begin(tx, user, browser)?;
    if !browser.is_known_of(user) {
        sign_in_notices::tell(tx, user, &browser.ip, &browser.user_agent)?;
    }
    Ok(started)
}

/// Ends every session of somebody who is signed in with this browser, and starts another one there: whoever has a copy of its cookie has
/// nothing then.
pub fn start_anew(tx: &mut WriteTx, user: &UserId, browser: &Browser) -> Result<Started, DbError> {
    end_all(tx, user)?;
    begin(tx, user, browser)
}

/// Starts another session in place of the one of somebody who has just proved who they are, as when signing in: a copy of its cookie
/// is worth nothing then. `None` where that session has ended meanwhile.
pub fn renew(tx: &mut WriteTx, signed_in: &SignedIn, browser: &Browser) -> Result<Option<Started>, DbError> {
    let user = &signed_in.person.user_id;
    accounts::lock(tx, user)?;
    if !is_live(tx.connection, &signed_in.session_id, tx.now)? {
        return Ok(None);
    }
    begin(tx, user, browser).map(Some)
}

fn begin(tx: &mut WriteTx, user: &UserId, browser: &Browser) -> Result<Started, DbError> {
    if let Some(session) = &browser.session {
        end(tx, session)?;
    }
    let secret = Secret::random();
    let row = Row {
        id: SessionId::new(tx.now),
        user_id: user,
        token_hash: secret.hash(),
        created_at: tx.now,
        last_seen_at: tx.now,
        authenticated_at: tx.now,
        expires_at: tx.now + ABSOLUTE_LIMIT,
        ip: &browser.ip,
        user_agent: browser.user_agent.chars().take(USER_AGENT_LENGTH).collect(),
    };
    diesel::insert_into(user_sessions::table).values(row).execute(tx.connection)?;
    end_beyond(tx, user, i64::from(tx.context.sessions_per_account))?;
    Ok(Started { holder: user.clone(), secret })
}

/// Ends the oldest sessions of a user beyond so many.
fn end_beyond(tx: &mut WriteTx, user: &UserId, most: i64) -> Result<(), DbError> {
    let of_user = user_sessions::table.filter(user_sessions::user_id.eq(user));
    // SQLite wants a limit where there is an offset.
    let beyond: Vec<SessionId> = of_user
        .order(user_sessions::id.desc())
        .limit(i64::from(i32::MAX))
        .offset(most)
        .select(user_sessions::id)
        .load(tx.connection)?;
    beyond.iter().try_for_each(|session| end(tx, session))
}

/// Whether a session goes on.
pub fn is_live(connection: &mut Connection, session: &SessionId, now: Timestamp) -> Result<bool, DbError> {
    let expires: Option<Timestamp> = user_sessions::table
        .filter(user_sessions::id.eq(session))
        .select(user_sessions::expires_at)
        .first(connection)
        .optional()?;
    Ok(expires.is_some_and(|expires| now < expires))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = user_sessions)]
struct Found {
    id: SessionId,
    #[diesel(select_expression = users::id)]
    user_id: UserId,
    #[diesel(select_expression = users::email)]
    email: String,
    #[diesel(select_expression = users::first_name)]
    first_name: String,
    #[diesel(select_expression = users::last_name)]
    last_name: String,
    #[diesel(select_expression = users::picture_hash)]
    picture_hash: String,
    #[diesel(select_expression = users::time_zone)]
    time_zone: String,
    #[diesel(select_expression = users::date_format)]
    date_format: DateFormat,
    #[diesel(select_expression = users::two_factor_at)]
    two_factor_at: Option<Timestamp>,
    #[diesel(select_expression = account_deletions::due_at.nullable())]
    deletion_due_at: Option<Timestamp>,
    last_seen_at: Timestamp,
    authenticated_at: Timestamp,
    expires_at: Timestamp,
}

/// Who is signed in with this secret, and whether "last seen" is due. One statement.
pub fn find(
    connection: &mut Connection,
    secret: &Secret,
    ip: String,
    now: Timestamp,
) -> Result<Option<(SignedIn, bool)>, DbError> {
    let query = user_sessions::table
        .inner_join(users::table)
        .left_join(account_deletions::table.on(account_deletions::user_id.eq(users::id)))
        .filter(user_sessions::token_hash.eq(secret.hash()))
        .filter(users::suspended_at.is_null());
    let found = on_either!(connection, |connection| query.select(Found::as_select()).first(connection).optional())?;
    let Some(found) = found.filter(|found| now < found.expires_at && now - found.last_seen_at < IDLE_LIMIT) else {
        return Ok(None);
    };
    let is_stale = now - found.last_seen_at >= SEEN_STEP;
    let calendar = Calendar::stored(&found.time_zone, found.date_format);
    let has_two_factor = found.two_factor_at.is_some();
    let Found { id, user_id, email, first_name, last_name, picture_hash, authenticated_at, deletion_due_at, .. } =
        found;
    let person = Person { user_id, email, first_name, last_name, ip };
    let signed_in =
        SignedIn { session_id: id, person, authenticated_at, has_two_factor, picture_hash, calendar, deletion_due_at };
    Ok(Some((signed_in, is_stale)))
}

/// Notes that a session was used, unless another request has just noted it.
pub fn touch(tx: &mut WriteTx, session: &SessionId) -> Result<(), DbError> {
    diesel::update(user_sessions::table.filter(user_sessions::id.eq(session)))
        .filter(user_sessions::last_seen_at.le(tx.now - SEEN_STEP))
        .set(user_sessions::last_seen_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(())
}

pub fn end(tx: &mut WriteTx, session: &SessionId) -> Result<(), DbError> {
    diesel::delete(user_sessions::table.filter(user_sessions::id.eq(session))).execute(tx.connection)?;
    Ok(())
}

/// A session as its holder sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = user_sessions)]
pub struct Listed {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub ip: String,
    pub user_agent: String,
}

/// How many are listed at the most; there are fewer, unless an installation allows very many.
const MOST_LISTED: i64 = 100;

/// The sessions of a user that go on, the one that was used last first.
pub fn of_user(connection: &mut Connection, user: &UserId, now: Timestamp) -> Result<Vec<Listed>, DbError> {
    let mut sessions: Vec<Listed> = user_sessions::table
        .filter(user_sessions::user_id.eq(user))
        .filter(user_sessions::expires_at.gt(now))
        .filter(user_sessions::last_seen_at.gt(now - IDLE_LIMIT))
        .order(user_sessions::id.desc())
        .limit(MOST_LISTED)
        .select(Listed::as_select())
        .load(connection)?;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
    Ok(sessions)
}

/// Ends a session of somebody by their own wish. False where they have no such session.
pub fn end_own(tx: &mut WriteTx, person: &Person, session: &SessionId) -> Result<bool, DbError> {
    let theirs =
        user_sessions::table.filter(user_sessions::id.eq(session)).filter(user_sessions::user_id.eq(&person.user_id));
    let user_agent = theirs.select(user_sessions::user_agent).first::<String>(tx.connection).optional()?;
    let Some(user_agent) = user_agent else { return Ok(false) };
    diesel::delete(theirs).execute(tx.connection)?;
    accounts::record(tx, person, Action::SessionEnded, json!({ "browser": user_agent::words(&user_agent) }))?;
    Ok(true)
}

/// Ends every session of a user but one, and answers how many there were.
pub fn end_others(tx: &mut WriteTx, user: &UserId, kept: &SessionId) -> Result<usize, DbError> {
    let theirs = user_sessions::table.filter(user_sessions::user_id.eq(user));
    Ok(diesel::delete(theirs.filter(user_sessions::id.ne(kept))).execute(tx.connection)?)
}

/// The same by the wish of somebody in the session that goes on.
pub fn sign_out_elsewhere(tx: &mut WriteTx, signed_in: &SignedIn) -> Result<usize, DbError> {
    let person = &signed_in.person;
    accounts::lock(tx, &person.user_id)?;
    let ended = end_others(tx, &person.user_id, &signed_in.session_id)?;
    if ended > 0 {
        accounts::record(tx, person, Action::SignedOutElsewhere, json!({ "sessions": ended }))?;
    }
    Ok(ended)
}

/// Ends every session of a user, also those that wait for their second step, and answers how many had begun.
pub fn end_all(tx: &mut WriteTx, user: &UserId) -> Result<usize, DbError> {
    pending_sign_ins::void_all(tx, user)?;
    let theirs = user_sessions::table.filter(user_sessions::user_id.eq(user));
    Ok(diesel::delete(theirs).execute(tx.connection)?)
}

/// Removes sessions that are over.
pub const PURGE: Purge =
    Purge { kind: "sessions.purge", table: "user_sessions", key: "id", moment: "expires_at", kept: Duration::zero() };
