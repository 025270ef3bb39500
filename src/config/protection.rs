//! What protects people from each other, beside the limits of [`crate::rates`].

use clap::Args;

/// How much one may hold, and for how long.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Protection")]
pub struct Protection {
    /// Seconds in which a form must have arrived.
    #[arg(long, env = "PORTICO_FORM_SECONDS", value_name = "SECONDS", default_value_t = Self::default().form_seconds,
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub form_seconds: u64,
    /// Seconds in which an upload must have arrived.
    #[arg(long, env = "PORTICO_UPLOAD_SECONDS", value_name = "SECONDS", default_value_t = Self::default().upload_seconds,
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub upload_seconds: u64,
    /// Forms and uploads of one network that may be arriving at a time.
    #[arg(long, env = "PORTICO_FORMS_PER_NETWORK", value_name = "NUMBER", default_value_t = Self::default().forms_per_network,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub forms_per_network: u32,
    /// Seconds after which who reads nothing of an answer is cut off (on Linux).
    #[arg(long, env = "PORTICO_READER_SECONDS", value_name = "SECONDS", default_value_t = Self::default().reader_seconds,
        value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub reader_seconds: u32,
    /// Exports at a time of this process.
    #[arg(long, env = "PORTICO_EXPORTS", value_name = "NUMBER", default_value_t = Self::default().exports,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub exports: u32,
    /// Exports at a time of one account.
    #[arg(long, env = "PORTICO_EXPORTS_PER_ACCOUNT", value_name = "NUMBER",
        default_value_t = Self::default().exports_per_account, value_parser = clap::value_parser!(u32).range(1..))]
    pub exports_per_account: u32,
    /// Seconds in which an export must have been read.
    #[arg(long, env = "PORTICO_EXPORT_SECONDS", value_name = "SECONDS", default_value_t = Self::default().export_seconds,
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub export_seconds: u64,
    /// Sessions of one account; with one more, the oldest ends.
    #[arg(long, env = "PORTICO_SESSIONS_PER_ACCOUNT", value_name = "NUMBER",
        default_value_t = Self::default().sessions_per_account, value_parser = clap::value_parser!(u32).range(1..))]
    pub sessions_per_account: u32,
}

impl Default for Protection {
    fn default() -> Self {
        Self {
            form_seconds: 30,
            upload_seconds: 120,
            forms_per_network: 100,
            reader_seconds: 30,
            exports: 4,
            exports_per_account: 2,
            export_seconds: 600,
            sessions_per_account: 20,
        }
    }
}
