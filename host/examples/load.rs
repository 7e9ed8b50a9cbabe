//! An API to put load on, with and without the layer: what `.ci/load` measures.
//!
//! ```text
//! cargo run --release -p portcullis-host --example load -- 127.0.0.1:9100 layer ed25519 activity.jsonl
//! ```
//!
//! Behind the address come words. Without any, the API answers everybody. `layer`
//! puts the gate in front of it, `ed25519` or `hs256` signs each decision, and any
//! other word is the file of the log. The secret of a key is `secret-of-` and its
//! id.

use std::env::args;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use http::Uri;
use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
use portcullis_host::activity::{JsonLines, RotatingFile, WhenFull};
use portcullis_host::{
    AccessTokens, AuthorizeLayer, Gate, Live, Secrets, SigningKey, Snapshot, Statements,
};

/// How many records wait to be written: enough for a writer that is interrupted on a
/// busy machine.
const QUEUE: usize = 65_536;

fn gate() -> Result<Gate, Box<dyn Error>> {
    let policy = Arc::new(Policy::embedded()?);
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
    let secrets: Secrets = [("secret-of-k1", "k1".parse()?)].into_iter().collect();
    let live = Live::new(Snapshot::new(engine, directory, secrets));
    let tokens = AccessTokens::new("gateway", "api", SigningKey::generate()?);
    Ok(Gate::new(Arc::new(live)).tokens(tokens))
}

/// Says what was asked for.
async fn echo(target: Uri) -> String {
    format!("{target}\n")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = args().skip(1);
    let address = words.next().ok_or("write an address to listen on")?;
    let mut gate = gate()?;
    let mut has_layer = false;
    for word in words {
        let signed_by = |key| Statements::new("gateway", "cases-api", key);
        gate = match word.as_str() {
            "layer" => {
                has_layer = true;
                gate
            }
            "ed25519" => gate.statements(signed_by(SigningKey::generate()?)),
            "hs256" => gate.statements(signed_by(SigningKey::shared_secret("one", [1_u8; 32])?)),
            file => {
                let log = JsonLines::new(RotatingFile::new(file), QUEUE, WhenFull::Block)?;
                gate.sink(Arc::new(log))
            }
        };
    }
    let api = Router::new().fallback(echo);
    let api = if has_layer {
        api.layer(AuthorizeLayer::new(gate))
    } else {
        api
    };
    let listener = tokio::net::TcpListener::bind(&address).await?;
    axum::serve(listener, api).await?;
    Ok(())
}
