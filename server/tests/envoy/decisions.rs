//! The decision point of these tests: the program, with the users of the tests.

use std::net::SocketAddr;
use std::path::PathBuf;

use portcullis::UnixSeconds;
use portcullis_host::upstream::Reader;
use portcullis_host::{Clock as _, SigningKey, SystemClock, VerifyingKeys};

use crate::oracle::{KEYS, directory_text, secret};
use crate::program::{Folder, Running, TLS, digest_line, pem};

/// The program has the time of the system.
pub fn now() -> UnixSeconds {
    SystemClock.now()
}

/// A program that listens.
pub struct Decisions {
    /// Where Envoy asks.
    pub inner: SocketAddr,
    /// Where keys are exchanged for tokens.
    pub public: SocketAddr,
    _server: Running,
    folder: Folder,
}

impl Decisions {
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// With plain headers beside the decision.
    pub fn start_with_plain_headers() -> Self {
        Self::start_with(", plain_headers: true")
    }

    /// With TLS, and the file of the certificate that a client must trust.
    pub fn start_with_tls() -> (Self, PathBuf) {
        let decisions = Self::start_as("", &format!(", {TLS}"));
        let certificate = decisions.folder.path("certificate.pem");
        (decisions, certificate)
    }

    fn start_with(more: &str) -> Self {
        Self::start_as(more, "")
    }

    /// With more about the upstream and about the listener.
    fn start_as(upstream: &str, listener: &str) -> Self {
        let folder = Folder::new();
        folder.certify();
        folder.write("people/directory.yaml", &directory_text());
        let digests = KEYS.map(|(user, key)| digest_line(key, &secret(user)));
        folder.write("people/secrets.sha256", &digests.concat());
        folder.configure(|text| {
            let others = "{ name: cases-api }, { name: other-api, plain_headers: true }";
            assert!(text.contains(others));
            let text = text.replace(others, &format!("{{ name: api{upstream} }}"));
            format!("{text}grpc: {{ address: \"127.0.0.1:0\"{listener} }}\n")
        });
        let server = folder.start();
        Self {
            inner: server.listening("grpc"),
            public: server.public,
            _server: server,
            folder,
        }
    }

    /// The reader of an upstream.
    pub fn reader(&self) -> Reader {
        let key = SigningKey::from_pem("one", pem(1)).unwrap();
        let keys = VerifyingKeys::new([key.verifying()]).unwrap();
        Reader::new("gateway", "api", keys)
    }
}
