//! What becomes of Organizations that were closed.

use chrono::Duration;
use clap::{Args, value_parser};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Closing")]
pub struct ClosingArgs {
    /// Days for which an Organization that was closed can be restored. Then its people and settings are erased.
    #[arg(long, env = "PORTICO_CLOSED_GRACE_DAYS", value_name = "DAYS", default_value_t = Self::default().closed_grace_days,
        value_parser = value_parser!(u16).range(1..=365))]
    pub closed_grace_days: u16,
}

impl Default for ClosingArgs {
    fn default() -> Self {
        Self { closed_grace_days: 30 }
    }
}

impl ClosingArgs {
    pub fn grace(&self) -> Duration {
        Duration::days(self.closed_grace_days.into())
    }
}
