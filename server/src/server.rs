//! The server as a whole: what its listeners share, and how it changes.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use portcullis::{Engine, UnixSeconds, UserId};
use portcullis_host::activity::Sink;
use portcullis_host::{Clock as _, Live, RefreshError, StoreError, SystemClock};

use crate::certificate::Certificate;
use crate::configuration::Configuration;
use crate::documents::Documents;
use crate::fault::Fault;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::recorder::Recorder;
use crate::serving::Serving;

/// What the listeners share.
#[derive(Debug)]
pub struct Server {
    configuration: Configuration,
    live: Arc<Live>,
    serving: ArcSwap<Serving>,
    recorder: Arc<Recorder>,
    log: Arc<Log>,
    metrics: Metrics,
    public: Option<Arc<Certificate>>,
    inner: Option<Arc<Certificate>>,
    grpc: Option<Arc<Certificate>>,
}

impl Server {
    /// A server of a configuration whose files are read already.
    ///
    /// # Errors
    ///
    /// [`Fault`]: the log of activity cannot be opened.
    pub fn new(
        configuration: Configuration,
        documents: Documents,
        live: Live,
    ) -> Result<Self, Fault> {
        let metrics = Metrics::new().map_err(|error| Fault::of("metrics", error))?;
        let log = Arc::new(Log::open(&configuration.activity, live.store())?);
        let recent = match &*log {
            // It can be read, and nothing need be kept here.
            Log::Store(_) => 0,
            Log::Lines(_) => configuration.activity.recent,
        };
        let recorder = Arc::new(Recorder::new(log.clone(), metrics.clone(), recent));
        note(&metrics, &documents.engine);
        let live = Arc::new(live);
        let sink: Arc<dyn Sink> = recorder.clone();
        let serving = Serving::new(&configuration, &documents.keys, &live, &sink)?;
        Ok(Self {
            serving: ArcSwap::from_pointee(serving),
            configuration,
            live,
            recorder,
            log,
            metrics,
            public: documents.public.map(Certificate::new).map(Arc::new),
            inner: documents.inner.map(Certificate::new).map(Arc::new),
            grpc: documents.grpc.map(Certificate::new).map(Arc::new),
        })
    }

    /// Reads policy, keys and certificates again, and the directory of the store for
    /// that policy, and puts all of it in force or nothing. No revocation is lost.
    ///
    /// # Errors
    ///
    /// [`Fault`]; then everything is as before.
    pub fn reload(&self) -> Result<(), Fault> {
        let done = self.put_in_force();
        self.metrics
            .reloaded(if done.is_ok() { "done" } else { "refused" });
        done
    }

    fn put_in_force(&self) -> Result<(), Fault> {
        let documents = Documents::read(&self.configuration)?;
        let sink: Arc<dyn Sink> = self.recorder.clone();
        // What can fail comes first.
        let serving = Serving::new(&self.configuration, &documents.keys, &self.live, &sink)?;
        let engine = documents.engine;
        match self.live.reload_engine(engine.clone(), self.now()) {
            Ok(()) => {}
            // It is in force, and is tried again.
            Err(error @ RefreshError::NotStored(_)) => tracing::error!(%error, "the store"),
            Err(error) => return Err(Fault::of("store", error)),
        }
        self.serving.store(Arc::new(serving));
        let certificates = [
            (&self.public, documents.public),
            (&self.inner, documents.inner),
            (&self.grpc, documents.grpc),
        ];
        for (certificate, next) in certificates {
            if let (Some(certificate), Some(next)) = (certificate, next) {
                certificate.replace(next);
            }
        }
        note(&self.metrics, &engine);
        Ok(())
    }

    /// Forgets keys that were revoked long ago.
    ///
    /// # Errors
    ///
    /// [`RefreshError`] where it could not be stored.
    pub fn purge(&self, now: UnixSeconds) -> Result<(), RefreshError> {
        let records = self
            .live
            .purge_keys(now, self.configuration.retention_seconds)?;
        for record in records {
            if self.recorder.keep(record).is_err() {
                tracing::error!("there is no record of a key that was forgotten");
            }
        }
        Ok(())
    }

    /// The newest records of what a user did, the newest first, each as JSON.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where they are in a store that cannot be read.
    pub fn activity_of(&self, user: &UserId, most: usize) -> Result<Vec<String>, StoreError> {
        match (&*self.log, self.live.store()) {
            (Log::Store(_), Some(store)) => store.activity_of(user, most),
            (Log::Store(_) | Log::Lines(_), _) => Ok(self.recorder.of_user(user, most)),
        }
    }

    /// The configuration.
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Policy and directory in force.
    pub const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// What answers at present.
    pub fn serving(&self) -> Guard<Arc<Serving>> {
        self.serving.load()
    }

    /// Where records of activity go.
    pub const fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// The counters, of which those that are kept elsewhere are up to date.
    pub fn metrics(&self) -> &Metrics {
        self.metrics.aged(self.live.age(self.now()).unwrap_or(0));
        self.metrics.unstored(self.live.unstored());
        let counts = self.log.counts();
        for (state, number) in [
            ("queued", counts.queued),
            ("written", counts.written),
            ("dropped", counts.dropped),
            ("refused", counts.refused),
            ("failures", counts.failures),
        ] {
            self.metrics.records(state, number);
        }
        &self.metrics
    }

    /// The counters as they were left.
    pub(crate) const fn counters(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether the log of activity can be written at present.
    pub fn has_log(&self) -> bool {
        !self.log.counts().is_failing
    }

    /// The certificate of the listener for clients.
    pub const fn public_certificate(&self) -> Option<&Arc<Certificate>> {
        self.public.as_ref()
    }

    /// The certificate of the inner listener.
    pub const fn inner_certificate(&self) -> Option<&Arc<Certificate>> {
        self.inner.as_ref()
    }

    /// The certificate of the listener for gRPC.
    pub const fn grpc_certificate(&self) -> Option<&Arc<Certificate>> {
        self.grpc.as_ref()
    }

    /// The present time.
    #[expect(clippy::unused_self, reason = "the clock belongs to the server")]
    pub fn now(&self) -> UnixSeconds {
        SystemClock.now()
    }
}

fn note(metrics: &Metrics, engine: &Engine) {
    let digest = engine.policy().digest().to_string();
    let release = engine.deployment().release().to_string();
    metrics.in_force(&digest, &release);
}
