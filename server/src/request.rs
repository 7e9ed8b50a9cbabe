//! What happens around every request: its id, its span in the log, and its place
//! in the counters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis_host::RequestId;
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::reply::Failure;
use crate::server::Server;

/// The header of an answer that has the id of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// One listener of a server.
#[derive(Clone, Debug)]
pub struct Listening {
    /// The server.
    pub server: Arc<Server>,
    /// What the listener is called in the log and in the counters.
    pub name: &'static str,
    /// For how long a request is worked on.
    pub time: Duration,
}

/// Gives a request an id, and writes when it was answered. Its target is not
/// written: it may have the name or address of somebody.
pub async fn observed(State(own): State<Listening>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = identifier();
    let trace = trace_id(request.headers()).unwrap_or(&id).to_owned();
    // The signed decision has the same id.
    request.extensions_mut().insert(RequestId(id.clone()));
    let listener = own.name;
    let span = tracing::info_span!("request", %id, trace, listener, method = %request.method());
    let answered = timeout(own.time, next.run(request).instrument(span.clone())).await;
    let mut response = answered.unwrap_or_else(|_| Failure::timed_out().into_response());
    let (status, took) = (response.status().as_u16(), started.elapsed());
    own.server.counters().answered(listener, status, took);
    span.in_scope(|| tracing::info!(status, microseconds = took.as_micros(), "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// 128 random bits as 32 hexadecimal digits, as `traceparent` has them.
fn identifier() -> String {
    let mut bytes = [0; 16];
    // Without random bytes the log is harder to read, and nothing else.
    let _ = getrandom::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// The id of the trace, where a `traceparent` is of the form of W3C Trace Context:
/// version, id, parent and flags in lower-case hexadecimal digits.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(TRACE_PARENT).iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return None;
    };
    let parts: Vec<&str> = only.to_str().ok()?.split('-').collect();
    let [version, trace, parent, flags, ..] = *parts else {
        return None;
    };
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id =
        |text: &str, digits: usize| is_hex(text, digits) && text.bytes().any(|byte| byte != b'0');
    // Version 00 has four parts; a later one may have more.
    let is_version = is_hex(version, 2) && version != "ff" && (version != "00" || parts.len() == 4);
    (is_version && is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_continued_only_where_its_header_is_well_formed() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(TRACE_PARENT, HeaderValue::from_str(value).unwrap());
            }
            trace_id(&headers).map(str::to_owned)
        };
        let good = format!("00-{trace}-00f067aa0ba902b7-01");
        assert_eq!(of(&[&good]).as_deref(), Some(trace));
        assert_eq!(
            of(&[&format!("01-{trace}-00f067aa0ba902b7-01-more")]).as_deref(),
            Some(trace)
        );
        for bad in [
            String::new(),
            trace.to_owned(),
            format!("ff-{trace}-00f067aa0ba902b7-01"),
            format!("00-{trace}-00f067aa0ba902b7-01-more"),
            format!("00-{trace}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
            format!("00-{trace}-00f067aa0ba902b7"),
        ] {
            assert_eq!(of(&[&bad]), None, "{bad}");
        }
        assert_eq!(of(&[&good, &good]), None);
    }
}
