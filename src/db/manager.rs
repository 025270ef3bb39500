//! How a connection is set up.

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::{
    Connection as _, ConnectionError, ConnectionResult, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
};

use super::{Connection, DatabaseUrl};

/// SQLite opens a file that may only be read without a word, and fails at the first change: better at the start.
const TRY_TO_WRITE: &str = "BEGIN IMMEDIATE; CREATE TABLE portico_tries_to_write (id INTEGER); ROLLBACK";

/// How long a statement waits for another process that writes.
pub(super) const SQLITE_BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 5000";

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
            SQLITE_BUSY_TIMEOUT,
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
        if matches!(self.access, Access::Write) {
            check_build(&mut connection)?;
        }
        Ok(connection)
    }
}

#[derive(QueryableByName)]
struct BuildOption {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    is_used: i32,
}

/// `.cargo/config.toml` says how SQLite is built. A build elsewhere (`cargo install`, another folder) does not read it, and would
/// be many times slower without a word.
fn check_build(connection: &mut SqliteConnection) -> ConnectionResult<()> {
    for option in ["DEFAULT_MEMSTATUS=0", "ENABLE_QPSG"] {
        let found = diesel::sql_query("SELECT sqlite_compileoption_used(?) AS is_used")
            .bind::<diesel::sql_types::Text, _>(option)
            .get_result::<BuildOption>(connection)
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        if found.is_used != 1 {
            return Err(ConnectionError::BadConnection(format!(
                "this program was built with an SQLite without {option}: build it in its own folder, or set \
                 LIBSQLITE3_FLAGS as its .cargo/config.toml does"
            )));
        }
    }
    Ok(())
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
