//! The time. Everything that needs it asks the [`Clock`] of the running [`App`](crate::app::App), so that tests can move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};

use super::Timestamp;

/// Where the time comes from: the machine, or (in tests) a hand that is moved.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    #[default]
    System,
    /// Microseconds since the Unix epoch, UTC.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `start` until it is moved with [`Clock::advance`].
    pub fn fixed(start: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    /// The moment it is now, in UTC, to the microsecond.
    pub fn now(&self) -> Timestamp {
        match self {
            // The only place that reads the machine's clock.
            #[allow(clippy::disallowed_methods)]
            Self::System => Timestamp::from(Utc::now()),
            Self::Fixed(micros) => {
                let moment = DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst));
                Timestamp::from(moment.unwrap_or_default())
            }
        }
    }

    /// Moves a fixed clock forward (or back). The machine's clock cannot be moved: then nothing happens.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(micros) = self {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }
}
