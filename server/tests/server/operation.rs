//! Health, metrics, request ids and the stop.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::setting::{Answer, CASES, EXCHANGE, Folder, KEYS, as_user, bearer, secret};

#[test]
fn health_says_by_which_rules_it_decides() {
    let folder = Folder::new();
    let server = folder.start();
    let alive = server.inside("/healthz", &[]);
    assert_eq!((alive.status, &*alive.body), (200, "alive\n"));
    let ready = server.inside("/readyz", &[]);
    let body = ready.json();
    assert_eq!(
        (ready.status, &body["ready"], &body["release"]),
        (200, &json!(true), &json!("5.5.0"))
    );
    let policy = portcullis::Policy::embedded().unwrap();
    assert_eq!(body["policy"], policy.digest().to_string());
    assert!(body["store_age"].as_u64().unwrap() < 10, "{body}");
}

#[test]
fn metrics_count_by_reason_and_template_and_name_nobody() {
    let folder = Folder::new();
    let server = folder.start();
    server.token("k1");
    server.ask("POST", EXCHANGE, &[("Authorization", "Bearer wrong")], "");
    server.get(KEYS, &[("Authorization", &as_user("msp"))]);
    let asks = |target: &str| {
        let own = as_user("msp");
        let headers = [
            ("Authorization", &*own),
            ("X-Original-Method", "GET"),
            ("X-Original-URI", target),
        ];
        server.inside("/nginx", &headers).status
    };
    assert_eq!(
        asks("/connect/api/v1/cases/of-somebody?tenantid=alpha"),
        200
    );
    assert_eq!(asks("/connect/api/v1/cases?tenantid=gamma"), 403);
    assert_eq!(asks("/connect/api/v1/nothing-like-that"), 403);
    let metrics = server.inside("/metrics", &[]);
    assert!(
        metrics
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let text = &metrics.body;
    for line in [
        "portcullis_decisions_total{endpoint=\"/access_token\",reason=\"allow\"} 1",
        "portcullis_decisions_total{endpoint=\"/access_token\",reason=\"no_credential\"} 1",
        "portcullis_decisions_total{endpoint=\"/cases/{id}\",reason=\"allow\"} 1",
        "portcullis_decisions_total{endpoint=\"/cases\",reason=\"tenant_out_of_scope\"} 1",
        "portcullis_decisions_total{endpoint=\"none\",reason=\"unknown_endpoint\"} 1",
        "portcullis_acts_total{operation=\"list_keys\",result=\"allow\"} 1",
        "portcullis_requests_total{listener=\"public\",status=\"401\"} 1",
        "portcullis_activity_records{state=\"dropped\"} 0",
        "portcullis_request_seconds_count{listener=\"public\"} 3",
        "portcullis_unstored_keys 0",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
    assert!(text.contains("portcullis_policy{digest="), "{text}");
    for name in [
        "msp",
        "k1",
        "alpha",
        "gamma",
        "of-somebody",
        "nothing-like-that",
    ] {
        assert!(!text.contains(name), "{name}\n{text}");
    }
}

#[test]
fn a_request_has_an_id_and_continues_the_trace_of_its_caller() {
    let folder = Folder::new();
    let server = folder.start();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let answer = server.get(
        KEYS,
        &[("traceparent", &parent), ("X-Request-Id", "chosen")],
    );
    let id = answer.header("x-request-id").to_owned();
    assert!(id.len() == 32 && id != trace, "{answer:?}");
    let line = server.logged(|line| line["span"]["id"] == *id);
    assert_eq!(
        (&line["span"]["trace"], &line["fields"]["status"]),
        (&json!(trace), &json!(401))
    );
    let other = server.get(KEYS, &[("traceparent", "00-nonsense-01")]);
    let own = other.header("x-request-id").to_owned();
    let line = server.logged(|line| line["span"]["id"] == *own);
    assert_eq!(line["span"]["trace"], own);
    // Neither targets nor credentials are logged.
    server.get(
        "/somebody@example.com",
        &[("Authorization", &bearer(&secret("k1")))],
    );
    server.inside(
        "/nginx",
        &[("X-Original-Method", "GET"), ("X-Original-URI", CASES)],
    );
    server.logged(|line| line["fields"]["status"] == 404);
    let log = server.log();
    assert!(
        !log.contains("somebody") && !log.contains(&secret("k1")),
        "{log}"
    );
}

#[test]
fn a_stop_answers_what_it_has_begun_and_accepts_nothing_more() {
    let folder = Folder::new();
    let mut server = folder.start();
    // A request whose body is still to come.
    let body = "{\"name\":\"one\"}";
    let head = format!(
        "POST {KEYS} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        as_user("msp"),
        body.len()
    );
    let mut begun = TcpStream::connect(server.public).unwrap();
    begun.write_all(head.as_bytes()).unwrap();
    // Another connection is idle.
    let mut idle = TcpStream::connect(server.public).unwrap();
    idle.write_all(b"GET /portcullis/v1/keys HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();

    std::thread::sleep(Duration::from_millis(100));
    server.signal("TERM");
    server.logs("stopping");
    begun.write_all(body.as_bytes()).unwrap();
    let mut text = String::new();
    begun.read_to_string(&mut text).unwrap();
    assert_eq!(Answer::parse(&text).status, 201, "{text}");
    let started = Instant::now();
    assert!(server.ended().success());
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(TcpStream::connect(server.public).is_err());
    let activity = folder.activity();
    assert_eq!(
        activity.last().unwrap()["operation"],
        "create_key",
        "{activity:?}"
    );
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let folder = Folder::new();
    folder.configure(|text| format!("{text}stop_seconds: 1\nlimits: {{ request_seconds: 60 }}\n"));
    let mut server = folder.start();
    let mut begun = TcpStream::connect(server.public).unwrap();
    let head = format!(
        "POST {KEYS} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
        as_user("msp")
    );
    begun.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    server.signal("INT");
    let started = Instant::now();
    assert!(server.ended().success());
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
}
