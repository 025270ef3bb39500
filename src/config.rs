//! Every setting, read once at the start from flags and environment variables, and refused when it is unsafe.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use url::Url;

use crate::db::{DatabaseUrl, DatabaseUrlError};
use crate::passwords::PasswordCost;
use crate::secrets::{SECRET_KEY_BYTES, SecretKey};

/// Who may create an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    /// Anybody.
    Open,
    /// Only people with an invitation.
    Invited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Where log lines go and how they look.
#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    /// What is logged: a tracing filter such as `info` or `portico=debug`.
    #[arg(long, env = "PORTICO_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
    #[arg(long, env = "PORTICO_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// Where the data is.
#[derive(Args, Clone, Debug)]
pub struct DatabaseArgs {
    /// `sqlite://path` or `postgres://…`.
    #[arg(
        long,
        env = "PORTICO_DATABASE_URL",
        default_value = "sqlite://portico.db",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: String,
}

impl DatabaseArgs {
    pub fn parse(&self) -> Result<DatabaseUrl, ConfigError> {
        let url: DatabaseUrl = self.database_url.parse().map_err(ConfigError::Database)?;
        url.check().map_err(ConfigError::Database)?;
        Ok(url)
    }
}

/// How the server is reached.
#[derive(Args, Clone, Debug)]
pub struct ListenArgs {
    /// The address to listen on; port 0 picks a free one and prints it.
    #[arg(long, env = "PORTICO_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The base of links in mails, such as `https://portal.example.com`. The Host header is never used for that.
    #[arg(long, env = "PORTICO_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// Who can create an account.
    #[arg(long, env = "PORTICO_SIGN_UP", default_value = "open", value_name = "WHO")]
    pub sign_up: SignUp,
    /// Networks whose `X-Forwarded-For` is believed, separated by commas.
    #[arg(long, env = "PORTICO_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORKS")]
    pub trusted_proxies: Vec<IpNet>,
}

/// What production needs besides.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Signs and encrypts cookies and mails in the outbox: at least 64 bytes, the same on every process.
    #[arg(long, env = "PORTICO_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// The mail server: `smtp://user:password@host:port` (STARTTLS) or `smtps://…` (TLS).
    #[arg(long, env = "PORTICO_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The sender of mails, such as `Portico <portal@example.com>`.
    #[arg(long, env = "PORTICO_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
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
    Mail(#[from] crate::mail::SmtpUrlError),
}

impl Config {
    /// The settings of `portico serve`.
    pub fn production(args: &ServeArgs) -> Result<Self, ConfigError> {
        let url = args.listen.public_url.as_ref().ok_or(ConfigError::NoPublicUrl)?;
        let key = args.secret_key.as_deref().ok_or(ConfigError::NoSecretKey)?;
        let secret_key = SecretKey::new(key).ok_or(ConfigError::ShortSecretKey(key.len()))?;
        Ok(Self::new(&args.listen, secure_public_url(url)?, secret_key, false))
    }

    /// The settings of `portico demo`, reached under `public_url` unless another is set.
    pub fn demo(args: &DemoArgs, public_url: &Url, secret_key: SecretKey) -> Result<Self, ConfigError> {
        let url = args.listen.public_url.as_ref().unwrap_or(public_url);
        Ok(Self::new(&args.listen, plain_public_url(url)?, secret_key, true))
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
            workers: cores,
            password_cost: PasswordCost::PRODUCTION,
        }
    }

    /// An absolute address of this portal; `path` begins with a slash.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// The URL without its last slash, if it is an origin and nothing more.
fn plain_public_url(url: &Url) -> Result<String, ConfigError> {
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_plain { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(ConfigError::PublicUrl(url.clone())) }
}

/// In production, cookies and links travel encrypted, except on this very machine.
fn secure_public_url(url: &Url) -> Result<String, ConfigError> {
    let is_this_machine = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !is_this_machine {
        return Err(ConfigError::InsecurePublicUrl(url.clone()));
    }
    plain_public_url(url)
}
