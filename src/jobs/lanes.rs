//! The threads that do the jobs of a queue, and how they are told to end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::job::Job;
use crate::roll::Roll;

/// Tells threads to end.
#[derive(Default)]
pub(super) struct Stop {
    told: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub(super) fn tell(&self) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    pub(super) fn is_told(&self) -> bool {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, but not beyond the moment at which the thread is told to end.
    pub(super) fn wait(&self, at_most: Duration) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(told, at_most, |told| !*told));
    }
}

/// As many threads as a queue has lanes. They end when this is dropped, each after its job.
pub(super) struct Lanes {
    jobs: Sender<Job>,
    free: Arc<AtomicUsize>,
    count: usize,
}

impl Lanes {
    /// Starts the threads. Each drops its `ended` when it ends, and is missed on the roll.
    pub(super) fn start(
        name: &str,
        count: usize,
        (ended, roll): (&Sender<()>, &Roll),
        process: impl Fn(&Job) + Clone + Send + 'static,
    ) -> std::io::Result<Self> {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        let free = Arc::new(AtomicUsize::new(count));
        for _ in 0..count {
            let (waiting, free, process) = (Arc::clone(&waiting), Arc::clone(&free), process.clone());
            let held = (ended.clone(), roll.join());
            std::thread::Builder::new().name(name.to_owned()).spawn(move || {
                let _held = held;
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    process(&job);
                    free.fetch_add(1, Ordering::AcqRel);
                }
            })?;
        }
        Ok(Self { jobs, free, count })
    }

    pub(super) fn free(&self) -> usize {
        self.free.load(Ordering::Acquire)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.free() < self.count
    }

    /// Gives a job to a lane that is free.
    pub(super) fn give(&self, job: Job) {
        self.free.fetch_sub(1, Ordering::AcqRel);
        // The threads are there as long as this is.
        let _ = self.jobs.send(job);
    }
}
