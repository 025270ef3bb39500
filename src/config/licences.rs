//! What becomes of licences.

use chrono::Duration;
use clap::{Args, value_parser};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Licences")]
pub struct LicenceArgs {
    /// Days for which seats of a licence are kept after its end.
    #[arg(long, env = "PORTICO_LICENCE_GRACE_DAYS", value_name = "DAYS", default_value_t = Self::default().licence_grace_days,
        value_parser = value_parser!(u16).range(0..=365))]
    pub licence_grace_days: u16,
}

impl Default for LicenceArgs {
    fn default() -> Self {
        Self { licence_grace_days: 14 }
    }
}

impl LicenceArgs {
    pub fn grace(&self) -> Duration {
        Duration::days(self.licence_grace_days.into())
    }
}
