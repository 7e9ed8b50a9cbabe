//! A server in a folder of its own, and requests to it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding as _};
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY};
use portcullis_host::secret::SecretDigest;
use portcullis_host::store::Files;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::Value;
use tempfile::TempDir;

pub const CASES: &str = "/connect/api/v1/cases";
pub const EXCHANGE: &str = "/connect/api/v1/access_token";
pub const KEYS: &str = "/portcullis/v1/keys";
/// The certificate of [`Folder::certify`] for a listener.
pub const TLS: &str = "tls: { certificate: certificate.pem, key: { file: key.pem } }";
/// For how long something that must happen may take.
const LONG: Duration = Duration::from_secs(20);

/// A folder with all files of a configuration.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        let own = Self(tempfile::tempdir().unwrap());
        own.write("policy.yaml", EMBEDDED_POLICY);
        std::fs::create_dir(own.path("people")).unwrap();
        Files::create(own.path("people")).unwrap();
        own.write("people/directory.yaml", EMBEDDED_DIRECTORY);
        own.write(
            "people/secrets.sha256",
            &secrets(&[
                "k1",
                "ann-key",
                "tenant-user-key",
                "other-partner-key",
                "k2",
            ]),
        );
        own.write("one.pem", &pem(1));
        own.write("two.pem", &pem(2));
        own.configure(|text| text);
        own
    }

    /// Writes the configuration of the tests, changed.
    pub fn configure(&self, change: impl FnOnce(String) -> String) {
        let text = "\
version: 1
release: \"5.5.0\"
policy: policy.yaml
store: { files: people }
issuer: gateway
signing_keys:
  - { id: one, private_key: { file: one.pem } }
upstreams: [{ name: cases-api }, { name: other-api, plain_headers: true }]
public: { address: \"127.0.0.1:0\" }
inner: { address: \"127.0.0.1:0\" }
activity: { to: { file: activity.jsonl } }
watch_seconds: 0
";
        self.write("portcullis.yaml", &change(text.to_owned()));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        // In one step, as an operator's tools do it.
        let aside = self.path("aside");
        std::fs::write(&aside, text).unwrap();
        std::fs::rename(aside, self.path(name)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// What is in the log of activity.
    pub fn activity(&self) -> Vec<Value> {
        let text = self.read("activity.jsonl");
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Writes a new certificate for `localhost` and its private key.
    pub fn certify(&self) {
        let names = vec!["localhost".to_owned()];
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        self.write("key.pem", &signing_key.serialize_pem());
        self.write("certificate.pem", &cert.pem());
    }

    pub fn start(&self) -> Running {
        let mut command = program();
        command.arg("--config").arg(self.path("portcullis.yaml"));
        Running::start(command)
    }

    /// Runs `--check`: the exit code and what is printed to standard error.
    pub fn check(&self) -> (i32, String) {
        let mut command = program();
        let output = command
            .arg("--config")
            .arg(self.path("portcullis.yaml"))
            .arg("--check");
        let output = output.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    }
}

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis-server"));
    command.env_clear();
    command
}

pub fn secret(key: &str) -> String {
    format!("secret-of-{key}")
}

pub fn secrets(keys: &[&str]) -> String {
    keys.iter().fold(String::new(), |text, key| {
        text + &digest_line(key, &secret(key))
    })
}

pub fn digest_line(key: &str, secret: &str) -> String {
    let digest = SecretDigest::of(secret);
    let digits: String = digest
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{digits}  {key}\n")
}

/// A private key for Ed25519 that is nobody's.
pub fn pem(number: u8) -> String {
    let mut bytes = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    bytes.extend([number; 32]);
    let text = Base64::encode_string(&bytes);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

/// A running server, ended when it is dropped.
pub struct Running {
    child: Child,
    log: Arc<Mutex<String>>,
    pub public: SocketAddr,
    pub inner: SocketAddr,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        command
            .arg("--log-json")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let kept = log.clone();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut own = Self {
            child,
            log,
            public: nowhere,
            inner: nowhere,
        };
        own.public = own.listening("public");
        own.inner = own.listening("inner");
        own
    }

    /// The address of a listener.
    pub fn listening(&self, listener: &str) -> SocketAddr {
        let line = self.logged(|line| {
            line["fields"]["message"] == "listening" && line["fields"]["listener"] == listener
        });
        let address = line["fields"]["address"].as_str().unwrap();
        address.split("//").nth(1).unwrap().parse().unwrap()
    }

    /// Waits for a line of the log.
    pub fn logged(&self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + LONG;
        loop {
            let text = self.log();
            let lines = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            if let Some(line) = lines.into_iter().find(|line| is_wanted(line)) {
                return line;
            }
            assert!(Instant::now() < end, "it was not logged:\n{text}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a line of the log with a text in it.
    pub fn logs(&self, text: &str) -> Value {
        self.logged(|line| line.to_string().contains(text))
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let done = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap();
        assert!(done.success());
    }

    /// How many files and connections the process has open.
    pub fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.child.id());
        std::fs::read_dir(folder).unwrap().count()
    }

    /// The numbers that the system gives to the sockets of the process. No two sockets
    /// have the same one, also if one is closed and the next takes its descriptor.
    pub fn sockets(&self) -> BTreeSet<String> {
        let folder = format!("/proc/{}/fd", self.child.id());
        let links = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        // A descriptor may be closed before its link is read.
        let links = links.filter_map(|entry| std::fs::read_link(entry.path()).ok());
        links
            .filter_map(|link| link.to_str().map(str::to_owned))
            .filter(|link| link.starts_with("socket:"))
            .collect()
    }

    /// How many bytes of the process are in memory.
    pub fn resident(&self) -> usize {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
        kibibytes.parse::<usize>().unwrap() * 1024
    }

    /// Waits until the process has ended.
    pub fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + LONG;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "it does not end:\n{}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn get(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        send(self.public, "GET", target, headers, "")
    }

    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        send(self.public, method, target, headers, body)
    }

    pub fn inside(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        send(self.inner, "GET", target, headers, "")
    }

    /// Exchanges a key for a token.
    pub fn token(&self, key: &str) -> String {
        let answer = self.ask(
            "POST",
            EXCHANGE,
            &[("Authorization", &bearer(&secret(key)))],
            "",
        );
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("not a response: {text:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Every value of a header.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let fields = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        fields
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub fn header(&self, name: &str) -> &str {
        let all = self.headers(name);
        assert_eq!(all.len(), 1, "{name}: {self:?}");
        all[0]
    }
}

pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
    let fields = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let fields: String = fields.collect();
    let length = body.len();
    format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{fields}\r\n{body}"
    )
}

/// Sends bytes on a connection of their own, and reads until it is closed.
pub fn exchange_bytes(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

/// The answer, or nothing where the server is gone.
pub fn try_send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream
        .write_all(request(method, target, headers, body).as_bytes())
        .ok()?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).ok()?;
    let text = String::from_utf8(text).unwrap();
    // A head that ends, and a body of its length.
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    (body.len() == length.parse::<usize>().unwrap()).then(|| Answer::parse(&text))
}

pub fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    Answer::parse(&exchange_bytes(
        address,
        request(method, target, headers, body).as_bytes(),
    ))
}

pub fn basic(user: &str, secret: &str) -> String {
    format!(
        "Basic {}",
        Base64::encode_string(format!("{user}:{secret}").as_bytes())
    )
}

pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The credential of a user by the key of the tests.
pub fn as_user(user: &str) -> String {
    let key = match user {
        "msp" => "k1",
        "ann" => "ann-key",
        "tenant-user" => "tenant-user-key",
        "other-partner" => "other-partner-key",
        other => panic!("{other} has no key in these tests"),
    };
    basic(user, &secret(key))
}

/// The middle part of a signed token.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    let bytes = base64ct::Base64UrlUnpadded::decode_vec(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// A path from the root of the repository.
#[cfg(feature = "languages")]
pub fn repository(path: &str) -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path)
}
