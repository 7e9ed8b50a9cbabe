//! Any bytes as a target: a decision about it never panics, what is accepted
//! is canonical, and decoding it once more names the same endpoint or none.

use std::sync::{Arc, LazyLock};

use portcullis::path::Template;
use portcullis::{Deployment, Engine, Policy, Reason};

/// An engine, and the base path of its policy.
struct Judge {
    engine: Engine,
    base: &'static str,
}

static EMBEDDED: LazyLock<Judge> = LazyLock::new(|| {
    let policy = Policy::embedded().expect("the embedded policy loads");
    Judge::new(policy, "5.5.0", "/connect/api/v1")
});

/// Templates of every shape.
static SHAPES: LazyLock<Judge> = LazyLock::new(|| {
    let policy = Policy::from_yaml(include_str!("seeds/policy/shapes.yaml"));
    Judge::new(policy.expect("the policy loads"), "2026.1", "/api/v1.0")
});

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

impl Judge {
    fn new(policy: Policy, release: &str, base: &'static str) -> Self {
        let deployment = Deployment::new(release.parse().expect("a release"));
        let engine = Engine::new(Arc::new(policy), deployment).expect("a known release");
        Self { engine, base }
    }

    /// The template that some method of this path resolves to.
    fn template(&self, path: &[u8]) -> Option<&Template> {
        METHODS.iter().find_map(|method| {
            let endpoint = self.engine.endpoint(method, path);
            self.engine
                .entry(endpoint)
                .filter(|_| endpoint.refusal().is_none())
                .map(|entry| entry.template())
        })
    }
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
    for judge in [&*EMBEDDED, &*SHAPES] {
        judge.check(bytes);
    }
}

impl Judge {
    fn check(&self, bytes: &[u8]) {
        let target = self.engine.target("GET", bytes);
        let (path, query) = match bytes.iter().position(|byte| *byte == b'?') {
            Some(mark) => (&bytes[..mark], true),
            None => (bytes, false),
        };
        // What is malformed has a fault in its text, and nothing else has.
        let malformed = target.endpoint.refusal() == Some(Reason::MalformedPath);
        let fault = self.engine.target_fault(target.endpoint);
        assert_eq!(fault.is_some(), malformed);
        assert!(
            fault.is_none_or(|fault| fault.offset <= bytes.len() && fault.to_string().is_ascii())
        );
        // The query can only refuse more, and never changes the endpoint.
        let alone = self.engine.endpoint("GET", path);
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
        let Some(template) = self.template(path) else {
            return;
        };
        assert!(
            path.iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~:@=+$,!*'()&%/".contains(byte))
        );
        // A tail takes one segment or more, and a final `/` is one of the path's.
        let written = template.to_string();
        let count = |path: &str| path.split('/').count();
        let segments = path.split(|byte| *byte == b'/').count();
        let expected = count(self.base) + count(&written) - 1;
        assert!(segments == expected || (written.contains("...}") && segments > expected));
        assert_eq!(path.ends_with(b"/"), written.ends_with('/'));
        for changed in [
            decode(path),
            decode(&decode(path)),
            path.to_ascii_lowercase(),
        ] {
            if let Some(reached) = self.template(&changed) {
                assert_eq!(reached, template);
            }
        }
    }
}
