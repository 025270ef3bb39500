//! Which of the threads that work in the background are there. One that is gone, however it went, is missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// It counts those who are missing.
#[derive(Clone, Debug, Default)]
pub struct Roll(Arc<AtomicUsize>);

/// Held by a thread as long as it works.
#[must_use]
pub struct Presence(Arc<AtomicUsize>);

impl Roll {
    pub fn join(&self) -> Presence {
        Presence(Arc::clone(&self.0))
    }

    /// Whether all who joined are still there.
    pub fn is_complete(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_panicked_is_missed() {
        let roll = Roll::default();
        let (one, other) = (roll.join(), roll.join());
        assert!(roll.is_complete());
        let gone = std::thread::spawn(move || {
            let _other = other;
            panic!("it is meant to");
        });
        assert!(gone.join().is_err());
        assert!(!roll.is_complete());
        drop(one);
    }
}
