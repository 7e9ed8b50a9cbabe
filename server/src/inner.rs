//! The inner listener: decisions for proxies, health and metrics. No client may
//! reach it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::uri::PathAndQuery;
use http::{StatusCode, Uri};
use serde::Serialize;
use tower::ServiceExt as _;

use crate::reply::{Failure, json, text};
use crate::server::Server;

/// What the paths of an upstream begin with, before its name.
const UPSTREAMS: &str = "/upstreams/";

/// The pages of this listener.
pub fn pages(server: Arc<Server>) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(|| async { text(StatusCode::OK, "text/plain", "alive\n") }),
        )
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .method_not_allowed_fallback(|| async { Failure::method() })
        .fallback(decide)
        .with_state(server)
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<&'static str>,
    release: String,
    scoped_keys: bool,
    policy: String,
    users: usize,
    /// For how many seconds the store has not been heard from; `null` without one.
    store_age: Option<u64>,
}

async fn ready(State(server): State<Arc<Server>>) -> Response {
    let (now, live) = (server.now(), server.live());
    let snapshot = live.load();
    let engine = snapshot.engine();
    let mut faults = Vec::new();
    if live.is_too_old(now) {
        faults.push("the store has not been heard from for too long");
    }
    if !server.has_log() {
        faults.push("the log of activity cannot be written");
    }
    let readiness = Readiness {
        ready: faults.is_empty(),
        faults,
        release: engine.deployment().release().to_string(),
        scoped_keys: engine.deployment().scoped_keys(),
        policy: engine.policy().digest().to_string(),
        users: snapshot.directory().users().len(),
        store_age: live.age(now),
    };
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json(status, &readiness)
}

async fn metrics(State(server): State<Arc<Server>>) -> Response {
    match server.metrics().text() {
        Ok((body, media_type)) => text(StatusCode::OK, &media_type, body),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            Failure::internal().into_response()
        }
    }
}

/// Answers a proxy: `/nginx` and others for the first upstream, and
/// `/upstreams/NAME/nginx` for each.
async fn decide(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (name, request) = match named(&request) {
        None => (None, Some(request)),
        Some((name, rest)) => (Some(name), with_target(request, &rest)),
    };
    let service = server.serving().upstream(name.as_deref());
    let (Some(service), Some(request)) = (service, request) else {
        tracing::warn!("a question about an upstream that is not configured");
        return Failure::no_upstream().into_response();
    };
    match service.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// The name of the upstream in a target, and the target behind it, byte for byte.
fn named(request: &Request) -> Option<(String, String)> {
    let target = request.uri().path_and_query()?.as_str();
    let rest = target.strip_prefix(UPSTREAMS)?;
    let slash = rest.find('/')?;
    let (name, rest) = rest.split_at_checked(slash)?;
    Some((name.to_owned(), rest.to_owned()))
}

fn with_target(mut request: Request, target: &str) -> Option<Request> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    *request.uri_mut() = Uri::from_parts(parts).ok()?;
    Some(request)
}
