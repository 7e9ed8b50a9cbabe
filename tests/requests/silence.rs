//! What a refused caller cannot find out.
//!
//! The order of the questions and the sameness of some answers are there for
//! one thing: whoever is refused learns no more than they knew. These tests
//! compare whole answers, as a host would pass them on.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use portcullis::path::TenantParameter;
use portcullis::{
    Credential, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds,
};
use portcullis::{VerifiedKey, VerifiedToken};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

struct World {
    engine: Engine,
    directory: Directory,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    World { engine, directory }
});

/// The whole answer, as it is told.
fn answer(credential: &Credential<'_>, method: &str, target: &str) -> String {
    let World { engine, directory } = &*WORLD;
    let principal = directory.principal(credential, NOW);
    let target = engine.target(method, target);
    let tenant = directory.tenant(target.tenant);
    engine
        .authorize(&principal, target.endpoint, tenant)
        .to_string()
}

fn token(key: &'static str, user: &'static str) -> Credential<'static> {
    Credential::Token(VerifiedToken::new(key, Some(user), Some(NOW), None))
}

/// Requests that have nothing in common: some endpoint of every kind, and none.
const REQUESTS: [(&str, &str); 12] = [
    ("GET", "/connect/api/v1/cases"),
    ("GET", "/connect/api/v1/cases?tenantid=alpha"),
    ("GET", "/connect/api/v1/cases?tenantid=no-such-tenant"),
    ("GET", "/connect/api/v1/cases?tenantid=a&tenantid=b"),
    ("DELETE", "/connect/api/v1/cases"),
    ("GET", "/connect/api/v1/incidents"),
    ("POST", "/connect/api/v1/tenants"),
    ("GET", "/connect/api/v1/no-such-endpoint"),
    ("GET", "/connect/api/v1/cases/"),
    ("GET", "//"),
    ("TRACE", "*"),
    ("", ""),
];

/// All these requests get one answer, and this is its reason.
fn one_answer(credential: &Credential<'_>, requests: &[(&str, &str)], reason: &str) {
    let answers: BTreeSet<String> = requests
        .iter()
        .map(|(method, target)| answer(credential, method, target))
        .collect();
    let all: Vec<&String> = answers.iter().collect();
    assert!(
        matches!(all[..], [only] if only.starts_with(&format!("deny {reason} "))),
        "{reason}: {answers:?}"
    );
}

#[test]
fn whoever_is_not_authenticated_learns_nothing_about_endpoints_and_tenants() {
    let exchange = [("POST", "/connect/api/v1/access_token")];
    let everything = [&REQUESTS[..], &exchange].concat();
    let old = VerifiedToken::new("k1", Some("msp"), Some(UnixSeconds::new(0)), None);
    let stale = UnixSeconds::new(1_763_999_400);
    let expired = VerifiedToken::new("k1", Some("msp"), Some(stale), None);
    let early = UnixSeconds::new(1_764_000_001);
    let early = VerifiedToken::new("k1", Some("msp"), Some(early), None);
    for (credential, reason) in [
        (Credential::missing(), "no_credential"),
        (Credential::Password, "no_credential"),
        (Credential::SsoSession, "no_credential"),
        (token("no-such-key", "msp"), "unknown_key"),
        (token("k1", "ann"), "key_owner_mismatch"),
        (token("msp-revoked-key", "msp"), "key_revoked"),
        (token("msp-future-key", "msp"), "key_not_yet_valid"),
        (token("msp-expired-key", "msp"), "key_expired"),
        (Credential::Token(old), "token_malformed"),
        (Credential::Token(early), "token_not_yet_valid"),
        (Credential::Token(expired), "token_expired"),
        (token("bob-key", "bob"), "account_disabled"),
        (token("single-sign-on-key", "single-sign-on"), "sso_account"),
    ] {
        one_answer(&credential, &everything, reason);
    }
}

#[test]
fn a_technique_that_is_refused_tells_nothing_about_endpoints() {
    let bearer = Credential::ApiKey(VerifiedKey::bearer("k1"));
    // Beside the exchange, which takes it, are paths that nearly are it.
    let beside = [
        ("GET", "/connect/api/v1/access_token"),
        ("POST", "/connect/api/v1/access_token/"),
        ("POST", "/connect/api/v1/access_tokens"),
        ("POST", "/connect/api/v1/access_token/more"),
        ("POST", "/connect/api/v1/access_token?tenantid="),
    ];
    let everything = [&REQUESTS[..], &beside].concat();
    one_answer(&bearer, &everything, "technique_refused");
    // A technique that ordinary endpoints take is told what the path is.
    let basic = Credential::ApiKey(VerifiedKey::basic("k1", "msp"));
    for (method, target, reason) in [
        (
            "GET",
            "/connect/api/v1/no-such-endpoint",
            "unknown_endpoint",
        ),
        ("GET", "/connect/api/v1/cases/", "malformed_path"),
        ("DELETE", "/connect/api/v1/cases", "method_not_listed"),
    ] {
        one_answer(&basic, &[(method, target)], reason);
    }
}

#[test]
fn a_tenant_of_somebody_else_is_answered_as_one_that_does_not_exist() {
    let mut compared = 0;
    // Of each scope one; who may everything else there, so that this is left.
    for (key, user, foreign) in [
        ("partner-super-key", "partner-super-admin", "gamma"),
        ("tenant-super-key", "tenant-super-admin", "beta"),
        ("partner-of-none-key", "partner-of-none", "alpha"),
    ] {
        let credential = token(key, user);
        for entry in WORLD.engine.policy().endpoints() {
            let sample: String = entry
                .template()
                .segments()
                .iter()
                .map(|segment| match segment {
                    portcullis::path::Segment::Literal(literal) => format!("/{literal}"),
                    portcullis::path::Segment::Parameter(_) => "/{}".to_string(),
                    portcullis::path::Segment::Alternation(_) => unreachable!("expanded"),
                })
                .collect();
            for method in entry.methods() {
                let named = |tenant: &str| {
                    let target = match entry.tenant_parameter() {
                        TenantParameter::Query(parameter) => {
                            let path = sample.replace("{}", "1");
                            format!("/connect/api/v1{path}?{parameter}={tenant}")
                        }
                        TenantParameter::Path(_) => {
                            format!("/connect/api/v1{}", sample.replace("{}", tenant))
                        }
                        TenantParameter::Header(_) => {
                            unreachable!("no header in the embedded policy")
                        }
                    };
                    answer(&credential, method.as_str(), &target)
                };
                let (known, unknown) = (named(foreign), named("no-such-tenant"));
                assert_eq!(known, unknown, "{user} {method} {sample}");
                assert!(known.starts_with("deny "), "{user} {method} {sample}");
                compared += usize::from(known.contains("tenant_out_of_scope"));
            }
        }
    }
    assert!(compared > 80, "only {compared} reached the question");
}

#[test]
fn a_tenant_is_judged_wherever_it_is_named() {
    // The exchange has no data of tenants, and a tenant that is named is judged.
    let key = Credential::ApiKey(VerifiedKey::bearer("k1"));
    let exchange = "/connect/api/v1/access_token";
    assert!(answer(&key, "POST", exchange).starts_with("allow "));
    let named = |tenant: &str| answer(&key, "POST", &format!("{exchange}?tenantid={tenant}"));
    assert!(named("alpha").starts_with("allow "));
    for outside in ["gamma", "no-such-tenant"] {
        assert!(named(outside).starts_with("deny tenant_out_of_scope "));
    }
    // For root a tenant that does not exist is none of the platform's.
    let root = token("ann-key", "ann");
    let cases = |tenant: &str| {
        let target = format!("/connect/api/v1/cases?tenantid={tenant}");
        answer(&root, "GET", &target)
    };
    assert!(cases("gamma").starts_with("allow "));
    assert!(cases("no-such-tenant").starts_with("deny tenant_out_of_scope "));
}
