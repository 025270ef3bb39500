//! Threads for one kind of work with the database. Who wants some done waits for a turn without taking a thread, and for no longer
//! than the time limit: a database that is slow or silent holds the threads of its lane, and nobody else's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Span;

use super::DbError;
use super::circuit::Circuit;
use crate::metrics::counts::COUNTS;

/// How long a thread without work is kept.
const IDLE: Duration = Duration::from_secs(60);
/// How much longer an answer waits for a change that is being committed when its time is over.
const LAST_MOMENT: Duration = Duration::from_millis(300);

pub(super) struct Lane {
    name: &'static str,
    /// Gone only while the lane is dropped.
    runtime: Option<Runtime>,
    turns: Arc<Semaphore>,
    size: u32,
    waiting: AtomicUsize,
}

/// What a lane does at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneState {
    /// How many pieces of work can be done at once: one a connection.
    pub size: u32,
    pub busy: u32,
    /// How many wait for a turn.
    pub waiting: usize,
}

/// Whether somebody still waits for a change. Who was told that it failed must not find it stored later.
#[derive(Clone, Default)]
pub struct Asked(Arc<AtomicU8>);

const WANTED: u8 = 0;
const WITHDRAWN: u8 = 1;
const COMMITTING: u8 = 2;

impl Asked {
    /// To be asked right before the commit. From then on it cannot be withdrawn.
    pub(super) fn may_commit(&self) -> bool {
        let asked = self.0.compare_exchange(WANTED, COMMITTING, Ordering::AcqRel, Ordering::Acquire);
        asked.is_ok() || asked == Err(COMMITTING)
    }

    /// False where it is too late.
    fn withdraw(&self) -> bool {
        self.0.compare_exchange(WANTED, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire) != Err(COMMITTING)
    }
}

impl Lane {
    /// `size` pieces of work at once.
    pub(super) fn start(name: &'static str, size: u32) -> Result<Self, DbError> {
        // Nothing is polled in this runtime. It is there for its blocking threads, which come and go with the work.
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(size as usize)
            .thread_keep_alive(IDLE)
            .thread_name(name)
            .build()
            .map_err(|error| DbError::Unexpected(error.to_string()))?;
        Ok(Self {
            name,
            runtime: Some(runtime),
            turns: Arc::new(Semaphore::new(size as usize)),
            size,
            waiting: AtomicUsize::new(0),
        })
    }

    /// Does `work` on one of the threads. Where the database is silent for longer than `limit`, the answer is an error, while the
    /// thread stays with the work until the database or the network gives it up.
    pub(super) async fn run<T, E>(
        &self,
        circuit: &Arc<Circuit>,
        limit: Duration,
        work: impl FnOnce(&Asked) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        circuit.check()?;
        let asked = Asked::default();
        let done = self.done(asked.clone(), work);
        tokio::pin!(done);
        let in_time = async {
            tokio::select! {
                biased;
                outcome = &mut done => outcome,
                why = circuit.opened() => Err(DbError::Unreachable(why).into()),
            }
        };
        let failed = match tokio::time::timeout(limit, in_time).await {
            Ok(Err(error)) if circuit.check().is_err() => error,
            Ok(outcome) => return outcome,
            Err(_) => {
                circuit.suspect("it does not answer");
                DbError::TooSlow.into()
            }
        };
        if asked.withdraw() {
            return Err(failed);
        }
        tokio::time::timeout(LAST_MOMENT, done).await.unwrap_or_else(|_| Err(DbError::Uncertain.into()))
    }

    async fn done<T, E>(&self, asked: Asked, work: impl FnOnce(&Asked) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let turn = match Arc::clone(&self.turns).try_acquire_owned() {
            Ok(turn) => {
                COUNTS.waited_for_connection(self.name, Duration::ZERO, true);
                turn
            }
            Err(_) => self.turn().await?,
        };
        let Some(runtime) = &self.runtime else { return Err(DbError::Unexpected("no threads".to_owned()).into()) };
        // What is logged there still belongs to the request.
        let span = Span::current();
        let work = runtime.spawn_blocking(move || {
            let _turn = turn;
            span.in_scope(|| work(&asked))
        });
        work.await.map_err(|error| DbError::Unexpected(error.to_string()))?
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, DbError> {
        /// Counted as long as it waits, and no longer, however the waiting ends.
        struct Waiting<'a> {
            lane: &'a Lane,
            since: Instant,
            has_turn: bool,
        }
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.lane.waiting.fetch_sub(1, Ordering::Relaxed);
                COUNTS.waited_for_connection(self.lane.name, self.since.elapsed(), self.has_turn);
            }
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let mut waiting = Waiting { lane: self, since: Instant::now(), has_turn: false };
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        waiting.has_turn = turn.is_ok();
        turn.map_err(|error| DbError::Unexpected(error.to_string()))
    }

    /// Whether whoever asks now would have to wait.
    pub(super) fn is_busy(&self) -> bool {
        self.turns.available_permits() == 0
    }

    pub(super) fn state(&self) -> LaneState {
        LaneState {
            size: self.size,
            busy: self.size.saturating_sub(self.turns.available_permits() as u32),
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Lane {
    /// Whoever is stuck in the database is not waited for.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
