//! Every setting, read once at the start from flags and environment variables, and refused when it is unsafe. A file a concern.

mod database;
mod listen;
mod log;
mod mail;
mod resources;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use url::Url;

use crate::db::{DatabaseUrlError, TIME_LIMIT};
use crate::mail::SmtpUrlError;
use crate::passwords::PasswordCost;
use crate::secrets::{SECRET_KEY_BYTES, SecretKey};

pub use database::{BackupArgs, DatabaseArgs};
pub use listen::{ListenArgs, SignUp};
pub use log::{LogArgs, LogFormat};
pub use mail::MailArgs;
pub use resources::ResourceArgs;

/// What production needs.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Signs and encrypts cookies and mails in the outbox: at least 64 bytes, the same on every process.
    #[arg(long, env = "PORTICO_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    #[command(flatten)]
    pub mail: MailArgs,
    #[command(flatten)]
    pub resources: ResourceArgs,
    #[command(flatten)]
    pub log: LogArgs,
}

/// What the demo needs.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Where the demo keeps its database.
    #[arg(long, default_value = "portico-demo", value_name = "DIR")]
    pub data: PathBuf,
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub log: LogArgs,
}

/// Settings of a running server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The base of links in mails, without a slash at the end.
    pub public_url: String,
    pub secret_key: SecretKey,
    pub sign_up: SignUp,
    pub trusted_proxies: Vec<IpNet>,
    /// The demo: the mailbox is shown, the accounts are listed on the sign-in page.
    pub demo: bool,
    /// Connections kept for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
    /// How long a request may wait for the database.
    pub database_time_limit: Duration,
    /// Threads that answer requests.
    pub workers: usize,
    pub password_cost: PasswordCost,
}

/// A setting that the program does not start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("PORTICO_DATABASE_URL: {0}")]
    Database(DatabaseUrlError),
    #[error("PORTICO_LOG: {0}")]
    LogFilter(String),
    #[error("PORTICO_PUBLIC_URL is not set: links in mails need the address under which people reach this portal")]
    NoPublicUrl,
    #[error("PORTICO_PUBLIC_URL must be a plain http:// or https:// address without path, query or user, not {0}")]
    PublicUrl(Url),
    #[error("PORTICO_PUBLIC_URL must be https:// unless it is this very machine: {0} would send cookies in clear")]
    InsecurePublicUrl(Url),
    #[error("PORTICO_SECRET_KEY is not set: make one with `openssl rand -base64 64 | tr -d '\\n'`")]
    NoSecretKey,
    #[error("PORTICO_SECRET_KEY has {0} bytes; it must have at least {SECRET_KEY_BYTES}")]
    ShortSecretKey(usize),
    #[error("PORTICO_SMTP_URL is not set: people could not confirm their address or be invited")]
    NoSmtpUrl,
    #[error("PORTICO_MAIL_FROM is not set: mails need a sender")]
    NoMailFrom,
    #[error("PORTICO_SMTP_URL or PORTICO_MAIL_FROM: {0}")]
    Mail(#[from] SmtpUrlError),
}

impl Config {
    /// The settings of `portico serve`.
    pub fn production(args: &ServeArgs) -> Result<Self, ConfigError> {
        let url = args.listen.public_url.as_ref().ok_or(ConfigError::NoPublicUrl)?;
        let key = args.secret_key.as_deref().ok_or(ConfigError::NoSecretKey)?;
        let secret_key = SecretKey::new(key).ok_or(ConfigError::ShortSecretKey(key.len()))?;
        let config = Self::new(&args.listen, listen::secure_public_url(url)?, secret_key, false);
        let ResourceArgs { workers, database_connections, database_time_limit, .. } = args.resources;
        Ok(Self {
            workers: workers.map_or(config.workers, usize::from),
            connections: database_connections.unwrap_or(config.connections),
            database_time_limit,
            ..config
        })
    }

    /// The settings of `portico demo`, reached under `public_url` unless another is set.
    pub fn demo(args: &DemoArgs, public_url: &Url, secret_key: SecretKey) -> Result<Self, ConfigError> {
        let url = args.listen.public_url.as_ref().unwrap_or(public_url);
        Ok(Self::new(&args.listen, listen::plain_public_url(url)?, secret_key, true))
    }

    fn new(listen: &ListenArgs, public_url: String, secret_key: SecretKey, demo: bool) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            public_url,
            secret_key,
            sign_up: listen.sign_up,
            trusted_proxies: listen.trusted_proxies.clone(),
            demo,
            connections: (2 * cores as u32).clamp(4, 32),
            database_time_limit: TIME_LIMIT,
            workers: cores,
            password_cost: PasswordCost::PRODUCTION,
        }
    }

    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
