//! An upstream that keeps the raw bytes of what reaches it, and answers by the
//! reader of signed decisions alone.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis_host::upstream::{Reader, Unverified, Verified};

use crate::decisions::now;

/// A request that reached the upstream.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub head: String,
    pub method: String,
    pub target: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// `Err(None)` is a request that no HTTP server would read.
    pub verdict: Result<Verified, Option<Unverified>>,
}

pub struct Upstream {
    pub address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Upstream {
    pub fn start(reader: Reader) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let kept = arrived.clone();
        let reader = Arc::new(reader);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, reader) = (kept.clone(), reader.clone());
                thread::spawn(move || serve(stream.unwrap(), &reader, &kept));
            }
        });
        Self { address, arrived }
    }

    /// What has arrived since the last call.
    pub fn arrived(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrived.lock().unwrap())
    }
}

/// Answers the requests of a connection, until it ends.
fn serve(mut stream: TcpStream, reader: &Reader, kept: &Mutex<Vec<Arrived>>) {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut bytes = Vec::new();
    loop {
        let Some(arrived) = next(&mut stream, &mut bytes, reader) else {
            return;
        };
        let (status, text) = match &arrived.verdict {
            Ok(_) => ("200 OK", "accepted"),
            Err(Some(_)) => ("403 Forbidden", "refused"),
            Err(None) => ("400 Bad Request", "unreadable"),
        };
        let is_readable = !matches!(arrived.verdict, Err(None));
        let has_body = arrived.method != "HEAD";
        kept.lock().unwrap().push(arrived);
        let length = text.len();
        let body = if has_body { text } else { "" };
        let answer = format!(
            "HTTP/1.1 {status}\r\nX-Upstream: {text}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        if stream.write_all(answer.as_bytes()).is_err() || !is_readable {
            return;
        }
    }
}

/// Reads more of a connection, unless it has ended.
fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> bool {
    let mut part = [0; 16_384];
    loop {
        match stream.read(&mut part) {
            Ok(count) => {
                bytes.extend(&part[..count]);
                return count > 0;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}

/// The next request of a connection. Its body is read by the reading of a strict
/// server, and what is left is the beginning of the next request.
fn next(stream: &mut TcpStream, bytes: &mut Vec<u8>, reader: &Reader) -> Option<Arrived> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => {
                let arrived = arrived(&request, &bytes[..length], reader);
                let (mut arrived, body) =
                    arrived.unwrap_or_else(|| (unreadable(bytes), Body::Length(0)));
                bytes.drain(..length);
                arrived.body = body.read(stream, bytes)?;
                return Some(arrived);
            }
            Ok(httparse::Status::Partial) => {
                if !more(stream, bytes) {
                    return None;
                }
            }
            Err(_) => return Some(unreadable(bytes)),
        }
    }
}

enum Body {
    Length(usize),
    Chunked,
}

impl Body {
    fn read(self, stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Length(length) => {
                while bytes.len() < length {
                    if !more(stream, bytes) {
                        return None;
                    }
                }
                Some(bytes.drain(..length).collect())
            }
            Self::Chunked => {
                let mut body = Vec::new();
                loop {
                    match httparse::parse_chunk_size(bytes).ok()? {
                        httparse::Status::Partial => {
                            if !more(stream, bytes) {
                                return None;
                            }
                        }
                        httparse::Status::Complete((head, size)) => {
                            let size = usize::try_from(size).ok()?;
                            while bytes.len() < head + size + 2 {
                                if !more(stream, bytes) {
                                    return None;
                                }
                            }
                            body.extend(&bytes[head..head + size]);
                            bytes.drain(..head + size + 2);
                            if size == 0 {
                                return Some(body);
                            }
                        }
                    }
                }
            }
        }
    }
}

fn arrived(
    request: &httparse::Request<'_, '_>,
    head: &[u8],
    reader: &Reader,
) -> Option<(Arrived, Body)> {
    let (method, target) = (request.method?, request.path?);
    let mut headers = HeaderMap::new();
    for header in request.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(header.value).ok()?);
    }
    let lengths: Vec<_> = headers.get_all("content-length").iter().collect();
    let encodings: Vec<_> = headers.get_all("transfer-encoding").iter().collect();
    let body = match (&*lengths, &*encodings) {
        ([], []) => Body::Length(0),
        ([length], []) => Body::Length(length.to_str().ok()?.parse().ok()?),
        ([], [encoding]) if encoding.as_bytes() == b"chunked" => Body::Chunked,
        _ => return None,
    };
    let verdict = reader.read(&headers, method, target, now());
    let arrived = Arrived {
        head: head.escape_ascii().to_string(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
        verdict: verdict.map_err(Some),
    };
    Some((arrived, body))
}

fn unreadable(bytes: &[u8]) -> Arrived {
    Arrived {
        head: bytes.escape_ascii().to_string(),
        method: String::new(),
        target: String::new(),
        headers: HeaderMap::new(),
        body: Vec::new(),
        verdict: Err(None),
    }
}
