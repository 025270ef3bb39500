//! Transactions that may write.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::{Connection, Wake};
use crate::links::Links;
use crate::rates::Limits;
use crate::secrets::Sealer;
use crate::time::{Clock, Timestamp};

/// What every transaction has at hand besides its connection, so that no verb is handed an address or a key.
#[derive(Clone, Debug)]
pub struct TxContext {
    pub clock: Clock,
    pub links: Links,
    pub sealer: Sealer,
    pub limits: Limits,
    /// How many sessions an account has at most.
    pub sessions_per_account: u32,
    /// Rung when work for the background was stored.
    pub wake: Wake,
}

/// A transaction that may write. Verbs that change anything take one, so that a change cannot be made outside a transaction,
/// nor a mail or an activity row be forgotten behind one.
pub struct WriteTx<'a> {
    pub connection: &'a mut Connection,
    /// The moment the transaction began.
    pub now: Timestamp,
    pub context: &'a TxContext,
    pub(super) has_work: bool,
}

/// The transaction manager of the enum, which knows the savepoints of either side.
pub(super) type Transactions = <Connection as diesel::Connection>::TransactionManager;

pub(super) fn begin(connection: &mut Connection) -> Result<(), QueryError> {
    match connection {
        // A deferred transaction that reads and then writes fails at once when another writes: take the write lock now.
        Connection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        Connection::Postgresql(postgresql) => AnsiTransactionManager::begin_transaction_sql(postgresql, "BEGIN"),
    }
}

/// The same, but only where no lock must be waited for. False where one must.
pub(super) fn begin_at_once(connection: &mut Connection) -> Result<bool, QueryError> {
    match connection {
        Connection::Sqlite(sqlite) => {
            sqlite.batch_execute("PRAGMA busy_timeout = 0")?;
            let begun = AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE");
            sqlite.batch_execute(super::sqlite::BUSY_TIMEOUT)?;
            match begun {
                Err(QueryError::DatabaseError(_, info)) if info.message().contains("database is locked") => Ok(false),
                other => other.map(|()| true),
            }
        }
        Connection::Postgresql(postgresql) => {
            AnsiTransactionManager::begin_transaction_sql(postgresql, "BEGIN")?;
            postgresql.batch_execute("SET LOCAL lock_timeout = '100ms'").map(|()| true)
        }
    }
}

/// Begins a transaction that only reads, and in which everything is read as of one moment.
pub(super) fn begin_snapshot(connection: &mut Connection) -> Result<(), QueryError> {
    match connection {
        Connection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN"),
        Connection::Postgresql(postgresql) => {
            AnsiTransactionManager::begin_transaction_sql(postgresql, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    }
}

/// Ends it. Nothing was changed, so there is nothing to lose; a connection that cannot end it is not used again.
pub(super) fn end_snapshot(connection: &mut Connection) {
    if let Err(error) = Transactions::rollback_transaction(connection) {
        tracing::debug!(%error, "a snapshot could not be ended");
    }
}

/// Whether a server has begun to refuse changes, as one does that another takes over from.
pub(super) fn is_read_only(connection: &mut Connection) -> bool {
    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        is_read_only: bool,
    }
    match connection {
        Connection::Sqlite(_) => false,
        Connection::Postgresql(postgresql) => {
            diesel::sql_query("SELECT current_setting('transaction_read_only')::boolean AS is_read_only")
                .get_result::<Setting>(postgresql)
                .is_ok_and(|setting| setting.is_read_only)
        }
    }
}

pub(super) fn commit(connection: &mut Connection) -> Result<(), QueryError> {
    Transactions::commit_transaction(connection)
}

pub(super) fn roll_back(connection: &mut Connection) {
    if let Err(error) = Transactions::rollback_transaction(connection) {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}

impl WriteTx<'_> {
    /// Locks the row of a table with this id until the transaction ends. Locks are taken in one order everywhere: the account,
    /// then the Organization, then what belongs to it, then names. On SQLite the transaction excludes every other writer
    /// already. Where there is no such row, nothing is locked.
    pub fn lock_row(&mut self, table: &'static str, id: &str) -> Result<(), QueryError> {
        self.lock_row_by(table, "id", id)
    }

    /// The same for a table whose rows are known by another column.
    pub fn lock_row_by(&mut self, table: &'static str, key: &'static str, value: &str) -> Result<(), QueryError> {
        match self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgresql(postgresql) => {
                diesel::sql_query(format!("SELECT 1 FROM {table} WHERE {key} = $1 FOR NO KEY UPDATE"))
                    .bind::<diesel::sql_types::Text, _>(value)
                    .execute(postgresql)
                    .map(drop)
            }
        }
    }

    /// Locks something that has no row to lock, by its name, until the transaction ends.
    pub fn lock_name(&mut self, name: &str) -> Result<(), QueryError> {
        match self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgresql(postgresql) => {
                diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                    .bind::<diesel::sql_types::Text, _>(name)
                    .execute(postgresql)
                    .map(drop)
            }
        }
    }

    /// Deletes up to `most` rows of a table whose `moment` is not after `until`, and answers how many. The names are written in
    /// the program.
    pub fn delete_until(
        &mut self,
        table: &'static str,
        key: &'static str,
        moment: &'static str,
        until: Timestamp,
        most: usize,
    ) -> Result<usize, QueryError> {
        // Diesel cannot select from the table that it deletes from. Both databases know $1.
        let delete =
            format!("DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {moment} <= $1 LIMIT {most})");
        let delete = diesel::sql_query(delete).bind::<diesel::sql_types::Timestamp, _>(until);
        match self.connection {
            Connection::Sqlite(sqlite) => delete.execute(sqlite),
            Connection::Postgresql(postgresql) => delete.execute(postgresql),
        }
    }

    /// Deletes the rows of up to `most` values of `key` that a table has of an Organization, and answers how many rows. The names
    /// are written in the program.
    pub fn delete_of(
        &mut self,
        table: &'static str,
        key: &'static str,
        organization: &str,
        most: usize,
    ) -> Result<usize, QueryError> {
        let delete = format!(
            "DELETE FROM {table} WHERE organization_id = $1 AND {key} IN \
             (SELECT {key} FROM {table} WHERE organization_id = $1 LIMIT {most})"
        );
        let delete = diesel::sql_query(delete).bind::<diesel::sql_types::Text, _>(organization);
        match self.connection {
            Connection::Sqlite(sqlite) => delete.execute(sqlite),
            Connection::Postgresql(postgresql) => delete.execute(postgresql),
        }
    }

    /// Runs `body` in a savepoint, so that a failed statement inside (a unique violation) leaves the transaction usable.
    pub fn savepoint<T>(
        &mut self,
        body: impl FnOnce(&mut Connection) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        diesel::Connection::transaction(self.connection, body)
    }

    /// Rings for those who work in the background, once this transaction is committed.
    pub fn wake(&mut self) {
        self.has_work = true;
    }
}
