//! The database: SQLite or PostgreSQL, chosen by URL. This module alone knows which of the two it is; everything else writes a
//! query once and hands it a [`Connection`].
//!
//! SQLite has one writing connection, and every write transaction is `BEGIN IMMEDIATE`: writers queue in the pool instead of
//! failing with "database is locked". PostgreSQL serves reads and writes from one pool, and contended rows are locked with
//! [`WriteTx::lock_organization`] and its like.

mod connection;
mod manager;
mod migrate;
mod types;

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error as QueryError};

use crate::clock::Clock;
use crate::ids::{OrganizationId, UserId};
use crate::mail::Outbox;
use manager::{Access, Manager};
pub use manager::{DatabaseUrl, DatabaseUrlError};
pub use types::Timestamp;
pub(crate) use types::stored_as_text;

/// A connection to either database. Queries written against it run on both.
pub use connection::AnyConnection as Connection;

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection became free in time, or none could be made.
    #[error("no database connection: {0}")]
    Unreachable(String),
    #[error(transparent)]
    Query(#[from] QueryError),
    /// What the code rules out was read or stored all the same.
    #[error("unexpected: {0}")]
    Unexpected(String),
    #[error("migrations: {0}")]
    Migration(String),
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
}

impl DbError {
    /// Whether trying again later may help: the pool was empty, or the server went away.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Query(QueryError::DatabaseError(kind, info)) => {
                matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand)
                    || info.message().contains("database is locked")
                    || info.message().contains("server closed the connection")
                    || info.message().contains("terminating connection")
            }
            Self::Query(QueryError::BrokenTransactionManager) => true,
            _ => false,
        }
    }
}

/// How long a request waits for a free connection before it is answered with 503.
const CONNECTION_WAIT: Duration = Duration::from_secs(2);

/// The pools of connections to one database.
#[derive(Clone)]
pub struct Db {
    readers: Pool<Manager>,
    writer: Pool<Manager>,
    url: Arc<DatabaseUrl>,
}

impl Db {
    /// Connects, and fails with the database's own words where it cannot. `readers` is the number of connections kept for reading
    /// (SQLite) or for everything (PostgreSQL).
    pub fn connect(url: &DatabaseUrl, readers: u32) -> Result<Self, DbError> {
        let pool = |access, size: u32| {
            let manager = Manager::new(url.clone(), access);
            // A pool reports a time-out where a connection cannot be made, and hides why: ask once ourselves.
            diesel::r2d2::ManageConnection::connect(&manager)
                .map_err(|error| DbError::Unreachable(error.to_string()))?;
            Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .idle_timeout(None)
                .max_lifetime(None)
                .connection_timeout(CONNECTION_WAIT)
                .test_on_check_out(matches!(url, DatabaseUrl::Postgresql(_)))
                .error_handler(Box::new(manager::LogErrors))
                .build(manager)
                .map_err(|error| DbError::Unreachable(error.to_string()))
        };
        // The writer comes first: it creates an SQLite file that readers may only open.
        let (readers, writer) = match url {
            DatabaseUrl::Sqlite(_) => {
                let writer = pool(Access::Write, 1)?;
                (pool(Access::Read, readers)?, writer)
            }
            DatabaseUrl::Postgresql(_) => {
                let both = pool(Access::Write, readers)?;
                (both.clone(), both)
            }
        };
        Ok(Self { readers, writer, url: Arc::new(url.clone()) })
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs queries that change nothing. Blocks: call it on a blocking thread.
    pub fn read<T, E: From<DbError>>(&self, body: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        body(&mut *checked_out(&self.readers)?)
    }

    /// Runs one transaction: all of `body` is stored when it answers `Ok`, none of it otherwise. Blocks.
    pub fn write<T, E: From<DbError>>(
        &self,
        clock: &Clock,
        outbox: &Outbox,
        body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = checked_out(&self.writer)?;
        begin(&mut connection).map_err(DbError::from)?;
        // The time is read inside: on SQLite a writer may have queued for a while.
        let mut tx = WriteTx { connection: &mut connection, now: clock.now(), outbox, has_mail: false };
        let outcome = body(&mut tx);
        let has_mail = tx.has_mail;
        match outcome {
            Ok(value) => {
                Transactions::commit_transaction(&mut *connection).map_err(DbError::from)?;
                if has_mail {
                    outbox.wake();
                }
                Ok(value)
            }
            Err(error) => {
                if let Err(rollback) = Transactions::rollback_transaction(&mut *connection) {
                    tracing::warn!(%rollback, "a transaction could not be rolled back");
                }
                Err(error)
            }
        }
    }

    /// Brings the tables up to date. Safe to call from several processes at once.
    pub fn migrate(&self) -> Result<Vec<String>, DbError> {
        migrate::run(&mut *checked_out(&self.writer)?)
    }

    /// The names of the migrations that have not run yet.
    pub fn pending_migrations(&self) -> Result<Vec<String>, DbError> {
        migrate::pending(&mut *checked_out(&self.readers)?)
    }
}

/// The transaction manager of the enum, which knows the savepoints of either side.
type Transactions = <Connection as diesel::Connection>::TransactionManager;

fn checked_out(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>, DbError> {
    pool.get().map_err(|error| DbError::Unreachable(error.to_string()))
}

fn begin(connection: &mut Connection) -> Result<(), QueryError> {
    match connection {
        // A deferred transaction that reads and then writes fails at once when another writes: take the write lock now.
        Connection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        Connection::Postgresql(postgresql) => AnsiTransactionManager::begin_transaction_sql(postgresql, "BEGIN"),
    }
}

/// A transaction that may write. Verbs that change anything take one, so that a change cannot be made outside a transaction,
/// nor a mail or an activity row be forgotten behind one.
pub struct WriteTx<'a> {
    pub connection: &'a mut Connection,
    /// The moment the transaction began.
    pub now: Timestamp,
    pub(crate) outbox: &'a Outbox,
    pub(crate) has_mail: bool,
}

impl WriteTx<'_> {
    /// Locks an Organization until the transaction ends. Lock order everywhere: Organization first, then invitation.
    /// On SQLite the transaction already excludes every other writer.
    pub fn lock_organization(&mut self, organization: &OrganizationId) -> Result<(), QueryError> {
        use crate::schema::organizations::dsl;
        match self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgresql(postgresql) => dsl::organizations
                .filter(dsl::id.eq(organization))
                .select(dsl::id)
                .for_no_key_update()
                .first::<String>(postgresql)
                .map(drop),
        }
    }

    /// Locks an account until the transaction ends: its password, sessions and links change one transaction at a time. Taken
    /// before counters.
    pub fn lock_account(&mut self, user: &UserId) -> Result<(), QueryError> {
        use crate::schema::users::dsl;
        match self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgresql(postgresql) => dsl::users
                .filter(dsl::id.eq(user))
                .select(dsl::id)
                .for_no_key_update()
                .first::<String>(postgresql)
                .map(drop),
        }
    }

    /// Locks one row of a mutable counter by name, until the transaction ends.
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

    /// Runs `body` in a savepoint, so that a failed statement inside (a unique violation) leaves the transaction usable.
    pub fn savepoint<T>(
        &mut self,
        body: impl FnOnce(&mut Connection) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        diesel::Connection::transaction(self.connection, body)
    }
}

/// Whether `error` says that the value of `column` in `table` exists already. PostgreSQL names the constraint (which in this
/// project begins with the table), SQLite the columns.
pub fn is_unique(error: &QueryError, table: &str, column: &str) -> bool {
    let QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = error else {
        return false;
    };
    match info.constraint_name() {
        Some(constraint) => constraint.starts_with(table) && constraint.contains(column),
        None => info.message().contains(&format!("{table}.{column}")),
    }
}
