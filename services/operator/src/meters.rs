//! What the operator tells of itself in figures, through the meter of the process; who reads them is not its business.

use std::time::Duration;

use opentelemetry::metrics::{Counter, Gauge, Histogram, UpDownCounter};
use opentelemetry::{KeyValue, global};

/// The instruments. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Meters {
    leader: Gauge<u64>,
    reconciliations: Counter<u64>,
    seconds: Histogram<f64>,
    objects: UpDownCounter<i64>,
}

/// How a reconciliation ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Done,
    Failed,
}

impl Meters {
    pub(crate) fn new() -> Self {
        let meter = global::meter("gongzhi-operator");
        Self {
            leader: meter
                .u64_gauge("gongzhi_operator_leader")
                .with_description("1 in the process that leads")
                .build(),
            // The exporter adds `_total`.
            reconciliations: meter
                .u64_counter("gongzhi_operator_reconciliations")
                .with_description("objects looked at, and how that ended")
                .build(),
            seconds: meter
                .f64_histogram("gongzhi_operator_reconcile_seconds")
                .with_description("how long looking at one object took")
                .with_boundaries(vec![0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0])
                .build(),
            objects: meter
                .i64_up_down_counter("gongzhi_operator_objects")
                .with_description("objects that are there, and whether they are ready")
                .build(),
        }
    }

    pub(crate) fn leads(&self, leads: bool) {
        self.leader.record(leads.into(), &[]);
    }

    pub(crate) fn reconciled(&self, kind: &'static str, outcome: Outcome, took: Duration) {
        let word = match outcome {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
        };
        self.reconciliations.add(1, &[KeyValue::new("kind", kind), KeyValue::new("outcome", word)]);
        self.seconds.record(took.as_secs_f64(), &[KeyValue::new("kind", kind)]);
    }

    /// Counts one object more or less.
    pub(crate) fn object(&self, kind: &'static str, ready: &'static str, change: i64) {
        self.objects.add(change, &[KeyValue::new("kind", kind), KeyValue::new("ready", ready)]);
    }
}
