//! A server without any file: the embedded policy and directory, and keys that
//! exist only while it runs.

use std::net::SocketAddr;
use std::sync::Arc;

use portcullis::{Directory, EMBEDDED_DIRECTORY, Engine, Policy};
use portcullis_host::{Live, Secret, Secrets, SigningKey, Snapshot};

use crate::configuration::Configuration;
use crate::documents::{Documents, SigningKeys};
use crate::fault::Fault;
use crate::server::Server;

const CONFIGURATION: &str = r#"
version: 1
release: "5.5.0"
issuer: portcullis-demo
signing_keys: [{ id: demo, private_key: { environment: NONE } }]
upstreams: [{ name: demo-api }]
public: { address: "127.0.0.1:9001" }
inner: { address: "127.0.0.1:9002" }
grpc: { address: "127.0.0.1:9003" }
store: { files: NONE }
activity: { to: stdout }
watch_seconds: 0
example_api: true
"#;

/// Who gets a key: a partner, a root user with Super Admin, and a user of one
/// tenant.
const USERS: [&str; 3] = ["msp", "ann", "tenant-user"];

/// A server with keys to try.
#[derive(Debug)]
pub struct Demo {
    /// The server.
    pub server: Server,
    /// What to print once it listens.
    pub greeting: Greeting,
}

/// Keys that are shown once.
#[derive(Debug)]
pub struct Greeting(Vec<(&'static str, Secret)>);

impl Demo {
    /// A server on the loopback address.
    ///
    /// # Errors
    ///
    /// [`Fault`]: an address of the environment is not one of this machine alone,
    /// or there are no random bytes.
    pub fn new(environment: impl Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        let configuration = Configuration::parse(CONFIGURATION)?.overridden(environment)?;
        for (name, listener) in configuration.listeners() {
            if !listener.address.ip().is_loopback() {
                let text = format!(
                    "`{}` can be reached from elsewhere; a demonstration uses `127.0.0.1`",
                    listener.address
                );
                return Err(Fault::of(&format!("{name}.address"), text));
            }
        }
        let policy = Policy::embedded().map_err(|faults| Fault::of("policy", faults))?;
        let policy = Arc::new(policy);
        let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)
            .map_err(|faults| Fault::of("directory", faults))?;
        let engine = Engine::new(policy, configuration.deployment()?)
            .map_err(|error| Fault::of("release", error))?;
        let current = SigningKey::generate().map_err(|error| Fault::of("signing_keys", error))?;
        let engine = Arc::new(engine);
        let live = Live::new(Snapshot::new(engine.clone(), directory, Secrets::default()));
        let documents = Documents {
            engine,
            keys: SigningKeys {
                current,
                others: Vec::new(),
                shared: vec![None],
            },
            public: None,
            inner: None,
            grpc: None,
        };
        let server = Server::new(configuration, documents, live)?;
        let now = server.now();
        let keys = USERS.map(|user| {
            let created = server.live().create_key(user, "demonstration", None, now);
            let created = created.map_err(|error| Fault::of(user, error))?;
            Ok((user, created.secret))
        });
        let keys = keys.into_iter().collect::<Result<Vec<_>, Fault>>()?;
        let greeting = Greeting(keys);
        Ok(Self { server, greeting })
    }
}

impl Greeting {
    /// What to try at these addresses, with the keys: those of the listener for
    /// clients, of the inner one and of the one for gRPC.
    pub fn text(&self, [public, inner, grpc]: [SocketAddr; 3]) -> String {
        let secret_of = |wanted: &str| {
            let found = self.0.iter().find(|(user, _)| *user == wanted);
            found.map_or("", |(_, secret)| secret.reveal())
        };
        let (msp, ann, tenant) = (secret_of("msp"), secret_of("ann"), secret_of("tenant-user"));
        let api = format!("http://{public}/connect/api/v1");
        let own = format!("http://{public}/portcullis/v1");
        format!(
            "A demonstration: the embedded policy, release 5.5.0, the example directory and an example API.
The keys are new, and end with this process.

  clients   http://{public}
  proxies   http://{inner}
  Envoy     http://{grpc} by gRPC

  msp           {msp}
  ann           {ann}
  tenant-user   {tenant}

# A partner sees the cases of its tenants, and of no other.
curl -i -u 'msp:{msp}' '{api}/cases'
curl -i -u 'msp:{msp}' '{api}/cases?tenantid=gamma'

# This endpoint is restricted: only root users with Super Admin.
curl -i -u 'msp:{msp}' '{api}/storage-usages'
curl -i -u 'ann:{ann}' '{api}/storage-usages'

# A key becomes an access token of ten minutes.
curl -i -X POST -H 'Authorization: Bearer {msp}' '{api}/access_token'

# Keys: create one, list one's own, and those of a user whom ann administers.
curl -i -u 'tenant-user:{tenant}' -H 'Content-Type: application/json' -d '{{\"name\":\"nightly export\"}}' '{own}/keys'
curl -i -u 'msp:{msp}' '{own}/keys'
curl -i -u 'ann:{ann}' '{own}/users/tenant-user/keys'
curl -i -u 'msp:{msp}' '{own}/activity.csv'

# What nginx asks before it forwards a request, and the signed decision.
curl -i -u 'msp:{msp}' -H 'X-Original-Method: GET' -H 'X-Original-URI: /connect/api/v1/cases' 'http://{inner}/nginx'

Each decision follows as a line of JSON. Stop with Ctrl-C.
"
        )
    }
}
