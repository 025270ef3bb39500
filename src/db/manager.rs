//! How the pools make connections, and which they keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::r2d2::{ManageConnection, R2D2Connection};

use super::sqlite::{self, Access};
use super::{Connection, DatabaseUrl, postgresql};

/// Makes connections for a pool.
#[derive(Clone)]
pub(super) struct Manager {
    url: DatabaseUrl,
    access: Access,
    /// Connections of an earlier generation are not trusted: see `circuit.rs`.
    generation: Arc<AtomicU64>,
}

/// A connection in a pool.
pub(super) struct Pooled {
    pub(super) connection: Connection,
    generation: u64,
    /// Not to be used again.
    pub(super) is_spent: bool,
}

impl Pooled {
    /// Whether the other side is gone. Then the connection is not used again.
    pub(super) fn is_gone(&mut self) -> bool {
        self.is_spent = self.is_spent || self.connection.ping().is_err();
        self.is_spent
    }
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl, access: Access, generation: Arc<AtomicU64>) -> Self {
        Self { url, access, generation }
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn is_old(&self, pooled: &Pooled) -> bool {
        pooled.is_spent || pooled.generation != self.generation()
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ManagerError {
    #[error(transparent)]
    Connection(#[from] diesel::ConnectionError),
    #[error("the connection is from before the database was away")]
    Old,
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = ManagerError;

    fn connect(&self) -> Result<Pooled, ManagerError> {
        let generation = self.generation();
        let connection = match &self.url {
            DatabaseUrl::Sqlite(path) => Connection::Sqlite(sqlite::connect(path, self.access)?),
            DatabaseUrl::Postgresql(url) => Connection::Postgresql(postgresql::connect(url)?),
        };
        Ok(Pooled { connection, generation, is_spent: false })
    }

    /// Does not ask the server: who takes the connection finds out soon enough (see `Db::begun`), and a question costs a round trip.
    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), ManagerError> {
        if self.is_old(pooled) { Err(ManagerError::Old) } else { Ok(()) }
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        std::thread::panicking() || self.is_old(pooled) || pooled.connection.is_broken()
    }
}

#[derive(Debug)]
pub(super) struct LogErrors;

impl<E: std::error::Error> diesel::r2d2::HandleError<E> for LogErrors {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "no database connection");
    }
}
