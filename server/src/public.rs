//! The listener for clients: the exchange of keys for tokens, the administration
//! of keys, one's own activity, and the keys that verify.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use http::StatusCode;
use portcullis::path::CatalogueEntry;
use portcullis_host::AuthorizeLayer;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::reply::{Failure, text};
use crate::server::Server;
use crate::{example, keys, own_activity, paths};

/// The pages of this listener.
pub fn pages(server: Arc<Server>) -> Router {
    Router::new()
        .route(paths::KEYS, get(keys::list_own).post(keys::create))
        .route(paths::KEY, delete(keys::revoke))
        .route(paths::REVOKE_ALL, post(keys::revoke_all_own))
        .route(paths::USER_KEYS, get(keys::list_of))
        .route(paths::USER_REVOKE_ALL, post(keys::revoke_all_of))
        .route(paths::ACTIVITY, get(own_activity::as_json))
        .route(paths::ACTIVITY_CSV, get(own_activity::as_csv))
        .route(paths::KEY_SET, get(key_set))
        .method_not_allowed_fallback(|| async { Failure::method() })
        .fallback(others)
        .with_state(server)
}

/// The keys that verify tokens and signed decisions.
async fn key_set(State(server): State<Arc<Server>>) -> Response {
    let key_set = server.serving().key_set.clone();
    text(StatusCode::OK, "application/jwk-set+json", key_set)
}

/// The exchange, and the example API where there is one. Everything else that the
/// policy lists is served elsewhere.
async fn others(State(server): State<Arc<Server>>, request: Request) -> Response {
    let serves_examples = server.configuration().example_api;
    if !serves_examples && !is_exchange(&server, &request) {
        return Failure::not_found().into_response();
    }
    let gate = server.serving().gate.clone();
    let behind =
        service_fn(
            |request: Request| async move { Ok::<_, Infallible>(example::answer(&request)) },
        );
    match AuthorizeLayer::new(gate)
        .layer(behind)
        .oneshot(request)
        .await
    {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

fn is_exchange(server: &Server, request: &Request) -> bool {
    let snapshot = server.live().load();
    let engine = snapshot.engine();
    let endpoint = engine.endpoint(request.method().as_str(), request.uri().path());
    engine
        .entry(endpoint)
        .is_some_and(CatalogueEntry::is_exchange)
}
