//! The answers of the layer itself.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use portcullis::{Denial, Method};
use serde::Serialize;

/// An answer that ends a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    status: StatusCode,
    body: String,
    /// The methods for the `Allow` header of a 405.
    methods: Option<HeaderValue>,
}

#[derive(Serialize)]
struct Refusal<'a> {
    error: &'a str,
}

#[derive(Serialize)]
struct Exchanged<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
}

impl Answer {
    /// What a denial says to the caller: its status and its text.
    pub(crate) fn denial(denial: &Denial<'_>) -> Self {
        let methods: Vec<&str> = denial.allowed_methods().map(Method::as_str).collect();
        let status = StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::FORBIDDEN);
        let has_methods = status == StatusCode::METHOD_NOT_ALLOWED;
        Self {
            methods: has_methods
                .then(|| HeaderValue::from_str(&methods.join(", ")).ok())
                .flatten(),
            ..Self::refusal(status, denial.reason().text())
        }
    }

    /// The request cannot be read without doubt.
    pub(crate) fn malformed(why: &str) -> Self {
        Self::refusal(StatusCode::BAD_REQUEST, why)
    }

    /// The request does not belong here, or is not what a proxy of its kind sends.
    pub(crate) fn misdirected() -> Self {
        Self::refusal(StatusCode::FORBIDDEN, "the request was not understood")
    }

    /// Nothing can be decided, or no record of it be kept.
    pub(crate) fn unavailable() -> Self {
        Self::refusal(StatusCode::SERVICE_UNAVAILABLE, "try again later")
    }

    /// The decision does not fit into the header, or cannot be signed.
    pub(crate) fn internal() -> Self {
        Self::refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
    }

    fn refusal(status: StatusCode, error: &str) -> Self {
        Self {
            status,
            body: json(&Refusal { error }),
            methods: None,
        }
    }

    /// A token in exchange for a key.
    pub(crate) fn token(access_token: &str, expires_in: u64) -> Self {
        Self {
            status: StatusCode::OK,
            body: json(&Exchanged {
                access_token,
                token_type: "Bearer",
                expires_in,
            }),
            methods: None,
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            for challenge in [
                r#"Basic realm="api", charset="UTF-8""#,
                r#"Bearer realm="api""#,
            ] {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
        }
        if let Some(methods) = self.methods {
            headers.insert(ALLOW, methods);
        }
        response
    }
}

/// These objects can always be written.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}
