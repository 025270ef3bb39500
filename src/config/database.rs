//! Where the data is.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::plaintext::unprotected_host;
use crate::config::ConfigError;
use crate::db::DatabaseUrl;

/// Whether a connection to a PostgreSQL on another machine must have TLS with a verified certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DatabaseTls {
    Required,
    /// The network in between is nobody else's.
    Optional,
}

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
    /// Whether a PostgreSQL on another machine must be reached with `sslmode=verify-full`.
    #[arg(long, env = "PORTICO_DATABASE_TLS", default_value = "required", value_name = "WHETHER")]
    pub database_tls: DatabaseTls,
}

/// What a backup and its restoration need.
#[derive(Args, Clone, Debug)]
pub struct BackupArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// The file with the backup.
    pub file: PathBuf,
}

impl DatabaseArgs {
    pub fn parse(&self) -> Result<DatabaseUrl, ConfigError> {
        let url: DatabaseUrl = self.database_url.parse().map_err(ConfigError::Database)?;
        url.check().map_err(ConfigError::Database)?;
        if let DatabaseUrl::Postgresql(url) = &url
            && self.database_tls == DatabaseTls::Required
            && let Some(host) = unprotected_host(url)
        {
            return Err(ConfigError::PlainDatabase(host));
        }
        Ok(url)
    }
}
