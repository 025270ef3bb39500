//! Why the database did not answer.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::DatabaseUrlError;

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection became free in time, or none could be made.
    #[error("no database connection: {0}")]
    Unreachable(String),
    /// It took longer than a request may wait. Nothing was changed.
    #[error("the database did not answer in time")]
    TooSlow,
    /// The same in the middle of a commit: it may have been stored.
    #[error("the database did not say in time whether the change is stored")]
    Uncertain,
    #[error("another process serves this file already; SQLite has one, PostgreSQL may have many")]
    ServedAlready,
    #[error("{0}")]
    File(String),
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

/// What databases say when they cannot just now. Diesel keeps PostgreSQL's codes to itself, so these are its words in English, which
/// `postgresql.rs` asks it for.
const FOR_NOW: [&str; 16] = [
    // SQLite
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "attempt to write a readonly database",
    "disk I/O error",
    "unable to open database file",
    // PostgreSQL
    "server closed the connection",
    "terminating connection",
    "canceling statement due to",
    "deadlock detected",
    "too many connections",
    "too many clients",
    "remaining connection slots",
    "the database system is",
    "No space left on device",
    "out of shared memory",
];

impl DbError {
    /// Whether trying again later may help: everything was in use, or the database is away, locked, full or only to be read.
    pub fn is_temporary(&self) -> bool {
        use DatabaseErrorKind::{ClosedConnection, ReadOnlyTransaction, SerializationFailure, UnableToSendCommand};
        match self {
            Self::Unreachable(_) | Self::TooSlow | Self::Uncertain => true,
            Self::Query(QueryError::DatabaseError(kind, info)) => {
                matches!(kind, ClosedConnection | UnableToSendCommand | SerializationFailure | ReadOnlyTransaction)
                    || FOR_NOW.iter().any(|words| info.message().contains(words))
            }
            Self::Query(QueryError::BrokenTransactionManager) => true,
            _ => false,
        }
    }

    /// Whether the database gave a transaction up for the sake of another, so that it will do the next time.
    pub(super) fn is_worth_a_retry(&self) -> bool {
        let Self::Query(QueryError::DatabaseError(kind, info)) = self else { return false };
        matches!(kind, DatabaseErrorKind::SerializationFailure) || info.message().contains("deadlock detected")
    }
}

/// Whether `error` says that a row like this exists already. PostgreSQL names the `index`, SQLite its columns: `column`, such as
/// `users.email`, is one of them.
pub fn is_unique(error: &QueryError, index: &str, column: &str) -> bool {
    let QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = error else {
        return false;
    };
    match info.constraint_name() {
        Some(constraint) => constraint == index,
        None => info.message().split([' ', ',']).any(|word| word == column),
    }
}
