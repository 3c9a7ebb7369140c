//! What is measured while a process runs, told at `/metrics` where one is asked for. Measures are statics, so that whoever measures names them and
//! nobody passes them around; before [`start`] they cost a look at a null.

use std::sync::OnceLock;

use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter};
use opentelemetry::{KeyValue, global};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Encoder as _, Registry, TextEncoder};

use crate::status::Failure;

/// Seconds between the limits of the buckets for calls: what a person waits for.
const CALL: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds between the limits of the buckets for facts: from at once to after an outage.
const WAY: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0];

/// How long calls take, in seconds; labels `service`, `method`, `code`.
pub static RPC_DURATION: Spread =
    Spread::new("gongzhi_rpc_duration_seconds", "How long calls take, by their outcome.", CALL);
/// Facts committed and not relayed; label `service`.
pub static OUTBOX_DEPTH: Level =
    Level::new("gongzhi_outbox_depth", "Facts that are committed and not yet relayed.");
/// Age of the oldest of them in seconds; label `service`.
pub static OUTBOX_OLDEST: Level =
    Level::new("gongzhi_outbox_oldest_seconds", "Age of the oldest fact that is not yet relayed.");
/// Facts relayed by this process; label `service`. Prometheus calls it `gongzhi_relay_published_total`.
pub static RELAYED: Count = Count::new("gongzhi_relay_published", "Facts that this process relayed.");
/// Facts that a consumer has still before it; labels `service`, `source`.
pub static INBOX_LAG: Level =
    Level::new("gongzhi_inbox_lag_facts", "Facts of the stream that a consumer has still before it.");
/// Seconds from a fact's instant to its effect; label `service`.
pub static INBOX_DELAY: Spread =
    Spread::new("gongzhi_inbox_delay_seconds", "From the instant of a fact to its effect.", WAY);
/// Facts that could not be handled; label `service`.
pub static FACTS_PARKED: Level =
    Level::new("gongzhi_facts_parked", "Facts that could not be handled and wait for a person.");
/// Things to which something should have happened by itself; label `service`.
pub static TIMERS_DUE: Level = Level::new("gongzhi_timers_due", "Timers whose time has come.");
/// How late the latest of them is in seconds; label `service`.
pub static TIMERS_LATE: Level =
    Level::new("gongzhi_timers_late_seconds", "How late the latest timer is that has not fired.");
/// 1 while somebody holds a lease; labels `service`, `lease`.
pub static LEASE_HELD: Level =
    Level::new("gongzhi_lease_held", "1 while some process holds the lease, 0 while none does.");
/// Connections of this process's pool; labels `service`, `state` (used, idle).
pub static CONNECTIONS: Level =
    Level::new("gongzhi_database_connections", "Connections of this process to the database.");
/// Most connections of this process's pool; label `service`.
pub static CONNECTIONS_LIMIT: Level =
    Level::new("gongzhi_database_connections_limit", "Most connections that this process may make.");
/// Bytes of the stream; label `district`.
pub static STREAM_BYTES: Level =
    Level::new("gongzhi_stream_bytes", "Bytes that the district's stream holds.");
/// Bytes that the stream may hold; label `district`.
pub static STREAM_LIMIT: Level =
    Level::new("gongzhi_stream_limit_bytes", "Bytes that the district's stream may hold.");
/// Facts in the stream; label `district`.
pub static STREAM_FACTS: Level =
    Level::new("gongzhi_stream_facts", "Facts that the district's stream holds.");
/// 1 for each part that is well; label `part`.
pub static READY: Level = Level::new("gongzhi_ready", "1 while a part that the process needs is well.");
/// Always 1; label `version`.
pub static BUILD_INFO: Level = Level::new("gongzhi_build_info", "Always 1; says which version runs.");

/// A label of a measure.
pub type Label<'a> = (&'static str, &'a str);

/// A figure that goes up and down.
pub struct Level {
    name: &'static str,
    what: &'static str,
    gauge: OnceLock<Gauge<f64>>,
}

impl Level {
    /// Names a figure; the unit is the end of the name.
    pub const fn new(name: &'static str, what: &'static str) -> Self {
        Self { name, what, gauge: OnceLock::new() }
    }

    /// Says what it is now.
    pub fn set(&self, value: f64, labels: &[Label<'_>]) {
        let gauge =
            self.gauge.get_or_init(|| meter().f64_gauge(self.name).with_description(self.what).build());
        gauge.record(value, &key_values(labels));
    }
}

/// A figure that only goes up.
pub struct Count {
    name: &'static str,
    what: &'static str,
    counter: OnceLock<Counter<u64>>,
}

impl Count {
    /// Names a figure; Prometheus puts `_total` behind it.
    pub const fn new(name: &'static str, what: &'static str) -> Self {
        Self { name, what, counter: OnceLock::new() }
    }

    /// Adds to it.
    pub fn add(&self, more: u64, labels: &[Label<'_>]) {
        let counter =
            self.counter.get_or_init(|| meter().u64_counter(self.name).with_description(self.what).build());
        counter.add(more, &key_values(labels));
    }
}

/// How a figure is spread.
pub struct Spread {
    name: &'static str,
    what: &'static str,
    limits: &'static [f64],
    histogram: OnceLock<Histogram<f64>>,
}

impl Spread {
    /// Names a figure and the upper limits of its buckets, in its unit.
    pub const fn new(name: &'static str, what: &'static str, limits: &'static [f64]) -> Self {
        Self { name, what, limits, histogram: OnceLock::new() }
    }

    /// Adds an observation.
    pub fn observe(&self, value: f64, labels: &[Label<'_>]) {
        let histogram = self.histogram.get_or_init(|| {
            meter()
                .f64_histogram(self.name)
                .with_description(self.what)
                .with_boundaries(self.limits.to_vec())
                .build()
        });
        histogram.record(value, &key_values(labels));
    }
}

fn meter() -> Meter {
    global::meter("gongzhi")
}

fn key_values(labels: &[Label<'_>]) -> Vec<KeyValue> {
    labels.iter().map(|(name, value)| KeyValue::new(*name, (*value).to_owned())).collect()
}

static REGISTRY: OnceLock<Registry> = OnceLock::new();

/// Begins to measure; what was measured before is lost. Called once, before anything measures.
pub fn start(version: &str) -> Result<(), Failure> {
    let registry = Registry::new();
    // Names say the unit already, and one process has one scope and one target.
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .without_units()
        .without_target_info()
        .scope_info_enabled(false)
        .build()
        .map_err(|error| Failure::Bug(format!("nothing can be measured: {error}")))?;
    global::set_meter_provider(SdkMeterProvider::builder().with_reader(exporter).build());
    REGISTRY.set(registry).map_err(|_| Failure::Bug("measuring was started before".into()))?;
    BUILD_INFO.set(1.0, &[("version", version)]);
    Ok(())
}

/// True where somebody asked to measure: what costs a statement is left alone otherwise.
pub fn is_on() -> bool {
    REGISTRY.get().is_some()
}

/// Everything measured, as Prometheus reads it.
pub(crate) fn text() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    if let Some(registry) = REGISTRY.get() {
        TextEncoder::new()
            .encode(&registry.gather(), &mut bytes)
            .map_err(|error| Failure::Bug(format!("what was measured cannot be told: {error}")))?;
    }
    String::from_utf8(bytes).map_err(|error| Failure::Bug(error.to_string()))
}
