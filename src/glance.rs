//! A look at something that may hang, for who asks often and waits for little: it is taken on a thread of its own, one at a time,
//! and what it saw is good for some seconds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::threads::Threads;

#[derive(Clone)]
pub struct Glance<T> {
    thread: Threads<()>,
    fresh_for: Duration,
    patience: Duration,
    last: Arc<Mutex<Option<(Instant, T)>>>,
}

impl<T: Clone + Send + 'static> Glance<T> {
    pub fn new(name: &'static str, fresh_for: Duration, patience: Duration) -> Self {
        Self { thread: Threads::start(name, 1), fresh_for, patience, last: Arc::default() }
    }

    /// What was seen a moment ago, or what `look` sees now; `None` where that takes too long.
    pub async fn at(&self, look: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        if let Some(seen) = self.seen() {
            return Some(seen);
        }
        let looking = async {
            let turn = self.thread.turn().await.ok()?;
            // Somebody else may have looked meanwhile.
            if let Some(seen) = self.seen() {
                return Some(seen);
            }
            let last = Arc::clone(&self.last);
            let look = move |(): &mut ()| {
                let seen = look();
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), seen.clone()));
                seen
            };
            self.thread.run(turn, look).await.ok()
        };
        tokio::time::timeout(self.patience, looking).await.ok().flatten()
    }

    fn seen(&self) -> Option<T> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(at, _)| at.elapsed() < self.fresh_for).map(|(_, seen)| seen.clone())
    }
}
