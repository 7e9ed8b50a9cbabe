//! Any bytes as a target: a decision about it never panics, what is accepted
//! is canonical, and decoding it once more names the same endpoint or none.

use std::sync::{Arc, LazyLock};

use portcullis::path::Template;
use portcullis::{Deployment, Engine, Policy, Reason};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let policy = Arc::new(Policy::embedded().expect("the embedded policy loads"));
    Engine::new(policy, Deployment::new("5.5.0".parse().expect("a release")))
        .expect("a known release")
});

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The template that some method of this path resolves to.
fn template(path: &[u8]) -> Option<&'static Template> {
    METHODS.iter().find_map(|method| {
        let endpoint = ENGINE.endpoint(method, path);
        ENGINE
            .entry(endpoint)
            .filter(|_| endpoint.refusal().is_none())
            .map(|entry| entry.template())
    })
}

fn decode(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((byte, behind)) = rest.split_first() {
        let pair = behind
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match pair
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .filter(|_| *byte == b'%')
        {
            Some(decoded) => {
                out.push(decoded);
                rest = &behind[2..];
            }
            None => {
                out.push(*byte);
                rest = behind;
            }
        }
    }
    out
}

/// Checks one request-target.
pub fn check(bytes: &[u8]) {
    let target = ENGINE.target("GET", bytes);
    let (path, query) = match bytes.iter().position(|byte| *byte == b'?') {
        Some(mark) => (&bytes[..mark], true),
        None => (bytes, false),
    };
    // What is malformed has a fault in its text, and nothing else has.
    let malformed = target.endpoint.refusal() == Some(Reason::MalformedPath);
    let fault = ENGINE.target_fault(target.endpoint);
    assert_eq!(fault.is_some(), malformed);
    assert!(fault.is_none_or(|fault| fault.offset <= bytes.len() && fault.to_string().is_ascii()));
    // The query can only refuse more, and never changes the endpoint.
    let alone = ENGINE.endpoint("GET", path);
    let refused_by_query = query && target.endpoint.refusal() != alone.refusal();
    if refused_by_query {
        assert_eq!(
            target.endpoint.refusal().map(|reason| reason.code()),
            Some("malformed_path")
        );
        assert_eq!(target.tenant, None);
    }
    if let Some(tenant) = target.tenant {
        assert!(
            (1..=64).contains(&tenant.len())
                && tenant
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        );
    }
    let Some(template) = template(path) else {
        return;
    };
    assert!(
        path.iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~:@=%/".contains(byte))
    );
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').skip(1).collect();
    assert_eq!(segments.len(), template.segments().len() + 3);
    for changed in [
        decode(path),
        decode(&decode(path)),
        path.to_ascii_lowercase(),
    ] {
        if let Some(reached) = self::template(&changed) {
            assert_eq!(reached, template);
        }
    }
}
