//! The decision point of these tests: forward-auth for the proxy, and a server
//! with the layer for the exchange.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use portcullis::UnixSeconds;
use portcullis_host::forward_auth::ForwardAuth;
use portcullis_host::upstream::Reader;
use portcullis_host::{AccessTokens, AuthorizeLayer, Clock, Gate, Live, SigningKey, Statements};

use crate::oracle::snapshot;
use crate::serving::serve;

/// The instant of these tests, at which the keys of the directory are good.
pub const fn now() -> UnixSeconds {
    UnixSeconds::new(1_764_000_000)
}

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> UnixSeconds {
        now()
    }
}

/// A decision point that listens.
pub struct Decisions {
    /// Where proxies ask.
    pub inner: SocketAddr,
    /// Where keys are exchanged for tokens.
    pub public: SocketAddr,
    statements: portcullis_host::VerifyingKeys,
}

impl Decisions {
    pub fn start() -> Self {
        Self::start_with(|gate| gate)
    }

    /// With plain headers beside the decision.
    pub fn start_with_plain_headers() -> Self {
        Self::start_with(Gate::plain_headers)
    }

    fn start_with(change: impl Fn(Gate) -> Gate) -> Self {
        let live = Arc::new(Live::new(snapshot()));
        let statements = Statements::new("gateway", "api", SigningKey::generate().unwrap());
        let verifying = statements.verifying();
        let key = SigningKey::generate().unwrap();
        let gate = Gate::new(live)
            .clock(Fixed)
            .tokens(AccessTokens::new("gateway", "api", key))
            .statements(statements);
        let gate = Arc::new(change(gate));
        let public = Router::new().layer(AuthorizeLayer::new(gate.clone()));
        Self {
            inner: serve(Router::new().fallback_service(ForwardAuth::new(gate))),
            public: serve(public),
            statements: verifying,
        }
    }

    /// The reader of an upstream.
    pub fn reader(&self) -> Reader {
        Reader::new("gateway", "api", self.statements.clone())
    }
}
