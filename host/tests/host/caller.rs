//! Who sends a request that is for the host itself.

use http::{HeaderMap, HeaderValue};
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Reason, UnixSeconds};
use portcullis_host::caller::{Caller, identify};
use portcullis_host::{AccessTokens, SigningKey, Snapshot};

use crate::setting::{NOW, basic, secret, snapshot_of};

fn with(authorization: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in authorization {
        headers.append("authorization", HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn tokens() -> AccessTokens {
    AccessTokens::new("gateway", "api", SigningKey::generate().unwrap())
}

fn who(snapshot: &Snapshot, authorization: &[&str]) -> Result<Caller, Reason> {
    let now = UnixSeconds::new(NOW);
    identify(snapshot, Some(&tokens()), &with(authorization), now).map_err(|stranger| {
        // What is logged is what was answered, and names no endpoint.
        assert_eq!(stranger.record.code(), Some(stranger.reason.code()));
        assert_eq!(
            (&stranger.record.endpoint, stranger.record.method),
            (&None, None)
        );
        stranger.reason
    })
}

#[test]
fn a_caller_is_asked_what_a_decision_asks_before_it_looks_at_the_endpoint() {
    let snapshot = snapshot_of(EMBEDDED_POLICY, "5.5.0", EMBEDDED_DIRECTORY);
    let own = basic("msp", &secret("k1"));
    let caller = who(&snapshot, &[&own]).unwrap();
    assert_eq!((caller.user.as_str(), caller.key.as_str()), ("msp", "k1"));
    let by_email = who(&snapshot, &[&basic("msp@example.com", &secret("k1"))]).unwrap();
    assert_eq!(by_email.user.as_str(), "msp");

    let bearer = format!("Bearer {}", secret("k1"));
    let refused: [(&[&str], Reason); 8] = [
        (&[], Reason::NoCredential),
        (&[&own, &own], Reason::NoCredential),
        (&["Basic !!!"], Reason::NoCredential),
        (&[&basic("msp", "wrong")], Reason::NoCredential),
        (&[&basic("ann", &secret("k1"))], Reason::KeyOwnerMismatch),
        (
            &[&basic("msp", &secret("msp-revoked-key"))],
            Reason::KeyRevoked,
        ),
        (
            &[&basic("msp", &secret("msp-expired-key"))],
            Reason::KeyExpired,
        ),
        (&[&bearer], Reason::TechniqueRefused),
    ];
    for (authorization, reason) in refused {
        assert_eq!(
            who(&snapshot, authorization),
            Err(reason),
            "{authorization:?}"
        );
    }
}

#[test]
fn a_token_is_a_caller_as_long_as_it_and_its_key_are_valid() {
    let snapshot = snapshot_of(EMBEDDED_POLICY, "5.5.0s", EMBEDDED_DIRECTORY);
    let tokens = tokens();
    let claims = snapshot
        .directory()
        .mint("k1", UnixSeconds::new(NOW))
        .unwrap();
    let bearer = format!("Bearer {}", tokens.sign(&claims).unwrap());
    let at = |seconds| {
        let found = identify(
            &snapshot,
            Some(&tokens),
            &with(&[&bearer]),
            UnixSeconds::new(seconds),
        );
        found
            .map(|caller| caller.user.to_string())
            .map_err(|stranger| stranger.reason)
    };
    assert_eq!(at(NOW), Ok("msp".to_owned()));
    assert_eq!(at(NOW + 600), Err(Reason::TokenExpired));
    // Another server's tokens, and none at all.
    let others = self::tokens();
    for tokens in [Some(&others), None] {
        let found = identify(&snapshot, tokens, &with(&[&bearer]), UnixSeconds::new(NOW));
        assert_eq!(found.unwrap_err().reason, Reason::NoCredential);
    }
    // The release takes no key by Basic.
    let basic = basic("msp", &secret("k1"));
    assert_eq!(who(&snapshot, &[&basic]), Err(Reason::TechniqueRefused));
}

#[test]
fn a_release_that_lets_nobody_else_call_the_api_has_no_other_callers() {
    let snapshot = snapshot_of(EMBEDDED_POLICY, "5.4.0", EMBEDDED_DIRECTORY);
    let msp = basic("msp", &secret("k1"));
    assert_eq!(who(&snapshot, &[&msp]), Err(Reason::AccountNotEligible));
    // Before scoped keys not even Super Admin has one.
    let ann = basic("ann", &secret("ann-key"));
    assert_eq!(who(&snapshot, &[&ann]), Err(Reason::KeyKindRefused));
}

#[test]
fn a_restricted_table_and_a_privilege_are_about_endpoints_and_not_about_callers() {
    let policy = "
version: 1
privileges: [things.view]
profiles:
  super_admin: { builtin: true, all: true }
endpoints:
  - { path: '/open', methods: { GET: public }, tenant: none }
  - { path: '/token', methods: { POST: null }, tenant: none, exchange: true }
  - { path: '/things/v{version}/{id...}', methods: { GET: things.view } }
releases:
  '5.5.0': { access: scoped, restricted: ['/things/v{version}/{id...}'] }
";
    let directory = "
version: 1
tenants: [alpha]
groups: {}
users:
  msp: { scope: tenant, tenant: alpha, profile: none }
keys:
  k1: { owner: msp, name: one, created_at: 0 }
";
    let policy = policy.replace("all: true }", "all: true }\n  none: {}");
    let snapshot = snapshot_of(&policy, "5.5.0", directory);
    let own = basic("msp", &secret("k1"));
    assert_eq!(who(&snapshot, &[&own]).unwrap().user.as_str(), "msp");
    assert_eq!(who(&snapshot, &[]), Err(Reason::NoCredential));
}

#[test]
fn where_nothing_can_be_called_nobody_is_a_caller() {
    let policy = "
version: 1
privileges: []
profiles:
  super_admin: { builtin: true, all: true }
endpoints:
  - { path: '/open', methods: { GET: public }, tenant: none }
  - { path: '/token', methods: { POST: null }, tenant: none, exchange: true }
releases:
  '5.5.0': { access: scoped, restricted: [] }
";
    let directory = "
version: 1
tenants: []
groups: {}
users:
  ann: { scope: root, profile: super_admin }
keys:
  k1: { owner: ann, name: one, created_at: 0 }
";
    let snapshot = snapshot_of(policy, "5.5.0", directory);
    let own = basic("ann", &secret("k1"));
    assert_eq!(who(&snapshot, &[&own]), Err(Reason::AccountNotEligible));
    let nobody = identify(&snapshot, None, &with(&[]), UnixSeconds::new(NOW));
    assert_eq!(nobody.unwrap_err().reason, Reason::NoCredential);
}
