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

/// Whether some servers read two names of headers as the same: without regard to
/// case, and with `-` for whatever is neither a letter nor a digit.
pub(crate) fn are_read_as_one(one: &str, other: &str) -> bool {
    one.len() == other.len() && are_equal(one, other)
}

/// Whether some servers read a name as one that begins so.
fn begins(name: &str, beginning: &str) -> bool {
    name.len() >= beginning.len() && are_equal(name, beginning)
}

/// Compares as many bytes as both have.
fn are_equal(one: &str, other: &str) -> bool {
    let fold = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => byte.to_ascii_lowercase(),
        _ => b'-',
    };
    let mut pairs = one.bytes().zip(other.bytes());
    pairs.all(|(one, other)| fold(one) == fold(other))
}

/// Whether some server takes another target or method by this header than those
/// of the request.
pub(crate) fn reroutes(name: &HeaderName) -> bool {
    let name = name.as_str();
    REROUTING.iter().any(|own| are_read_as_one(name, own))
        || REROUTING_BEGINNINGS.iter().any(|own| begins(name, own))
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
    begins(name.as_str(), OWN)
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
        let own = name.as_str();
        is_own(name) || HOP.iter().any(|hop| are_read_as_one(own, hop)) || reroutes(name)
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
