//! A line in the log for each statement that takes long, without the values that it was about.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use diesel::connection::{DebugQuery, Instrumentation, InstrumentationEvent, set_default_instrumentation};

use crate::metrics::counts::COUNTS;

static SLOW: OnceLock<Duration> = OnceLock::new();

/// From now on, connections that are made log statements that take this long or longer.
pub fn log_slow_statements(slow: Duration) {
    let _ = SLOW.set(slow);
    if set_default_instrumentation(|| Some(Box::new(Watch(None)))).is_err() {
        tracing::warn!("slow statements are not logged");
    }
}

/// One connection, and since when it has been at its statement.
struct Watch(Option<Instant>);

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.0 = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { query, .. } => {
                let took = self.0.take().map(|started| started.elapsed());
                if let Some(took) = took.filter(|took| SLOW.get().is_some_and(|slow| took >= slow)) {
                    COUNTS.slow_statement();
                    tracing::warn!(
                        duration_ms = took.as_millis() as u64,
                        sql = without_values(query),
                        "slow statement"
                    );
                }
            }
            _ => {}
        }
    }
}

/// The statement with its holes: what fills them may be anything about anybody.
fn without_values(query: &dyn DebugQuery) -> String {
    let text = query.to_string();
    text.split(" -- binds: ").next().unwrap_or_default().trim().to_owned()
}
