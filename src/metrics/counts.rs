//! What this process counts while it works, from the lowest floor up. Labels come from closed lists: no id, no address and nothing
//! that a visitor typed ever becomes one.

use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// One process, one set of counts.
pub static COUNTS: LazyLock<Counts> = LazyLock::new(Counts::default);

/// Upper ends of the ranges that durations are counted in, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Work {
    work: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Security {
    event: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderCall {
    call: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

/// See the module. The methods are what the other modules call.
pub struct Counts {
    answered: Family<Answered, Counter>,
    durations: Durations<Asked>,
    in_flight: Gauge,
    pool_wait: Durations<Pool>,
    pool_timeouts: Family<Pool, Counter>,
    work_waiting: Family<Work, Gauge>,
    work_running: Family<Work, Gauge>,
    work_refused: Family<Work, Counter>,
    mails: Family<Outcome, Counter>,
    provider_durations: Durations<ProviderCall>,
    security: Family<Security, Counter>,
    limits: Family<Limit, Counter>,
    slow_statements: Counter,
    log_lines_lost: Counter,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            durations: Family::new_with_constructor(durations),
            in_flight: Gauge::default(),
            pool_wait: Family::new_with_constructor(durations),
            pool_timeouts: Family::default(),
            work_waiting: Family::default(),
            work_running: Family::default(),
            work_refused: Family::default(),
            mails: Family::default(),
            provider_durations: Family::new_with_constructor(durations),
            security: Family::default(),
            limits: Family::default(),
            slow_statements: Counter::default(),
            log_lines_lost: Counter::default(),
        }
    }
}

/// Counts one more of something as long as it is held.
#[must_use]
pub struct Held(Gauge);

impl Held {
    fn one(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Counts {
    pub fn in_flight(&self) -> Held {
        Held::one(self.in_flight.clone())
    }

    /// A request was answered to its end. `route` is a pattern, never an address.
    pub fn answered(&self, route: String, method: &str, status: u16, took: Duration) {
        let method = ["GET", "HEAD", "POST"].into_iter().find(|known| *known == method).unwrap_or("other");
        let status = ["1xx", "2xx", "3xx", "4xx", "5xx"].get(usize::from(status / 100).saturating_sub(1));
        let asked = Asked { route: route.clone(), method };
        self.durations.get_or_create(&asked).observe(took.as_secs_f64());
        self.answered.get_or_create(&Answered { route, method, status: status.unwrap_or(&"other") }).inc();
    }

    pub fn waited_for_connection(&self, pool: &'static str, took: Duration, was_free: bool) {
        self.pool_wait.get_or_create(&Pool { pool }).observe(took.as_secs_f64());
        if !was_free {
            self.pool_timeouts.get_or_create(&Pool { pool }).inc();
        }
    }

    /// A piece of heavy work waits for its turn.
    pub fn waiting(&self, work: &'static str) -> Held {
        Held::one(self.work_waiting.get_or_create_owned(&Work { work }))
    }

    /// A piece of heavy work has its turn.
    pub fn running(&self, work: &'static str) -> Held {
        Held::one(self.work_running.get_or_create_owned(&Work { work }))
    }

    /// No turn came in time.
    pub fn refused(&self, work: &'static str) {
        self.work_refused.get_or_create(&Work { work }).inc();
    }

    pub fn mail(&self, outcome: &'static str) {
        self.mails.get_or_create(&Outcome { outcome }).inc();
    }

    /// The provider of payments was asked for something.
    pub fn provider_called(&self, call: &'static str, outcome: &'static str, took: Duration) {
        self.provider_durations.get_or_create(&ProviderCall { call, outcome }).observe(took.as_secs_f64());
    }

    pub fn security(&self, event: &'static str, outcome: &'static str) {
        self.security.get_or_create(&Security { event, outcome }).inc();
    }

    pub fn limit_refused(&self, limit: &'static str) {
        self.limits.get_or_create(&Limit { limit }).inc();
    }

    pub fn slow_statement(&self) {
        self.slow_statements.inc();
    }

    pub fn log_lines_lost(&self, lines: u64) {
        self.log_lines_lost.inc_by(lines);
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("requests", "Requests answered", self.answered.clone());
        registry.register_with_unit(
            "request_duration",
            "From a request's head to the end of its answer",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register("requests_in_flight", "Requests being answered", self.in_flight.clone());
        registry.register_with_unit(
            "database_pool_wait",
            "How long was waited for a connection",
            Unit::Seconds,
            self.pool_wait.clone(),
        );
        registry.register("database_pool_timeouts", "No connection came in time", self.pool_timeouts.clone());
        registry.register("heavy_work_waiting", "Pieces of heavy work without a turn yet", self.work_waiting.clone());
        registry.register("heavy_work_running", "Pieces of heavy work that have their turn", self.work_running.clone());
        registry.register("heavy_work_refused", "Pieces of heavy work that got no turn", self.work_refused.clone());
        registry.register("mails", "Tries to deliver a mail, by what came of them", self.mails.clone());
        registry.register_with_unit(
            "provider_call_duration",
            "How long calls of the provider of payments took, by what came of them",
            Unit::Seconds,
            self.provider_durations.clone(),
        );
        registry.register("security_events", "Security events of the log", self.security.clone());
        registry.register("limits_refused", "Refusals by a limit", self.limits.clone());
        registry.register("slow_statements", "Statements slower than the setting", self.slow_statements.clone());
        registry.register("log_lines_lost", "Lines of the log that nobody read in time", self.log_lines_lost.clone());
    }
}
