//! The commands, a file each.

mod backup;
mod demo;
mod doctor;
mod log;
mod migrate;
mod restore;
mod serve;
mod variables;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use socket2::{Domain, Socket, Type};

use crate::config::{BackupArgs, ConfigError, DatabaseArgs, DemoArgs, ServeArgs};
use crate::db::{DatabaseUrl, Db, DbError};

/// How many connections may wait to be taken.
const BACKLOG: i32 = 1_024;

/// The account portal of a company that sells software to teams.
#[derive(Parser, Debug)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Starts everything on one SQLite file, filled with a believable company. Nothing to set up.
    Demo(DemoArgs),
    /// Runs the portal in production. Refuses to start on an unsafe setting, and says which.
    Serve(Box<ServeArgs>),
    /// Brings the database up to date.
    Migrate(DatabaseArgs),
    /// Copies an SQLite database into a new file, while it is in use.
    Backup(BackupArgs),
    /// Puts a backup in the place of an SQLite database that nobody serves, and keeps what was there.
    Restore(BackupArgs),
    /// Checks settings, database and mail server without starting anything.
    Doctor(Box<ServeArgs>),
}

/// Why a command ended without success.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the database {url}: {error}")]
    Database { url: String, error: DbError },
    #[error("{url} is a PostgreSQL, which has tools of its own for this: {instead}")]
    OwnTools { url: String, instead: &'static str },
    #[error("cannot listen on {address}: {error}")]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("the data directory {} cannot be used: {error}", path.display())]
    Data { path: PathBuf, error: std::io::Error },
    #[error("the file {} cannot be used: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    #[error("the demo company cannot be created: {0}")]
    Seed(DbError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0} of the checks failed")]
    Unhealthy(usize),
}

impl Cli {
    /// Reads flags and variables, or ends the program with what is wrong with them.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| variables::with_variable(error).exit())
    }

    pub fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Demo(args) => demo::run(&args),
            Command::Serve(args) => serve::run(&args),
            Command::Migrate(args) => migrate::run(&args),
            Command::Backup(args) => backup::run(&args),
            Command::Restore(args) => restore::run(&args),
            Command::Doctor(args) => doctor::run(&args),
        }
    }
}

fn connect(url: &DatabaseUrl, connections: u32) -> Result<Db, CliError> {
    Db::connect(url, connections).map_err(in_database(url))
}

/// Fails in the name of a database.
fn in_database(url: &DatabaseUrl) -> impl Fn(DbError) -> CliError {
    let url = url.to_string();
    move |error| CliError::Database { url: url.clone(), error }
}

/// What `TcpListener::bind` does, with more room for connections that come all at once: it has 128.
fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CliError> {
    let failed = |error| CliError::Listen { address, error };
    let listener = bind(address).map_err(failed)?;
    let actual = listener.local_addr().map_err(failed)?;
    Ok((listener, actual))
}
