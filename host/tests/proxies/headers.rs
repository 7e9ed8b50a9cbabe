//! Which headers of a request are decisions, and which do not belong there.

use http::HeaderMap;

/// The decisions among the headers, also under the name that some servers read as
/// theirs.
pub fn decision_alone(headers: &HeaderMap) -> HeaderMap {
    let decisions = headers.iter().filter(|(name, _)| {
        let name = name.as_str();
        name.replace('_', "-") == "portcullis-decision"
    });
    decisions
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Headers that do not belong to the upstream, in any spelling.
pub fn odd_headers(headers: &HeaderMap) -> Vec<String> {
    let folded = |name: &str| -> String {
        let fold = |byte: char| {
            if byte.is_ascii_alphanumeric() {
                byte
            } else {
                '-'
            }
        };
        name.to_ascii_lowercase().chars().map(fold).collect()
    };
    let is_odd = |name: &str| {
        let name = folded(name);
        let own = ["decision", "tenants", "user", "endpoint"];
        let own = own.map(|own| format!("portcullis-{own}"));
        let begins = [
            "x-original-",
            "x-rewrite-",
            "x-http-method",
            "x-method-override",
        ];
        name == "authorization"
            || own.contains(&name)
            || begins.iter().any(|begin| name.starts_with(begin))
    };
    let names = headers.iter().map(|(name, _)| name.as_str());
    names
        .filter(|name| is_odd(name) && *name != "portcullis-decision")
        .map(str::to_owned)
        .collect()
}
