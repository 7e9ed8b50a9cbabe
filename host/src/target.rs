//! The raw target of a request.

use http::{Uri, Version};

/// Path and query as they arrived, byte for byte; a fragment is not part of a
/// [`Uri`], so it is neither judged nor handed on. Empty, which is refused as
/// malformed, where an HTTP/1 request names a host in its target (the absolute
/// form) or has another form than a path: an upstream might read it differently.
pub(crate) fn raw_target(uri: &Uri, version: Version) -> &str {
    // HTTP/2 always has the host beside the path.
    let is_absolute = version < Version::HTTP_2 && uri.authority().is_some();
    let target = uri.path_and_query().filter(|_| !is_absolute);
    target.map_or("", |target| target.as_str())
}
