//! The configuration: one file, and some settings of the environment.

mod limits;
mod place;
mod sink;
mod store;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use portcullis::{Deployment, Release};
use portcullis_host::activity::WhenFull;
use serde::Deserialize;

use crate::fault::Fault;

pub use crate::configuration::limits::Limits;
pub use crate::configuration::place::Place;
pub use crate::configuration::sink::{Rotated, Sink};
pub use crate::configuration::store::{Store, WhenOld};

/// What the server does, and with which files. Paths are relative to the folder
/// of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The version of this form: 1.
    pub version: u32,
    /// The release whose rules are in force.
    pub release: String,
    /// Whether scoped keys are switched on, where the release leaves a choice.
    #[serde(default)]
    pub scoped_keys: bool,
    /// The policy; the embedded one if absent.
    pub policy: Option<PathBuf>,
    /// Users, keys and tenancy.
    pub store: Store,
    /// What happens when the store has not been heard from.
    #[serde(default)]
    pub store_when_old: WhenOld,
    /// Who signs: the `iss` of tokens and of signed decisions.
    pub issuer: String,
    /// For whom access tokens are: their `aud`.
    #[serde(default = "default_audience")]
    pub audience: String,
    /// The keys of tokens and signed decisions. The first one signs, all of them
    /// verify.
    pub signing_keys: Vec<SigningKeyFile>,
    /// The upstreams that get signed decisions. The first one is that of the short
    /// paths of the proxies.
    #[serde(default)]
    pub upstreams: Vec<Upstream>,
    /// The listener for clients.
    pub public: Listener,
    /// The listener for proxies, health and metrics.
    pub inner: Listener,
    /// The listener for Envoy by gRPC, if there is one.
    pub grpc: Option<Listener>,
    /// Where the records of activity go.
    #[serde(default)]
    pub activity: Activity,
    /// How many keys a user may have at a time.
    #[serde(default = "default_keys")]
    pub most_keys: usize,
    /// For how many seconds a revoked key is still listed.
    #[serde(default = "default_retention")]
    pub retention_seconds: u64,
    /// How often files are looked at for changes; 0 is never.
    #[serde(default = "default_watch")]
    pub watch_seconds: u64,
    /// How long a stop waits for requests that are being answered.
    #[serde(default = "default_stop")]
    pub stop_seconds: u64,
    /// Limits of each listener.
    #[serde(default)]
    pub limits: Limits,
    /// Whether the listener for clients answers allowed requests itself, with
    /// example data: for demonstrations only.
    #[serde(default)]
    pub example_api: bool,
    /// The files of which a change is put in force while the server runs. The store
    /// looks after its own.
    #[serde(skip)]
    pub watched: Vec<PathBuf>,
}

/// A listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Its address and port; port 0 is chosen by the system.
    pub address: SocketAddr,
    /// HTTPS, and HTTP if absent.
    pub tls: Option<Tls>,
}

/// What HTTPS needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain of certificates in PEM, that of the server first.
    pub certificate: PathBuf,
    /// The private key in PEM.
    pub key: Place,
}

/// A key that signs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningKeyFile {
    /// Its id, the `kid` of what it signs.
    pub id: String,
    /// The private key for Ed25519 in PEM.
    pub private_key: Place,
}

/// A process that holds data, behind a proxy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its name: the `aud` of its signed decisions.
    pub name: String,
    /// A secret that it shares with this server, for HS256 in the place of Ed25519.
    pub shared_secret: Option<Place>,
    /// Whether it gets plain headers, too: it cannot verify a signature.
    #[serde(default)]
    pub plain_headers: bool,
    /// For how many seconds a decision is good.
    #[serde(default = "default_decision")]
    pub decision_seconds: u64,
}

/// Where the records of activity go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Activity {
    /// The sink.
    pub to: Sink,
    /// How many records wait to be written.
    pub queue: usize,
    /// What happens where none can wait any more.
    pub when_full: Full,
    /// How many records are kept in memory, for users who read their own where the
    /// sink cannot be read.
    pub recent: usize,
}

/// What happens to a request whose record cannot be kept.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Full {
    /// It is refused.
    #[default]
    Refuse,
    /// It waits.
    Block,
    /// It is answered, and the record is counted as dropped.
    Drop,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            to: Sink::Store,
            queue: 4096,
            when_full: Full::Refuse,
            recent: 10_000,
        }
    }
}

impl From<Full> for WhenFull {
    fn from(own: Full) -> Self {
        match own {
            Full::Refuse => Self::Refuse,
            Full::Block => Self::Block,
            Full::Drop => Self::Drop,
        }
    }
}

fn default_audience() -> String {
    "api".to_owned()
}

/// A week.
const fn default_retention() -> u64 {
    7 * 24 * 60 * 60
}

const fn default_keys() -> usize {
    1_000
}

const fn default_watch() -> u64 {
    5
}

const fn default_stop() -> u64 {
    10
}

const fn default_decision() -> u64 {
    30
}

impl Configuration {
    /// Reads a file, and what the environment says instead of it.
    ///
    /// # Errors
    ///
    /// [`Fault`]: the file cannot be read, or says something that has no meaning.
    pub fn read(path: &Path, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        let text = std::fs::read_to_string(path).map_err(|error| Fault::read(path, &error))?;
        let mut own = Self::parse(&text).map_err(|fault| fault.of_file(path))?;
        own.settle(path.parent().unwrap_or(Path::new("")));
        own.overridden(environment)
    }

    /// Reads the text of a configuration.
    ///
    /// # Errors
    ///
    /// [`Fault`], which does not name the file.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let own: Self = serde_yaml::from_str(text).map_err(|error| Fault::yaml(&error))?;
        own.checked()
    }

    /// Every listener by its name: that for clients, the inner one, and the one for
    /// gRPC if there is one.
    pub fn listeners(&self) -> Vec<(&'static str, &Listener)> {
        let mut all = vec![("public", &self.public), ("inner", &self.inner)];
        all.extend(self.grpc.as_ref().map(|own| ("grpc", own)));
        all
    }

    /// The settings of the environment: `PORTCULLIS_RELEASE`,
    /// `PORTCULLIS_PUBLIC_ADDRESS`, `PORTCULLIS_INNER_ADDRESS` and
    /// `PORTCULLIS_GRPC_ADDRESS`.
    pub fn overridden(
        mut self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Fault> {
        if let Some(release) = environment("PORTCULLIS_RELEASE") {
            self.release = release;
        }
        let address_in = |name: &str| {
            let parse = |text: String| {
                text.parse::<SocketAddr>().map_err(|_| {
                    Fault::of(
                        name,
                        format!("`{text}` is not an address; write one such as `127.0.0.1:8080`"),
                    )
                })
            };
            environment(name).map(parse).transpose()
        };
        if let Some(address) = address_in("PORTCULLIS_PUBLIC_ADDRESS")? {
            self.public.address = address;
        }
        if let Some(address) = address_in("PORTCULLIS_INNER_ADDRESS")? {
            self.inner.address = address;
        }
        if let Some(address) = address_in("PORTCULLIS_GRPC_ADDRESS")? {
            let tls = self.grpc.and_then(|own| own.tls);
            self.grpc = Some(Listener { address, tls });
        }
        self.checked()
    }

    fn checked(self) -> Result<Self, Fault> {
        if self.version != 1 {
            let text = format!(
                "`{}` is not a version of this form; write `1`",
                self.version
            );
            return Err(Fault::of("version", text));
        }
        self.deployment()?;
        let empty = [("issuer", &self.issuer), ("audience", &self.audience)];
        for (name, text) in empty {
            if text.trim().is_empty() {
                return Err(Fault::of(
                    name,
                    "it is empty; write a name, such as `gateway`",
                ));
            }
        }
        if self.signing_keys.is_empty() {
            let text = "there is none; `openssl genpkey -algorithm ed25519` makes a key";
            return Err(Fault::of("signing_keys", text));
        }
        for (index, upstream) in self.upstreams.iter().enumerate() {
            let name = upstream.name.as_str();
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let place = format!("upstreams[{index}].name");
            if name.is_empty() || !name.bytes().all(is_name) {
                let text = format!(
                    "`{name}` cannot be part of a path; use letters, digits, `-`, `_` and `.`"
                );
                return Err(Fault::of(&place, text));
            }
            let before = self.upstreams.iter().take(index);
            if before.map(|own| &*own.name).any(|own| own == name) {
                return Err(Fault::of(
                    &place,
                    format!("`{name}` is there twice; remove one"),
                ));
            }
            if !(1..=3600).contains(&upstream.decision_seconds) {
                let place = format!("upstreams[{index}].decision_seconds");
                let text = format!(
                    "`{}` is not between 1 and 3600; 30 is a good value",
                    upstream.decision_seconds
                );
                return Err(Fault::of(&place, text));
            }
        }
        self.limits.checked()?;
        Ok(self)
    }

    /// The release and whether scoped keys are switched on.
    ///
    /// # Errors
    ///
    /// [`Fault`] where the release is not one.
    pub fn deployment(&self) -> Result<Deployment, Fault> {
        let release: Release = self
            .release
            .parse()
            .map_err(|error| Fault::of("release", format!("`{}`: {error}", self.release)))?;
        Ok(if self.scoped_keys {
            Deployment::with_scoped_keys(release)
        } else {
            Deployment::new(release)
        })
    }

    /// Makes every path one that begins with the folder of the configuration, and
    /// notes which files are watched.
    fn settle(&mut self, folder: &Path) {
        let listeners = [&mut self.public, &mut self.inner];
        let listeners = listeners.into_iter().chain(&mut self.grpc);
        let mut places = Vec::new();
        let mut watched: Vec<&mut PathBuf> = Vec::new();
        for tls in listeners.filter_map(|own| own.tls.as_mut()) {
            watched.push(&mut tls.certificate);
            places.push(&mut tls.key);
        }
        places.extend(self.signing_keys.iter_mut().map(|key| &mut key.private_key));
        let shared = self.upstreams.iter_mut();
        places.extend(shared.filter_map(|own| own.shared_secret.as_mut()));
        watched.extend(places.into_iter().filter_map(Place::path_mut));
        watched.extend(&mut self.policy);
        for path in watched {
            *path = folder.join(&path);
            self.watched.push(path.clone());
        }
        let others = [self.store.path_mut()].into_iter();
        for path in others.chain(self.activity.to.path_mut()) {
            *path = folder.join(&path);
        }
    }
}
