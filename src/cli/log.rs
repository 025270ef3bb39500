//! The log: lines on standard error, written by a thread of their own.
//!
//! Whoever reads the log may stall, go away or run out of disk. Then lines are lost, and nothing else: no request waits for a
//! line to be written, none fails because it could not be, and the mails go on.
//!
//! Lines are gathered for a moment and written together. A library that wakes its thread for each of them (`tracing-appender`)
//! took a tenth more of the processor for a page.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, LogArgs, LogFormat, USUAL_LOG};
use crate::db::log_slow_statements;
use crate::metrics::counts::COUNTS;

/// How much text waits for a reader that is slow, in bytes. What comes beyond is lost.
const MOST_WAITING: usize = 1_024 * 1_024;
/// How long lines are gathered.
const GATHERED_FOR: Duration = Duration::from_millis(20);
/// How long the end of the program waits for the last lines.
const LAST_LINES_WITHIN: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Waiting {
    text: Vec<u8>,
    /// Lines that found no room since the last that did.
    lost: u64,
    is_over: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines that have gathered, and how many found no room; `None` when there are none and will be none.
    fn gathered(&self) -> Option<(Vec<u8>, u64)> {
        let nothing = |waiting: &mut Waiting| waiting.text.is_empty() && !waiting.is_over;
        let waiting = self.changed.wait_while(self.waiting(), nothing).unwrap_or_else(PoisonError::into_inner);
        let gathers = |waiting: &mut Waiting| !waiting.is_over;
        let gathered = self.changed.wait_timeout_while(waiting, GATHERED_FOR, gathers);
        let mut waiting = gathered.unwrap_or_else(PoisonError::into_inner).0;
        let (text, lost) = (std::mem::take(&mut waiting.text), std::mem::take(&mut waiting.lost));
        (!text.is_empty()).then_some((text, lost))
    }
}

/// Where the subscriber writes a line. It never waits and never fails.
struct Lines(Arc<Shared>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.0.waiting();
        if waiting.text.len() + line.len() > MOST_WAITING {
            waiting.lost += 1;
            return Ok(line.len());
        }
        let is_first = waiting.text.is_empty();
        waiting.text.extend_from_slice(line);
        drop(waiting);
        if is_first {
            self.0.changed.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the last lines when it is dropped.
pub(super) struct LogGuard {
    shared: Arc<Shared>,
    ended: Receiver<()>,
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.shared.waiting().is_over = true;
        self.shared.changed.notify_one();
        let _ = self.ended.recv_timeout(LAST_LINES_WITHIN);
    }
}

/// Starts the thread that writes.
fn start_writing(mut to: impl Write + Send + 'static) -> io::Result<LogGuard> {
    let shared = Arc::new(Shared::default());
    let (end, ended) = channel::<()>();
    let source = Arc::clone(&shared);
    std::thread::Builder::new().name("log".to_owned()).spawn(move || {
        // Dropped with the thread, which is what tells that it has ended.
        let _end = end;
        while let Some((text, lost)) = source.gathered() {
            // Where it cannot be written there is nowhere to say so.
            let _ = to.write_all(&text).and_then(|()| to.flush());
            if lost > 0 {
                COUNTS.log_lines_lost(lost);
                tracing::warn!(lost, "lines of the log are lost: whoever reads it was too slow");
            }
        }
    })?;
    Ok(LogGuard { shared, ended })
}

/// Which lines are written.
pub(super) fn filter(args: &LogArgs) -> Result<EnvFilter, ConfigError> {
    // Set to nothing is not meant as silence.
    let text = if args.log.trim().is_empty() { USUAL_LOG } else { &args.log };
    EnvFilter::try_new(text).map_err(|error| ConfigError::LogFilter(error.to_string()))
}

/// Whether lines may be in colour: see no-color.org.
fn is_for_eyes() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Starts the log. It ends, with all its lines written, when the guard is dropped.
pub(super) fn start(args: &LogArgs) -> Result<LogGuard, super::CliError> {
    let filter = filter(args)?;
    let guard = start_writing(io::stderr())?;
    let shared = Arc::clone(&guard.shared);
    // Its own errors the subscriber would print to standard error, and panic when that is what fails.
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_for_eyes())
        .log_internal_errors(false)
        .with_writer(move || Lines(Arc::clone(&shared)));
    // A second logger in one process changes nothing.
    let _ = match args.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().with_span_list(false).try_init(),
    };
    log_slow_statements(Duration::from_millis(args.slow_statement));
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

/// Prints what is lost where nobody can read it, and fails then.
pub(super) fn hand_over(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, sync_channel};

    use super::*;

    /// Somewhere to write to that takes a piece only when it is let.
    struct Slow {
        let_in: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let _ = self.let_in.recv();
            let _ = self.written.send(text.to_vec());
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_beyond_the_room_are_lost_and_the_last_ones_are_written() {
        let (let_in, door) = sync_channel(8);
        let (written, pieces) = channel();
        let guard = start_writing(Slow { let_in: door, written }).unwrap();
        let mut lines = Lines(Arc::clone(&guard.shared));
        lines.write_all(b"first\n").unwrap();
        // The thread has taken it when there is room again, and is stuck with it.
        while !guard.shared.waiting().text.is_empty() {
            std::thread::yield_now();
        }
        for _ in 0..3 {
            lines.write_all(&vec![b'x'; MOST_WAITING / 2]).unwrap();
        }
        for _ in 0..4 {
            let_in.send(()).unwrap();
        }
        drop(guard);
        let all: Vec<u8> = pieces.iter().flatten().collect();
        let text = String::from_utf8(all).unwrap();
        assert!(text.starts_with("first\nxxx"), "{}", text.len());
        assert_eq!(text.len(), "first\n".len() + MOST_WAITING);
    }
}
