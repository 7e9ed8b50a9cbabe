//! The life of an API key: it is created, exchanged for a token, used and
//! revoked. Then a token that is still fresh is refused.
//!
//! ```text
//! cargo run --example lifecycle
//! ```
//!
//! The host's part is left out: it creates the key's secret and stores its
//! digest, signs the claims of a token and verifies the signature, reads the
//! clock, and stores the activity log.

use std::error::Error;
use std::sync::Arc;

use portcullis::directory::{Act, ActivityRecord, NewKey};
use portcullis::token::TokenClaims;
use portcullis::{
    Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, Reason,
};
use portcullis::{UnixSeconds, VerifiedKey};

/// A host with its log: one line of JSON for each request and each act.
struct Host {
    engine: Engine,
    directory: Directory,
    log: Vec<ActivityRecord>,
}

impl Host {
    fn new() -> Result<Self, Box<dyn Error>> {
        let policy = Arc::new(Policy::embedded()?);
        let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
        let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
        Ok(Self {
            engine,
            directory,
            log: Vec::new(),
        })
    }

    /// Decides one request, logs it, and returns the decision as text.
    fn call(
        &mut self,
        method: &str,
        path: &str,
        credential: &Credential<'_>,
        now: UnixSeconds,
    ) -> String {
        let (engine, directory) = (&self.engine, &self.directory);
        let principal = directory.principal(credential, now);
        let target = engine.target(method, path);
        let tenant = directory.tenant(target.tenant);
        let decision = engine.authorize(&principal, target.endpoint, tenant);
        let record = ActivityRecord::of_decision(
            engine,
            &principal,
            target.endpoint,
            tenant,
            &decision,
            now,
        );
        if let (Decision::Allow(_), Some(key)) = (&decision, principal.key()) {
            // This cannot fail: before the key's creation the request is denied.
            let _ = directory.record_access(key.as_str(), now);
        }
        self.log.push(record);
        decision.to_string()
    }
}

/// Runs the example and returns its output, line by line.
///
/// # Errors
///
/// None with the embedded policy and directory.
pub fn story() -> Result<Vec<String>, Box<dyn Error>> {
    let mut host = Host::new()?;
    let mut told = Vec::new();
    let at = |seconds: u64| UnixSeconds::new(1_764_000_000 + seconds);

    // A user creates a key for themselves. The host creates its id and its
    // secret, shows the secret once, and stores its digest.
    let new = NewKey {
        id: "k-4f1c".parse()?,
        name: "nightly export",
        expires_at: None,
    };
    let created = host
        .directory
        .create_key(&Act::new(&host.engine, "msp", at(0)), new)?;
    told.push(format!(
        "created `{}`",
        created.key.as_ref().map_or("", |key| key.as_str())
    ));
    host.log.push(created);

    // The client exchanges the key. The host has verified the secret.
    let key = Credential::ApiKey(VerifiedKey::bearer("k-4f1c"));
    told.push(format!(
        "exchange: {}",
        host.call("POST", "/connect/api/v1/access_token", &key, at(10))
    ));
    let claims = host
        .directory
        .mint("k-4f1c", at(10))
        .map_err(Reason::text)?;
    // The host signs this. Later the client sends it back.
    let token = serde_json::to_string(&claims)?;
    told.push(format!("token: {token}"));

    // A call with the token, whose signature the host has verified.
    let claims: TokenClaims = serde_json::from_str(&token)?;
    let cases = "/connect/api/v1/cases?limit=10";
    told.push(format!(
        "call: {}",
        host.call("GET", cases, &claims.verified(), at(20))
    ));

    // The key has leaked; an administrator above the user revokes it.
    let act = Act::new(&host.engine, "partner-platform-admin", at(30));
    host.log.push(host.directory.revoke_key(&act, "k-4f1c")?);

    // The token is 30 seconds old and would be valid for another 570.
    told.push(format!(
        "call: {}",
        host.call("GET", cases, &claims.verified(), at(40))
    ));

    // The list still shows the key, for as long as the host chooses.
    let (keys, record) =
        host.directory
            .list_keys(&Act::new(&host.engine, "msp", at(50)), "msp", 3 * 86_400)?;
    for listing in keys
        .iter()
        .filter(|listing| listing.key.as_str() == "k-4f1c")
    {
        let last = listing
            .last_access
            .map_or("never".to_string(), |at| at.to_string());
        told.push(format!(
            "list: `{}` is {}, last used {last}",
            listing.name,
            listing.status.as_str()
        ));
    }
    host.log.push(record);

    for record in &host.log {
        told.push(serde_json::to_string(record)?);
    }
    Ok(told)
}

#[cfg_attr(test, expect(dead_code, reason = "the test tells the story itself"))]
fn main() -> Result<(), Box<dyn Error>> {
    for line in story()? {
        println!("{line}");
    }
    Ok(())
}
