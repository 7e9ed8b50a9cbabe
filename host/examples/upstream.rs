//! A toy upstream that answers what a signed decision allows, and nothing else.
//!
//! ```text
//! cargo run -p portcullis-server -- --demo
//! curl -s http://127.0.0.1:9001/.well-known/jwks.json >keys.json
//! cargo run -p portcullis-host --example upstream -- keys.json portcullis-demo demo-api
//! ```
//!
//! The arguments are the public keys of the issuer, the issuer, and the name of
//! this upstream. It listens on 127.0.0.1:9100, behind a proxy (`docs/proxies.md`).

use std::env::args;
use std::error::Error;
use std::fs::read_to_string;

use axum::{Extension, Router};
use portcullis_host::VerifyingKeys;
use portcullis_host::upstream::{Reader, ReaderLayer, Verified};

const CASES: [(&str, &str); 3] = [
    ("alpha", "phishing"),
    ("beta", "beaconing"),
    ("gamma", "brute force"),
];

/// The cases of those tenants whose data the answer may hold.
async fn cases(Extension(verified): Extension<Verified>) -> String {
    let user = verified.user.as_deref().unwrap_or("nobody");
    let head = format!("{} for {user}\n", verified.endpoint);
    let cases = CASES.iter();
    let visible = cases.filter(|(tenant, _)| verified.confinement.allows(tenant));
    visible.fold(head, |answer, (tenant, case)| {
        answer + tenant + ": " + case + "\n"
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let [keys, issuer, audience] = <[String; 3]>::try_from(args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "write: upstream KEYS.json ISSUER AUDIENCE")?;
    let keys = VerifyingKeys::from_jwks(&read_to_string(keys)?)?;
    let reader = ReaderLayer::new(Reader::new(issuer, audience, keys));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 9100)).await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Router::new().fallback(cases).layer(reader)).await?;
    Ok(())
}
