//! Connections to an SQLite file, and the file itself.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, ConnectionError, ConnectionResult, QueryableByName, RunQueryDsl, SqliteConnection};

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// SQLite opens a file that may only be read without a word, and fails at the first change: better at the start.
const TRY_TO_WRITE: &str = "BEGIN IMMEDIATE; CREATE TABLE portico_tries_to_write (id INTEGER); ROLLBACK";
/// How long setting up a connection waits for another process: changing the journal mode may already have to.
const WAIT_AT_FIRST: &str = "PRAGMA busy_timeout = 5000";
/// How long a statement waits for another process that writes: shorter than a request may take.
pub(super) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 2000";
/// Somebody else's long reading makes the log of changes grow. When it is over, the file is cut to this many bytes.
const LONGEST_LOG: &str = "PRAGMA journal_size_limit = 67108864";

pub(super) fn connect(path: &Path, access: Access) -> ConnectionResult<SqliteConnection> {
    let failed = |error: &dyn std::fmt::Display| ConnectionError::BadConnection(format!("{}: {error}", path.display()));
    if access == Access::Write {
        create_private(path).map_err(|error| failed(&error))?;
    }
    let mut connection = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| failed(&error))?;
    let mut statements = vec![
        WAIT_AT_FIRST,
        "PRAGMA journal_mode = WAL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA cache_size = -4000",
    ];
    match access {
        // An answered write survives the loss of power, not only of the process.
        Access::Write => statements.extend(["PRAGMA synchronous = FULL", LONGEST_LOG, TRY_TO_WRITE]),
        Access::Read => statements.push("PRAGMA query_only = ON"),
    }
    statements.push(BUSY_TIMEOUT);
    for statement in statements {
        connection.batch_execute(statement).map_err(|error| failed(&error))?;
    }
    if access == Access::Write {
        check_build(&mut connection)?;
    }
    Ok(connection)
}

/// Creates the file so that nobody else can read it. SQLite gives its other files the same mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    match private().create_new(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// How a file is opened that is written to and that nobody else may read.
pub(super) fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[derive(QueryableByName)]
struct BuildOption {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    is_used: i32,
}

/// `.cargo/config.toml` says how SQLite is built. A build elsewhere (`cargo install`, another folder) does not read it, and would
/// be many times slower without a word.
fn check_build(connection: &mut SqliteConnection) -> ConnectionResult<()> {
    for option in ["DEFAULT_MEMSTATUS=0", "ENABLE_QPSG", "THREADSAFE=2"] {
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

/// The file that the connections opened, whatever has its name now.
pub(super) struct OpenFile {
    path: PathBuf,
    identity: Option<Identity>,
}

type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

impl OpenFile {
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), identity: identity(path) }
    }

    /// Fails where the file was removed or replaced: what is written now would be gone with the process.
    pub(super) fn check(&self) -> Result<(), String> {
        if identity(&self.path) == self.identity {
            return Ok(());
        }
        Err(format!("the file {} was removed or replaced while it was open: restart this process", self.path.display()))
    }
}
