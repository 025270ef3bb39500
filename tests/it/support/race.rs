//! Two people at the same moment.

use std::sync::{Barrier, mpsc};
use std::time::Duration;

use portico::db::{DbError, WriteTx};

use super::Portal;

/// Runs both at the same moment, each on a thread of its own.
pub fn at_once<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|threads| {
        let other = threads.spawn(|| {
            start.wait();
            other()
        });
        start.wait();
        let one = one();
        (one, other.join().expect("the other one finishes"))
    })
}

/// How long an open transaction gives somebody who is not kept out the chance to overtake it.
const CHANCE: Duration = Duration::from_millis(120);

impl Portal {
    /// Runs `other` while the transaction of `one` has done its work and is still open. Where a lock is missing, `other` reads
    /// what was before, and is through before `one` commits.
    pub fn overlapping<A, B: Send>(
        &self,
        one: impl FnOnce(&mut WriteTx) -> Result<A, DbError>,
        other: impl FnOnce(&mut WriteTx) -> Result<B, DbError> + Send,
    ) -> (A, B) {
        let (is_open, opened) = mpsc::channel();
        let (is_done, done) = mpsc::channel();
        std::thread::scope(|threads| {
            let second = threads.spawn(move || {
                opened.recv().expect("the first transaction begins");
                let answer = self.app.write_now(other);
                // The first one may have gone on already.
                let _ = is_done.send(());
                answer
            });
            let first = self.app.write_now::<_, DbError>(|tx| {
                let answer = one(tx)?;
                is_open.send(()).expect("the second one waits");
                let _ = done.recv_timeout(CHANCE);
                Ok(answer)
            });
            let second = second.join().expect("the second one finishes");
            (first.expect("the first is stored"), second.expect("the second is stored"))
        })
    }
}
