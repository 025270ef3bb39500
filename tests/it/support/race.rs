//! Two people at the same moment.

use std::sync::{Barrier, mpsc};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use portico::db::{Connection, DbError, WriteTx};

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

/// Runs the same so many times at the same moment, each on a thread of its own that is told its number.
pub fn all_at_once<A: Send>(count: usize, act: impl Fn(usize) -> A + Sync) -> Vec<A> {
    let start = Barrier::new(count);
    let act = |number| {
        start.wait();
        act(number)
    };
    std::thread::scope(|threads| {
        let act = &act;
        let started: Vec<_> = (0..count).map(|number| threads.spawn(move || act(number))).collect();
        started.into_iter().map(|thread| thread.join().expect("each one finishes")).collect()
    })
}

/// How long an open transaction waits for somebody to be kept out by it. Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many transactions of the database wait for a lock.
#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

impl Portal {
    /// Whether some transaction of this database waits for a lock now.
    fn is_somebody_kept_out(&self) -> bool {
        const QUERY: &str = "SELECT count(*) AS count FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting = self.query(|connection| match connection {
            Connection::Postgresql(postgresql) => diesel::sql_query(QUERY).get_result::<Waiting>(postgresql),
            Connection::Sqlite(_) => Ok(Waiting { count: 1 }),
        });
        waiting.count > 0
    }

    /// Runs `other` while the transaction of `one` has done its work and is still open, and goes on once a lock keeps `other` out,
    /// or once it is through because none does: then it has read what was before. On SQLite there is one writer, so it is always
    /// kept out.
    pub fn overlapping<A, B: Send>(
        &self,
        one: impl FnOnce(&mut WriteTx) -> Result<A, DbError>,
        other: impl FnOnce(&mut WriteTx) -> Result<B, DbError> + Send,
    ) -> (A, B) {
        self.interleaved(one, other, |_, answer| Ok(answer))
    }

    /// The same, where the transaction of `one` does something more when it goes on: `then` answers for it. Two that wait for each
    /// other fail the test.
    pub fn interleaved<A, B: Send, C>(
        &self,
        one: impl FnOnce(&mut WriteTx) -> Result<A, DbError>,
        other: impl FnOnce(&mut WriteTx) -> Result<B, DbError> + Send,
        then: impl FnOnce(&mut WriteTx, A) -> Result<C, DbError>,
    ) -> (C, B) {
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
                let started = Instant::now();
                while !self.is_somebody_kept_out() && done.recv_timeout(Duration::from_millis(5)).is_err() {
                    assert!(started.elapsed() < PATIENCE, "the second transaction neither waits nor ends");
                }
                then(tx, answer)
            });
            let second = second.join().expect("the second one finishes");
            (first.expect("the first is stored"), second.expect("the second is stored"))
        })
    }
}
