//! Threads for one kind of heavy work, so that it never stands in the way of pages: a few pieces at a time, each waiting for its
//! turn, on threads that give way to those that answer pages.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::metrics::counts::{COUNTS, Held};

/// How long a piece of work waits for its turn.
const WAIT: Duration = Duration::from_secs(3);

/// How far these threads give way: a quarter of a processor that others want too, all of one that nobody else wants.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// No turn came in time, or the threads are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much of this work waits already")]
pub struct Busy;

/// The right to have one piece of work done now.
#[must_use]
pub struct Turn(#[allow(dead_code, reason = "held, not read")] (OwnedSemaphorePermit, Held));

type Work<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The threads. Each keeps a state `S` from one piece of work to the next, such as memory that is costly to get.
pub struct Threads<S> {
    name: &'static str,
    work: Sender<Work<S>>,
    turns: Arc<Semaphore>,
}

impl<S> Clone for Threads<S> {
    fn clone(&self) -> Self {
        Self { name: self.name, work: self.work.clone(), turns: Arc::clone(&self.turns) }
    }
}

impl<S: Default + 'static> Threads<S> {
    /// Starts `count` threads, and has as many turns. They end with the last handle to them.
    pub fn start(name: &'static str, count: usize) -> Self {
        let (work, waiting) = channel::<Work<S>>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..count {
            let waiting = Arc::clone(&waiting);
            let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
                // On Linux this is about the thread alone; where it is not possible, this work is as important as pages.
                #[cfg(target_os = "linux")]
                let _ = rustix::process::nice(NICENESS);
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let mut state = S::default();
                while let Ok(work) = next() {
                    // A piece of work that panics ends itself, not the thread; its state may be half done, so it is made anew.
                    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&mut state)));
                    if outcome.is_err() {
                        state = S::default();
                    }
                }
            });
            if let Err(error) = started {
                tracing::error!(%error, name, "a thread cannot be started");
            }
        }
        Self { name, work, turns: Arc::new(Semaphore::new(count)) }
    }

    /// Waits for a turn. Who holds one may do what must not be done by many at once, such as counting an attempt.
    pub async fn turn(&self) -> Result<Turn, Busy> {
        let waiting = COUNTS.waiting(self.name);
        let turn = tokio::time::timeout(WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        drop(waiting);
        match turn {
            Ok(Ok(permit)) => Ok(Turn((permit, COUNTS.running(self.name)))),
            Ok(Err(_)) | Err(_) => {
                COUNTS.refused(self.name);
                Err(Busy)
            }
        }
    }

    /// Runs `work` on one of the threads, and answers what it answers.
    pub async fn run<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (tell, told) = oneshot::channel();
        let work: Work<S> = Box::new(move |state| {
            let _turn = turn;
            drop(tell.send(work(state)));
        });
        self.work.send(work).map_err(|_| Busy)?;
        told.await.map_err(|_| Busy)
    }
}
