//! Slow, oversized and broken clients: each is cut off, and nobody else waits.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::setting::{Answer, EXCHANGE, Folder, KEYS, as_user, exchange_bytes, request};

/// Limits that tests need not wait for.
fn limited(limits: &str) -> Folder {
    let folder = Folder::new();
    folder.configure(|text| format!("{text}limits: {{ {limits} }}\n"));
    folder
}

/// For how long the server keeps a connection open on which these bytes were sent,
/// and what it answers.
fn kept_open(address: SocketAddr, bytes: &[u8]) -> (Duration, String) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(15)))
        .unwrap();
    stream.write_all(bytes).unwrap();
    let mut text = Vec::new();
    // A reset is an end, too.
    if let Err(error) = stream.read_to_end(&mut text) {
        assert_ne!(
            error.kind(),
            std::io::ErrorKind::WouldBlock,
            "the connection is still open"
        );
    }
    (started.elapsed(), String::from_utf8(text).unwrap())
}

#[test]
fn a_slow_head_an_idle_connection_and_a_slow_body_are_cut_off() {
    let folder = limited("head_seconds: 1, request_seconds: 1");
    let server = folder.start();
    let body = format!(
        "POST {KEYS} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{{",
        as_user("msp")
    );
    let whole = "GET /portcullis/v1/keys HTTP/1.1\r\nHost: x\r\n\r\n";
    for (bytes, status) in [
        ("", ""),
        ("GET / HTTP/1.1\r\nHost: x\r\nA", ""),
        // Idle behind a whole request.
        (whole, "HTTP/1.1 401 "),
        (&body, "HTTP/1.1 408 "),
    ] {
        let (took, text) = kept_open(server.public, bytes.as_bytes());
        assert!(took < Duration::from_secs(6), "{bytes:?}: {took:?}");
        assert!(text.starts_with(status), "{bytes:?}: {text}");
    }
    // One byte at a time is no more than that.
    let mut stream = TcpStream::connect(server.public).unwrap();
    let started = Instant::now();
    while stream.write_all(b"a").is_ok() {
        assert!(
            started.elapsed() < Duration::from_secs(6),
            "the head never ends"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn heads_and_bodies_have_a_size() {
    let folder = limited("headers: 16, head_bytes: 8192, body_bytes: 1000");
    let server = folder.start();
    let own = as_user("msp");
    let long = "x".repeat(10_000);
    let status = |text: &str| Answer::parse(&exchange_bytes(server.public, text.as_bytes())).status;
    assert_eq!(
        status(&request("GET", KEYS, &[("Authorization", &own)], "")),
        200
    );
    assert_eq!(
        status(&request(
            "GET",
            KEYS,
            &[("Authorization", &own), ("X-Long", &long)],
            ""
        )),
        431
    );
    assert_eq!(
        status(&request(
            "GET",
            &format!("/{long}"),
            &[("Authorization", &own)],
            ""
        )),
        431
    );
    let many: Vec<(&str, &str)> = std::iter::repeat_n(("X-Many", "1"), 17).collect();
    assert_eq!(status(&request("GET", KEYS, &many, "")), 431);
    let json = [
        ("Authorization", &*own),
        ("Content-Type", "application/json"),
    ];
    let body = format!("{{\"name\":\"{}\"}}", "x".repeat(2_000));
    assert_eq!(status(&request("POST", KEYS, &json, &body)), 413);
    // A length that is not known before.
    let chunks = format!(
        "POST {KEYS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {own}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{}\r\n0\r\n\r\n",
        "x".repeat(2_000)
    );
    assert_eq!(status(&chunks), 413);
    // The exchange reads no body.
    let answer = server.ask(
        "POST",
        EXCHANGE,
        &[("Authorization", &own)],
        &"x".repeat(900),
    );
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn broken_requests_end_their_own_connection_and_nothing_else() {
    let folder = limited("head_seconds: 1");
    let server = folder.start();
    let own = as_user("msp");
    for bytes in [
        b"\0\0\0\0\r\n\r\n".as_slice(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzzz",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let (took, text) = kept_open(server.public, bytes);
        assert!(took < Duration::from_secs(6), "{bytes:?}");
        assert!(!text.starts_with("HTTP/1.1 2"), "{bytes:?}: {text}");
    }
    assert_eq!(server.get(KEYS, &[("Authorization", &own)]).status, 200);
}

#[test]
fn connections_are_counted_and_an_abandoned_one_gives_its_place_back() {
    let folder = limited("connections: 4, head_seconds: 1");
    let server = folder.start();
    // Half open, half closed, and silent.
    let mut held = Vec::new();
    for number in 0..4 {
        let stream = TcpStream::connect(server.public).unwrap();
        if number % 2 == 0 {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        held.push(stream);
    }
    let started = Instant::now();
    let answer = server.get(KEYS, &[("Authorization", &as_user("msp"))]);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(started.elapsed() < Duration::from_secs(6));
    drop(held);
    // The other listener has places of its own.
    assert_eq!(server.inside("/healthz", &[]).status, 200);
}
