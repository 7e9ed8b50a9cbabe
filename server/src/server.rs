//! The server as a whole: what its listeners share, and how it changes.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use portcullis::{Engine, UnixSeconds};
use portcullis_host::activity::{JsonLines, Sink};
use portcullis_host::{Clock as _, Live, Snapshot, SystemClock};

use crate::certificate::Certificate;
use crate::configuration::Configuration;
use crate::documents::Documents;
use crate::fault::Fault;
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
    log: Arc<JsonLines>,
    metrics: Metrics,
    public: Option<Arc<Certificate>>,
    inner: Option<Arc<Certificate>>,
}

impl Server {
    /// A server of a configuration whose files are read already.
    ///
    /// # Errors
    ///
    /// [`Fault`]: the log of activity cannot be opened.
    pub fn new(configuration: Configuration, documents: Documents) -> Result<Self, Fault> {
        let metrics = Metrics::new().map_err(|error| Fault::of("metrics", error))?;
        let log = Arc::new(log(&configuration)?);
        let most = configuration.activity.recent;
        let recorder = Arc::new(Recorder::new(log.clone(), metrics.clone(), most));
        note(&metrics, &documents.engine);
        let snapshot = Snapshot::new(documents.engine, documents.directory, documents.secrets);
        let live = Arc::new(Live::new(snapshot));
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
        })
    }

    /// Reads all files again and puts what they say in force, all of it or
    /// nothing. No revocation is lost.
    ///
    /// # Errors
    ///
    /// [`Fault`]; then everything is as before.
    pub fn reload(&self) -> Result<(), Fault> {
        let done = self.put_in_force();
        self.metrics.reloaded(if done.is_ok() { "done" } else { "refused" });
        done
    }

    fn put_in_force(&self) -> Result<(), Fault> {
        let documents = Documents::read(&self.configuration)?;
        let sink: Arc<dyn Sink> = self.recorder.clone();
        // What can fail comes first.
        let serving = Serving::new(&self.configuration, &documents.keys, &self.live, &sink)?;
        let (engine, directory) = (documents.engine, documents.directory);
        let conflicts = self
            .live
            .reload(engine.clone(), directory, documents.secrets)
            .map_err(|error| Fault::of("directory", error))?;
        for conflict in conflicts {
            tracing::warn!(%conflict, "a key with two owners is revoked");
        }
        self.serving.store(Arc::new(serving));
        let certificates = [(&self.public, documents.public), (&self.inner, documents.inner)];
        for (certificate, next) in certificates {
            if let (Some(certificate), Some(next)) = (certificate, next) {
                certificate.replace(next);
            }
        }
        note(&self.metrics, &engine);
        Ok(())
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

    /// The counters, of which those that are read elsewhere are up to date.
    pub fn metrics(&self) -> &Metrics {
        self.metrics.aged(self.live.age(self.now()).unwrap_or(0));
        self.metrics.records("dropped", self.log.dropped());
        self.metrics.records("refused", self.recorder.refused());
        &self.metrics
    }

    /// The counters as they were left.
    pub(crate) const fn counters(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether the log of activity can still be written.
    pub fn has_log(&self) -> bool {
        !self.log.has_failed()
    }

    /// The certificate of the listener for clients.
    pub const fn public_certificate(&self) -> Option<&Arc<Certificate>> {
        self.public.as_ref()
    }

    /// The certificate of the inner listener.
    pub const fn inner_certificate(&self) -> Option<&Arc<Certificate>> {
        self.inner.as_ref()
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

fn log(configuration: &Configuration) -> Result<JsonLines, Fault> {
    let settings = &configuration.activity;
    let (output, place): (Box<dyn Write + Send>, String) = match &settings.file {
        None => (Box::new(io::stdout()), "activity".to_owned()),
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path);
            let place = path.display().to_string();
            let file = file.map_err(|error| Fault::of(&place, format!("it cannot be opened: {error}")))?;
            (Box::new(file), place)
        }
    };
    JsonLines::new(output, settings.queue, settings.when_full.into())
        .map_err(|error| Fault::of(&place, error))
}
