//! Shares: how much of something one network or account may hold at a time, so that others get theirs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

type Held = Arc<Mutex<HashMap<String, Arc<Semaphore>>>>;

/// The same number for everybody.
#[derive(Clone)]
pub struct Shares {
    each: usize,
    held: Held,
}

/// One of somebody's shares, given back when it is dropped.
#[must_use]
pub struct Share {
    who: String,
    of: Arc<Semaphore>,
    /// Empty while it is waited for.
    permit: Option<OwnedSemaphorePermit>,
    held: Held,
}

fn locked(held: &Held) -> MutexGuard<'_, HashMap<String, Arc<Semaphore>>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shares {
    pub fn new(each: usize) -> Self {
        Self { each, held: Held::default() }
    }

    fn empty(&self, who: &str) -> Share {
        let new = || Arc::new(Semaphore::new(self.each));
        let of = Arc::clone(locked(&self.held).entry(who.to_owned()).or_insert_with(new));
        Share { who: who.to_owned(), of, permit: None, held: Arc::clone(&self.held) }
    }

    /// One more for `who`, unless they hold all of theirs.
    pub fn try_take(&self, who: &str) -> Option<Share> {
        let mut share = self.empty(who);
        share.permit = Arc::clone(&share.of).try_acquire_owned().ok();
        share.permit.is_some().then_some(share)
    }

    /// One more for `who`, as soon as they hold fewer than all of theirs.
    pub async fn take(&self, who: &str) -> Share {
        let mut share = self.empty(who);
        share.permit = Arc::clone(&share.of).acquire_owned().await.ok();
        share
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut held = locked(&self.held);
        // This one and the map's: nobody else holds one or waits.
        if Arc::strong_count(&self.of) == 2 {
            held.remove(&self.who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_more_than_their_share_and_nothing_is_kept_of_who_holds_none() {
        let shares = Shares::new(2);
        let (one, two) = (shares.try_take("a"), shares.try_take("a"));
        assert!(one.is_some() && two.is_some() && shares.try_take("a").is_none());
        assert!(shares.try_take("b").is_some(), "others have their own");
        drop(one);
        let again = shares.try_take("a");
        assert!(again.is_some());
        drop((two, again));
        assert!(locked(&shares.held).is_empty());
    }
}
