//! What Envoy asks by gRPC, as the question of a proxy: its method, its raw target,
//! and the headers of the client.

use std::collections::BTreeMap;

use bytes::Bytes;
use envoy_types::pb::envoy::service::auth::v3::CheckRequest;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use portcullis_host::Proxy;
use thiserror::Error;

/// The pseudo headers of a request. `:protocol` is that of a connection that becomes
/// another one, and not a request.
const PSEUDO: [&str; 4] = [":method", ":path", ":authority", ":scheme"];
/// The field of `context_extensions` that names an upstream.
const UPSTREAM: &str = "upstream";

/// A question of Envoy.
#[derive(Debug)]
pub struct Question {
    /// The upstream, where Envoy is configured to name one.
    pub upstream: Option<String>,
    /// What Envoy would ask over HTTP.
    pub request: Request<()>,
}

/// Why a question is not one about a request.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Unclear {
    /// There is no request in it.
    #[error("it is not about a request of HTTP")]
    NoRequest,
    /// Doubled headers and other bytes than UTF-8 would be lost.
    #[error("the headers are not raw; set `encode_raw_headers: true` in the filter")]
    NotRaw,
    /// A pseudo header is missing, doubled or of another kind.
    #[error("the pseudo header {0:?} is missing, doubled or not known")]
    Pseudo(String),
    /// A field names another method or target than the pseudo header.
    #[error("`{0}` and the pseudo header of that name differ")]
    Differs(&'static str),
    /// The target is in several fields.
    #[error("`{0}` has a part of the target; all of it must be in `path`")]
    Parted(&'static str),
    /// There are too many headers.
    #[error("it has more than {0} headers")]
    TooMany(usize),
    /// What the client sent has bytes that are not of a request.
    #[error("{0:?} has bytes that are not of a request")]
    Bytes(String),
}

impl Question {
    /// Reads a question with at most so many headers.
    ///
    /// # Errors
    ///
    /// [`Unclear`].
    pub fn read(question: CheckRequest, most: usize) -> Result<Self, Unclear> {
        let mut attributes = question.attributes.ok_or(Unclear::NoRequest)?;
        let upstream = attributes.context_extensions.remove(UPSTREAM);
        let asked = attributes.request.and_then(|own| own.http);
        let asked = asked.ok_or(Unclear::NoRequest)?;
        let raw = asked.header_map.ok_or(Unclear::NotRaw)?.headers;
        if !asked.headers.is_empty() || raw.iter().any(|own| !own.value.is_empty()) {
            return Err(Unclear::NotRaw);
        }
        for (name, part) in [("query", &asked.query), ("fragment", &asked.fragment)] {
            if !part.is_empty() {
                return Err(Unclear::Parted(name));
            }
        }
        let mut pseudo = BTreeMap::new();
        let mut headers = HeaderMap::new();
        for field in raw {
            let bytes = || Unclear::Bytes(field.key.clone());
            if field.key.starts_with(':') {
                let is_known = PSEUDO.contains(&field.key.as_str());
                if !is_known || pseudo.contains_key(&field.key) {
                    return Err(Unclear::Pseudo(field.key));
                }
                pseudo.insert(field.key, field.raw_value);
                continue;
            }
            if headers.len() == most {
                return Err(Unclear::TooMany(most));
            }
            let name = HeaderName::from_bytes(field.key.as_bytes()).map_err(|_| bytes())?;
            let value = HeaderValue::from_bytes(&field.raw_value).map_err(|_| bytes())?;
            headers.append(name, value);
        }
        let mut single = |name: &str, field: &'static str, same: &str| {
            let own = pseudo.remove(name);
            let own = own.ok_or_else(|| Unclear::Pseudo(name.to_owned()))?;
            // Where it is not UTF-8, Envoy has changed the field.
            let is_same = own == same.as_bytes();
            is_same.then_some(own).ok_or(Unclear::Differs(field))
        };
        let method = single(":method", "method", &asked.method)?;
        let path = single(":path", "path", &asked.path)?;
        let mut request = Request::new(());
        *request.method_mut() =
            Method::from_bytes(&method).map_err(|_| Unclear::Bytes(":method".to_owned()))?;
        *request.uri_mut() = asked_at(&path)?;
        *request.headers_mut() = headers;
        Ok(Self { upstream, request })
    }
}

/// The target as Envoy asks for it over HTTP: behind a prefix, byte for byte.
fn asked_at(path: &[u8]) -> Result<Uri, Unclear> {
    let bytes = || Unclear::Bytes(":path".to_owned());
    let whole = [Proxy::Envoy.path().as_bytes(), path].concat();
    let target = PathAndQuery::from_maybe_shared(Bytes::from(whole.clone()));
    // It leaves out a fragment, which the upstream would get.
    let target = target
        .ok()
        .filter(|own| own.as_str().as_bytes() == whole)
        .ok_or_else(bytes)?;
    Ok(Uri::from(target))
}
