//! Which headers of a client may reach the upstream.

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// What the headers of this crate begin with. A client may send none of them.
const OWN: &str = "portcullis-";
/// How headers begin by which some servers take another target or method.
const REROUTING_BEGINNINGS: [&str; 2] = ["x-original-", "x-rewrite-"];
const REROUTING: [&str; 6] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-request-uri",
    "x-http-host-override",
    "x-host",
];
/// Headers that are for one connection alone. A `Connection` header would make
/// the next proxy drop what it names.
const HOP: [&str; 5] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "upgrade",
    "http2-settings",
];

/// The name of a header as some servers read it: in lower case, and whatever is
/// neither a letter nor a digit as `-`.
pub(crate) fn folded(name: &str) -> String {
    let fold = |byte: char| match byte {
        byte if byte.is_ascii_alphanumeric() => byte.to_ascii_lowercase(),
        _ => '-',
    };
    name.chars().map(fold).collect()
}

/// Whether some server takes another target or method by this header than those
/// of the request.
pub(crate) fn reroutes(name: &HeaderName) -> bool {
    let name = folded(name.as_str());
    REROUTING.contains(&name.as_str())
        || REROUTING_BEGINNINGS
            .iter()
            .any(|begin| name.starts_with(begin))
}

/// Whether the name of a header begins with `Portcullis-`, also in a spelling that
/// some servers read as that, such as `portcullis_decision`. A client may send no
/// such header. The gate's layer removes them by itself.
///
/// ```
/// use http::HeaderName;
/// use portcullis_host::forward_auth::is_own;
///
/// assert!(is_own(&HeaderName::from_static("portcullis_decision")));
/// assert!(!is_own(&HeaderName::from_static("authorization")));
/// ```
pub fn is_own(name: &HeaderName) -> bool {
    folded(name.as_str()).starts_with(OWN)
}

/// Removes what may not reach the upstream: the headers that only this crate may
/// set, those that reroute, and those of the connection. A WebSocket may be asked
/// for where the host says so.
pub(crate) fn strip(headers: &mut HeaderMap, allows_web_sockets: bool) {
    let is_web_socket = headers
        .get(UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && headers.get_all(UPGRADE).iter().count() == 1;
    let is_removed = |name: &&HeaderName| {
        let folded = folded(name.as_str());
        is_own(name) || HOP.contains(&folded.as_str()) || reroutes(name)
    };
    let removed: Vec<HeaderName> = headers.keys().filter(is_removed).cloned().collect();
    for name in removed {
        headers.remove(name);
    }
    if is_web_socket && allows_web_sockets {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
}
