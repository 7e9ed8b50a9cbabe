//! The answers of the server's own pages: JSON that nobody keeps.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use portcullis::Reason;
use portcullis::directory::Refusal;
use serde::Serialize;

/// An answer that is not the one that was wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Written<'a> {
    error: &'a str,
    code: &'a str,
}

impl Failure {
    /// The request says something that has no meaning.
    pub fn malformed(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_request", text)
    }

    /// The body of the request is too large.
    pub fn too_large() -> Self {
        let text = "the body is longer than this server reads; send a shorter one";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text)
    }

    /// The request took too long.
    pub fn timed_out() -> Self {
        let text = "the request took too long; send all of it, or try again later";
        Self::new(StatusCode::REQUEST_TIMEOUT, "timed_out", text)
    }

    /// There is no such page.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "there is no such page; this address exchanges keys for tokens and manages keys",
        )
    }

    /// A proxy asks about an upstream that is not configured.
    pub fn no_upstream() -> Self {
        let text = "there is no such upstream; name it under `upstreams`";
        Self::new(StatusCode::FORBIDDEN, "no_upstream", text)
    }

    /// The page has no such method.
    pub fn method() -> Self {
        let text = "the page does not have this method; see the documentation of its methods";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
    }

    /// Nothing can be done at the moment.
    pub fn unavailable(text: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", text)
    }

    /// Something that does not happen did.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "internal error",
        )
    }

    fn new(status: StatusCode, code: &'static str, text: impl Into<String>) -> Self {
        Self {
            status,
            code,
            text: text.into(),
        }
    }
}

/// As an API would answer: the status and the safe text, without the code of the
/// reason.
impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::FORBIDDEN);
        let code = if status == StatusCode::UNAUTHORIZED {
            "unauthenticated"
        } else {
            "refused"
        };
        Self::new(status, code, reason.text())
    }
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        let code = refusal.code();
        let status = match code {
            "unknown_key" | "unknown_account" => StatusCode::NOT_FOUND,
            "already_revoked" | "key_id_taken" | "too_many_keys" => StatusCode::CONFLICT,
            "blank_name" | "malformed_name" | "expires_too_early" => StatusCode::BAD_REQUEST,
            "other_policy" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::FORBIDDEN,
        };
        Self::new(status, code, refusal.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Written {
            error: &self.text,
            code: self.code,
        };
        let mut response = json(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            for challenge in [
                r#"Basic realm="api", charset="UTF-8""#,
                r#"Bearer realm="api""#,
            ] {
                let challenge = HeaderValue::from_static(challenge);
                response.headers_mut().append(WWW_AUTHENTICATE, challenge);
            }
        }
        response
    }
}

/// A value as JSON.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let (status, body) = match serde_json::to_vec(value) {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            (StatusCode::INTERNAL_SERVER_ERROR, Vec::new())
        }
    };
    text(status, "application/json", body)
}

/// A text of a media type.
pub fn text(status: StatusCode, media_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(media_type) = HeaderValue::from_str(media_type) {
        headers.insert(CONTENT_TYPE, media_type);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
