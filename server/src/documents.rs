//! Policy, keys and certificates, read and checked before any of it is put in
//! force.

use std::path::Path;
use std::sync::Arc;

use portcullis::{Engine, Policy};
use portcullis_host::{SigningKey, VerifyingKeys};
use rustls::sign::CertifiedKey;

use crate::certificate;
use crate::configuration::{Configuration, Listener};
use crate::fault::Fault;
use crate::paths;

/// What the files of a configuration say.
#[derive(Debug)]
pub struct Documents {
    /// Policy and release.
    pub engine: Arc<Engine>,
    /// The keys that sign.
    pub keys: SigningKeys,
    /// The certificate of the listener for clients.
    pub public: Option<CertifiedKey>,
    /// The certificate of the inner listener.
    pub inner: Option<CertifiedKey>,
    /// The certificate of the listener for gRPC.
    pub grpc: Option<CertifiedKey>,
}

/// The keys of tokens and signed decisions.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    /// The one that signs.
    pub current: SigningKey,
    /// Those of which the signatures are still, or already, accepted.
    pub others: Vec<SigningKey>,
    /// Those that an upstream shares, in the order of the upstreams.
    pub shared: Vec<Option<SigningKey>>,
}

impl SigningKeys {
    /// All of them, as others verify with them.
    ///
    /// # Errors
    ///
    /// [`Fault`] where two have one id.
    pub fn verifying(&self) -> Result<VerifyingKeys, Fault> {
        let all = std::iter::once(&self.current).chain(&self.others);
        VerifyingKeys::new(all.map(SigningKey::verifying))
            .map_err(|error| Fault::of("signing_keys", error))
    }
}

impl Documents {
    /// Reads all files of a configuration.
    ///
    /// # Errors
    ///
    /// The first [`Fault`].
    pub fn read(configuration: &Configuration) -> Result<Self, Fault> {
        let engine = engine(configuration)?;
        let keys = signing(configuration)?;
        keys.verifying()?;
        Ok(Self {
            keys,
            public: certificate_of(&configuration.public)?,
            inner: certificate_of(&configuration.inner)?,
            grpc: match &configuration.grpc {
                Some(listener) => certificate_of(listener)?,
                None => None,
            },
            engine,
        })
    }
}

fn engine(configuration: &Configuration) -> Result<Arc<Engine>, Fault> {
    let (policy, place) = match &configuration.policy {
        Some(path) => (Policy::from_yaml(read(path)?), path.display().to_string()),
        None => (Policy::embedded(), "policy".to_owned()),
    };
    let policy = policy.map_err(|faults| Fault::of(&place, faults))?;
    let engine = Engine::new(Arc::new(policy), configuration.deployment()?)
        .map_err(|error| Fault::of("release", error))?;
    if let Some(path) = paths::taken(&engine) {
        let text = format!(
            "it has an endpoint at `{path}`, where the server has pages of its own; use another path"
        );
        return Err(Fault::of(&place, text));
    }
    Ok(Arc::new(engine))
}

fn signing(configuration: &Configuration) -> Result<SigningKeys, Fault> {
    let keys = configuration.signing_keys.iter().map(|key| {
        let pem = key.private_key.read()?;
        SigningKey::from_pem(key.id.clone(), pem)
            .map_err(|error| Fault::of(&key.private_key.to_string(), error))
    });
    let mut keys = keys.collect::<Result<Vec<_>, _>>()?.into_iter();
    let current = keys
        .next()
        .ok_or_else(|| Fault::of("signing_keys", "there is none"))?;
    let upstreams = configuration.upstreams.iter();
    let shared = upstreams.map(|upstream| {
        let place = upstream.shared_secret.as_ref();
        let key = place.map(|place| {
            let secret = place.read()?;
            // Editors end a file with a line break.
            let secret = secret.trim_end_matches(['\n', '\r']);
            SigningKey::shared_secret(upstream.name.clone(), secret)
                .map_err(|error| Fault::of(&place.to_string(), error))
        });
        key.transpose()
    });
    Ok(SigningKeys {
        current,
        others: keys.collect(),
        shared: shared.collect::<Result<_, _>>()?,
    })
}

fn certificate_of(listener: &Listener) -> Result<Option<CertifiedKey>, Fault> {
    listener.tls.as_ref().map(certificate::read).transpose()
}

fn read(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|error| Fault::read(path, &error))
}
