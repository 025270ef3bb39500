//! What is logged, and how it looks.

use clap::{Args, ValueEnum};

/// Without what the server says of its own threads.
pub const USUAL_LOG: &str = "info,actix_server=warn";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    /// What is logged: a tracing filter such as `info` or `portico=debug`, which has a line for files and health checks, too.
    #[arg(long, env = "PORTICO_LOG", default_value = USUAL_LOG, value_name = "FILTER")]
    pub log: String,
    #[arg(long, env = "PORTICO_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Statements that take the database so many milliseconds or longer are logged, without their values.
    #[arg(long, env = "PORTICO_SLOW_STATEMENT", default_value_t = 200, value_name = "MILLISECONDS")]
    pub slow_statement: u64,
}
