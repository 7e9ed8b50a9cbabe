//! A proxy with its file, an upstream behind it and a decision point beside it.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use portcullis_host::upstream::{Confinement, Reader, Unverified, Verified};

use crate::corpus;
use crate::decisions::{Decisions, now};
use crate::headers::{decision_alone, odd_headers};
use crate::oracle::{LARGE, Oracle, authorization};
use crate::upstream::{Arrived, Upstream};
use crate::wire::{Answer, IMPATIENT, PATIENT, send};

const CASES: &str = "/connect/api/v1/cases";
const EXCHANGE: &str = "/connect/api/v1/access_token";
/// The addresses in the files.
const PROXY: &str = "8080";
const PUBLIC: &str = "9001";
const INNER: &str = "9002";
const GRPC: &str = "9003";
const UPSTREAM: &str = "9100";

/// A proxy, how it is started, and its file.
pub struct Product {
    pub name: &'static str,
    /// The file in `host/proxies/`.
    pub file: &'static str,
    /// Further files that the first names.
    pub beside: &'static [&'static str],
    /// The command, with the folder of the files as its working directory. `PORT`
    /// is where it listens.
    pub command: &'static [&'static str],
}

/// A change of a file: what is there once, and what is there instead.
pub type Change<'c> = (&'c str, &'c str);

pub struct Setting {
    pub address: SocketAddr,
    pub upstream: Upstream,
    oracle: Oracle,
    reader: Reader,
    child: Child,
    folder: PathBuf,
    _decisions: Decisions,
}

impl Drop for Setting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../host/proxies")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Replaces the ports of a file.
fn with_ports(text: &str, ports: &[(&str, u16)]) -> String {
    let (mut replaced, mut rest) = (String::new(), text);
    let next = |rest: &str| {
        let found = ports
            .iter()
            .filter_map(|(port, own)| Some((rest.find(port)?, port.len(), *own)));
        found.min()
    };
    while let Some((at, length, own)) = next(rest) {
        replaced += &format!("{}{own}", &rest[..at]);
        rest = &rest[at + length..];
    }
    replaced + rest
}

impl Product {
    /// Starts the proxy with its file.
    pub fn start(&self) -> Setting {
        self.start_with(&[], &[])
    }

    /// Starts it with changes of its files, and more arguments.
    pub fn start_with(&self, changes: &[Change<'_>], arguments: &[&str]) -> Setting {
        self.start_beside(Decisions::start(), changes, arguments)
    }

    /// Starts it with changes of its files beside a decision point.
    pub fn start_beside(
        &self,
        decisions: Decisions,
        changes: &[Change<'_>],
        arguments: &[&str],
    ) -> Setting {
        let mut setting = self.spawn(changes, arguments, decisions);
        setting.wait(|status| status == 401);
        setting
    }

    /// Starts it with changes of its files by which it refuses everything.
    pub fn start_with_refusals(&self, changes: &[Change<'_>]) -> Setting {
        let mut setting = self.spawn(changes, &[], Decisions::start());
        setting.wait(|status| status == 403);
        setting
    }

    /// Plain headers, where they are switched on, are those of the decision.
    pub fn copies_plain_headers(&self, changes: &[Change<'_>]) {
        let decisions = Decisions::start_with_plain_headers();
        let mut setting = self.spawn(changes, &[], decisions);
        setting.wait(|status| status == 401);
        let line = format!("GET {CASES} || Portcullis-Tenants: gamma || Portcullis-User: ann");
        let (answer, arrived) = setting.ask("msp", &line);
        let [arrived] = &*arrived else {
            panic!("{answer:?} {arrived:?}\n{}", setting.log());
        };
        for (name, value) in [
            ("tenants", "alpha,beta"),
            ("user", "msp"),
            ("endpoint", "/cases"),
        ] {
            let values = arrived.headers.get_all(format!("portcullis-{name}"));
            let values: Vec<_> = values.iter().collect();
            assert_eq!(values, [value], "{}", arrived.head);
        }
    }

    /// While nothing decides, nothing passes.
    pub fn is_closed_without_decisions(&self) {
        let mut decisions = Decisions::start();
        decisions.inner.set_port(free_port());
        self.is_closed_beside(decisions, &[]);
    }

    /// Beside a decision point that it cannot ask, nothing passes.
    pub fn is_closed_beside(&self, decisions: Decisions, changes: &[Change<'_>]) {
        let mut setting = self.spawn(changes, &[], decisions);
        setting.wait(|status| status >= 400);
        let (answer, arrived) = setting.ask("msp", &format!("GET {CASES}"));
        assert!(answer.status() >= 400, "{answer:?}");
        assert!(arrived.is_empty(), "{arrived:?}");
    }

    fn spawn(&self, changes: &[Change<'_>], arguments: &[&str], decisions: Decisions) -> Setting {
        let upstream = Upstream::start(decisions.reader());
        let port = free_port();
        let ports = [
            (PROXY, port),
            (PUBLIC, decisions.public.port()),
            (INNER, decisions.inner.port()),
            (GRPC, decisions.inner.port()),
            (UPSTREAM, upstream.address.port()),
        ];
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{port}", self.name));
        fs::create_dir_all(&folder).unwrap();
        let mut texts: Vec<(&str, String)> = [self.file]
            .iter()
            .chain(self.beside)
            .map(|name| (*name, file(name)))
            .collect();
        for (from, to) in changes {
            let found = texts.iter_mut().filter(|(_, text)| text.contains(from));
            let [(name, text)] = &mut *found.collect::<Vec<_>>() else {
                panic!("{}: `{from}` is not in one file", self.name);
            };
            assert_eq!(text.matches(from).count(), 1, "{name}: `{from}`");
            *text = text.replace(from, to);
        }
        for (name, text) in &texts {
            fs::write(folder.join(name), with_ports(text, &ports)).unwrap();
        }
        let log = fs::File::create(folder.join("log")).unwrap();
        let port_text = port.to_string();
        let command = self.command.iter().chain(arguments);
        let mut command = command.map(|word| word.replace("PORT", &port_text));
        let program = command.next().unwrap();
        let child = Command::new(&program)
            .args(command)
            .current_dir(&folder)
            .env("HOME", &folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{program}: {error}; `.ci/proxies {}` installs it",
                    self.name
                )
            });
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Setting {
            address,
            upstream,
            oracle: Oracle::new(),
            reader: decisions.reader(),
            child,
            folder,
            _decisions: decisions,
        }
    }
}

impl Setting {
    /// Waits until the proxy answers with such a status.
    fn wait(&mut self, is_ready: impl Fn(u16) -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        let hello = format!(
            "GET {CASES} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the proxy ended with {status}\n{}", self.log());
            }
            let is_up = TcpStream::connect(self.address).is_ok()
                && is_ready(send(self.address, hello.as_bytes(), PATIENT).status());
            if is_up {
                break;
            }
            assert!(
                Instant::now() < end,
                "the proxy does not answer\n{}",
                self.log()
            );
            sleep(Duration::from_millis(30));
        }
        assert!(self.upstream.arrived().is_empty());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Sends a line of the form of the file, as this user.
    pub fn ask(&self, user: &str, line: &str) -> (Answer, Vec<Arrived>) {
        let answer = send(
            self.address,
            &corpus::bytes(line, &authorization(user)),
            PATIENT,
        );
        (answer, self.upstream.arrived())
    }

    /// What is allowed arrives with its decision, and with no more of the client's
    /// than the upstream may see. What is denied has its status.
    pub fn serves(&self) {
        let group =
            Confinement::Tenants(["alpha", "beta"].map(|name| name.parse().unwrap()).to_vec());
        let alpha = Confinement::Tenants(vec!["alpha".parse().unwrap()]);
        let allowed = [
            ("msp", "GET /connect/api/v1/cases", &group),
            (
                "msp",
                "GET /connect/api/v1/cases?limit=10&sort=-created_at&q=a%20b%2Fc",
                &group,
            ),
            ("msp", "GET /connect/api/v1/cases?tenantid=alpha", &alpha),
            ("msp", "GET /connect/api/v1/cases/c%407/alerts", &group),
            (
                "msp",
                "POST /connect/api/v1/cases/7/comments || Content-Length: 7 || Body: comment",
                &group,
            ),
            (
                "msp",
                r"POST /connect/api/v1/cases/7/comments || Transfer-Encoding: chunked || Body: 7\r\ncomment\r\n0\r\n\r\n",
                &group,
            ),
            ("msp", "GET /connect/api/v1/tenants/alpha", &alpha),
            ("ann", "GET /connect/api/v1/incidents", &Confinement::All),
        ];
        for (user, line, confinement) in allowed {
            let (answer, arrived) = self.ask(user, line);
            assert_eq!(answer.status(), 200, "{line}: {answer:?}\n{}", self.log());
            assert_eq!(answer.header("x-upstream"), ["accepted"]);
            let [arrived] = &*arrived else {
                panic!("{line}: {arrived:?}");
            };
            let verified = arrived.verdict.as_ref().unwrap();
            assert_eq!(verified.user.as_deref(), Some(user), "{line}");
            assert_eq!(&verified.confinement, confinement, "{line}");
            let target = line.split(' ').nth(1).unwrap();
            assert_eq!(arrived.target, target, "{line}");
            let body = if line.contains("Body") { "comment" } else { "" };
            assert_eq!(arrived.body, body.as_bytes(), "{line}");
            self.check(line, arrived);
        }
        let large = self.ask(LARGE, "GET /connect/api/v1/cases");
        let (answer, [arrived]) = (&large.0, &*large.1) else {
            panic!("{large:?}\n{}", self.log());
        };
        assert_eq!(answer.status(), 200);
        assert!(arrived.headers["portcullis-decision"].len() > 5_000);
        self.check("a large decision", arrived);

        for (line, status) in [
            ("GET /connect/api/v1/cases || -Authorization", 401),
            ("GET /connect/api/v1/incidents", 403),
            ("GET /connect/api/v1/cases?tenantid=gamma", 403),
            ("GET /connect/api/v1/nothing", 404),
            ("DELETE /connect/api/v1/cases", 405),
            ("GET /connect/api/v1/cases?TENANTID=alpha", 400),
        ] {
            let (answer, arrived) = self.ask("msp", line);
            assert_eq!(
                answer.status(),
                status,
                "{line}: {answer:?}\n{}",
                self.log()
            );
            assert!(arrived.is_empty(), "{line}: {arrived:?}");
            assert!(answer.header("portcullis-decision").is_empty(), "{line}");
            assert_eq!(
                !answer.header("www-authenticate").is_empty(),
                status == 401,
                "{line}"
            );
            let allow: &[&str] = if status == 405 { &["GET"] } else { &[] };
            assert_eq!(answer.header("allow"), allow, "{line}");
        }
        self.exchanges();
    }

    /// A key becomes a token, and the token is good through the proxy.
    fn exchanges(&self) {
        let line = format!("POST {EXCHANGE} || Content-Length: 0");
        let (answer, arrived) = self.ask("msp", &line);
        assert_eq!((answer.status(), arrived.len()), (200, 0), "{answer:?}");
        let body = answer.body();
        let json = &body[body.find('{').unwrap()..=body.rfind('}').unwrap()];
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let token = json["access_token"].as_str().unwrap();
        let (answer, arrived) = self.ask(
            "msp",
            &format!("GET {CASES} || Authorization: Bearer {token}"),
        );
        assert_eq!((answer.status(), arrived.len()), (200, 1), "{answer:?}");
        let (answer, _) = self.ask(
            "msp",
            &format!("POST {EXCHANGE} || -Authorization || Content-Length: 0"),
        );
        assert_eq!(answer.status(), 401);
    }

    /// A request that is allowed, whatever the client sends beside.
    pub fn accepts(&self, user: &str, line: &str) {
        let (answer, arrived) = self.ask(user, line);
        let [arrived] = &*arrived else {
            panic!("{line}: {answer:?} {arrived:?}\n{}", self.log());
        };
        assert_eq!(answer.status(), 200, "{line}: {answer:?}");
        self.check(line, arrived);
    }

    /// A request that is refused with this status, and does not arrive.
    pub fn refuses(&self, user: &str, line: &str, status: u16) {
        let (answer, arrived) = self.ask(user, line);
        assert_eq!(
            answer.status(),
            status,
            "{line}: {answer:?}\n{}",
            self.log()
        );
        assert!(arrived.is_empty(), "{line}: {arrived:?}");
    }

    /// No hostile request of the file is accepted by the upstream, unless the engine
    /// allows exactly its bytes.
    pub fn withstands(&self) {
        let hostile = corpus::all(&authorization("msp"));
        let (mut accepted, mut refused) = (0, Vec::new());
        for request in &hostile {
            let _ = send(self.address, &request.bytes, IMPATIENT);
            // What arrives late is judged with the next.
            for arrived in self.upstream.arrived() {
                let place = format!("requests.txt:{}: {}", request.line, request.text);
                match &arrived.verdict {
                    Ok(_) => {
                        self.check(&place, &arrived);
                        accepted += 1;
                    }
                    // No server would read it.
                    Err(None) => refused.push(format!("{place}\n    {}", arrived.head)),
                    // The engine allowed it, and it has an odd header beside.
                    Err(Some(why)) => {
                        let verified = self.reader.read(
                            &decision_alone(&arrived.headers),
                            &arrived.method,
                            &arrived.target,
                            now(),
                        );
                        let verified =
                            verified.unwrap_or_else(|_| panic!("{place}: {why}: {}", arrived.head));
                        self.check_decision(&place, &arrived, &verified);
                        refused.push(format!("{place}\n    {why}: {}", arrived.head));
                    }
                }
            }
        }
        sleep(Duration::from_millis(300));
        for arrived in self
            .upstream
            .arrived()
            .iter()
            .filter(|arrived| arrived.verdict.is_ok())
        {
            self.check("late", arrived);
        }
        // The proxy still serves, and every attack was a request.
        let (answer, _) = self.ask("msp", &format!("GET {CASES}"));
        assert_eq!(answer.status(), 200, "{}", self.log());
        println!(
            "{} requests, {accepted} accepted, {} refused by the reader",
            hostile.len(),
            refused.len()
        );
        for refusal in refused {
            println!("{refusal}");
        }
    }

    /// An accepted request is one that the engine allows, and has nothing of the
    /// client's that the upstream may not see.
    fn check(&self, place: &str, arrived: &Arrived) {
        let verified = arrived.verdict.as_ref().unwrap();
        let allowed = self
            .oracle
            .allows(&arrived.method, &arrived.target, verified);
        assert_eq!(allowed, Ok(()), "{place}: {}", arrived.head);
        let odd = odd_headers(&arrived.headers);
        assert!(odd.is_empty(), "{place}: {odd:?} in {}", arrived.head);
    }

    fn check_decision(&self, place: &str, arrived: &Arrived, verified: &Verified) {
        let allowed = self
            .oracle
            .allows(&arrived.method, &arrived.target, verified);
        assert_eq!(allowed, Ok(()), "{place}: {}", arrived.head);
    }

    /// A decision that the proxy has no room for is a refusal, and never cut.
    pub fn has_no_room(&self, line: &str) {
        let (answer, arrived) = self.ask(LARGE, line);
        assert!(answer.status() >= 400, "{answer:?}");
        assert!(arrived.is_empty(), "{arrived:?}");
        let (answer, _) = self.ask("msp", &format!("GET {CASES}"));
        assert_eq!(answer.status(), 200);
    }

    /// A hole: what passes the proxy is refused by the reader, for this reason.
    pub fn leaks_to_the_reader(&self, line: &str, why: Unverified) {
        let (answer, arrived) = self.ask("msp", line);
        let [arrived] = &*arrived else {
            panic!("{line}: {answer:?} {arrived:?}\n{}", self.log());
        };
        assert_eq!(
            arrived.verdict.as_ref().err(),
            Some(&Some(why)),
            "{line}: {}",
            arrived.head
        );
        assert_eq!(answer.header("x-upstream"), ["refused"]);
        assert_eq!(answer.status(), 403, "{line}");
    }
}
