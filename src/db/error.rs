//! Why the database did not answer.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::DatabaseUrlError;

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
