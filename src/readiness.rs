//! Whether this process should be sent requests.
//!
//! It is ready while its database answers, is current, can be written to and belongs to its key, and while its threads in the
//! background are there. That the mail server answers is not asked for: it is the same for all processes, so that one that is
//! slow would take the whole portal away, and mails wait where pages cannot. How long they wait is gauged, and an alert.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::db::{Db, DbError};
use crate::glance::Glance;
use crate::installation::{Fit, fit};
use crate::roll::Roll;
use crate::secrets::SecretKeys;

/// How long a look is good: nobody loads the database by asking often.
const FRESH_FOR: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);
/// How long others may be writing all the time before it counts as a fault.
const WRITES_WITHIN: Duration = Duration::from_secs(10);

/// Why not. One word each, which says nothing to a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum NotReady {
    Stopping,
    /// A thread in the background is gone.
    Background,
    Database,
    Migrations,
    Key,
    Writing,
}

#[derive(Clone)]
pub struct Readiness {
    /// The threads in the background.
    pub roll: Roll,
    stopping: Arc<AtomicBool>,
    glance: Glance<Option<NotReady>>,
    wrote_at: Arc<Mutex<Instant>>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self {
            roll: Roll::default(),
            stopping: Arc::default(),
            glance: Glance::new("readiness", FRESH_FOR, PATIENCE),
            wrote_at: Arc::new(Mutex::new(Instant::now())),
        }
    }
}

impl Readiness {
    /// From now on it is not ready, whatever else is.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub async fn check(&self, db: &Db, keys: &SecretKeys) -> Option<NotReady> {
        if self.stopping.load(Ordering::Relaxed) {
            return Some(NotReady::Stopping);
        }
        if !self.roll.is_complete() {
            return Some(NotReady::Background);
        }
        let (this, db, keys) = (self.clone(), db.clone(), keys.clone());
        self.glance.at(move || this.look(&db, &keys)).await.unwrap_or(Some(NotReady::Database))
    }

    fn look(&self, db: &Db, keys: &SecretKeys) -> Option<NotReady> {
        let asked = || -> Result<Option<NotReady>, DbError> {
            if !db.pending_migrations()?.is_empty() {
                return Ok(Some(NotReady::Migrations));
            }
            Ok((db.look_apart(|connection| fit(connection, keys))? == Fit::Foreign).then_some(NotReady::Key))
        };
        match asked() {
            Ok(None) => self.look_at_writing(db),
            Ok(Some(reason)) => {
                tracing::error!(?reason, "not ready");
                Some(reason)
            }
            Err(error) => {
                tracing::error!(%error, "not ready: the database does not answer");
                Some(NotReady::Database)
            }
        }
    }

    /// While somebody else writes, writing works. But not if they never end.
    fn look_at_writing(&self, db: &Db) -> Option<NotReady> {
        let mut wrote_at = self.wrote_at.lock().unwrap_or_else(PoisonError::into_inner);
        match db.try_to_write() {
            Ok(true) => *wrote_at = Instant::now(),
            Ok(false) if wrote_at.elapsed() < WRITES_WITHIN => {}
            Ok(false) => {
                tracing::error!("not ready: somebody else has been writing for too long");
                return Some(NotReady::Writing);
            }
            Err(error) => {
                tracing::error!(%error, "not ready: the database cannot be written to");
                return Some(NotReady::Writing);
            }
        }
        None
    }
}
