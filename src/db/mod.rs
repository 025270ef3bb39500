//! The database: SQLite or PostgreSQL, chosen by URL. This folder alone knows which of the two it is; everything else writes a
//! query once and hands it a [`Connection`].
//!
//! SQLite has one writing connection, and every write transaction is `BEGIN IMMEDIATE`: writers queue in the pool instead of
//! failing with "database is locked". PostgreSQL serves reads and writes from one pool, and contended rows are locked with
//! [`WriteTx::lock_row`].

mod connection;
mod error;
mod manager;
mod migrate;
mod probe;
mod size;
mod slow;
mod transaction;
mod url;
mod wake;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::r2d2::{Pool, PooledConnection};

pub use error::{DbError, is_unique};
pub use slow::log_slow_statements;
pub use transaction::{TxContext, WriteTx};
pub use url::{DatabaseUrl, DatabaseUrlError};
pub use wake::Wake;

use crate::metrics::counts::COUNTS;
use manager::{Access, Manager};

/// A connection to either database. Queries written against it run on both.
pub use connection::AnyConnection as Connection;

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

    /// The pools: name, connections that are open, that are idle, and that there may be.
    pub fn pools(&self) -> Vec<(&'static str, u32, u32, u32)> {
        let state = |name, pool: &Pool<Manager>| {
            let state = pool.state();
            (name, state.connections, state.idle_connections, pool.max_size())
        };
        match &*self.url {
            DatabaseUrl::Sqlite(_) => vec![state("read", &self.readers), state("write", &self.writer)],
            DatabaseUrl::Postgresql(_) => vec![state("all", &self.readers)],
        }
    }

    /// Runs queries that change nothing. Blocks: call it on a blocking thread.
    pub fn read<T, E: From<DbError>>(&self, body: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        body(&mut *checked_out(&self.readers, "read")?)
    }

    /// Runs one transaction: all of `body` is stored when it answers `Ok`, none of it otherwise. Blocks.
    pub fn write<T, E: From<DbError>>(
        &self,
        context: &TxContext,
        body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = checked_out(&self.writer, "write")?;
        transaction::begin(&mut connection).map_err(DbError::from)?;
        run(&mut connection, context, body)
    }

    /// Runs one transaction if that can begin at once; answers `None` where it would have to wait for another. For what is
    /// better left undone than waited for.
    pub fn write_at_once<T, E: From<DbError>>(
        &self,
        context: &TxContext,
        body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let Some(mut connection) = self.writer.try_get() else { return Ok(None) };
        if !transaction::begin_at_once(&mut connection).map_err(DbError::from)? {
            return Ok(None);
        }
        run(&mut connection, context, body).map(Some)
    }

    /// Brings the tables up to date. Safe to call from several processes at once.
    pub fn migrate(&self) -> Result<Vec<String>, DbError> {
        migrate::run(&mut *checked_out(&self.writer, "write")?)
    }

    /// The names of the migrations that have not run yet.
    pub fn pending_migrations(&self) -> Result<Vec<String>, DbError> {
        migrate::pending(&mut *checked_out(&self.readers, "read")?)
    }
}

fn checked_out(pool: &Pool<Manager>, name: &'static str) -> Result<PooledConnection<Manager>, DbError> {
    let asked = Instant::now();
    let connection = pool.get();
    COUNTS.waited_for_connection(name, asked.elapsed(), connection.is_ok());
    connection.map_err(|error| DbError::Unreachable(error.to_string()))
}

/// Runs `body` in the transaction that has begun, and ends it.
fn run<T, E: From<DbError>>(
    connection: &mut Connection,
    context: &TxContext,
    body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    // The time is read inside: on SQLite a writer may have queued for a while.
    let mut tx = WriteTx { connection, now: context.clock.now(), context, has_work: false };
    let outcome = body(&mut tx);
    let has_work = tx.has_work;
    if outcome.is_err() {
        transaction::roll_back(connection);
        return outcome;
    }
    transaction::commit(connection).map_err(DbError::from)?;
    if has_work {
        context.wake.ring();
    }
    outcome
}
