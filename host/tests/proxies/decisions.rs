//! The decision point of these tests: forward-auth for the proxy, and a server
//! with the layer for the exchange.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use base64ct::{Base64, Encoding as _};
use portcullis::{
    Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Engine,
    OwnedConfinement, Policy, UnixSeconds, VerifiedKey,
};
use portcullis_host::forward_auth::ForwardAuth;
use portcullis_host::upstream::{Confinement, Reader, Verified};
use portcullis_host::{
    AccessTokens, AuthorizeLayer, Clock, Gate, Live, Secrets, SigningKey, Snapshot, Statements,
};

use crate::serving::serve;

/// The instant of these tests, at which the keys of the directory are good.
pub const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);
/// A user whose decision is as large as one gets by default.
pub const LARGE: &str = "large";
const TENANTS_OF_LARGE: usize = 115;

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> UnixSeconds {
        NOW
    }
}

/// `Authorization` of a user, by the secret of their key.
pub fn authorization(user: &str) -> String {
    let pair = format!("{user}:{}", secret(user));
    format!("Basic {}", Base64::encode_string(pair.as_bytes()))
}

fn secret(user: &str) -> String {
    format!("secret-of-{user}")
}

fn directory_text() -> String {
    let names: Vec<String> = (0..TENANTS_OF_LARGE)
        .map(|number| format!("tenant-{number:025}"))
        .collect();
    let names = names.join(", ");
    let text = EMBEDDED_DIRECTORY.replacen("tenants: [", &format!("tenants: [{names}, "), 1);
    let text = text.replacen(
        "\ngroups:\n",
        &format!("\ngroups:\n  large: [{names}]\n"),
        1,
    );
    let user = "scope: partner, group: large, profile: security_admin";
    let text = text.replacen(
        "\nusers:\n",
        &format!("\nusers:\n  {LARGE}: {{ {user} }}\n"),
        1,
    );
    let key = format!("  large-key: {{ owner: {LARGE}, name: large, created_at: 0 }}\n");
    text.replacen("\nkeys:\n", &format!("\nkeys:\n{key}"), 1)
}

fn snapshot() -> Snapshot {
    let policy = Arc::new(Policy::from_yaml(EMBEDDED_POLICY).unwrap());
    let directory = Directory::from_yaml(directory_text(), &policy).unwrap();
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    let keys = [("msp", "k1"), ("ann", "ann-key"), (LARGE, "large-key")];
    let secrets: Secrets = keys
        .map(|(user, key)| (secret(user), key.parse().unwrap()))
        .into_iter()
        .collect();
    Snapshot::new(engine, directory, secrets)
}

/// A decision point that listens.
pub struct Decisions {
    /// Where proxies ask.
    pub inner: SocketAddr,
    /// Where keys are exchanged for tokens.
    pub public: SocketAddr,
    statements: portcullis_host::VerifyingKeys,
}

impl Decisions {
    pub fn start() -> Self {
        Self::start_with(|gate| gate)
    }

    /// With another gate.
    pub fn start_with(change: impl Fn(Gate) -> Gate) -> Self {
        let live = Arc::new(Live::new(snapshot()));
        let statements = Statements::new("gateway", "api", SigningKey::generate().unwrap());
        let verifying = statements.verifying();
        let key = SigningKey::generate().unwrap();
        let gate = Gate::new(live)
            .clock(Fixed)
            .tokens(AccessTokens::new("gateway", "api", key))
            .statements(statements);
        let gate = Arc::new(change(gate));
        let public = Router::new().layer(AuthorizeLayer::new(gate.clone()));
        Self {
            inner: serve(Router::new().fallback_service(ForwardAuth::new(gate))),
            public: serve(public),
            statements: verifying,
        }
    }

    /// The reader of an upstream.
    pub fn reader(&self) -> Reader {
        Reader::new("gateway", "api", self.statements.clone())
    }
}

/// The engine itself, asked about what reached the upstream.
pub struct Oracle(Snapshot);

impl Oracle {
    pub fn new() -> Self {
        Self(snapshot())
    }

    /// Whether the engine allows exactly this request to the user of the statement,
    /// with the confinement and the endpoint of the statement.
    pub fn allows(&self, method: &str, target: &str, verified: &Verified) -> Result<(), String> {
        let (engine, directory) = (self.0.engine(), self.0.directory());
        let (user, key) = (verified.user.as_deref(), verified.key.as_deref());
        let (Some(user), Some(key)) = (user, key) else {
            return Err("nobody was identified".to_owned());
        };
        let credential = Credential::ApiKey(VerifiedKey::basic(key, user));
        let principal = directory.principal(&credential, NOW);
        let found = engine.target(method, target);
        let tenant = directory.tenant(found.tenant);
        match engine.authorize(&principal, found.endpoint, tenant) {
            Decision::Deny(denial) => Err(denial.reason().code().to_owned()),
            Decision::Allow(allowance) => {
                let expected = match allowance.confinement().to_owned() {
                    OwnedConfinement::Unconfined => Confinement::All,
                    OwnedConfinement::NotTenantData => Confinement::None,
                    OwnedConfinement::One(tenant) => Confinement::Tenants(vec![tenant]),
                    OwnedConfinement::Tenants(own) => {
                        Confinement::Tenants(own.iter().cloned().collect())
                    }
                };
                let is_same = expected == verified.confinement
                    && allowance.endpoint().to_string() == verified.endpoint;
                is_same
                    .then_some(())
                    .ok_or_else(|| "another decision".to_owned())
            }
        }
    }
}
