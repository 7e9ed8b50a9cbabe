//! A gateway in front of an API: axum middleware that authorizes every request.
//!
//! ```text
//! cargo run --example gateway
//! curl -i -u msp:demo-secret-of-k1 'http://127.0.0.1:8080/connect/api/v1/cases?tenantid=alpha'
//! curl -i -u msp:demo-secret-of-k1 'http://127.0.0.1:8080/connect/api/v1/incidents'
//! ```
//!
//! The host does what the library leaves to it: it verifies the secret, reads
//! the clock, answers, and applies the confinement. If it cannot read the
//! credential, it treats the request as one without a credential.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use headers::HeaderMapExt;
use headers::authorization::{Authorization, Basic};
use portcullis::{
    Confinement, Credential, Decision, Denial, Deployment, Directory, EMBEDDED_DIRECTORY, Engine,
    OwnedConfinement, Policy, UnixSeconds, VerifiedKey,
};
use sha2::{Digest, Sha256};

/// What the middleware needs for every request.
pub struct Gate {
    engine: Engine,
    directory: Directory,
    /// The key of each secret, by the secret's digest. The secret itself is
    /// not stored, and a look-up does not reveal how much of it matched.
    keys: HashMap<[u8; 32], String>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Gate")
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate on the embedded policy and directory, with a secret for each key.
    ///
    /// # Errors
    ///
    /// The policy does not have the release.
    pub fn new(
        release: &str,
        secrets: &[(&str, &str)],
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let policy = Arc::new(Policy::embedded()?);
        let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
        let engine = Engine::new(policy, Deployment::new(release.parse()?))?;
        let keys = secrets
            .iter()
            .map(|(secret, key)| (Sha256::digest(secret).into(), (*key).to_string()));
        Ok(Self {
            engine,
            directory,
            keys: keys.collect(),
        })
    }

    /// Decides one request, and returns the confinement as an owned value.
    fn decide(
        &self,
        method: &str,
        uri: &Uri,
        headers: &HeaderMap,
        now: UnixSeconds,
    ) -> Result<OwnedConfinement, Box<Response>> {
        let authorization = basic(headers);
        let key = authorization.as_ref().and_then(|basic| {
            self.keys
                .get(&<[u8; 32]>::from(Sha256::digest(basic.password())))
        });
        let credential = match (&authorization, key) {
            (Some(basic), Some(key)) => {
                Credential::ApiKey(VerifiedKey::basic(key, basic.username()))
            }
            _ => Credential::missing(),
        };
        let principal = self.directory.principal(&credential, now);
        // Authorize exactly the bytes that are routed.
        let raw = uri
            .path_and_query()
            .filter(|_| uri.authority().is_none())
            .map_or("", |target| target.as_str());
        let target = self.engine.target(method, raw);
        match self.engine.authorize(
            &principal,
            target.endpoint,
            self.directory.tenant(target.tenant),
        ) {
            Decision::Allow(allowance) => Ok(allowance.confinement().to_owned()),
            Decision::Deny(denial) => Err(Box::new(refusal(&denial))),
        }
    }
}

/// The Basic credential of a request. A request with several credentials
/// counts as one without: another part of the system might read another one.
fn basic(headers: &HeaderMap) -> Option<Authorization<Basic>> {
    let alone = headers.get_all(AUTHORIZATION).iter().count() == 1;
    headers
        .typed_get::<Authorization<Basic>>()
        .filter(|_| alone)
}

fn refusal(denial: &Denial<'_>) -> Response {
    let body = format!(
        "{{\"reason\":\"{}\",\"detail\":\"{}\"}}",
        denial.reason(),
        denial.reason().text()
    );
    let status = StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"api\""),
        );
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let methods: Vec<&str> = denial
            .allowed_methods()
            .map(portcullis::Method::as_str)
            .collect();
        if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
            response.headers_mut().insert(ALLOW, methods);
        }
    }
    response
}

/// The middleware: an allowed request goes on with its confinement; a denied
/// request is answered here.
async fn authorize(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = UnixSeconds::new(elapsed.as_secs());
    match gate.decide(
        request.method().as_str(),
        request.uri(),
        request.headers(),
        now,
    ) {
        Ok(confinement) => {
            request.extensions_mut().insert(confinement);
            next.run(request).await
        }
        Err(refusal) => *refusal,
    }
}

/// The cases of every tenant. The answer has only those that the confinement
/// allows.
async fn cases(Extension(confinement): Extension<OwnedConfinement>) -> String {
    let all = [
        ("alpha", "phishing"),
        ("beta", "beaconing"),
        ("gamma", "brute force"),
    ];
    let visible = all
        .into_iter()
        .filter(|(tenant, _)| match confinement.as_borrowed() {
            Confinement::Unconfined => true,
            Confinement::Tenants(tenants) => tenants.iter().any(|own| own.as_str() == *tenant),
            Confinement::One(own) => own.as_str() == *tenant,
            Confinement::NotTenantData => false,
        });
    visible.fold(String::new(), |answer, (tenant, case)| {
        answer + tenant + ": " + case + "\n"
    })
}

/// The API behind the gate.
pub fn app(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/connect/api/v1/cases", get(cases))
        .layer(from_fn_with_state(gate, authorize))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let gate = Gate::new("5.5.0", &[("demo-secret-of-k1", "k1")])?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 8080)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(Arc::new(gate))).await?;
    Ok(())
}
