//! Everything that a decision needs, as one value.

use std::sync::Arc;

use portcullis::{Directory, Engine, Method};

use crate::ordinary::ordinary;
use crate::secrets::Secrets;

/// An engine, the directory for its policy, and the secrets of its keys. They
/// change together or not at all; see [`Live`](crate::Live).
#[derive(Debug)]
pub struct Snapshot {
    engine: Arc<Engine>,
    directory: Directory,
    secrets: Secrets,
    /// Found here once, and not for each request.
    ordinary: Option<(Method, String)>,
}

impl Snapshot {
    /// The three as one value. The directory is bound to the policy of the
    /// engine, whichever policy it was read for.
    pub fn new(engine: impl Into<Arc<Engine>>, mut directory: Directory, secrets: Secrets) -> Self {
        let engine = engine.into();
        directory.bind(engine.policy());
        let ordinary = ordinary(&engine);
        Self {
            engine,
            directory,
            secrets,
            ordinary,
        }
    }

    /// A request for an endpoint that is neither public nor the exchange: its method
    /// and its path. `None` where there is none.
    pub(crate) fn ordinary(&self) -> Option<(Method, &str)> {
        self.ordinary
            .as_ref()
            .map(|(method, path)| (*method, &**path))
    }

    /// The engine: policy and release.
    pub const fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Users, keys and tenancy.
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The secrets of the keys.
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}
