//! What Envoy asks by gRPC.

use std::time::{Duration, Instant};

use envoy_types::pb::envoy::config::core::v3::header_value_option::HeaderAppendAction;
use envoy_types::pb::envoy::config::core::v3::{HeaderMap, HeaderValue};
use envoy_types::pb::envoy::service::auth::v3::attribute_context::{HttpRequest, Request};
use envoy_types::pb::envoy::service::auth::v3::authorization_client::AuthorizationClient;
use envoy_types::pb::envoy::service::auth::v3::check_response::HttpResponse;
use envoy_types::pb::envoy::service::auth::v3::{
    AttributeContext, CheckRequest, CheckResponse, DeniedHttpResponse, OkHttpResponse,
};
use portcullis_host::upstream::{Confinement, Reader, Verified};
use portcullis_host::{Clock as _, SigningKey, SystemClock, VerifyingKeys};
use tokio::runtime::Runtime;
use tonic::Status;
use tonic::transport::Channel;

use crate::setting::{CASES, EXCHANGE, Folder, Running, as_user, claims, exchange_bytes, pem};

/// A server that listens for gRPC, and a client.
struct Envoy {
    runtime: Runtime,
    client: AuthorizationClient<Channel>,
    server: Running,
    _folder: Folder,
}

/// A change of a question.
type Change = fn(&mut HttpRequest);

fn start(more: &str) -> Envoy {
    let folder = Folder::new();
    folder.configure(|text| format!("{text}grpc: {{ address: \"127.0.0.1:0\" }}\n{more}"));
    let server = folder.start();
    let address = format!("http://{}", server.listening("grpc"));
    let runtime = Runtime::new().unwrap();
    let client = runtime
        .block_on(AuthorizationClient::connect(address))
        .unwrap();
    Envoy {
        runtime,
        client,
        server,
        _folder: folder,
    }
}

fn field(name: &str, value: impl AsRef<[u8]>) -> HeaderValue {
    HeaderValue {
        key: name.to_owned(),
        value: String::new(),
        raw_value: value.as_ref().to_vec(),
    }
}

/// A question as Envoy asks it with `encode_raw_headers`.
fn question(method: &str, target: &str, headers: &[(&str, &str)]) -> HttpRequest {
    let pseudo = [
        (":authority", "api.example"),
        (":method", method),
        (":path", target),
        (":scheme", "http"),
    ];
    let headers = pseudo.iter().chain(headers);
    let headers = headers.map(|(name, value)| field(name, value)).collect();
    HttpRequest {
        id: "1".to_owned(),
        method: method.to_owned(),
        path: target.to_owned(),
        host: "api.example".to_owned(),
        scheme: "http".to_owned(),
        protocol: "HTTP/1.1".to_owned(),
        header_map: Some(HeaderMap { headers }),
        ..HttpRequest::default()
    }
}

/// As the user `msp`.
pub fn own(method: &str, target: &str) -> HttpRequest {
    question(method, target, &[("authorization", &as_user("msp"))])
}

fn headers(question: &mut HttpRequest) -> &mut Vec<HeaderValue> {
    &mut question.header_map.as_mut().unwrap().headers
}

impl Envoy {
    fn send(&self, question: CheckRequest) -> Result<CheckResponse, Status> {
        let mut client = self.client.clone();
        let answer = self.runtime.block_on(client.check(question));
        answer.map(tonic::Response::into_inner)
    }

    fn ask(&self, question: HttpRequest) -> CheckResponse {
        self.send(about(None, question)).unwrap()
    }

    fn status(&self, question: HttpRequest) -> u16 {
        status(&self.ask(question))
    }
}

/// What Envoy sends about a request.
pub fn about(upstream: Option<&str>, question: HttpRequest) -> CheckRequest {
    let upstream = upstream.map(|own| ("upstream".to_owned(), own.to_owned()));
    CheckRequest {
        attributes: Some(AttributeContext {
            request: Some(Request {
                http: Some(question),
                ..Request::default()
            }),
            context_extensions: upstream.into_iter().collect(),
            ..AttributeContext::default()
        }),
    }
}

/// The status that the client of Envoy gets; 200 for an allow.
pub fn status(answer: &CheckResponse) -> u16 {
    let code = answer.status.as_ref().unwrap().code;
    match answer.http_response.as_ref().unwrap() {
        HttpResponse::OkResponse(_) => {
            assert_eq!(code, 0, "{answer:?}");
            200
        }
        HttpResponse::DeniedResponse(own) => {
            let status = own.status.as_ref().unwrap().code;
            assert_eq!(code, if status == 401 { 16 } else { 7 }, "{answer:?}");
            assert!(status >= 400, "{answer:?}");
            status.try_into().unwrap()
        }
        HttpResponse::ErrorResponse(_) => panic!("{answer:?}"),
    }
}

fn allowed(answer: &CheckResponse) -> &OkHttpResponse {
    match answer.http_response.as_ref().unwrap() {
        HttpResponse::OkResponse(own) => own,
        HttpResponse::DeniedResponse(_) | HttpResponse::ErrorResponse(_) => panic!("{answer:?}"),
    }
}

fn denied(answer: &CheckResponse) -> &DeniedHttpResponse {
    match answer.http_response.as_ref().unwrap() {
        HttpResponse::DeniedResponse(own) => own,
        HttpResponse::OkResponse(_) | HttpResponse::ErrorResponse(_) => panic!("{answer:?}"),
    }
}

/// Name, value, and whether it takes the place of what is there.
fn set(
    options: &[envoy_types::pb::envoy::config::core::v3::HeaderValueOption],
) -> Vec<(&str, &str, bool)> {
    let options = options.iter().map(|option| {
        let header = option.header.as_ref().unwrap();
        let overwrites = HeaderAppendAction::OverwriteIfExistsOrAdd;
        let action = option.append_action();
        (&*header.key, &*header.value, action == overwrites)
    });
    options.collect()
}

/// What the upstream of a name reads.
fn read(answer: &OkHttpResponse, upstream: &str, method: &str, target: &str) -> Verified {
    let key = SigningKey::from_pem("one", pem(1)).unwrap();
    let keys = VerifyingKeys::new([key.verifying()]).unwrap();
    let reader = Reader::new("gateway", upstream, keys);
    let mut headers = http::HeaderMap::new();
    for (name, value, overwrites) in set(&answer.headers) {
        assert!(overwrites, "{name}");
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, value.parse().unwrap());
    }
    let read = reader.read(&headers, method, target, SystemClock.now());
    read.unwrap_or_else(|why| panic!("{why}: {answer:?}"))
}

#[test]
fn an_allow_is_a_decision_in_the_place_of_what_the_client_sends() {
    let envoy = start("");
    let target = "/connect/api/v1/cases?tenantid=alpha&x=%41";
    let credential = as_user("msp");
    let answer = envoy.ask(question(
        "GET",
        target,
        &[
            ("authorization", &credential),
            ("portcullis-decision", "forged"),
            ("portcullis_decision", "forged"),
            ("portcullis-tenants", "gamma"),
            ("cookie", "a=b"),
        ],
    ));
    assert_eq!(status(&answer), 200);
    let answer = allowed(&answer);
    let verified = read(answer, "cases-api", "GET", target);
    assert_eq!(verified.user.as_deref(), Some("msp"));
    let alpha = Confinement::Tenants(vec!["alpha".parse().unwrap()]);
    assert_eq!(verified.confinement, alpha);
    assert_eq!(answer.headers.len(), 1);
    let mut removed = answer.headers_to_remove.clone();
    removed.sort();
    assert_eq!(
        removed,
        ["authorization", "portcullis-tenants", "portcullis_decision"]
    );
    // A line in the log of the upstream leads to one in that of the server.
    let logged = envoy.server.logged(|line| {
        line["span"]["listener"] == "grpc" && line["fields"]["message"] == "answered"
    });
    let id = claims(set(&answer.headers)[0].1)["jti"].clone();
    assert_eq!(logged["span"]["id"], id);
    assert_eq!(verified.request_id, id.as_str().unwrap());
}

#[test]
fn a_denial_has_its_status_its_text_and_its_headers() {
    let envoy = start("");
    for (question, expected) in [
        (own("GET", "/connect/api/v1/incidents"), 403),
        (own("GET", "/connect/api/v1/cases?tenantid=gamma"), 403),
        (own("GET", "/connect/api/v1/nothing"), 404),
        (own("DELETE", CASES), 405),
        (own("GET", "/connect/api/v1/cases?TENANTID=alpha"), 400),
        (question("GET", CASES, &[]), 401),
    ] {
        let answer = envoy.ask(question);
        assert_eq!(status(&answer), expected, "{answer:?}");
        let answer = denied(&answer);
        assert!(answer.body.starts_with("{\"error\":\""), "{answer:?}");
        let set = set(&answer.headers);
        let named = |wanted: &str| {
            let found = set.iter().filter(|(name, ..)| *name == wanted);
            found.map(|(_, value, _)| *value).collect::<Vec<_>>()
        };
        assert_eq!(named("content-type"), ["application/json"]);
        assert_eq!(named("allow").len(), usize::from(expected == 405));
        let challenges = if expected == 401 { 2 } else { 0 };
        assert_eq!(named("www-authenticate").len(), challenges);
        // The second one does not take the place of the first.
        let taking = set
            .iter()
            .filter(|(name, _, overwrites)| *name == "www-authenticate" && *overwrites);
        assert_eq!(taking.count(), challenges / 2);
        assert!(named("portcullis-decision").is_empty());
    }
    // A token is not an allow.
    assert_eq!(envoy.status(own("POST", EXCHANGE)), 403);
}

#[test]
fn a_question_that_can_be_read_in_two_ways_is_refused() {
    let envoy = start("limits: { headers: 16 }\n");
    let cases: [(&str, u16, Change); 22] = [
        ("no raw headers", 403, |own| own.header_map = None),
        ("both kinds of headers", 403, |own| {
            own.headers.insert("a".to_owned(), "b".to_owned());
        }),
        ("a header that is not raw", 403, |own| {
            headers(own)[4].value = "Basic x".to_owned();
        }),
        ("another method", 403, |own| own.method = "POST".to_owned()),
        ("another path", 403, |own| own.path = "/".to_owned()),
        ("no method", 403, |own| drop(headers(own).remove(1))),
        ("no path", 403, |own| drop(headers(own).remove(2))),
        ("two methods", 403, |own| {
            headers(own).push(field(":method", "GET"))
        }),
        ("two paths", 403, |own| {
            headers(own).push(field(":path", CASES))
        }),
        ("two hosts", 403, |own| {
            headers(own).push(field(":authority", "a"))
        }),
        ("a protocol", 403, |own| {
            headers(own).push(field(":protocol", "websocket"))
        }),
        ("a pseudo header in capitals", 403, |own| {
            headers(own).push(field(":Path", "/x"));
        }),
        ("a query of its own", 403, |own| {
            own.query = "a=b".to_owned()
        }),
        ("a fragment of its own", 403, |own| {
            own.fragment = "a".to_owned()
        }),
        ("an override", 403, |own| {
            headers(own).push(field("x-http-method-override", "DELETE"));
        }),
        ("another target", 403, |own| {
            headers(own).push(field("x-original-uri", "/"));
        }),
        ("another target of a proxy", 403, |own| {
            headers(own).push(field("x-forwarded-uri", "/"));
        }),
        ("two credentials", 401, |own| {
            let first = headers(own)[4].clone();
            headers(own).push(first);
        }),
        ("a line break", 400, |own| {
            headers(own).push(field("a", "b\r\nc: d"))
        }),
        ("a name that is none", 400, |own| {
            headers(own).push(field("a b", "c"))
        }),
        ("an empty name", 400, |own| {
            headers(own).push(field("", "c"))
        }),
        ("too many headers", 431, |own| {
            let more = (0..16).map(|number| field(&format!("a{number}"), "b"));
            headers(own).extend(more);
        }),
    ];
    for (name, expected, change) in cases {
        let mut question = own("GET", CASES);
        change(&mut question);
        assert_eq!(envoy.status(question), expected, "{name}");
    }
    for target in [
        "/connect/api/v1/cases#x",
        "/connect/api/v1/ca ses",
        "/connect/api/v1/\u{1}",
    ] {
        assert_eq!(envoy.status(own("GET", target)), 400, "{target:?}");
    }
    for target in [
        "",
        "*",
        "connect/api/v1/cases",
        "http://a/connect/api/v1/cases",
    ] {
        let status = envoy.status(own("GET", target));
        assert!(status == 400 || status == 403, "{target:?}: {status}");
    }
    assert_eq!(envoy.status(own("GE T", CASES)), 400);
    // Other bytes than UTF-8, which Envoy replaces in its own fields.
    let mut changed = own("GET", "/connect/api/v1/cases/!");
    headers(&mut changed)[2] = field(":path", b"/connect/api/v1/cases/\xff");
    assert_eq!(envoy.status(changed), 403);
    for nothing in [
        CheckRequest::default(),
        CheckRequest {
            attributes: Some(AttributeContext::default()),
        },
    ] {
        assert_eq!(status(&envoy.send(nothing).unwrap()), 403);
    }
    let mut with_body = own("GET", CASES);
    with_body.body = "{}".to_owned();
    with_body.size = 2;
    assert_eq!(envoy.status(with_body), 200);
}

/// Both ways to ask give one answer.
#[test]
fn by_grpc_and_over_http_the_answer_is_the_same() {
    let envoy = start("");
    let credential = as_user("msp");
    for path in [
        "cases",
        "cases/",
        "/cases",
        "cases?tenantid=alpha",
        "cases?tenantid=alpha&tenantid=beta",
        "cases?tenantid=gamma",
        "cases?%74enantid=alpha",
        "cases/%2e%2e/incidents",
        "cases/../incidents",
        "cases/a%2Fb",
        "cases/a%2Db?x=%41&y",
        "cases;x",
        "Cases",
        "cases/a%00",
        "cases/\u{e9}",
        "incidents",
        "tenants/alpha",
        "tenants/gamma",
        "access_token",
    ] {
        let target = format!("/connect/api/v1/{path}");
        let by_http = envoy.server.inside(
            &format!("/envoy{target}"),
            &[("Authorization", &credential)],
        );
        let by_grpc = envoy.status(own("GET", &target));
        assert_eq!(by_grpc, by_http.status, "{target}");
    }
}

#[test]
fn every_upstream_has_its_own_decisions() {
    let envoy = start("");
    let other = about(Some("other-api"), own("GET", CASES));
    let answer = envoy.send(other).unwrap();
    let answer = allowed(&answer);
    read(answer, "other-api", "GET", CASES);
    let names: Vec<_> = set(&answer.headers)
        .iter()
        .map(|(name, ..)| *name)
        .collect();
    let plain = ["tenants", "user", "endpoint"].map(|name| format!("portcullis-{name}"));
    for name in plain {
        assert!(names.contains(&&*name), "{names:?}");
    }
    for unknown in ["nothing", "", "Cases-api"] {
        let answer = envoy.send(about(Some(unknown), own("GET", CASES)));
        assert_eq!(status(&answer.unwrap()), 403, "{unknown}");
    }
}

#[test]
fn large_questions_and_silent_connections_are_cut_off() {
    let envoy = start("limits: { head_bytes: 8192, body_bytes: 1000, head_seconds: 1 }\n");
    let mut large = own("GET", CASES);
    large.body = "x".repeat(10_000);
    let refused = envoy.send(about(None, large));
    assert_eq!(refused.unwrap_err().code(), tonic::Code::OutOfRange);
    assert_eq!(envoy.status(own("GET", CASES)), 200);
    let address = envoy.server.listening("grpc");
    let http = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Original-URI: {CASES}\r\n\r\n");
    for bytes in ["", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &http] {
        let started = Instant::now();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut stream, bytes.as_bytes()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut text = Vec::new();
        // A reset is an end, too.
        if let Err(error) = std::io::Read::read_to_end(&mut stream, &mut text) {
            assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "{bytes:?}");
        }
        assert!(started.elapsed() < Duration::from_secs(6), "{bytes:?}");
        assert!(!text.starts_with(b"HTTP/1.1 2"), "{bytes:?}");
    }
    // Where there is no such listener, nothing of it is elsewhere.
    let check = "POST /envoy.service.auth.v3.Authorization/Check HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for address in [envoy.server.public, envoy.server.inner] {
        let text = exchange_bytes(address, check.as_bytes());
        assert!(text.starts_with("HTTP/1.1 40"), "{text}");
    }
}
