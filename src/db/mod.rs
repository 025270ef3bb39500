//! The database: SQLite or PostgreSQL, chosen by URL. This folder alone knows which of the two it is; everything else writes a
//! query once and hands it a [`Connection`].
//!
//! Reading and writing have connections and threads apart (`lane.rs`), so that writers who wait never keep readers waiting. SQLite
//! has one writing connection, and every write transaction is `BEGIN IMMEDIATE`: writers queue for their turn instead of failing
//! with "database is locked". On PostgreSQL contended rows are locked with [`WriteTx::lock_row`].
//!
//! No request waits longer for the database than the time limit. When it is away, whoever asks is told so at once (`circuit.rs`).

mod backup;
mod behind;
mod circuit;
mod connection;
mod error;
mod lane;
mod manager;
mod migrate;
mod postgresql;
mod probe;
mod served;
mod side;
mod size;
mod slow;
mod sqlite;
mod timestamp;
mod transaction;
mod url;
mod wake;
mod whole_sum;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use diesel::result::Error as QueryError;

pub use backup::{Restored, back_up, restore};
pub(crate) use behind::newest_first;
pub use behind::{Ascending, Behind, Descending, Order};
pub use error::{DbError, is_unique};
pub use lane::{Asked, LaneState};
pub use served::Served;
pub use side::SideState;
pub use slow::log_slow_statements;
pub use transaction::{TxContext, WriteTx};
pub use url::{DatabaseUrl, DatabaseUrlError};
pub use wake::Wake;
pub use whole_sum::{WholeSum, whole_sum};

use crate::metrics::counts::COUNTS;
use circuit::Circuit;
use manager::Manager;
use side::{Side, split};
use sqlite::{Access, OpenFile};

/// A connection to either database. Queries written against it run on both.
pub use connection::AnyConnection as Connection;
pub(crate) use connection::on_either;

/// How long a request may wait for the database in all, unless a setting says otherwise.
pub const TIME_LIMIT: Duration = Duration::from_millis(2_500);

/// Connections to one database, and the threads that use them.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    url: DatabaseUrl,
    readers: Side,
    writers: Side,
    /// For questions about the database itself, which never queue behind requests.
    checks: Side,
    circuit: Arc<Circuit>,
    file: Arc<Option<OpenFile>>,
    time_limit: Duration,
    /// Whether anything was committed since that was last asked.
    has_committed: AtomicBool,
}

impl Db {
    /// Connects, and fails with the database's own words where it cannot. `connections` is how many are kept: for reading beside
    /// the one that writes (SQLite), or for everything (PostgreSQL).
    pub fn connect(url: &DatabaseUrl, connections: u32) -> Result<Self, DbError> {
        Self::connect_within(url, connections, TIME_LIMIT)
    }

    /// The same, where requests may wait so long for the database.
    pub fn connect_within(url: &DatabaseUrl, connections: u32, time_limit: Duration) -> Result<Self, DbError> {
        let generation = Arc::new(AtomicU64::new(0));
        let manager = |access| Manager::new(url.clone(), access, Arc::clone(&generation));
        let (reads, writes) = (manager(Access::Read), manager(Access::Write));
        // A pool reports a time-out where a connection cannot be made, and hides why: ask once ourselves. The writer comes first:
        // it creates an SQLite file that readers may only open.
        writes.connect().map_err(|error| DbError::Unreachable(error.to_string()))?;
        let (reading, writing) = match url {
            DatabaseUrl::Sqlite(_) => (connections, 1),
            DatabaseUrl::Postgresql(_) => split(connections),
        };
        let writers = Side::new("db-write", &writes, writing, 1)?;
        let readers = Side::new("db-read", &reads, reading, 1)?;
        let checks = Side::new("db-check", &reads, 1, 0)?;
        let file = Arc::new(match url {
            DatabaseUrl::Sqlite(path) => Some(OpenFile::at(path)),
            DatabaseUrl::Postgresql(_) => None,
        });
        let circuit = Circuit::new(generation, Box::new(probe(reads, readers.pool.clone(), Arc::clone(&file))));
        Ok(Self(Arc::new(Inner {
            url: url.clone(),
            readers,
            writers,
            checks,
            circuit,
            file,
            time_limit,
            has_committed: AtomicBool::new(false),
        })))
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.0.url
    }

    /// Why the database cannot be used at this moment, if it cannot. Answers at once.
    pub fn check(&self) -> Result<(), DbError> {
        if let Some(file) = &*self.0.file
            && let Err(why) = file.check()
        {
            self.0.circuit.open(&why);
        }
        self.0.circuit.check()
    }

    /// Who is served at this moment, and who waits: readers, writers, and whoever asks whether all is well.
    pub fn state(&self) -> [SideState; 3] {
        [&self.0.readers, &self.0.writers, &self.0.checks].map(Side::state)
    }

    /// Runs queries that change nothing, all on one state of the database. Blocks.
    pub fn read<T, E: From<DbError>>(&self, body: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        let (mut pooled, ()) = self.begun(&self.0.readers, transaction::begin_snapshot)?;
        let outcome = body(&mut pooled.connection);
        transaction::end_snapshot(&mut pooled.connection);
        self.0.circuit.has_answered();
        outcome
    }

    /// The same for a query or two that need not agree with each other: cheaper, since there is no transaction around them. Blocks.
    pub fn look<T>(&self, body: impl FnMut(&mut Connection) -> Result<T, DbError>) -> Result<T, DbError> {
        self.look_with(&self.0.readers, body)
    }

    /// Runs one transaction: all of `body` is stored when it answers `Ok`, none of it otherwise. Blocks.
    pub fn write<T, E: From<DbError>>(
        &self,
        context: &TxContext,
        body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (mut pooled, ()) = self.begun(&self.0.writers, transaction::begin)?;
        self.run(&mut pooled, context, &Asked::default(), body)
    }

    /// Runs one transaction for somebody who may cease to wait for it: then nothing is stored. Where the database gave it up for
    /// the sake of another one (a deadlock), it is tried once more. Blocks.
    pub fn write_asked<T>(
        &self,
        context: &TxContext,
        asked: &Asked,
        mut body: impl FnMut(&mut WriteTx<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let (mut pooled, ()) = self.begun(&self.0.writers, transaction::begin)?;
        match self.run(&mut pooled, context, asked, &mut body) {
            Err(error) if error.is_worth_a_retry() => {
                tracing::info!(%error, "a transaction is tried again");
                transaction::begin(&mut pooled.connection)?;
                self.run(&mut pooled, context, asked, body)
            }
            outcome => outcome,
        }
    }

    /// Runs one transaction if that can begin at once; answers `None` where it would have to wait for another. For what is
    /// better left undone than waited for.
    pub fn write_at_once<T, E: From<DbError>>(
        &self,
        context: &TxContext,
        body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        self.check()?;
        let Some(mut pooled) = self.0.writers.pool.try_get() else { return Ok(None) };
        if !transaction::begin_at_once(&mut pooled.connection).map_err(DbError::from)? {
            return Ok(None);
        }
        self.run(&mut pooled, context, &Asked::default(), body).map(Some)
    }

    /// Brings the tables up to date. Safe to call from several processes at once.
    pub fn migrate(&self) -> Result<Vec<String>, DbError> {
        let mut pooled = self.checked_out(&self.0.writers)?;
        pooled.is_spent = true;
        migrate::run(&mut pooled.connection)
    }

    /// The names of the migrations that have not run yet.
    pub fn pending_migrations(&self) -> Result<Vec<String>, DbError> {
        self.look_apart(migrate::pending)
    }

    /// The names of the migrations that ran and that this program does not know: a newer one was here.
    pub fn unknown_migrations(&self) -> Result<Vec<String>, DbError> {
        self.look_apart(migrate::unknown)
    }

    /// Like [`Db::look`] on a connection that requests do not use. Blocks.
    pub fn look_apart<T>(&self, body: impl FnMut(&mut Connection) -> Result<T, DbError>) -> Result<T, DbError> {
        self.look_with(&self.0.checks, body)
    }

    /// A connection that has begun something. Those that the server has closed meanwhile are dropped on the way.
    fn begun<T>(
        &self,
        side: &Side,
        begin: impl Fn(&mut Connection) -> Result<T, QueryError>,
    ) -> Result<(PooledConnection<Manager>, T), DbError> {
        for _ in 0..side.pool.max_size() {
            let mut pooled = self.checked_out(side)?;
            match begin(&mut pooled.connection) {
                Ok(begun) => return Ok((pooled, begun)),
                Err(error) if !pooled.is_gone() => return Err(error.into()),
                Err(error) => tracing::info!(%error, "a connection was closed by the database"),
            }
        }
        let mut pooled = self.checked_out(side)?;
        let begun = begin(&mut pooled.connection)?;
        Ok((pooled, begun))
    }

    fn look_with<T>(
        &self,
        side: &Side,
        mut body: impl FnMut(&mut Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        for _ in 0..side.pool.max_size() {
            let mut pooled = self.checked_out(side)?;
            match body(&mut pooled.connection) {
                // Nothing was changed, so it can be done once more.
                Err(error) if pooled.is_gone() => tracing::info!(%error, "a connection was closed by the database"),
                outcome => {
                    self.0.circuit.has_answered();
                    return outcome;
                }
            }
        }
        body(&mut self.checked_out(side)?.connection)
    }

    fn checked_out(&self, side: &Side) -> Result<PooledConnection<Manager>, DbError> {
        self.check()?;
        let asked = Instant::now();
        side.pool.get().map_err(|error| {
            // Whoever came by a lane has waited there, and been counted.
            COUNTS.waited_for_connection(side.name, asked.elapsed(), false);
            let why = error.to_string();
            // Where all are in use, the database is there.
            if side.pool.state().connections < side.pool.max_size() {
                self.0.circuit.suspect(&why);
            }
            DbError::Unreachable(why)
        })
    }

    /// Runs `body` in the transaction that has begun, and ends it.
    fn run<T, E: From<DbError>>(
        &self,
        pooled: &mut PooledConnection<Manager>,
        context: &TxContext,
        asked: &Asked,
        body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let connection = &mut pooled.connection;
        // The time is read inside: on SQLite a writer may have queued for a while.
        let mut tx = WriteTx { connection, now: context.clock.now(), context, has_work: false };
        let outcome = body(&mut tx);
        let has_work = tx.has_work;
        self.0.circuit.has_answered();
        if outcome.is_err() || !asked.may_commit() {
            transaction::roll_back(&mut pooled.connection);
            pooled.is_spent = transaction::is_read_only(&mut pooled.connection);
            return outcome.and(Err(DbError::TooSlow.into()));
        }
        transaction::commit(&mut pooled.connection).map_err(DbError::from)?;
        self.0.has_committed.store(true, Ordering::Relaxed);
        if has_work {
            context.wake.ring();
        }
        outcome
    }
}

/// Asks whether the database is there: a server for a new connection, a file for being the same one still.
fn probe(
    manager: Manager,
    pool: Pool<Manager>,
    file: Arc<Option<OpenFile>>,
) -> impl Fn() -> Result<(), String> + Send + Sync {
    move || match &*file {
        Some(file) => file.check(),
        // A server may be full and serve those that it has.
        None => match manager.connect() {
            Ok(_) => Ok(()),
            Err(error) => {
                let is_there = pool.try_get().is_some_and(|mut pooled| !pooled.is_gone());
                if is_there { Ok(()) } else { Err(error.to_string()) }
            }
        },
    }
}
