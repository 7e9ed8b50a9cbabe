//! What the server counts, in the text form of Prometheus. No label is the name
//! of a user, a key or a tenant.

use std::time::Duration;

use portcullis::directory::{Activity, ActivityRecord};
use prometheus::{
    Encoder as _, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

/// The counters of a server.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    decisions: IntCounterVec,
    acts: IntCounterVec,
    requests: IntCounterVec,
    seconds: HistogramVec,
    connections: IntGaugeVec,
    reloads: IntCounterVec,
    policy: IntGaugeVec,
    age: IntGauge,
    unstored: IntGauge,
    activity: GaugeVec,
}

/// From 50 microseconds to 2.5 seconds.
const BUCKETS: [f64; 12] = [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 2.5,
];

impl Metrics {
    /// Counters that are all zero.
    ///
    /// # Errors
    ///
    /// Two of them have one name: this does not happen.
    pub fn new() -> prometheus::Result<Self> {
        let counter = |name: &str, help: &str, labels: &[&str]| {
            IntCounterVec::new(Opts::new(name, help), labels)
        };
        let gauge = |name: &str, help: &str, labels: &[&str]| {
            IntGaugeVec::new(Opts::new(name, help), labels)
        };
        let seconds = HistogramOpts::new(
            "portcullis_request_seconds",
            "How long requests took, from head to answer",
        );
        let own = Self {
            registry: Registry::new(),
            decisions: counter(
                "portcullis_decisions_total",
                "Decided requests by reason (`allow` where allowed) and template of the endpoint",
                &["reason", "endpoint"],
            )?,
            acts: counter(
                "portcullis_acts_total",
                "Acts on keys and accounts by operation and result",
                &["operation", "result"],
            )?,
            requests: counter(
                "portcullis_requests_total",
                "Answered requests by listener and status",
                &["listener", "status"],
            )?,
            seconds: HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["listener"])?,
            connections: gauge(
                "portcullis_connections",
                "Open connections by listener",
                &["listener"],
            )?,
            reloads: counter("portcullis_reloads_total", "Reloads by result", &["result"])?,
            policy: gauge(
                "portcullis_policy",
                "1 for the policy in force, by its digest and the release",
                &["digest", "release"],
            )?,
            age: IntGauge::new(
                "portcullis_store_age_seconds",
                "For how long the store has not been heard from; 0 without a store",
            )?,
            unstored: IntGauge::new(
                "portcullis_unstored_keys",
                "Keys whose state is in force and could not be stored yet",
            )?,
            activity: GaugeVec::new(
                Opts::new(
                    "portcullis_activity_records",
                    "Records of activity by state: `queued`, `written`, `dropped` or `refused`, and attempts to write that were `failures`",
                ),
                &["state"],
            )?,
        };
        let all: [Box<dyn prometheus::core::Collector>; 10] = [
            Box::new(own.decisions.clone()),
            Box::new(own.acts.clone()),
            Box::new(own.requests.clone()),
            Box::new(own.seconds.clone()),
            Box::new(own.connections.clone()),
            Box::new(own.reloads.clone()),
            Box::new(own.policy.clone()),
            Box::new(own.age.clone()),
            Box::new(own.unstored.clone()),
            Box::new(own.activity.clone()),
        ];
        for collector in all {
            own.registry.register(collector)?;
        }
        Ok(own)
    }

    /// The counter of a decision or an act.
    pub fn counter(&self, record: &ActivityRecord) -> IntCounter {
        let result = record.code().unwrap_or("allow");
        if record.operation == Activity::Request {
            let endpoint = record.endpoint.as_ref().map(ToString::to_string);
            let endpoint = endpoint.as_deref().unwrap_or("none");
            self.decisions.with_label_values(&[result, endpoint])
        } else {
            let operation = record.operation.code();
            self.acts.with_label_values(&[operation, result])
        }
    }

    /// Counts an answered request.
    pub fn answered(&self, listener: &str, status: u16, took: Duration) {
        let status = status.to_string();
        self.requests.with_label_values(&[listener, &status]).inc();
        self.seconds
            .with_label_values(&[listener])
            .observe(took.as_secs_f64());
    }

    /// The gauge of open connections of a listener.
    pub fn connections(&self, listener: &str) -> IntGauge {
        self.connections.with_label_values(&[listener])
    }

    /// Counts a reload.
    pub fn reloaded(&self, result: &str) {
        self.reloads.with_label_values(&[result]).inc();
    }

    /// Notes the policy in force.
    pub fn in_force(&self, digest: &str, release: &str) {
        self.policy.reset();
        self.policy.with_label_values(&[digest, release]).set(1);
    }

    /// Notes how old the word of the store is.
    pub fn aged(&self, seconds: u64) {
        self.age.set(i64::try_from(seconds).unwrap_or(i64::MAX));
    }

    /// Notes how many keys have a state that is not stored.
    pub fn unstored(&self, keys: usize) {
        self.unstored.set(i64::try_from(keys).unwrap_or(i64::MAX));
    }

    /// Notes how many records of activity are in a state.
    pub fn records(&self, state: &str, number: u64) {
        // A gauge of this size need not be exact.
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        self.activity.with_label_values(&[state]).set(number as f64);
    }

    /// The text that Prometheus reads, and its media type.
    ///
    /// # Errors
    ///
    /// A name that Prometheus does not allow: this does not happen.
    pub fn text(&self) -> prometheus::Result<(Vec<u8>, String)> {
        let encoder = TextEncoder::new();
        let mut text = Vec::new();
        encoder.encode(&self.registry.gather(), &mut text)?;
        Ok((text, encoder.format_type().to_owned()))
    }
}
