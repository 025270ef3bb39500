//! The log: lines on standard error, written by a thread of their own.
//!
//! Whoever reads the log may stall, go away or run out of disk. Then lines are lost, and nothing else: no request waits for a
//! line to be written, none fails because it could not be, and the mails go on.

use std::io::{self, BufWriter, Write};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, LogArgs, LogFormat};

/// How many lines wait for a reader that is slow. What comes beyond is dropped.
const WAITING_LINES: usize = 8_192;

/// Which lines are written.
pub(super) fn filter(args: &LogArgs) -> Result<EnvFilter, ConfigError> {
    EnvFilter::try_new(&args.log).map_err(|error| ConfigError::LogFilter(error.to_string()))
}

/// Starts the log. It ends, with all its lines written, when the guard is dropped.
pub(super) fn start(args: &LogArgs) -> Result<WorkerGuard, ConfigError> {
    let filter = filter(args)?;
    let (lines, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("log")
        .finish(BufWriter::new(io::stderr()));
    // Its own errors the subscriber would print to standard error, and panic when that is what fails.
    let log = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false).with_writer(lines);
    // A second logger in one process changes nothing.
    let _ = match args.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    // A panic is a line like any other, too: what the standard library prints would wait for a reader that stalls.
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current().name().unwrap_or("(unnamed)").to_owned();
        let payload = panic.payload();
        let reason = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        let reason = reason.unwrap_or("(no message)");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(thread, place, reason, "panicked");
    }));
    Ok(guard)
}

/// Prints a line for whoever started the program. Where nobody can read it, the program goes on.
pub(super) fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
