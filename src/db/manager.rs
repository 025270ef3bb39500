//! Which database a URL means, and how a connection to it is set up.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::{Connection as _, ConnectionError, ConnectionResult, PgConnection, SqliteConnection};

use super::Connection;

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, created when it does not exist. Its folder must exist.
    Sqlite(PathBuf),
    /// A whole `postgres://` URL.
    Postgresql(String),
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DatabaseUrlError {
    #[error("the database URL must begin with sqlite:// or postgres://")]
    Scheme,
    #[error("the database URL names no file after sqlite://")]
    NoFile,
    #[error("the folder {0} does not exist, so no SQLite database can be created in it")]
    NoFolder(PathBuf),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            // SQLite itself would take the latter two for a database in memory and for a URL with options of its own.
            if path.is_empty() || path.ends_with('/') || path == ":memory:" || path.starts_with("file:") {
                return Err(DatabaseUrlError::NoFile);
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgresql(url.to_owned()))
        } else {
            Err(DatabaseUrlError::Scheme)
        }
    }
}

impl DatabaseUrl {
    /// Refuses a file whose folder is missing, which is what a mistyped path looks like.
    pub fn check(&self) -> Result<(), DatabaseUrlError> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                Err(DatabaseUrlError::NoFolder(folder.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Display for DatabaseUrl {
    /// The URL without its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgresql(text) => match url::Url::parse(text) {
                Ok(mut url) => {
                    if url.password().is_some() {
                        let _ = url.set_password(Some("***"));
                    }
                    // Where there are parameters, passwords may be among them.
                    if url.query().is_some() {
                        url.set_query(Some("***"));
                    }
                    write!(f, "{url}")
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

/// SQLite opens a file that may only be read without a word, and fails at the first change: better at the start.
const TRY_TO_WRITE: &str = "BEGIN IMMEDIATE; CREATE TABLE portico_tries_to_write (id INTEGER); ROLLBACK";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// No request waits longer than this for a statement or a lock.
pub(super) const POSTGRESQL_TIME_LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'";

/// Makes connections for a pool.
pub(super) struct Manager {
    url: DatabaseUrl,
    access: Access,
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl, access: Access) -> Self {
        Self { url, access }
    }

    fn sqlite(&self, path: &std::path::Path) -> ConnectionResult<SqliteConnection> {
        let mut connection = SqliteConnection::establish(&path.to_string_lossy())
            .map_err(|error| ConnectionError::BadConnection(format!("{}: {error}", path.display())))?;
        // The time to wait comes first: changing the journal mode may already have to wait.
        let mut statements = vec![
            "PRAGMA busy_timeout = 5000",
            "PRAGMA journal_mode = WAL",
            "PRAGMA foreign_keys = ON",
            "PRAGMA temp_store = MEMORY",
            "PRAGMA cache_size = -4000",
        ];
        match self.access {
            // An answered write survives the loss of power, not only of the process.
            Access::Write => statements.extend(["PRAGMA synchronous = FULL", TRY_TO_WRITE]),
            Access::Read => statements.push("PRAGMA query_only = ON"),
        }
        for statement in statements {
            connection
                .batch_execute(statement)
                .map_err(|error| ConnectionError::BadConnection(format!("{}: {error}", path.display())))?;
        }
        Ok(connection)
    }
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Connection, Self::Error> {
        let made = match &self.url {
            DatabaseUrl::Sqlite(path) => self.sqlite(path).map(Connection::Sqlite),
            DatabaseUrl::Postgresql(url) => PgConnection::establish(url).and_then(|mut connection| {
                connection
                    .batch_execute("SET TIME ZONE 'UTC'")
                    .and_then(|()| connection.batch_execute(POSTGRESQL_TIME_LIMITS))
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Connection::Postgresql(connection))
            }),
        };
        made.map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), Self::Error> {
        connection.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

#[derive(Debug)]
pub(super) struct LogErrors;

impl<E: std::error::Error> diesel::r2d2::HandleError<E> for LogErrors {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "no database connection");
    }
}
