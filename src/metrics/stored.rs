//! What only the database knows. Each is a count or the end of an index, never the rows themselves.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::db::{Connection, Db, DbError};
use crate::schema::{outbox, user_sessions};
use crate::time::Timestamp;

/// What is gauged in the database.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub bytes: i64,
    pub sessions: i64,
    pub outbox: Outbox,
}

#[derive(Clone, Debug)]
pub(super) struct Outbox {
    pub waiting: i64,
    pub due: i64,
    /// How long the mail that is due longest is due already.
    pub oldest_due_seconds: f64,
}

pub(super) fn read(db: &Db, now: Timestamp) -> Result<Stored, DbError> {
    let bytes = db.size_in_bytes()?;
    db.read(|connection| {
        let live = user_sessions::table.filter(user_sessions::expires_at.gt(now));
        let sessions = live.select(count_star()).first(connection)?;
        Ok(Stored { bytes, sessions, outbox: outbox(connection, now)? })
    })
}

fn outbox(connection: &mut Connection, now: Timestamp) -> Result<Outbox, DbError> {
    let waiting = outbox::table.filter(outbox::due_at.is_not_null()).select(count_star()).first(connection)?;
    let due = outbox::table.filter(outbox::due_at.le(now)).select(count_star()).first(connection)?;
    let oldest: Option<Timestamp> =
        outbox::table.filter(outbox::due_at.le(now)).select(min(outbox::due_at)).first(connection)?;
    Ok(Outbox { waiting, due, oldest_due_seconds: oldest.map_or(0.0, |since| seconds(since, now)) })
}

fn seconds(earlier: Timestamp, later: Timestamp) -> f64 {
    (later - earlier).num_milliseconds().max(0) as f64 / 1_000.0
}
