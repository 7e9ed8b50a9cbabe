//! Decisions for a proxy that asks before it forwards a request.
//!
//! The proxy sends its question to an inner listener of this process: the headers
//! of the client, and method and target in the way of this proxy. The answer 200
//! has the signed decision, which the proxy copies to the request that it
//! forwards. Everything else is a refusal, which the proxy hands to the client.
//!
//! No client may reach that listener: who can ask, can ask about any target. So
//! bind it to the loopback address, or to a network of the proxy alone. An answer
//! is about the target in the question, and the reader of the upstream compares it
//! with the target that arrived.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use tower_service::Service;

use crate::answer::Answer;
pub use crate::forwarding::is_own;
use crate::gate::{Asked, Gate, Granted, Verdict};
use crate::proxy::Proxy;

/// The header of a 403 for nginx that has the status of the denial. The
/// configuration of nginx restores it.
const STATUS: HeaderName = HeaderName::from_static("portcullis-status");

/// Answers the question of a proxy.
///
/// - 200, if the request is allowed: with `Portcullis-Decision` and the plain
///   headers, as the gate is configured. Where it is configured for neither, the
///   upstream could not learn the confinement, so every answer is 403.
/// - The status of a denial, with its text, and `WWW-Authenticate` with 401. For
///   nginx everything but 401 is 403, and `Portcullis-Status` has the status.
/// - 403, if it is not clear what the proxy asks about: where one of its two
///   headers is missing, doubled or unreadable, where another header names a
///   method or a target, and where the target does not begin with `/`.
/// - 403 for the exchange of a key for a token: its answer is a token, and a proxy
///   would drop it. Route its path to a server with a layer.
///
/// What is not clear is logged as a warning, a faulty configuration as an error.
/// The id of the signed decision is the [`RequestId`](crate::RequestId) of the
/// question, where it has one.
pub fn answer<B>(gate: &Gate, proxy: Proxy, request: &Request<B>) -> Response<Bytes> {
    match decide(gate, proxy, request) {
        Ok(granted) => {
            let mut response = Response::new(Bytes::new());
            response.headers_mut().extend(granted.headers);
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(CACHE_CONTROL, no_store);
            response
        }
        Err(refusal) => {
            let status = refusal.status();
            let mut response = refusal.into_response();
            if !proxy.passes_every_status() && status != StatusCode::UNAUTHORIZED {
                *response.status_mut() = StatusCode::FORBIDDEN;
                response
                    .headers_mut()
                    .insert(STATUS, status.as_u16().into());
            }
            response
        }
    }
}

fn decide<B>(gate: &Gate, proxy: Proxy, request: &Request<B>) -> Result<Granted, Answer> {
    if !gate.says_the_confinement() {
        tracing::error!(
            "forward-auth refuses everything: \
             the gate has no statements and no plain headers, so no upstream could limit its answers"
        );
        return Err(Answer::misdirected());
    }
    let (method, target) = proxy.asked_about(request).map_err(|unclear| {
        tracing::warn!(?proxy, %unclear, "refused");
        Answer::misdirected()
    })?;
    let asked = Asked {
        method,
        target,
        headers: request.headers(),
        may_exchange: false,
        id: request.extensions().get(),
    };
    match gate.judge(&asked)? {
        Verdict::Grant(granted) => Ok(granted),
        // It was refused already. A 200 would be an allow.
        Verdict::Token(_) => Err(Answer::misdirected()),
    }
}

/// Answers the questions of proxies as a tower service, each at its own path:
/// `/nginx`, `/caddy`, `/traefik`, `/haproxy`, and `/envoy/…`. Another path is 403.
///
/// ```
/// # use std::sync::Arc;
/// # use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
/// use portcullis_host::forward_auth::ForwardAuth;
/// use portcullis_host::{Gate, Live, Proxy, Secrets, SigningKey, Snapshot, Statements};
///
/// # let policy = Arc::new(Policy::embedded()?);
/// # let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// # let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
/// # let live = Arc::new(Live::new(Snapshot::new(engine, directory, Secrets::default())));
/// let statements = Statements::new("gateway", "cases-api", SigningKey::generate()?);
/// let gate = Gate::new(live).statements(statements);
/// let service = ForwardAuth::new(gate).only([Proxy::Nginx]);
/// // In axum: `Router::new().fallback_service(service)`.
/// # let _ = service;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ForwardAuth {
    gate: Arc<Gate>,
    proxies: Arc<[Proxy]>,
}

impl ForwardAuth {
    /// Answers for every proxy, by this gate.
    pub fn new(gate: impl Into<Arc<Gate>>) -> Self {
        Self {
            gate: gate.into(),
            proxies: Proxy::ALL.into(),
        }
    }

    /// Answers for these proxies only.
    #[must_use]
    pub fn only(mut self, proxies: impl IntoIterator<Item = Proxy>) -> Self {
        self.proxies = proxies.into_iter().collect();
        self
    }
}

impl<B> Service<Request<B>> for ForwardAuth {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        let proxy = self.proxies.iter().find(|proxy| proxy.asks_by(path));
        let response = if let Some(proxy) = proxy {
            answer(&self.gate, *proxy, &request)
        } else {
            tracing::warn!("a question by a path that is not one of a proxy's");
            Answer::misdirected().into_response()
        };
        ready(Ok(response.map(Full::new)))
    }
}
