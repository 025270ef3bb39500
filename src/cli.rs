//! The commands.

mod doctor;
mod log;

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};
use url::Url;

use crate::accounts;
use crate::app::{App, serve};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, DatabaseArgs, DemoArgs, ServeArgs};
use crate::db::{DatabaseUrl, Db, DbError};
use crate::demo;
use crate::mail::Backend;
use crate::secrets::SecretKey;

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
        Self::try_parse().unwrap_or_else(|error| with_variable(error).exit())
    }

    pub fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Demo(args) => run_demo(&args),
            Command::Serve(args) => run_serve(&args),
            Command::Migrate(args) => run_migrate(&args),
            Command::Doctor(args) => doctor::run(&args),
        }
    }
}

/// Names the variable behind a flag whose value cannot be read: clap names the flag alone, which nobody may have typed.
fn with_variable(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let mut cli = Cli::command();
    cli.build();
    let mut arguments = cli.get_subcommands().flat_map(clap::Command::get_arguments);
    let variable = arguments.find(|argument| argument.to_string() == *flag).and_then(clap::Arg::get_env);
    if let Some(variable) = variable {
        let tip = StyledStr::from(format!("the variable {} sets it, too", variable.display()));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

fn connect(url: &DatabaseUrl, connections: u32) -> Result<Db, CliError> {
    Db::connect(url, connections).map_err(|error| CliError::Database { url: url.to_string(), error })
}

fn migrate(db: &Db) -> Result<Vec<String>, CliError> {
    db.migrate().map_err(|error| CliError::Database { url: db.url().to_string(), error })
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CliError> {
    let failed = |error| CliError::Listen { address, error };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let actual = listener.local_addr().map_err(failed)?;
    Ok((listener, actual))
}

fn run_migrate(args: &DatabaseArgs) -> Result<(), CliError> {
    let url = args.parse()?;
    let db = connect(&url, 1)?;
    let done = migrate(&db)?;
    match done.len() {
        0 => log::say(&format!("{url} is up to date.")),
        count => log::say(&format!("{url}: {count} migrations applied.")),
    }
    Ok(())
}

fn run_serve(args: &ServeArgs) -> Result<(), CliError> {
    let _log = log::start(&args.log)?;
    let config = Config::production(args)?;
    let backend = production_mail(args)?;
    let url = args.database.parse()?;
    let db = connect(&url, config.connections)?;
    for name in migrate(&db)? {
        tracing::info!(name, "migration applied");
    }
    let (listener, address) = listen(args.listen.listen)?;
    let app = web::Data::new(App::new(config, db, Clock::System, backend));
    let announcement = format!("Portico listens on http://{address} for {}", app.config.public_url);
    run(app, listener, &announcement)
}

fn production_mail(args: &ServeArgs) -> Result<Backend, ConfigError> {
    let smtp_url = args.smtp_url.as_deref().ok_or(ConfigError::NoSmtpUrl)?;
    let from = args.mail_from.as_deref().ok_or(ConfigError::NoMailFrom)?;
    Ok(Backend::smtp(smtp_url, from)?)
}

fn run_demo(args: &DemoArgs) -> Result<(), CliError> {
    let _log = log::start(&args.log)?;
    let in_data = |error| CliError::Data { path: args.data.clone(), error };
    fs::create_dir_all(&args.data).map_err(in_data)?;
    let secret_key = kept_secret_key(&args.data.join("secret.key"))?;
    let url = DatabaseUrl::Sqlite(args.data.join("portico.db"));
    let (listener, address) = listen(args.listen.listen)?;
    let host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { bracketed(address) };
    let here = format!("http://{host}:{}", address.port());
    let public_url = Url::parse(&here).map_err(|error| std::io::Error::other(error.to_string()))?;
    let config = Config::demo(args, &public_url, secret_key)?;
    let db = connect(&url, config.connections)?;
    migrate(&db)?;
    let app = web::Data::new(App::new(config, db, Clock::System, Backend::Mailbox));
    demo::seed(&app).map_err(CliError::Seed)?;
    let mut announcement = format!(
        "Portico demo: {here}\n\
         Sent mail:    {here}/dev/mailbox\n\
         Data:         {}\n\
         Accounts, all with the password {}:",
        args.data.display(),
        demo::PASSWORD
    );
    for account in demo::accounts() {
        announcement.push_str(&format!("\n  {:<24} {}", account.email, account.label));
    }
    run(app, listener, &announcement)
}

fn bracketed(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    }
}

/// The key of the demo, made at its first start.
fn kept_secret_key(path: &Path) -> Result<SecretKey, CliError> {
    let failed = |error| CliError::File { path: path.to_owned(), error };
    match fs::read_to_string(path) {
        Ok(text) => SecretKey::new(text.trim())
            .ok_or_else(|| failed(std::io::Error::other("the key in this file is too short; remove the file"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = SecretKey::generate();
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?;
            SecretKey::new(&text).ok_or_else(|| failed(std::io::Error::other("the new key is too short")))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Serves until the process is told to stop; then requests in flight finish. Prints `announcement` once all that is ready.
fn run(app: web::Data<App>, listener: TcpListener, announcement: &str) -> Result<(), CliError> {
    let delivery = app.delivery().start()?;
    let outcome = actix_web::rt::System::new().block_on(async {
        let server = serve(app.clone(), listener)?;
        actix_web::rt::spawn(stop_when(told_to_stop()?, server.handle()));
        actix_web::rt::spawn(clean_up_now_and_then(app));
        log::say(announcement);
        server.await
    });
    delivery.stop();
    tracing::info!("stopped");
    Ok(outcome?)
}

/// Waits for the signals that ask a process to stop. From this call on they no longer just kill it.
#[cfg(unix)]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

async fn stop_when(told: impl Future<Output = ()>, server: ServerHandle) {
    told.await;
    tracing::info!("stopping: requests in flight finish");
    server.stop(true).await;
}

/// How often sessions, links and counters that ran out are removed.
const CLEAN_UP_EVERY: Duration = Duration::from_secs(3_600);

async fn clean_up_now_and_then(app: web::Data<App>) {
    let mut ticks = tokio::time::interval(CLEAN_UP_EVERY);
    loop {
        ticks.tick().await;
        match app.write(|tx| accounts::model::clean_up(tx).map_err(Into::into)).await {
            Ok(removed) => tracing::debug!(removed, "what ran out is removed"),
            Err(error) => tracing::warn!(%error, "what ran out could not be removed"),
        }
    }
}
