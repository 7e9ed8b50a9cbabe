//! The hostile requests, as data.

use std::collections::BTreeSet;

const TEXT: &str = include_str!("../../proxies/requests.txt");
const SEPARATOR: &[u8] = b" || ";

/// A request, as it is sent.
pub struct Hostile {
    pub line: usize,
    pub text: &'static str,
    pub bytes: Vec<u8>,
}

/// Every request of the file, with this credential where it has none of its own.
pub fn all(authorization: &str) -> Vec<Hostile> {
    let lines = TEXT.lines().enumerate();
    let lines =
        lines.filter(|(_, line)| !line.is_empty() && *line != "#" && !line.starts_with("# "));
    lines
        .map(|(index, text)| Hostile {
            line: index + 1,
            text,
            bytes: bytes(text, authorization),
        })
        .collect()
}

/// The bytes of a line of the file.
pub fn bytes(text: &str, authorization: &str) -> Vec<u8> {
    let parts = split(text.as_bytes());
    let mut parts = parts.iter().map(|part| unescaped(part));
    let mut request = parts.next().unwrap();
    let words = text.split(" || ").next().unwrap().split(' ').count();
    let has_version = words == 3;
    if !has_version {
        request.extend(b" HTTP/1.1");
    }
    request.extend(b"\r\n");
    let (mut has_host, mut has_authorization, mut has_connection) = (false, false, false);
    let mut body = Vec::new();
    for part in parts {
        if part == b"-Authorization" {
            has_authorization = true;
            continue;
        }
        if let Some(own) = part.strip_prefix(b"Body: ") {
            body = own.to_vec();
            continue;
        }
        let name = part.split(|byte| *byte == b':').next().unwrap();
        has_host |= name.eq_ignore_ascii_case(b"host");
        has_authorization |= name.eq_ignore_ascii_case(b"authorization");
        has_connection |= name.eq_ignore_ascii_case(b"connection");
        request.extend(&part);
        request.extend(b"\r\n");
    }
    if !has_host {
        request.extend(b"Host: api.example\r\n");
    }
    if !has_authorization {
        request.extend(format!("Authorization: {authorization}\r\n").as_bytes());
    }
    if !has_connection {
        request.extend(b"Connection: close\r\n");
    }
    request.extend(b"\r\n");
    request.extend(body);
    request
}

fn split(text: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest
        .windows(SEPARATOR.len())
        .position(|part| part == SEPARATOR)
    {
        parts.push(&rest[..at]);
        rest = &rest[at + SEPARATOR.len()..];
    }
    parts.push(rest);
    parts
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'\\') => b'\\',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            Some(b'x') => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => panic!("an escape that is not known: {other:?}"),
        });
    }
    bytes
}

#[test]
fn the_file_has_many_different_requests() {
    let all = all("Basic bXNwOg==");
    let different: BTreeSet<&[u8]> = all.iter().map(|hostile| &*hostile.bytes).collect();
    assert_eq!(all.len(), different.len());
    assert!(all.len() >= 500, "{}", all.len());
}

#[test]
fn a_line_becomes_the_bytes_that_it_says() {
    let text = r"GET /a\x20b\\ || X: y\r\n || Body: z";
    let expected = "GET /a b\\ HTTP/1.1\r\nX: y\r\n\r\nHost: api.example\r\nAuthorization: A\r\nConnection: close\r\n\r\nz";
    assert_eq!(bytes(text, "A"), expected.as_bytes());
    let text = "GET / HTTP/1.0 || Connection: x || -Authorization || host: y";
    let expected = "GET / HTTP/1.0\r\nConnection: x\r\nhost: y\r\n\r\n";
    assert_eq!(bytes(text, "A"), expected.as_bytes());
}
