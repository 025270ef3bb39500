//! What a child process prints, line by line, for tests that wait for it.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long anything that a test waits for may take, on a machine that has other things to do.
pub const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
pub struct Lines(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Lines {
    /// Keeps what `source` prints, until it ends.
    pub fn collect(&self, source: impl Read + Send + 'static) -> std::thread::JoinHandle<()> {
        let Self(shared) = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n') {
                let Ok(line) = line else { return };
                let (lines, more) = &*shared;
                lines.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
                more.notify_all();
            }
        })
    }

    pub fn all(&self) -> Vec<String> {
        self.0.0.lock().unwrap().clone()
    }

    /// Waits until `find` finds something in the lines. `None` when it does not within [`PATIENCE`].
    pub fn wait<T>(&self, mut find: impl FnMut(&[String]) -> Option<T>) -> Option<T> {
        let (lines, more) = &*self.0;
        let started = Instant::now();
        let mut lines = lines.lock().unwrap();
        loop {
            if let Some(found) = find(&lines) {
                return Some(found);
            }
            let left = PATIENCE.checked_sub(started.elapsed())?;
            lines = more.wait_timeout(lines, left).unwrap().0;
        }
    }
}

/// Asks again and again until `find` finds something.
pub fn poll<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(found) = find() {
            return found;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    panic!("waited in vain until {what}");
}
