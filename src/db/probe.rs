//! Whether the database can be written to.

use std::path::Path;
use std::sync::atomic::Ordering;

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use diesel::{QueryableByName, RunQueryDsl};

use super::{Connection, DatabaseUrl, Db, DbError, transaction};

/// An SQLite file whose disk has less room than this, in bytes, cannot be written to for much longer.
#[cfg(unix)]
const LEAST_ROOM: u64 = 1_024 * 1_024;

#[derive(QueryableByName)]
struct ReadOnly {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_read_only: bool,
}

fn refused(reason: &str) -> DbError {
    QueryError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, Box::new(reason.to_owned())).into()
}

impl Db {
    /// Tries whether the database can be written to; false where others are writing and would have to be waited for, and none of
    /// them has ended since it was last asked.
    pub fn try_to_write(&self) -> Result<bool, DbError> {
        self.check()?;
        // Asked first: those who are writing may all be refused.
        match self.url() {
            DatabaseUrl::Sqlite(path) => has_room(path)?,
            DatabaseUrl::Postgresql(_) => self.look_apart(lets_itself_be_written_to)?,
        }
        let is_written = match self.url() {
            _ if self.0.writers.lane.is_busy() => false,
            DatabaseUrl::Sqlite(_) => self.write_a_page()?,
            DatabaseUrl::Postgresql(_) => true,
        };
        Ok(self.0.has_committed.swap(false, Ordering::Relaxed) || is_written)
    }

    /// Writes a page of an SQLite file as it is.
    fn write_a_page(&self) -> Result<bool, DbError> {
        let Some(mut pooled) = self.0.writers.pool.try_get() else { return Ok(false) };
        let connection = &mut pooled.connection;
        if !transaction::begin_at_once(connection)? {
            return Ok(false);
        }
        let outcome = connection.batch_execute("PRAGMA user_version = 0");
        if let Err(error) = outcome.and_then(|()| transaction::commit(connection)) {
            transaction::roll_back(connection);
            return Err(error.into());
        }
        Ok(true)
    }
}

/// A page may still be written to a disk that has no room for the next change.
#[cfg(unix)]
fn has_room(path: &Path) -> Result<(), DbError> {
    match rustix::fs::statvfs(path) {
        Ok(disk) if disk.f_bavail * disk.f_frsize < LEAST_ROOM => Err(refused("the disk is full")),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn has_room(_: &Path) -> Result<(), DbError> {
    Ok(())
}

fn lets_itself_be_written_to(connection: &mut Connection) -> Result<(), DbError> {
    let Connection::Postgresql(postgresql) = connection else { return Ok(()) };
    let asked = "SELECT current_setting('default_transaction_read_only') = 'on' OR pg_is_in_recovery() AS is_read_only";
    let answer: ReadOnly = diesel::sql_query(asked).get_result(postgresql)?;
    if answer.is_read_only { Err(refused("it is read-only")) } else { Ok(()) }
}
