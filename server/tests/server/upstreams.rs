//! The readers of signed decisions in other languages, against decisions of the
//! server: the right one is accepted, and every wrong one refused.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use portcullis::token::TokenClaims;
use portcullis_host::{AccessTokens, SigningKey};
use serde_json::{Value, json};

use crate::setting::{Folder, Running, as_user, claims, pem, repository, send};

const TARGET: &str = "/connect/api/v1/cases?tenantid=alpha&q=%41";

struct Upstream {
    child: Child,
    address: SocketAddr,
}

impl Upstream {
    fn start(mut command: Command, server: &Running) -> Self {
        let keys = format!("http://{}/.well-known/jwks.json", server.public);
        let command = command.args(["0", &keys, "gateway", "cases-api"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`.ci/server` prepares it");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port: u16 = line.trim().parse().unwrap();
        Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        }
    }

    fn answers(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> (u16, Value) {
        let answer = send(self.address, method, target, headers, "");
        (answer.status, answer.json())
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn decision(server: &Running, path: &str, user: &str, target: &str) -> String {
    let own = as_user(user);
    let headers = [
        ("Authorization", &*own),
        ("X-Original-Method", "GET"),
        ("X-Original-URI", target),
    ];
    let answer = server.inside(path, &headers);
    answer.header("portcullis-decision").to_owned()
}

/// Decisions that differ in one thing from one that is accepted.
fn wrong(server: &Running, good: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = good.split('.').collect();
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let typ = "portcullis-decision+jwt";
    let head =
        |alg: &str, kid: &str, typ: &str| part(&json!({ "alg": alg, "kid": kid, "typ": typ }));
    let with = |head: &str| format!("{head}.{}.{}", parts[1], parts[2]);
    let mut changed = claims(good);
    changed["cfn"] = json!("all");
    let key = SigningKey::from_pem("one", pem(1)).unwrap();
    // An access token that the same key signed.
    let token = AccessTokens::new("gateway", "cases-api", key);
    let token_claims: TokenClaims = serde_json::from_value(json!({
        "sub": "msp", "key_id": "k1", "iat": changed["iat"], "exp": changed["exp"],
    }))
    .unwrap();
    vec![
        (
            "none".into(),
            format!("{}.{}.", head("none", "one", typ), parts[1]),
        ),
        ("none, signed".into(), with(&head("none", "one", typ))),
        ("HS256".into(), with(&head("HS256", "one", typ))),
        ("another type".into(), with(&head("EdDSA", "one", "JWT"))),
        ("an unknown key".into(), with(&head("EdDSA", "two", typ))),
        (
            "other claims".into(),
            format!("{}.{}.{}", parts[0], part(&changed), parts[2]),
        ),
        ("no signature".into(), format!("{}.{}.", parts[0], parts[1])),
        ("an access token".into(), token.sign(&token_claims).unwrap()),
        (
            "another upstream".into(),
            decision(server, "/upstreams/other-api/nginx", "msp", TARGET),
        ),
        (
            "another target".into(),
            decision(
                server,
                "/nginx",
                "msp",
                "/connect/api/v1/cases?tenantid=alpha&q=A",
            ),
        ),
        ("empty".into(), String::new()),
        ("text".into(), "yes".into()),
    ]
}

fn reads_decisions(command: impl Fn() -> Command) {
    let folder = Folder::new();
    let server = folder.start();
    let upstream = Upstream::start(command(), &server);
    let own = decision(&server, "/nginx", "msp", TARGET);
    let header = "Portcullis-Decision";
    let allowed = (200, json!({ "user": "msp", "tenants": ["alpha"] }));
    assert_eq!(upstream.answers("GET", TARGET, &[(header, &own)]), allowed);
    for (user, target, tenants) in [
        ("msp", "/connect/api/v1/cases", json!(["alpha", "beta"])),
        ("ann", "/connect/api/v1/cases", Value::Null),
    ] {
        let decision = decision(&server, "/nginx", user, target);
        let answer = upstream.answers("GET", target, &[(header, &decision)]);
        assert_eq!(answer, (200, json!({ "user": user, "tenants": tenants })));
    }

    let refused = (403, json!({ "error": "refused" }));
    for (what, decision) in wrong(&server, &own) {
        assert_eq!(
            upstream.answers("GET", TARGET, &[(header, &decision)]),
            refused,
            "{what}"
        );
    }
    for headers in [
        &[][..],
        &[(header, &*own), (header, &own)],
        &[(header, &own), ("portcullis_decision", &own)],
        &[(header, &own), ("X-HTTP-Method-Override", "DELETE")],
        &[(header, &own), ("X-Original-URL", "/connect/api/v1/cases")],
    ] {
        assert_eq!(
            upstream.answers("GET", TARGET, headers),
            refused,
            "{headers:?}"
        );
    }
    for (method, target) in [
        ("POST", TARGET),
        ("GET", "/connect/api/v1/cases"),
        ("GET", "/connect/api/v1/cases?tenantid=alpha&q=A"),
        ("GET", "/connect/api/v1/cases?tenantid=alpha&q=%41&"),
    ] {
        assert_eq!(
            upstream.answers(method, target, &[(header, &own)]),
            refused,
            "{method} {target}"
        );
    }
}

/// A decision that is over, and one from the future: signed by the key of the
/// server, at other times.
fn judges_time(command: impl Fn() -> Command) {
    let folder = Folder::new();
    folder
        .configure(|text| text.replace("name: cases-api", "name: cases-api, decision_seconds: 2"));
    let server = folder.start();
    let upstream = Upstream::start(command(), &server);
    let own = decision(&server, "/nginx", "msp", TARGET);
    let header = "Portcullis-Decision";
    assert_eq!(upstream.answers("GET", TARGET, &[(header, &own)]).0, 200);
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(upstream.answers("GET", TARGET, &[(header, &own)]).0, 403);
}

fn python() -> Command {
    let mut command = Command::new(repository("target/server/venv/bin/python"));
    command.arg(repository("examples/upstream/python/upstream.py"));
    command
}

fn node() -> Command {
    let mut command = Command::new("node");
    command.arg(repository("target/server/node/upstream.mjs"));
    command
}

#[test]
fn an_upstream_in_python_reads_decisions() {
    reads_decisions(python);
    judges_time(python);
}

#[test]
fn an_upstream_in_node_reads_decisions() {
    reads_decisions(node);
    judges_time(node);
}
