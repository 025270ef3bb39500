//! Every setting, read once at the start from flags and environment variables, and refused when it is unsafe. A file a concern.

mod closing;
mod database;
mod legal;
mod licences;
mod limits;
mod listen;
mod log;
mod mail;
mod metrics;
mod payments;
mod plaintext;
mod protection;
mod resources;
mod secret_key;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use url::Url;

use crate::db::{DatabaseUrlError, TIME_LIMIT};
use crate::mail::SmtpUrlError;
use crate::passwords::PasswordCost;
use crate::rates::Limits;
use crate::secrets::{Secret, SecretKey, SecretKeys};

pub use closing::ClosingArgs;
pub use database::{BackupArgs, DatabaseArgs, DatabaseTls};
pub use legal::LegalPages;
pub use licences::LicenceArgs;
pub use limits::LimitArgs;
pub use listen::{ListenArgs, SignUp};
pub use log::{LogArgs, LogFormat, USUAL_LOG};
pub use mail::MailArgs;
pub use metrics::MetricsArgs;
pub use payments::{PaymentArgs, PaymentSettings};
pub use protection::Protection;
pub use resources::ResourceArgs;
pub use secret_key::{SecretKeyArgs, SecretKeyError};

/// What production needs.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub secret_key: SecretKeyArgs,
    #[command(flatten)]
    pub mail: MailArgs,
    #[command(flatten)]
    pub metrics: MetricsArgs,
    #[command(flatten)]
    pub resources: ResourceArgs,
    #[command(flatten)]
    pub log: LogArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub protection: Protection,
    #[command(flatten)]
    pub legal: LegalPages,
    #[command(flatten)]
    pub licences: LicenceArgs,
    #[command(flatten)]
    pub closing: ClosingArgs,
    #[command(flatten)]
    pub payments: PaymentArgs,
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
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub protection: Protection,
    #[command(flatten)]
    pub licences: LicenceArgs,
    #[command(flatten)]
    pub closing: ClosingArgs,
    #[command(flatten)]
    pub payments: PaymentArgs,
}

/// Settings of a running server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The base of links in mails, without a slash at the end.
    pub public_url: String,
    pub secret_keys: SecretKeys,
    pub sign_up: SignUp,
    pub trusted_proxies: Vec<IpNet>,
    /// The demo: the mailbox is shown, the accounts are listed on the sign-in page.
    pub demo: bool,
    /// How long requests are taken once the process is told to stop.
    pub stop_delay: Duration,
    /// Connections kept for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
    /// How long a request may wait for the database.
    pub database_time_limit: Duration,
    /// Threads that answer requests.
    pub workers: usize,
    pub password_cost: PasswordCost,
    /// Mails handed to the mail server at once.
    pub mail_lanes: usize,
    /// How often what may be done.
    pub limits: Limits,
    pub protection: Protection,
    /// What whoever creates an account accepts.
    pub legal: LegalPages,
    /// For how long seats of a licence are kept after its end.
    pub licence_grace: chrono::Duration,
    /// For how long an Organization that was closed can be restored.
    pub closed_grace: chrono::Duration,
    /// Who takes payments. Without anybody, nothing can be bought.
    pub payments: Option<PaymentSettings>,
    /// What opens `/metrics`.
    pub metrics_token: Option<Secret>,
}

/// A setting that the program does not start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("PORTICO_DATABASE_URL: {0}")]
    Database(DatabaseUrlError),
    #[error(
        "PORTICO_DATABASE_URL: passwords and people would travel to {0} in clear. Add sslmode=verify-full to it (with a build that \
         has postgres-tls), or set PORTICO_DATABASE_TLS=optional where the network in between is private"
    )]
    PlainDatabase(String),
    #[error("PORTICO_LOG: {0}")]
    LogFilter(String),
    #[error("PORTICO_PUBLIC_URL is not set: links in mails need the address under which people reach this portal")]
    NoPublicUrl,
    #[error("PORTICO_PUBLIC_URL must be a plain http:// or https:// address without path, query or user, not {0}")]
    PublicUrl(Url),
    #[error("PORTICO_PUBLIC_URL must be https:// unless it is this very machine: {0} would send cookies in clear")]
    InsecurePublicUrl(Url),
    #[error(transparent)]
    SecretKey(#[from] SecretKeyError),
    #[error("PORTICO_METRICS_TOKEN must have at least {0} bytes: make one with `openssl rand -hex 32`")]
    MetricsToken(usize),
    #[error("PORTICO_SMTP_URL is not set: people could not confirm their address or be invited")]
    NoSmtpUrl,
    #[error("PORTICO_MAIL_FROM is not set: mails need a sender")]
    NoMailFrom,
    #[error("PORTICO_SMTP_URL or PORTICO_MAIL_FROM: {0}")]
    Mail(#[from] SmtpUrlError),
    #[error("PORTICO_STRIPE_SECRET_KEY is not set, which PORTICO_PAYMENTS=stripe needs: see docs/payments.md")]
    NoStripeKey,
    #[error(
        "PORTICO_STRIPE_WEBHOOK_SECRET is not set, which PORTICO_PAYMENTS=stripe needs: without it nothing that Stripe tells could be \
         believed. See docs/payments.md"
    )]
    NoStripeWebhookSecret,
    #[error(
        "PORTICO_STRIPE_API_BASE must be https:// unless it is this very machine: {0} would send the secret key in clear"
    )]
    StripeApiBase(Url),
    #[error("PORTICO_STRIPE_CHECKOUT_SITE must be https://, not {0}")]
    StripeCheckoutSite(Url),
}

impl Config {
    /// The settings of `portico serve`.
    pub fn production(args: &ServeArgs) -> Result<Self, ConfigError> {
        let url = args.listen.public_url.as_ref().ok_or(ConfigError::NoPublicUrl)?;
        let public_url = listen::secure_public_url(url)?;
        let config = Self::new(&args.listen, public_url, args.secret_key.parse()?, false);
        let (limits, protection) = (args.limits.0.clone(), args.protection.clone());
        let (mail_lanes, metrics_token) = (args.mail.mail_lanes.into(), args.metrics.token()?);
        let ResourceArgs { workers, database_connections, database_time_limit, .. } = args.resources;
        Ok(Self {
            mail_lanes,
            limits,
            protection,
            legal: args.legal.clone(),
            licence_grace: args.licences.grace(),
            closed_grace: args.closing.grace(),
            payments: args.payments.settings()?,
            metrics_token,
            workers: workers.map_or(config.workers, usize::from),
            connections: database_connections.unwrap_or(config.connections),
            database_time_limit,
            ..config
        })
    }

    /// The settings of `portico demo`, reached under `public_url` unless another is set.
    pub fn demo(args: &DemoArgs, public_url: &Url, secret_key: SecretKey) -> Result<Self, ConfigError> {
        let url = args.listen.public_url.as_ref().unwrap_or(public_url);
        let config = Self::new(&args.listen, listen::plain_public_url(url)?, SecretKeys::only(secret_key), true);
        let (limits, protection) = (args.limits.0.clone(), args.protection.clone());
        let payments = args.payments.settings()?.or(Some(PaymentSettings::Sandbox));
        let (licence_grace, closed_grace) = (args.licences.grace(), args.closing.grace());
        Ok(Self { limits, protection, licence_grace, closed_grace, payments, ..config })
    }

    fn new(listen: &ListenArgs, public_url: String, secret_keys: SecretKeys, demo: bool) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            public_url,
            secret_keys,
            sign_up: listen.sign_up,
            trusted_proxies: listen.trusted_proxies.0.clone(),
            demo,
            stop_delay: Duration::from_secs(if demo { 0 } else { listen.stop_delay }),
            connections: (2 * cores as u32).clamp(4, 32),
            database_time_limit: TIME_LIMIT,
            workers: cores,
            password_cost: PasswordCost::PRODUCTION,
            mail_lanes: 1,
            limits: Limits::default(),
            protection: Protection::default(),
            legal: if demo { LegalPages::demo() } else { LegalPages::default() },
            licence_grace: LicenceArgs::default().grace(),
            closed_grace: ClosingArgs::default().grace(),
            payments: None,
            metrics_token: None,
        }
    }

    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// What is wrong where a proxy must be in front, since Portico has no TLS of its own, and none is named.
    pub fn missing_proxy(&self) -> Option<&'static str> {
        (self.is_https() && self.trusted_proxies.is_empty()).then_some(
            "PORTICO_PUBLIC_URL is https, so a proxy ends TLS, but PORTICO_TRUSTED_PROXIES names none: everybody would \
             share the limits of one address. Set it to the proxy's address as Portico sees it",
        )
    }
}
