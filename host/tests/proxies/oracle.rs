//! The users of these tests, and the engine itself, asked about what reached the
//! upstream.

use std::sync::Arc;

use base64ct::{Base64, Encoding as _};
use portcullis::{
    Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Engine,
    OwnedConfinement, Policy, VerifiedKey,
};
use portcullis_host::upstream::{Confinement, Verified};
use portcullis_host::{Secrets, Snapshot};

use crate::decisions::now;

/// A user whose decision is as large as one gets by default.
pub const LARGE: &str = "large";
const TENANTS_OF_LARGE: usize = 115;
/// Users, each with the key of which the test has the secret.
pub const KEYS: [(&str, &str); 3] = [("msp", "k1"), ("ann", "ann-key"), (LARGE, "large-key")];

/// `Authorization` of a user, by the secret of their key.
pub fn authorization(user: &str) -> String {
    let pair = format!("{user}:{}", secret(user));
    format!("Basic {}", Base64::encode_string(pair.as_bytes()))
}

pub fn secret(user: &str) -> String {
    format!("secret-of-{user}")
}

/// The directory as a document.
pub fn directory_text() -> String {
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

pub fn snapshot() -> Snapshot {
    let policy = Arc::new(Policy::from_yaml(EMBEDDED_POLICY).unwrap());
    let directory = Directory::from_yaml(directory_text(), &policy).unwrap();
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    let secrets: Secrets = KEYS
        .map(|(user, key)| (secret(user), key.parse().unwrap()))
        .into_iter()
        .collect();
    Snapshot::new(engine, directory, secrets)
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
        let principal = directory.principal(&credential, now());
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
