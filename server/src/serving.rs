//! Everything that answers requests and changes with a reload, beside the
//! snapshot of policy and directory.

use std::sync::Arc;

use portcullis_host::activity::Sink;
use portcullis_host::forward_auth::ForwardAuth;
use portcullis_host::{AccessTokens, Gate, Live, Statements};

use crate::configuration::Configuration;
use crate::documents::SigningKeys;
use crate::fault::Fault;

/// What answers, made anew by each reload.
#[derive(Debug)]
pub struct Serving {
    /// Signs and verifies access tokens.
    pub tokens: Arc<AccessTokens>,
    /// Decides the requests of the listener for clients.
    pub gate: Arc<Gate>,
    /// Decides for proxies, by the names of upstreams.
    upstreams: Vec<(String, ForwardAuth)>,
    /// The keys that verify, as a JSON Web Key Set.
    pub key_set: String,
}

impl Serving {
    /// What answers, with these keys.
    ///
    /// # Errors
    ///
    /// [`Fault`] where two signing keys have one id.
    pub fn new(
        configuration: &Configuration,
        keys: &SigningKeys,
        live: &Arc<Live>,
        sink: &Arc<dyn Sink>,
    ) -> Result<Self, Fault> {
        let tokens = Arc::new(tokens(configuration, keys)?);
        let gate = || {
            let gate = Gate::new(live.clone()).sink(sink.clone());
            gate.tokens(tokens.clone())
        };
        let upstreams = configuration.upstreams.iter().zip(&keys.shared);
        let mounts = upstreams.map(|(upstream, shared)| {
            let key = shared.clone().unwrap_or_else(|| keys.current.clone());
            let statements =
                Statements::new(configuration.issuer.clone(), upstream.name.clone(), key)
                    .lifetime(upstream.decision_seconds);
            let gate = gate().statements(statements);
            let gate = if upstream.plain_headers {
                gate.plain_headers()
            } else {
                gate
            };
            (upstream.name.clone(), ForwardAuth::new(gate))
        });
        Ok(Self {
            gate: Arc::new(gate()),
            upstreams: mounts.collect(),
            key_set: keys.verifying()?.to_jwks(),
            tokens,
        })
    }

    /// What decides for the upstream of a name, or for the first one.
    pub fn upstream(&self, name: Option<&str>) -> Option<ForwardAuth> {
        let is_meant = |own: &&(String, ForwardAuth)| name.is_none_or(|name| own.0 == name);
        let found = self.upstreams.iter().find(is_meant);
        found.map(|(_, service)| service.clone())
    }
}

fn tokens(configuration: &Configuration, keys: &SigningKeys) -> Result<AccessTokens, Fault> {
    let (issuer, audience) = (configuration.issuer.clone(), configuration.audience.clone());
    let mut tokens = AccessTokens::new(issuer, audience, keys.current.clone());
    for other in &keys.others {
        tokens = tokens
            .accepting(other.verifying())
            .map_err(|error| Fault::of("signing_keys", error))?;
    }
    Ok(tokens)
}
