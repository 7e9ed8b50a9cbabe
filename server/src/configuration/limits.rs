//! The limits of a listener.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

use crate::fault::Fault;

/// What one listener accepts at most.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How many headers a request has.
    pub headers: usize,
    /// How many bytes the head of a request has: its first line and its headers.
    pub head_bytes: usize,
    /// How many bytes the body of a request has.
    pub body_bytes: usize,
    /// For how many seconds a connection waits for the whole head of a request,
    /// also between two requests. The TLS handshake has as long again.
    pub head_seconds: u64,
    /// For how many seconds a request is worked on, its body included.
    pub request_seconds: u64,
    /// For how many seconds a client may take no byte of an answer.
    pub write_seconds: u64,
    /// How many connections there are at once. More wait to be accepted.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            headers: 64,
            head_bytes: 16 * 1024,
            body_bytes: 16 * 1024,
            head_seconds: 10,
            request_seconds: 10,
            write_seconds: 10,
            connections: 1024,
        }
    }
}

impl Limits {
    /// See [`Limits::head_seconds`].
    pub const fn head_time(&self) -> Duration {
        Duration::from_secs(self.head_seconds)
    }

    /// See [`Limits::request_seconds`].
    pub const fn request_time(&self) -> Duration {
        Duration::from_secs(self.request_seconds)
    }

    /// See [`Limits::write_seconds`].
    pub const fn write_time(&self) -> Duration {
        Duration::from_secs(self.write_seconds)
    }

    pub(crate) fn checked(&self) -> Result<(), Fault> {
        let seconds = 1..=3600;
        let all: [(&str, u64, RangeInclusive<u64>); 7] = [
            ("headers", self.headers as u64, 8..=1024),
            ("head_bytes", self.head_bytes as u64, 8192..=1024 * 1024),
            ("body_bytes", self.body_bytes as u64, 0..=16 * 1024 * 1024),
            ("head_seconds", self.head_seconds, seconds.clone()),
            ("request_seconds", self.request_seconds, seconds.clone()),
            ("write_seconds", self.write_seconds, seconds),
            ("connections", self.connections as u64, 1..=1_000_000),
        ];
        for (name, value, range) in all {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                let text = format!(
                    "`{value}` is not between {least} and {most}; choose a value in between"
                );
                return Err(Fault::of(&format!("limits.{name}"), text));
            }
        }
        Ok(())
    }
}
