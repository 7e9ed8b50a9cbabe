//! The decision point of these tests: the program, with the users of the tests.

use std::net::SocketAddr;

use portcullis::UnixSeconds;
use portcullis_host::upstream::Reader;
use portcullis_host::{Clock as _, SigningKey, SystemClock, VerifyingKeys};

use crate::oracle::{KEYS, directory_text, secret};
use crate::program::{Folder, Running, digest_line, pem};

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
    _folder: Folder,
}

impl Decisions {
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// With plain headers beside the decision.
    pub fn start_with_plain_headers() -> Self {
        Self::start_with(", plain_headers: true")
    }

    fn start_with(more: &str) -> Self {
        let folder = Folder::new();
        folder.write("people/directory.yaml", &directory_text());
        let digests = KEYS.map(|(user, key)| digest_line(key, &secret(user)));
        folder.write("people/secrets.sha256", &digests.concat());
        folder.configure(|text| {
            let others = "{ name: cases-api }, { name: other-api, plain_headers: true }";
            assert!(text.contains(others));
            let text = text.replace(others, &format!("{{ name: api{more} }}"));
            format!("{text}grpc: {{ address: \"127.0.0.1:0\" }}\n")
        });
        let server = folder.start();
        Self {
            inner: server.listening("grpc"),
            public: server.public,
            _server: server,
            _folder: folder,
        }
    }

    /// The reader of an upstream.
    pub fn reader(&self) -> Reader {
        let key = SigningKey::from_pem("one", pem(1)).unwrap();
        let keys = VerifyingKeys::new([key.verifying()]).unwrap();
        Reader::new("gateway", "api", keys)
    }
}
