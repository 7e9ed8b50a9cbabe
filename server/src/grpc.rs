//! The listener for Envoy by gRPC: `envoy.service.auth.v3.Authorization/Check`. No
//! client may reach it.
//!
//! A question becomes what Envoy would ask over HTTP, and is answered by the same
//! function. So both are equally strict.

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use envoy_types::pb::envoy::config::core::v3::header_value_option::HeaderAppendAction;
use envoy_types::pb::envoy::config::core::v3::{HeaderValue, HeaderValueOption};
use envoy_types::pb::envoy::service::auth::v3::authorization_server::{
    Authorization, AuthorizationServer,
};
use envoy_types::pb::envoy::service::auth::v3::check_response::HttpResponse;
use envoy_types::pb::envoy::service::auth::v3::{
    CheckRequest, CheckResponse, DeniedHttpResponse, OkHttpResponse,
};
use envoy_types::pb::envoy::r#type::v3::HttpStatus;
use envoy_types::pb::google::rpc;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body_util::BodyExt as _;
use portcullis_host::RequestId;
use portcullis_host::forward_auth::is_own;
use tonic::{Code, Request, Response, Status};
use tower::ServiceExt as _;

use crate::question::{Question, Unclear};
use crate::server::Server;

/// The only method of this listener.
const CHECK: &str = "/envoy.service.auth.v3.Authorization/Check";

/// The pages of this listener.
pub fn pages(server: Arc<Server>) -> Router {
    let limits = server.configuration().limits;
    // The body of a question has the head of a request.
    let most = limits.head_bytes.saturating_add(limits.body_bytes);
    let service = AuthorizationServer::new(Envoy(server)).max_decoding_message_size(most);
    Router::new().route_service(CHECK, service)
}

/// Answers Envoy.
#[derive(Debug)]
struct Envoy(Arc<Server>);

#[tonic::async_trait]
impl Authorization for Envoy {
    async fn check(
        &self,
        question: Request<CheckRequest>,
    ) -> Result<Response<CheckResponse>, Status> {
        let id = question.extensions().get::<RequestId>().cloned();
        let most = self.0.configuration().limits.headers;
        let answer = match Question::read(question.into_inner(), most) {
            Ok(question) => self.answer(question, id).await,
            Err(unclear) => {
                tracing::warn!(%unclear, "refused");
                refused(&unclear)
            }
        };
        Ok(Response::new(answer))
    }
}

impl Envoy {
    async fn answer(&self, question: Question, id: Option<RequestId>) -> CheckResponse {
        let Question {
            upstream,
            mut request,
        } = question;
        let Some(service) = self.0.serving().upstream(upstream.as_deref()) else {
            tracing::warn!("a question about an upstream that is not configured");
            return denied(StatusCode::FORBIDDEN, &HeaderMap::new(), String::new());
        };
        if let Some(id) = id {
            request.extensions_mut().insert(id);
        }
        let names: Vec<HeaderName> = request.headers().keys().cloned().collect();
        let (head, body) = match service.oneshot(request).await {
            Ok(answer) => answer.into_parts(),
            Err(never) => match never {},
        };
        if head.status == StatusCode::OK {
            return allowed(&head.headers, &names).unwrap_or_else(|| {
                tracing::error!("a decision is not text");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                denied(status, &HeaderMap::new(), String::new())
            });
        }
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(never) => match never {},
        };
        denied(head.status, &head.headers, text(&body))
    }
}

/// An allow, with the headers that the upstream gets. They take the place of those
/// of the client; what else of the client's has such a name is removed, and so is the
/// credential.
fn allowed(headers: &HeaderMap, names: &[HeaderName]) -> Option<CheckResponse> {
    let own = headers.iter().filter(|(name, _)| is_own(name));
    let set = own.map(|(name, value)| {
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some(option(
            name,
            value,
            HeaderAppendAction::OverwriteIfExistsOrAdd,
        ))
    });
    let removed = names
        .iter()
        .filter(|name| **name == AUTHORIZATION || is_own(name) && !headers.contains_key(*name));
    let response = OkHttpResponse {
        headers: set.collect::<Option<_>>()?,
        headers_to_remove: removed.map(ToString::to_string).collect(),
        ..OkHttpResponse::default()
    };
    Some(answer(Code::Ok, HttpResponse::OkResponse(response)))
}

/// A refusal, with the status, the headers and the body that the client gets.
fn denied(status: StatusCode, headers: &HeaderMap, body: String) -> CheckResponse {
    let mut set = Vec::new();
    for name in headers.keys() {
        let mut action = HeaderAppendAction::OverwriteIfExistsOrAdd;
        for value in headers.get_all(name) {
            if let Ok(value) = value.to_str() {
                set.push(option(name, value, action));
                action = HeaderAppendAction::AppendIfExistsOrAdd;
            }
        }
    }
    let code = if status == StatusCode::UNAUTHORIZED {
        Code::Unauthenticated
    } else {
        Code::PermissionDenied
    };
    let response = DeniedHttpResponse {
        status: Some(HttpStatus {
            code: status.as_u16().into(),
        }),
        headers: set,
        body,
    };
    answer(code, HttpResponse::DeniedResponse(response))
}

/// The refusal of a question that cannot be read: 400 where what the client has
/// sent is not a request, and otherwise 403.
fn refused(unclear: &Unclear) -> CheckResponse {
    let status = match unclear {
        Unclear::Bytes(_) => StatusCode::BAD_REQUEST,
        Unclear::TooMany(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Unclear::NoRequest
        | Unclear::NotRaw
        | Unclear::Pseudo(_)
        | Unclear::Differs(_)
        | Unclear::Parted(_) => StatusCode::FORBIDDEN,
    };
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    let body = r#"{"error":"the request was not understood"}"#;
    denied(status, &headers, body.to_owned())
}

fn answer(code: Code, response: HttpResponse) -> CheckResponse {
    CheckResponse {
        status: Some(rpc::Status {
            code: code.into(),
            ..rpc::Status::default()
        }),
        http_response: Some(response),
        ..CheckResponse::default()
    }
}

fn option(name: &HeaderName, value: &str, action: HeaderAppendAction) -> HeaderValueOption {
    HeaderValueOption {
        header: Some(HeaderValue {
            key: name.to_string(),
            value: value.to_owned(),
            ..HeaderValue::default()
        }),
        append_action: action.into(),
        ..HeaderValueOption::default()
    }
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
