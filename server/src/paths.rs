//! The paths of the server's own pages on the listener for clients.

use portcullis::{Engine, Method};

/// One's own keys.
pub const KEYS: &str = "/portcullis/v1/keys";
/// One key.
pub const KEY: &str = "/portcullis/v1/keys/{key}";
/// All one's own keys, to be revoked.
pub const REVOKE_ALL: &str = "/portcullis/v1/keys/revoke-all";
/// The keys of a user.
pub const USER_KEYS: &str = "/portcullis/v1/users/{user}/keys";
/// All keys of a user, to be revoked.
pub const USER_REVOKE_ALL: &str = "/portcullis/v1/users/{user}/keys/revoke-all";
/// One's own activity.
pub const ACTIVITY: &str = "/portcullis/v1/activity";
/// The same as a table.
pub const ACTIVITY_CSV: &str = "/portcullis/v1/activity.csv";
/// The keys that verify tokens and signed decisions.
pub const KEY_SET: &str = "/.well-known/jwks.json";

/// All of them.
const ALL: [&str; 8] = [
    KEYS,
    KEY,
    REVOKE_ALL,
    USER_KEYS,
    USER_REVOKE_ALL,
    ACTIVITY,
    ACTIVITY_CSV,
    KEY_SET,
];

/// A page that a policy has an endpoint for: the server would answer in its place.
pub fn taken(engine: &Engine) -> Option<&'static str> {
    ALL.into_iter().find(|page| {
        let path = page.replace(['{', '}'], "");
        let found = |method: Method| {
            engine
                .entry(engine.endpoint(method.as_str(), &path))
                .is_some()
        };
        Method::ALL.into_iter().any(found)
    })
}
