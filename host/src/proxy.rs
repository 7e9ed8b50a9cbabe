//! What each proxy says about the request that it asks about.

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use thiserror::Error;

use crate::forwarding::{are_read_as_one, reroutes};
use crate::target::raw_target;

/// A proxy that asks before it forwards a request. Each has a page with a
/// configuration that was tested.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Proxy {
    /// nginx with `auth_request`. The configuration sets `X-Original-Method` and
    /// `X-Original-URI`.
    Nginx,
    /// Caddy with `forward_auth`, which sets `X-Forwarded-Method` and
    /// `X-Forwarded-Uri`.
    Caddy,
    /// Traefik with `forwardAuth`, which sets `X-Forwarded-Method` and
    /// `X-Forwarded-Uri`.
    Traefik,
    /// `HAProxy` with the script of its page, which sets `X-Original-Method` and
    /// `X-Original-URI`.
    Haproxy,
    /// Envoy with `ext_authz`, which asks with the method of the request, for its
    /// target behind a prefix. That is how it asks over HTTP; a server of gRPC can
    /// make such a request of its question.
    Envoy,
}

/// How a request for a decision names method and target.
enum Naming {
    Headers([HeaderName; 2]),
    RequestLine,
}

const ORIGINAL: [HeaderName; 2] = [
    HeaderName::from_static("x-original-method"),
    HeaderName::from_static("x-original-uri"),
];
const FORWARDED: [HeaderName; 2] = [
    HeaderName::from_static("x-forwarded-method"),
    HeaderName::from_static("x-forwarded-uri"),
];
/// Headers by which proxies name a target or method, beside those that reroute.
const NAMING: [&str; 4] = [
    "x-forwarded-method",
    "x-forwarded-uri",
    "x-forwarded-path",
    "x-forwarded-url",
];

/// Why it is not clear which request a proxy asks about.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum Unclear {
    #[error("the header `{0}` is missing; the configuration of the proxy must set it")]
    Missing(HeaderName),
    #[error("the header `{0}` is there twice")]
    Twice(HeaderName),
    #[error("the header `{0}` names a method or target, too; the proxy must remove it")]
    Other(HeaderName),
    #[error("the header `{0}` has other bytes than a method or target")]
    Unreadable(HeaderName),
    #[error("the target is not a path; it must begin with `/`")]
    NotOriginForm,
}

impl Proxy {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Nginx,
        Self::Caddy,
        Self::Traefik,
        Self::Haproxy,
        Self::Envoy,
    ];

    /// The path by which it asks. Envoy puts the target behind it.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Nginx => "/nginx",
            Self::Caddy => "/caddy",
            Self::Traefik => "/traefik",
            Self::Haproxy => "/haproxy",
            Self::Envoy => "/envoy",
        }
    }

    /// Whether it hands a denial to the client with its status. nginx does so with
    /// 401 and 403 only; its configuration restores the others.
    pub(crate) const fn passes_every_status(self) -> bool {
        match self {
            Self::Nginx => false,
            Self::Caddy | Self::Traefik | Self::Haproxy | Self::Envoy => true,
        }
    }

    const fn naming(self) -> Naming {
        match self {
            Self::Nginx | Self::Haproxy => Naming::Headers(ORIGINAL),
            Self::Caddy | Self::Traefik => Naming::Headers(FORWARDED),
            Self::Envoy => Naming::RequestLine,
        }
    }

    /// Whether a path is that by which it asks.
    pub(crate) fn asks_by(self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path());
        rest.is_some_and(|rest| match self.naming() {
            Naming::Headers(_) => rest.is_empty(),
            Naming::RequestLine => rest.starts_with('/'),
        })
    }

    /// The method and the raw target of the request that it asks about.
    pub(crate) fn asked_about<B>(self, request: &Request<B>) -> Result<(&str, &str), Unclear> {
        let headers = request.headers();
        let own = match self.naming() {
            Naming::Headers(own) => Some(own),
            Naming::RequestLine => None,
        };
        let is_other = |name: &&HeaderName| {
            let is_own = own.as_ref().is_some_and(|own| own.contains(name));
            let mut naming = NAMING.iter();
            !is_own && (reroutes(name) || naming.any(|other| are_read_as_one(name.as_str(), other)))
        };
        if let Some(other) = headers.keys().find(is_other) {
            return Err(Unclear::Other(other.clone()));
        }
        let (method, target) = if let Some([method, target]) = &own {
            (single(headers, method)?, single(headers, target)?)
        } else {
            let target = raw_target(request.uri(), request.version());
            let target = target.strip_prefix(self.path());
            let method = request.method().as_str();
            (method, target.ok_or(Unclear::NotOriginForm)?)
        };
        if target.starts_with('/') {
            Ok((method, target))
        } else {
            Err(Unclear::NotOriginForm)
        }
    }
}

/// The value of a header that is there once.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h str, Unclear> {
    let mut values = headers.get_all(name).iter();
    let value = values
        .next()
        .ok_or_else(|| Unclear::Missing(name.clone()))?;
    if values.next().is_some() {
        return Err(Unclear::Twice(name.clone()));
    }
    let value = HeaderValue::to_str(value).ok();
    let value = value.filter(|value| !value.is_empty() && !value.contains([' ', '\t']));
    value.ok_or_else(|| Unclear::Unreadable(name.clone()))
}
