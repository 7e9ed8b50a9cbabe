//! A gate on the embedded policy, with a clock that the test sets.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Either, Full};
use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds};
use portcullis_host::{Allowed, AuthorizeLayer, Clock, Gate, Live, Secrets, Snapshot};
use tower::{Layer as _, ServiceExt as _, service_fn};

pub const NOW: u64 = 1_764_000_000;
pub const CASES: &str = "/connect/api/v1/cases?limit=10";
pub const EXCHANGE: &str = "/connect/api/v1/access_token";

/// A clock that a test sets.
#[derive(Clone, Debug)]
pub struct At(Arc<AtomicU64>);

impl At {
    pub fn new(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    pub fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for At {
    fn now(&self) -> UnixSeconds {
        UnixSeconds::new(self.0.load(Ordering::SeqCst))
    }
}

/// The instant of these tests.
pub fn clock() -> UnixSeconds {
    UnixSeconds::new(NOW)
}

/// The secret of a key of these tests.
pub fn secret(key: &str) -> String {
    format!("secret-of-{key}")
}

pub fn secrets() -> Secrets {
    let keys = [
        "k1",
        "ann-key",
        "tenant-user-key",
        "msp-revoked-key",
        "msp-expired-key",
    ];
    keys.into_iter()
        .map(|key| (secret(key), key.parse().unwrap()))
        .collect()
}

pub fn snapshot_of(policy: &str, release: &str, directory: &str) -> Snapshot {
    let policy = Arc::new(Policy::from_yaml(policy).unwrap());
    let directory = Directory::from_yaml(directory, &policy).unwrap();
    let deployment = Deployment::new(release.parse().unwrap());
    Snapshot::new(
        Engine::new(policy, deployment).unwrap(),
        directory,
        secrets(),
    )
}

pub fn live() -> Arc<Live> {
    let policy = portcullis::EMBEDDED_POLICY;
    Arc::new(Live::new(snapshot_of(policy, "5.5.0", EMBEDDED_DIRECTORY)))
}

pub fn live_of(policy: &str, release: &str, directory: &str) -> Arc<Live> {
    Arc::new(Live::new(snapshot_of(policy, release, directory)))
}

pub fn gate(live: &Arc<Live>) -> Gate {
    Gate::new(live.clone()).clock(At::new(NOW))
}

pub fn basic(user: &str, secret: &str) -> String {
    use base64ct::{Base64, Encoding as _};
    let pair = Base64::encode_string(format!("{user}:{secret}").as_bytes());
    format!("Basic {pair}")
}

pub fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<()> {
    let request = Request::builder().method(method).uri(target);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    request.body(()).unwrap()
}

/// What the handler behind the layer was given.
pub struct Seen {
    pub allowed: Allowed,
    pub headers: http::HeaderMap,
}

/// The bytes of a body that is there already.
pub fn bytes(body: Either<Bytes, Full<Bytes>>) -> Bytes {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    match body {
        Either::Left(bytes) => bytes,
        Either::Right(full) => runtime.block_on(full.collect()).unwrap().to_bytes(),
    }
}

/// The answer of the layer, or what reached the handler.
pub fn send(gate: Gate, request: Request<()>) -> Result<Seen, Box<Response<Bytes>>> {
    let handler = service_fn(async |request: Request<()>| {
        let mut response = Response::new(Bytes::new());
        response.extensions_mut().insert(Reached);
        let allowed = request.extensions().get::<Allowed>().unwrap().clone();
        response.extensions_mut().insert(allowed);
        *response.headers_mut() = request.headers().clone();
        Ok::<_, Infallible>(response)
    });
    let service = AuthorizeLayer::new(gate).layer(handler);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let response = runtime.block_on(service.oneshot(request)).unwrap();
    let response = response.map(bytes);
    if response.extensions().get::<Reached>().is_none() {
        return Err(Box::new(response));
    }
    Ok(Seen {
        allowed: response.extensions().get::<Allowed>().unwrap().clone(),
        headers: response.headers().clone(),
    })
}

#[derive(Clone)]
struct Reached;

/// Sends a request that is answered by the layer.
pub fn refused(gate: Gate, request: Request<()>) -> Response<Bytes> {
    *send(gate, request).err().expect("the layer answers")
}

/// Sends a request that reaches the handler.
pub fn seen(gate: Gate, request: Request<()>) -> Seen {
    send(gate, request)
        .map_err(|answer| format!("{answer:?}"))
        .unwrap()
}
