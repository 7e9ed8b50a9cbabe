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
//!
//! A number in the place of the address is how many requests are made in this
//! process instead, without a socket, so that instructions can be counted. They
//! present a key, or an access token with the word `token`.

use std::convert::Infallible;
use std::env::args;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base64ct::{Base64, Encoding as _};
use http::Uri;
use http::header::AUTHORIZATION;
use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
use portcullis_host::activity::{JsonLines, RotatingFile, WhenFull};
use portcullis_host::{
    AccessTokens, AuthorizeLayer, Gate, Live, Secrets, SigningKey, Snapshot, Statements,
};
use serde::Deserialize;
use tower::util::service_fn;
use tower::{Layer as _, Service, ServiceExt as _};

/// How many records wait to be written: enough for a writer that is interrupted on a
/// busy machine.
const QUEUE: usize = 65_536;

type Fault = Box<dyn Error + Send + Sync>;

const BASE: &str = "/connect/api/v1";

fn gate() -> Result<Gate, Fault> {
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
async fn main() -> Result<(), Fault> {
    let mut words = args().skip(1);
    let place = words.next().ok_or("write an address to listen on")?;
    let mut gate = gate()?;
    let (mut has_layer, mut has_token) = (false, false);
    for word in words {
        let signed_by = |key| Statements::new("gateway", "cases-api", key);
        gate = match word.as_str() {
            "layer" => {
                has_layer = true;
                gate
            }
            "token" => {
                has_token = true;
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
    let layer = AuthorizeLayer::new(gate);
    if let Ok(count) = place.parse() {
        let inner = service_fn(|request: Request| async move {
            drop(request);
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        return if has_layer {
            requests(layer.layer(inner), count, has_token).await
        } else {
            requests(inner, count, false).await
        };
    }
    let api = Router::new().fallback(echo);
    let api = if has_layer { api.layer(layer) } else { api };
    let listener = tokio::net::TcpListener::bind(&place).await?;
    axum::serve(listener, api).await?;
    Ok(())
}

/// Sends so many requests, which must be allowed, as a proxy would forward them.
async fn requests<S, B>(mut service: S, count: u64, by_token: bool) -> Result<(), Fault>
where
    S: Service<Request, Response = http::Response<B>, Error = Infallible>,
    B: http_body::Body<Error: Into<Fault>>,
{
    let key = format!("Basic {}", Base64::encode_string(b"msp:secret-of-k1"));
    let credential = if by_token {
        let exchange = Request::post(format!("{BASE}/access_token"))
            .header(AUTHORIZATION, "Bearer secret-of-k1");
        let answer = service
            .ready()
            .await?
            .call(exchange.body(Body::empty())?)
            .await?;
        format!("Bearer {}", token(answer).await?)
    } else {
        key
    };
    for _ in 0..count {
        let request = Request::get(format!("{BASE}/cases?tenantid=alpha"))
            .header("host", "api.example.com")
            .header("accept", "application/json")
            .header("accept-encoding", "gzip, deflate")
            .header("user-agent", "python-requests/2.32.3")
            .header("x-forwarded-for", "192.0.2.7")
            .header("x-request-id", "3f6c2e9a7b1d4c58")
            .header(AUTHORIZATION, &credential);
        let answer = service
            .ready()
            .await?
            .call(request.body(Body::empty())?)
            .await?;
        if !answer.status().is_success() {
            return Err(format!("{}", answer.status()).into());
        }
    }
    Ok(())
}

async fn token<B>(answer: http::Response<B>) -> Result<String, Fault>
where
    B: http_body::Body<Error: Into<Fault>>,
{
    #[derive(Deserialize)]
    struct Exchanged {
        access_token: String,
    }
    let body = http_body_util::BodyExt::collect(answer.into_body())
        .await
        .map_err(Into::into)?;
    let exchanged: Exchanged = serde_json::from_slice(&body.to_bytes())?;
    Ok(exchanged.access_token)
}
