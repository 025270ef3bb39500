//! The commands, a file each.

mod backup;
mod catalog;
mod chosen_day;
mod consents;
mod credits;
mod demo;
mod doctor;
mod jobs;
mod licence;
mod log;
mod migrate;
mod operator;
mod order;
mod organization;
mod outbox;
mod restore;
mod serve;
mod user;
mod variables;
mod voucher;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::App;
use crate::catalogue::file::Fault;
use crate::config::{BackupArgs, Config, ConfigError, DatabaseArgs, DemoArgs, ServeArgs};
use crate::db::{DatabaseUrl, Db, DbError};
use crate::installation::{self, Fit};
use crate::time::Clock;

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
    Demo(Box<DemoArgs>),
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
    /// What is for sale.
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Codes that are worth a licence or credits.
    #[command(subcommand)]
    Voucher(voucher::VoucherCommand),
    /// Ends somebody's sessions, suspends an account, or lets its holder in again.
    User(user::UserArgs),
    /// Suspends a licence, lets it be used again, changes how many seats it has.
    Licence(licence::LicenceCommand),
    /// Grants credits to an Organization, spends them, or reverses either.
    Credits(credits::CreditsArgs),
    /// Gives money back.
    #[command(subcommand)]
    Order(order::OrderCommand),
    /// Opens an Organization again that was closed, or gives it an Owner.
    #[command(subcommand)]
    Organization(organization::OrganizationCommand),
    /// Shows the mails that wait or failed, tries them again, drops them.
    Outbox(outbox::OutboxArgs),
    /// Who agreed to what.
    #[command(subcommand)]
    Consents(consents::ConsentsCommand),
    /// Work that is done in the background.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
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
    #[error("cannot listen on {address}: {error}; {setting} chooses another address")]
    Listen { address: SocketAddr, error: std::io::Error, setting: &'static str },
    #[error("the data directory {} cannot be used: {error}", path.display())]
    Data { path: PathBuf, error: std::io::Error },
    #[error("the file {} cannot be used: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    #[error("the database {url}: {reason}", reason = Fit::FOREIGN)]
    ForeignKey { url: String },
    #[error("the demo company cannot be created: {0}")]
    Seed(DbError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("there is no database {0}")]
    NoDatabase(String),
    #[error("the database {url} is not up to date: run `portico migrate` first ({count} migrations are pending)")]
    Pending { url: String, count: usize },
    /// The command was understood and must not be carried out; the sentence says why.
    #[error("{0}")]
    Refused(String),
    #[error("{} cannot be imported; nothing was changed.{}", path.display(), lines(path, faults))]
    Catalogue { path: PathBuf, faults: Vec<Fault> },
    #[error("{0} of the checks failed")]
    Unhealthy(usize),
    #[error("{0} of the jobs failed. They wait for their next try; `portico outbox list` shows mails")]
    JobsFailed(usize),
}

/// Each fault on a line of its own, as compilers write them.
fn lines(path: &Path, faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n{}:{fault}", path.display())).collect()
}

impl Cli {
    /// Reads flags and variables, or ends the program with what is wrong with them.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| variables::with_variable(error).exit())
    }

    /// Does it. The status is that of success, except where a command documents another one.
    pub fn run(self) -> Result<ExitCode, CliError> {
        match self.command {
            Command::Catalog(command) => return catalog::run(&command),
            Command::Demo(args) => demo::run(&args),
            Command::Serve(args) => serve::run(&args),
            Command::Migrate(args) => migrate::run(&args),
            Command::Backup(args) => backup::run(&args),
            Command::Restore(args) => restore::run(&args),
            Command::Doctor(args) => doctor::run(&args),
            Command::User(args) => user::run(&args),
            Command::Licence(command) => licence::run(&command),
            Command::Credits(args) => credits::run(&args),
            Command::Order(command) => order::run(&command),
            Command::Organization(command) => organization::run(&command),
            Command::Outbox(args) => outbox::run(&args),
            Command::Consents(command) => consents::run(&command),
            Command::Voucher(command) => voucher::run(&command),
            Command::Jobs(command) => jobs::run(&command),
        }
        .map(|()| ExitCode::SUCCESS)
    }
}

/// The portal of these settings, without a server. Its database must be up to date.
fn open(args: &ServeArgs) -> Result<App, CliError> {
    let config = Config::production(args)?;
    let backend = args.mail.parse()?;
    let db = connect(&args.database.parse()?, config.connections)?;
    Ok(App::new(config, db, Clock::System, backend))
}

fn connect(url: &DatabaseUrl, connections: u32) -> Result<Db, CliError> {
    Db::connect(url, connections).map_err(in_database(url))
}

/// Fails in the name of a database.
fn in_database(url: &DatabaseUrl) -> impl Fn(DbError) -> CliError {
    let url = url.to_string();
    move |error| CliError::Database { url: url.clone(), error }
}

/// How many connections may wait until they are taken. The standard library asks for 128, and who comes in a burst beyond that
/// tries again a second later.
#[cfg(target_os = "linux")]
const WAITING_CONNECTIONS: i32 = 1_024;

/// What chooses the address of the portal.
const LISTEN: &str = "--listen (PORTICO_LISTEN)";

/// Listens where it was asked for; on a loopback address also on the one of the other family, since `localhost` may be either.
fn listen_for_pages(address: SocketAddr) -> Result<(Vec<TcpListener>, SocketAddr), CliError> {
    let (listener, actual) = listen(address, LISTEN)?;
    let mut listeners = vec![listener];
    let other = match actual.ip() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => Some(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        _ => None,
    };
    if let Some(other) = other.map(|ip| SocketAddr::new(ip, actual.port())) {
        match listen(other, LISTEN) {
            Ok((listener, _)) => listeners.push(listener),
            // A machine has it or not, and somebody else may be there: the address that was asked for is enough.
            Err(error) => tracing::debug!(%error, "not on both loopback addresses"),
        }
    }
    Ok((listeners, actual))
}

fn listen(address: SocketAddr, setting: &'static str) -> Result<(TcpListener, SocketAddr), CliError> {
    let failed = |error| CliError::Listen { address, error, setting };
    let listener = TcpListener::bind(address).map_err(failed)?;
    // Asking again sets the length of the queue.
    #[cfg(target_os = "linux")]
    rustix::net::listen(&listener, WAITING_CONNECTIONS).map_err(|error| failed(error.into()))?;
    let actual = listener.local_addr().map_err(failed)?;
    Ok((listener, actual))
}

/// Makes the current key that of the database, unless the database belongs to another one.
fn adopt_key(app: &App) -> Result<(), CliError> {
    let keys = &app.config.secret_keys;
    match app.write_now(|tx| installation::adopt(tx, keys)).map_err(in_database(app.db.url()))? {
        Fit::Foreign => Err(CliError::ForeignKey { url: app.db.url().to_string() }),
        Fit::Other => {
            tracing::warn!("the secret key has changed: what was sealed with the previous one is still opened");
            Ok(())
        }
        Fit::New | Fit::Current => Ok(()),
    }
}
