//! What a monitoring system is told about this process and its database, in the OpenMetrics text that Prometheus reads.
//!
//! Counts come from [`counts`]; gauges are taken when somebody asks. What the database must be asked for is kept for some seconds
//! and read on a thread of its own with little patience, so that asking often costs nothing and a database that is away does
//! not keep the rest from being told.

pub mod counts;
mod process;
mod stored;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::db::Db;
use crate::glance::Glance;
use crate::time::Timestamp;
use counts::COUNTS;
use stored::Stored;

/// The type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long what the database said is good enough.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// How long an answer waits for the database.
const PATIENCE: Duration = Duration::from_secs(2);

type Seconds = Gauge<f64, AtomicU64>;

/// Jobs of one queue: `mail` is one. Priority 0 is what somebody waits for, 2 what comes last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    queue: String,
    priority: i32,
}

/// Work that recurs, such as `credits.expire`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Work {
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolState {
    pool: &'static str,
    state: &'static str,
}

/// See the module.
pub struct Metrics {
    started: Instant,
    /// What the database said, or that it said nothing.
    glance: Glance<Option<Arc<Stored>>>,
}

impl Metrics {
    pub fn start() -> Self {
        Self { started: Instant::now(), glance: Glance::new("metrics", FRESH_FOR, PATIENCE) }
    }

    /// Everything, as text.
    pub async fn text(&self, db: &Db, now: Timestamp) -> String {
        let stored = self.stored(db, now).await;
        let mut registry = Registry::with_prefix("portico");
        COUNTS.register(&mut registry);
        self.register_process(&mut registry);
        register_pools(&mut registry, db);
        gauge(&mut registry, "database_up", "Whether the database answered", i64::from(stored.is_some()));
        if let Some(stored) = stored {
            register_stored(&mut registry, &stored);
        }
        let mut text = String::new();
        // Writing to a text fails only where there is no memory.
        let _ = encode(&mut text, &registry);
        text
    }

    async fn stored(&self, db: &Db, now: Timestamp) -> Option<Arc<Stored>> {
        let db = db.clone();
        let read = move || stored::read(&db, now).inspect_err(|error| tracing::warn!(%error, "not gauged")).ok();
        self.glance.at(move || read().map(Arc::new)).await.flatten()
    }

    fn register_process(&self, registry: &mut Registry) {
        registry.register("build", "The version of the program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        seconds(registry, "uptime", "Since the process started", self.started.elapsed().as_secs_f64());
        if let Some(bytes) = process::resident_bytes() {
            bytes_gauge(registry, "resident_memory", "Memory that is resident", bytes as i64);
        }
        if let Some(files) = process::open_files() {
            gauge(registry, "open_files", "Files and connections that are open", files as i64);
        }
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn bytes_gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register_with_unit(name, help, Unit::Bytes, gauge);
}

fn seconds(registry: &mut Registry, name: &str, help: &str, value: f64) {
    let gauge = Seconds::default();
    gauge.set(value);
    registry.register_with_unit(name, help, Unit::Seconds, gauge);
}

fn register_pools(registry: &mut Registry, db: &Db) {
    let connections = Family::<PoolState, Gauge>::default();
    let turns = Family::<PoolState, Gauge>::default();
    for side in db.state() {
        let used = side.connections.saturating_sub(side.idle);
        for (state, count) in [("used", used), ("idle", side.idle), ("most", side.lane.size)] {
            connections.get_or_create(&PoolState { pool: side.name, state }).set(count.into());
        }
        turns.get_or_create(&PoolState { pool: side.name, state: "busy" }).set(side.lane.busy.into());
        turns.get_or_create(&PoolState { pool: side.name, state: "waiting" }).set(side.lane.waiting as i64);
    }
    registry.register("database_connections", "Connections to the database", connections);
    registry.register("database_turns", "Pieces of work that use the database, and that wait to", turns);
}

fn register_stored(registry: &mut Registry, stored: &Stored) {
    bytes_gauge(registry, "database_size", "What the database takes on its disk", stored.bytes);
    gauge(registry, "sessions", "Browsers that are signed in", stored.sessions);
    gauge(registry, "mails_failed", "Mails that were given up and are still kept", stored.mails_failed);
    let (count, due) = (Family::<Kind, Gauge>::default(), Family::<Kind, Gauge>::default());
    let oldest = Family::<Kind, Seconds>::default();
    for jobs in &stored.jobs {
        let kind = Kind { queue: jobs.queue.clone(), priority: jobs.priority };
        count.get_or_create(&kind).set(jobs.count);
        due.get_or_create(&kind).set(jobs.due);
        oldest.get_or_create_owned(&kind).set(jobs.oldest_due_seconds);
    }
    registry.register("jobs", "Jobs that are not done", count);
    registry.register("jobs_due", "Jobs that could be done now and are not", due);
    let help = "How long the oldest of them could have been done";
    registry.register_with_unit("jobs_oldest_due", help, Unit::Seconds, oldest);
    register_recurring(registry, stored);
}

fn register_recurring(registry: &mut Registry, stored: &Stored) {
    let failures = Family::<Work, Gauge>::default();
    let (since_done, until_due) = (Family::<Work, Seconds>::default(), Family::<Work, Seconds>::default());
    for job in &stored.recurring {
        let work = Work { kind: job.kind.clone() };
        failures.get_or_create(&work).set(job.failures);
        since_done.get_or_create(&work).set(job.since_done_seconds);
        until_due.get_or_create(&work).set(job.until_due_seconds);
    }
    registry.register("recurring_failures", "Tries of recurring work that failed one after the other", failures);
    let help = "Since recurring work was done last";
    registry.register_with_unit("recurring_since_done", help, Unit::Seconds, since_done);
    registry.register_with_unit("recurring_until_due", "Until it is due again", Unit::Seconds, until_due);
}
