//! Raw bytes to a proxy, and its answer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The answer of a proxy, as far as it came.
#[derive(Debug)]
pub struct Answer {
    pub text: String,
}

impl Answer {
    pub fn status(&self) -> u16 {
        let status = self.text.split(' ').nth(1);
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        fields
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }

    pub fn body(&self) -> &str {
        self.text
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body)
    }
}

/// How long an answer may take. Some hostile requests have none.
pub const PATIENT: Duration = Duration::from_secs(10);
pub const IMPATIENT: Duration = Duration::from_millis(1_500);

/// Sends bytes, and reads until the answer is whole, the proxy ends the
/// connection, or nothing comes for so long.
pub fn send(address: SocketAddr, bytes: &[u8], patience: Duration) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    // A proxy may refuse before it has read all.
    let _ = stream.write_all(bytes);
    let mut text = Vec::new();
    let mut part = [0; 16_384];
    while !is_whole(&text) {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(count) => text.extend(&part[..count]),
        }
    }
    Answer {
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(head)) = response.parse(bytes) else {
        return false;
    };
    // An interim answer, such as 100, is followed by the answer.
    if response.code.is_some_and(|code| code < 200) {
        return is_whole(&bytes[head..]);
    }
    let value = |name: &str| {
        let mut fields = response.headers.iter();
        let field = fields.find(|field| field.name.eq_ignore_ascii_case(name));
        field.and_then(|field| std::str::from_utf8(field.value).ok())
    };
    if value("transfer-encoding").is_some() {
        return bytes.ends_with(b"0\r\n\r\n");
    }
    let length: Option<usize> = value("content-length").and_then(|length| length.parse().ok());
    length.is_some_and(|length| bytes.len() >= head + length)
}
