//! The circuit to the database: while it is open, whoever asks is told at once that the database does not answer, instead of
//! waiting for it, and a thread of its own looks when it does again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::DbError;

/// How often is looked while the circuit is open.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// A database that answered anybody within this time is there: whatever failed or took long did so for another reason.
const SILENCE: Duration = Duration::from_secs(1);

type Probe = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

pub(super) struct Circuit {
    /// Why it is open, if it is.
    why: watch::Sender<Option<String>>,
    probe: Probe,
    /// Grows when the circuit closes: connections made before are not trusted.
    generation: Arc<AtomicU64>,
    began: Instant,
    /// When the database last answered, in milliseconds after `began`.
    answered: AtomicU64,
}

impl Circuit {
    /// `probe` asks the database whether it is there. It may be stuck for as long as it likes.
    pub(super) fn new(generation: Arc<AtomicU64>, probe: Probe) -> Arc<Self> {
        let why = watch::Sender::new(None);
        Arc::new(Self { why, probe, generation, began: Instant::now(), answered: AtomicU64::new(0) })
    }

    /// Fails while the circuit is open.
    pub(super) fn check(&self) -> Result<(), DbError> {
        self.why.borrow().clone().map_or(Ok(()), |why| Err(DbError::Unreachable(why)))
    }

    /// Waits until the circuit is open, and answers why.
    pub(super) async fn opened(&self) -> String {
        let mut why = self.why.subscribe();
        match why.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }

    /// Notes that the database answers.
    pub(super) fn has_answered(&self) {
        self.answered.store(self.began.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Opens the circuit unless the database has answered somebody else just now.
    pub(super) fn suspect(self: &Arc<Self>, why: &str) {
        let last = Duration::from_millis(self.answered.load(Ordering::Relaxed));
        if self.began.elapsed().saturating_sub(last) >= SILENCE {
            self.open(why);
        }
    }

    pub(super) fn open(self: &Arc<Self>, why: &str) {
        let is_first = self.why.send_if_modified(|now| {
            let is_first = now.is_none();
            now.get_or_insert_with(|| why.to_owned());
            is_first
        });
        if !is_first {
            return;
        }
        tracing::error!(why, "the database is away: whoever needs it is answered with 503 at once");
        let circuit = Arc::downgrade(self);
        let started = std::thread::Builder::new().name("prober".to_owned()).spawn(move || look(&circuit));
        if let Err(error) = started {
            tracing::error!(%error, "no thread can be started to look for the database");
            self.close();
        }
    }

    fn close(&self) {
        self.generation.fetch_add(1, Ordering::Release);
        self.has_answered();
        self.why.send_replace(None);
        tracing::info!("the database is there again");
    }
}

/// Looks until the database answers, or until nobody needs it any more.
fn look(circuit: &Weak<Circuit>) {
    while let Some(circuit) = circuit.upgrade() {
        match (circuit.probe)() {
            Ok(()) => return circuit.close(),
            Err(error) => tracing::debug!(error, "the database is still away"),
        }
        drop(circuit);
        std::thread::park_timeout(LOOK_AGAIN);
    }
}
