//! What is logged, and how it looks.

use clap::{Args, ValueEnum};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    /// What is logged: a tracing filter such as `info` or `portico=debug`.
    #[arg(long, env = "PORTICO_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
    #[arg(long, env = "PORTICO_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Statements that take the database so many milliseconds or longer are logged, without their values.
    #[arg(long, env = "PORTICO_SLOW_STATEMENT", default_value_t = 200, value_name = "MILLISECONDS")]
    pub slow_statement: u64,
}
