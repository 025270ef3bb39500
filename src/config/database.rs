//! Where the data is.

use std::path::PathBuf;

use clap::Args;

use crate::config::ConfigError;
use crate::db::DatabaseUrl;

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
        Ok(url)
    }
}
