//! Who may read `/metrics`.

use std::net::SocketAddr;

use clap::Args;

use crate::config::ConfigError;
use crate::secrets::Secret;

/// A shorter one might be guessed.
const SHORTEST_TOKEN: usize = 24;

#[derive(Args, Clone, Debug)]
pub struct MetricsArgs {
    /// An address of its own for `/metrics`, which only the monitoring system can reach.
    #[arg(long, env = "PORTICO_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// What opens `/metrics` at the portal's own address, as a bearer token.
    #[arg(long, env = "PORTICO_METRICS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
}

impl MetricsArgs {
    pub(super) fn token(&self) -> Result<Option<Secret>, ConfigError> {
        match self.metrics_token.as_deref().map(str::trim) {
            Some(token) if token.len() < SHORTEST_TOKEN => Err(ConfigError::MetricsToken(SHORTEST_TOKEN)),
            token => Ok(token.map(Secret::presented)),
        }
    }
}
