//! A gateway in front of an API, in axum.
//!
//! ```text
//! cargo run -p portcullis-host --example gateway
//! curl -i -u msp:demo-secret-of-k1 'http://127.0.0.1:8080/connect/api/v1/cases?tenantid=alpha'
//! curl -i -u msp:demo-secret-of-k1 'http://127.0.0.1:8080/connect/api/v1/incidents'
//! curl -i -X POST -H 'Authorization: Bearer demo-secret-of-k1' 'http://127.0.0.1:8080/connect/api/v1/access_token'
//! ```
//!
//! The layer does the rest: it reads the credential, decides, answers what is
//! denied, exchanges keys for tokens, and writes a line of activity for each
//! request. The handler gets an [`Allowed`] and applies the confinement.

use std::error::Error;
use std::io::stdout;
use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router};
use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
use portcullis_host::activity::{JsonLines, WhenFull};
use portcullis_host::{
    AccessTokens, Allowed, AuthorizeLayer, Gate, Live, Secrets, SigningKey, Snapshot,
};

/// A gate on the embedded policy and directory, with these secrets.
///
/// # Errors
///
/// The policy does not have the release, or there are no random bytes.
pub fn gate(release: &str, secrets: Secrets) -> Result<Gate, Box<dyn Error>> {
    let policy = Arc::new(Policy::embedded()?);
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    let engine = Engine::new(policy, Deployment::new(release.parse()?))?;
    let live = Live::new(Snapshot::new(engine, directory, secrets));
    let tokens = AccessTokens::new("gateway", "api", SigningKey::generate()?);
    Ok(Gate::new(Arc::new(live)).tokens(tokens))
}

/// The cases of every tenant. The answer has only those that the confinement
/// allows.
async fn cases(Extension(allowed): Extension<Allowed>) -> String {
    let all = [
        ("alpha", "phishing"),
        ("beta", "beaconing"),
        ("gamma", "brute force"),
    ];
    let visible = all.iter().filter(|(tenant, _)| allowed.allows(tenant));
    visible.fold(String::new(), |answer, (tenant, case)| {
        answer + tenant + ": " + case + "\n"
    })
}

/// The API behind the gate. The layer comes last, so that no route is without it.
pub fn app(gate: Gate) -> Router {
    let routes = Router::new().route("/connect/api/v1/cases", get(cases));
    routes.layer(AuthorizeLayer::new(gate))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let secrets = [("demo-secret-of-k1", "k1".parse()?)].into_iter().collect();
    let log = JsonLines::new(stdout(), 1024, WhenFull::Refuse)?;
    let gate = gate("5.5.0", secrets)?.sink(Arc::new(log));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 8080)).await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(gate)).await?;
    Ok(())
}
