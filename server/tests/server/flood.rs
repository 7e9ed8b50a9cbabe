//! Many bad clients at once: the limits hold, others are served meanwhile, and
//! memory and descriptors come back.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustls::version;

use crate::setting::{Folder, KEYS, Running, as_user, try_send};
use crate::tls::{request_over_tls, with_tls};

const MEBIBYTE: usize = 1 << 20;
/// For how long one request of somebody else may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(6);

fn limit(folder: &Folder, limits: &str) {
    let text = folder.read("portcullis.yaml") + &format!("limits: {{ {limits} }}\n");
    folder.write("portcullis.yaml", &text);
}

/// Sends bytes as far as the server takes them, and reads what it answers before it
/// closes the connection.
fn answer_to(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    // It may close before everything is sent.
    let _ = stream.write_all(bytes);
    let mut text = Vec::new();
    if let Err(error) = stream.read_to_end(&mut text) {
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "it is still open");
    }
    String::from_utf8(text).unwrap()
}

/// Holds connections open on which these bytes were sent.
fn held(address: SocketAddr, number: usize, bytes: &[u8]) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    };
    (0..number).map(open).collect()
}

/// Waits until the server has no more descriptors open than before, beside the file of
/// the log, which the first record opens a moment later.
fn comes_back_to(server: &Running, before: usize) {
    let end = Instant::now() + Duration::from_secs(20);
    while server.descriptors() > before + 1 {
        assert!(
            Instant::now() < end,
            "{} open, {before} before",
            server.descriptors()
        );
        thread::sleep(Duration::from_millis(50));
    }
}

fn is_served(server: &Running) {
    let started = Instant::now();
    let own = as_user("msp");
    let answer = try_send(server.public, "GET", KEYS, &[("Authorization", &own)], "");
    assert_eq!(answer.expect("no answer").status, 200);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn a_flood_of_connections_gets_its_places_and_no_more() {
    let folder = Folder::new();
    limit(
        &folder,
        "connections: 32, head_seconds: 1, head_bytes: 16384",
    );
    let server = folder.start();
    is_served(&server);
    let (files, bytes) = (server.descriptors(), server.resident());
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}", "x".repeat(8_000));
    let flood = held(server.public, 160, head.as_bytes());
    // The other listener has places of its own.
    let started = Instant::now();
    is_ready(&server);
    // The next client waits until those before it are cut off, 32 each second.
    let answer = server.get(KEYS, &[("Authorization", &as_user("msp"))]);
    assert_eq!(answer.status, 200);
    assert!(
        started.elapsed() >= Duration::from_secs(3),
        "all had a place"
    );
    assert!(started.elapsed() < Duration::from_secs(20));
    let most = bytes + 16 * MEBIBYTE;
    assert!(server.resident() < most, "{bytes}: {}", server.resident());
    drop(flood);
    comes_back_to(&server, files);
}

#[test]
fn the_places_are_never_exceeded() {
    let folder = Folder::new();
    limit(&folder, "connections: 32, head_seconds: 2");
    let server = folder.start();
    is_served(&server);
    let files = server.descriptors();
    // The listeners, and perhaps still the connection of the request above: a client
    // sees the end of an answer before the server has closed its descriptor.
    let others = server.sockets();
    let flood = held(server.public, 160, b"GET /");
    let connections = || -> BTreeSet<String> { &server.sockets() - &others };
    let end = Instant::now() + Duration::from_secs(5);
    let (mut most, mut before) = (0, connections());
    while Instant::now() < end {
        thread::sleep(Duration::from_millis(10));
        let now = connections();
        // The system lists descriptors one after the other, so one list may have a
        // connection that was closed meanwhile beside one that took its place. What is
        // in two lists was open all the time between them.
        let open = before.intersection(&now).count();
        assert!(open <= 32, "{open} connections are open");
        most = most.max(open);
        before = now;
    }
    assert_eq!(most, 32);
    drop(flood);
    comes_back_to(&server, files);
}

/// A server whose system allows so many open files, now (`S`), at most (`H`) or both.
fn with_open_files(folder: &Folder, limit: &str) -> Running {
    let mut command = Command::new("/bin/sh");
    let script = format!("ulimit {limit}; exec \"$0\" \"$@\"");
    command
        .env_clear()
        .args(["-c", &script, env!("CARGO_BIN_EXE_portcullis-server")]);
    command.arg("--config").arg(folder.path("portcullis.yaml"));
    Running::start(command)
}

#[test]
fn a_flood_leaves_files_for_the_store_and_the_other_listener() {
    let folder = Folder::new();
    let server = with_open_files(&folder, "-n 128");
    let warned = server.logs("too few open files");
    assert_eq!(warned["fields"]["possible"], 32, "{warned}");
    let flood = held(server.public, 200, b"GET /");
    is_ready(&server);
    drop(flood);
    // With a place again, a key is created and stored.
    let own = as_user("msp");
    let headers = [
        ("Authorization", &*own),
        ("Content-Type", "application/json"),
    ];
    let created = server.ask("POST", KEYS, &headers, "{\"name\":\"one\"}");
    assert_eq!(created.status, 201, "{created:?}");

    // Where the system allows more, the process takes it.
    let server = with_open_files(&folder, "-Sn 128");
    let flood = held(server.public, 400, b"GET /");
    is_ready(&server);
    let end = Instant::now() + PATIENCE;
    while server.descriptors() < 400 {
        assert!(Instant::now() < end, "{} open", server.descriptors());
        thread::sleep(Duration::from_millis(20));
    }
    drop(flood);
    assert!(!server.log().contains("too few open files"));
}

fn is_ready(server: &Running) {
    let started = Instant::now();
    assert_eq!(server.inside("/readyz", &[]).status, 200);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn heads_without_end_and_garbage_are_refused_and_cost_no_memory() {
    let folder = Folder::new();
    limit(&folder, "head_seconds: 1");
    let server = folder.start();
    let own = as_user("msp");
    let frames = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        &b"\0\0\0\x04\0\0\0\0\0".repeat(10_000),
    ];
    let garbage =
        (0_u32..1 << 18).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes());
    let bad = [
        (
            format!(
                "GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}",
                "x".repeat(MEBIBYTE)
            )
            .into_bytes(),
            "HTTP/1.1 431 ",
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: x\r\n{}",
                "A: b\r\n".repeat(100_000)
            )
            .into_bytes(),
            "HTTP/1.1 431 ",
        ),
        (
            format!("GET /{} HTTP/1.1\r\n", "x".repeat(MEBIBYTE)).into_bytes(),
            "HTTP/1.1 4",
        ),
        (vec![b'x'; MEBIBYTE], "HTTP/1.1 4"),
        (vec![0; MEBIBYTE], "HTTP/1.1 400 "),
        (garbage.collect(), "HTTP/1.1 400 "),
        (frames.concat(), ""),
    ];
    let round = || {
        for (bytes, begins) in &bad {
            for address in [server.public, server.inner] {
                let text = answer_to(address, bytes);
                // What is in flight when it closes can be answered with a reset.
                assert!(
                    text.is_empty() || text.starts_with(begins),
                    "{begins}: {text}"
                );
                assert!(!text.starts_with("HTTP/1.1 2"), "{text}");
            }
        }
    };
    round();
    let (files, bytes) = (server.descriptors(), server.resident());
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = scope.spawn(|| {
            let mut served = 0;
            while !is_over.load(Ordering::Relaxed) {
                is_served(&server);
                served += 1;
            }
            served
        });
        for _ in 0..10 {
            round();
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(others.join().unwrap() > 0);
    });
    let most = bytes + 16 * MEBIBYTE;
    assert!(server.resident() < most, "{bytes}: {}", server.resident());
    comes_back_to(&server, files);
    let status = server.get(KEYS, &[("Authorization", &own)]).status;
    assert_eq!(status, 200);
}

#[test]
fn slow_bodies_end_after_their_time_while_others_are_served() {
    let folder = Folder::new();
    limit(&folder, "request_seconds: 2, head_seconds: 2");
    let server = folder.start();
    is_served(&server);
    let files = server.descriptors();
    let head = format!(
        "POST {KEYS} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        as_user("msp")
    );
    let mut slow = held(server.public, 40, head.as_bytes());
    let end = Instant::now() + Duration::from_secs(20);
    let mut answered = 0;
    while answered < slow.len() {
        assert!(Instant::now() < end, "{answered} of 40 have ended");
        answered = 0;
        for stream in &mut slow {
            // A chunk of one byte; it fails once the connection is closed.
            let _ = stream.write_all(b"1\r\n \r\n");
            let mut first = [0; 13];
            stream.set_nonblocking(true).unwrap();
            let is_answered = match stream.peek(&mut first) {
                Ok(0) => true,
                Ok(_) => {
                    assert_eq!(&first, b"HTTP/1.1 408 ");
                    true
                }
                Err(error) => error.kind() != ErrorKind::WouldBlock,
            };
            answered += usize::from(is_answered);
            stream.set_nonblocking(false).unwrap();
        }
        is_served(&server);
    }
    drop(slow);
    comes_back_to(&server, files);
}

#[test]
fn a_client_that_reads_no_answer_is_cut_off() {
    let folder = Folder::new();
    limit(&folder, "write_seconds: 1, head_seconds: 1");
    let server = folder.start();
    is_served(&server);
    let (files, bytes) = (server.descriptors(), server.resident());
    let mut stream = TcpStream::connect(server.inner).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let requests = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let end = Instant::now() + Duration::from_secs(40);
    let (mut was_full, mut rest) = (false, requests.as_slice());
    loop {
        if rest.is_empty() {
            rest = &requests;
        }
        match stream.write(rest) {
            Ok(sent) => rest = &rest[sent..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => was_full = true,
            Err(_) => break,
        }
        assert!(Instant::now() < end, "it is still open");
    }
    assert!(
        was_full,
        "the server read on although nobody read its answers"
    );
    let most = bytes + 16 * MEBIBYTE;
    assert!(server.resident() < most, "{bytes}: {}", server.resident());
    comes_back_to(&server, files);
    is_served(&server);
}

#[test]
fn handshakes_that_stall_hold_up_nobody_and_end() {
    let folder = Folder::new();
    with_tls(&folder);
    limit(&folder, "head_seconds: 2");
    let server = folder.start();
    let whole = request_over_tls(&folder, server.public, &[&version::TLS13]);
    assert_eq!(whole.unwrap().0.status, 200);
    let files = server.descriptors();
    // The beginning of a message of 512 bytes, and a record of the largest size.
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    let large = b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03";
    let mut stalled = held(server.public, 60, hello);
    stalled.extend(held(server.public, 60, large));
    stalled.extend(held(server.public, 60, b""));
    let started = Instant::now();
    let answer = request_over_tls(&folder, server.public, &[&version::TLS12]);
    assert_eq!(answer.unwrap().0.status, 200);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    for stream in &mut stalled {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut text = Vec::new();
        if let Err(error) = stream.read_to_end(&mut text) {
            assert_ne!(error.kind(), ErrorKind::WouldBlock, "it is still open");
        }
        assert!(!text.starts_with(b"HTTP"));
    }
    drop(stalled);
    comes_back_to(&server, files);
}
