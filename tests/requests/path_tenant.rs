//! A tenant that the path names is judged by the decision itself, whatever the
//! host passes beside it; a header's is the host's to pass.

use std::sync::Arc;

use portcullis::directory::ActivityRecord;
use portcullis::engine::Verdict;
use portcullis::path::TenantParameter;
use portcullis::{
    Confinement, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy,
};
use portcullis::{UnixSeconds, VerifiedToken};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// Every tenant mode, two parameters beside each other, a header.
const POLICY: &str = "\
version: 1
base_path: /api
privileges: [a.see, a.do]
profiles:
  super_admin: { builtin: true, all: true }
  platform_admin: { builtin: true, grants: [a.see, a.do] }
  security_admin: { builtin: true, grants: [a.see] }
  user: { builtin: true, grants: [] }
endpoints:
  - path: '/t/{id}'
    methods: { GET: a.see, PUT: a.do, DELETE: a.do, HEAD: null }
    tenant: { GET: scoped, PUT: scoped, DELETE: platform, HEAD: none }
    tenant_parameter: { path: id }
  - { path: '/u/{user}/[x|y]/{org_id}', methods: { GET: a.see }, tenant_parameter: { path: org_id } }
  - { path: '/h/{id}', methods: { GET: a.see }, tenant_parameter: { header: X-Tenant-Id } }
  - { path: /q, methods: { GET: a.see }, tenant_parameter: cust_id }
releases:
  5.5.0: { access: scoped, restricted: [] }
";

struct World {
    engine: Engine,
    directory: Directory,
}

fn world(policy: Policy) -> World {
    let policy = Arc::new(policy);
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    World { engine, directory }
}

fn small() -> World {
    world(Policy::from_yaml(POLICY).unwrap())
}

impl World {
    /// What somebody is told about a path, with a tenant beside it: the reason
    /// or the confinement.
    fn told(&self, user: &str, method: &str, path: &str, beside: Option<&str>) -> String {
        let endpoint = self.engine.endpoint(method, path);
        let tenant = self.directory.tenant(beside);
        told(
            &self
                .engine
                .authorize(&self.principal(user), endpoint, tenant),
        )
    }

    /// What somebody is told about a whole target.
    fn sent(&self, user: &str, method: &str, target: &str) -> String {
        let target = self.engine.target(method, target);
        let tenant = self.directory.tenant(target.tenant);
        told(
            &self
                .engine
                .authorize(&self.principal(user), target.endpoint, tenant),
        )
    }

    fn principal(&self, user: &str) -> portcullis::Principal<'_> {
        let key = self.directory.keys().find(|(key, owner)| {
            let listed = self.directory.key(key.as_str()).unwrap();
            let usable = listed.kind == portcullis::KeyKind::Scoped
                && listed.created_at <= NOW
                && !listed.state.is_revoked()
                && listed.expires_at.is_none_or(|end| NOW < end);
            owner.as_str() == user && usable
        });
        let (key, _) = key.unwrap_or_else(|| panic!("{user} has no key"));
        let token = VerifiedToken::new(key.as_str(), Some(user), Some(NOW), None);
        self.directory.principal(&Credential::Token(token), NOW)
    }
}

fn told(decision: &Decision<'_>) -> String {
    match decision {
        Decision::Deny(denial) => denial.reason().code().to_string(),
        Decision::Allow(allowance) => {
            if let Confinement::One(tenant) = allowance.confinement() {
                return format!("one {tenant}");
            }
            allowance.confinement().to_string()
        }
    }
}

/// The embedded policy as it was allowed this.
#[test]
fn a_tenant_administrator_does_not_change_another_tenant() {
    let world = world(Policy::embedded().unwrap());
    let admin = "tenant-platform-admin";
    for (method, path, expected) in [
        (
            "PATCH",
            "/connect/api/v1/tenants/gamma",
            "tenant_out_of_scope",
        ),
        (
            "GET",
            "/connect/api/v1/tenants/gamma",
            "tenant_out_of_scope",
        ),
        (
            "PATCH",
            "/connect/api/v1/tenants/%67amma",
            "tenant_out_of_scope",
        ),
        ("PATCH", "/connect/api/v1/tenants/alpha", "one alpha"),
        ("PATCH", "/connect/api/v1/tenants/%61lpha", "one alpha"),
        (
            "PATCH",
            "/connect/api/v1/tenants/nobody",
            "tenant_out_of_scope",
        ),
    ] {
        assert_eq!(world.sent(admin, method, path), expected, "{method} {path}");
        assert_eq!(
            world.told(admin, method, path, None),
            expected,
            "{method} {path}"
        );
    }
    for path in ["nobody", "a@b", "-"] {
        let path = format!("/connect/api/v1/tenants/{path}");
        assert_eq!(world.sent("ann", "DELETE", &path), "tenant_out_of_scope");
    }
    assert_eq!(
        world.sent("ann", "DELETE", "/connect/api/v1/tenants/gamma"),
        "one gamma"
    );
}

#[test]
fn the_host_may_pass_the_same_tenant_and_no_other() {
    let world = small();
    for (beside, expected) in [
        (None, "one alpha"),
        (Some("alpha"), "one alpha"),
        (Some("beta"), "tenant_out_of_scope"),
        (Some("gamma"), "tenant_out_of_scope"),
        (Some("no-such-tenant"), "tenant_out_of_scope"),
        (Some(""), "tenant_out_of_scope"),
        (Some("ALPHA"), "tenant_out_of_scope"),
    ] {
        for user in ["ann", "partner-platform-admin", "tenant-platform-admin"] {
            for path in ["/api/t/alpha", "/api/t/%61%6c%70%68%61"] {
                let told = world.told(user, "GET", path, beside);
                assert_eq!(told, expected, "{user} {path} {beside:?}");
            }
        }
    }
    // Two names of nobody agree, and are still nobody's.
    assert_eq!(
        world.told("ann", "GET", "/api/t/nobody", Some("nobody")),
        "tenant_out_of_scope"
    );
    // What stands beside it does not help where the path is foreign.
    for beside in [None, Some("alpha"), Some("gamma")] {
        let told = world.told("tenant-platform-admin", "GET", "/api/t/gamma", beside);
        assert_eq!(told, "tenant_out_of_scope");
    }
}

#[test]
fn the_value_is_judged_decoded_and_whole() {
    let world = small();
    let long = "a".repeat(64);
    let longer = "a".repeat(65);
    let longest = "a".repeat(255);
    let begins = format!("alpha{}", "-".repeat(60));
    for value in [
        "ALPHA", "alpha1", "alph", "a@b", "alpha.x", &long, &longer, &longest, &begins,
    ] {
        let path = format!("/api/t/{value}");
        let told = world.told("ann", "GET", &path, None);
        assert_eq!(told, "tenant_out_of_scope", "{path}");
    }
    // What is no canonical value is refused before.
    for value in [
        "%2561lpha",
        "alpha%00",
        "alpha%2f",
        "alpha.",
        "",
        "alpha%20",
    ] {
        let path = format!("/api/t/{value}");
        assert_eq!(
            world.told("ann", "GET", &path, None),
            "malformed_path",
            "{path}"
        );
    }
    // Of two parameters the one that is named counts.
    let both = |user: &str, path: &str| world.told(user, "GET", path, None);
    assert_eq!(
        both("tenant-platform-admin", "/api/u/gamma/x/alpha"),
        "one alpha"
    );
    assert_eq!(
        both("tenant-platform-admin", "/api/u/alpha/y/gamma"),
        "tenant_out_of_scope"
    );
}

#[test]
fn the_mode_decides_what_the_answer_is_confined_to() {
    let world = small();
    let told = |user: &str, method: &str, tenant: &str| {
        world.told(user, method, &format!("/api/t/{tenant}"), None)
    };
    assert_eq!(told("ann", "DELETE", "gamma"), "one gamma");
    assert_eq!(told("ann", "HEAD", "gamma"), "not tenant data");
    assert_eq!(
        told("tenant-platform-admin", "HEAD", "alpha"),
        "not tenant data"
    );
    assert_eq!(
        told("tenant-platform-admin", "HEAD", "gamma"),
        "tenant_out_of_scope"
    );
    // Earlier questions come first, and a group without tenants reaches none.
    assert_eq!(
        told("tenant-platform-admin", "DELETE", "gamma"),
        "root_scope_required"
    );
    assert_eq!(told("tenant-user", "GET", "gamma"), "privilege_missing");
    assert_eq!(told("ann", "POST", "gamma"), "method_not_listed");
    for tenant in ["alpha", "nobody"] {
        assert_eq!(
            told("partner-of-none", "GET", tenant),
            "tenant_out_of_scope"
        );
    }
}

#[test]
fn neither_the_query_names_a_tenant_where_path_or_header_does() {
    let world = small();
    for target in [
        "/api/t/alpha?tenantid=alpha",
        "/api/t/alpha?cust_id=alpha",
        "/api/t/alpha?id=alpha",
        "/api/t/alpha?ID=gamma",
        "/api/t/alpha?i.d=gamma",
        "/api/t/alpha?id[]=gamma",
        "/api/t/alpha?tenant_ids=gamma",
        "/api/u/u/x/alpha?org_id=alpha",
        "/api/u/u/x/alpha?orgid[]=gamma",
        "/api/h/1?tenantid=alpha",
        "/api/h/1?custids=alpha",
    ] {
        assert_eq!(
            world.sent("ann", "GET", target),
            "malformed_path",
            "{target}"
        );
    }
    // `id` names an object elsewhere, and a header is no query parameter.
    for (target, expected) in [
        ("/api/t/alpha?user=u&limit=5&ids[]=5", "one alpha"),
        ("/api/u/u/x/alpha?id=5", "one alpha"),
        ("/api/h/1?id=5&x-tenant-id=beta", "unconfined"),
        ("/api/q?cust_id=alpha&id=5", "one alpha"),
    ] {
        assert_eq!(world.sent("ann", "GET", target), expected, "{target}");
    }
}

#[test]
fn what_the_header_says_the_host_passes() {
    let world = small();
    let told = |user: &str, tenant: Option<&str>| world.told(user, "GET", "/api/h/1", tenant);
    assert_eq!(told("ann", None), "unconfined");
    assert_eq!(told("ann", Some("gamma")), "one gamma");
    assert_eq!(
        told("tenant-platform-admin", Some("gamma")),
        "tenant_out_of_scope"
    );
    assert_eq!(
        told("tenant-platform-admin", Some("")),
        "tenant_out_of_scope"
    );
    assert_eq!(told("partner-of-none", None), "empty_scope");
}

#[test]
fn the_catalogue_says_where_the_tenant_is_named() {
    let world = small();
    let at = |path: &str| {
        let entry = world.engine.entry(world.engine.endpoint("GET", path));
        entry.unwrap().tenant_parameter().clone()
    };
    assert_eq!(at("/api/t/1"), TenantParameter::Path("id".into()));
    assert_eq!(at("/api/u/1/y/2"), TenantParameter::Path("org_id".into()));
    assert_eq!(
        at("/api/h/1"),
        TenantParameter::Header("x-tenant-id".into())
    );
    assert_eq!(at("/api/q"), TenantParameter::Query("cust_id".into()));
    let words: Vec<_> = ["/api/t/1", "/api/h/1", "/api/q"]
        .map(|path| (at(path).kind(), at(path).name().to_string()))
        .into();
    assert_eq!(
        words,
        [
            ("path", "id".to_string()),
            ("header", "x-tenant-id".to_string()),
            ("query", "cust_id".to_string())
        ]
    );
    // The path's tenant is no text of the query.
    assert_eq!(
        world.engine.target("GET", "/api/t/alpha?limit=5").tenant,
        None
    );
}

#[test]
fn explanations_and_records_name_the_tenant_in_the_path() {
    let world = small();
    let principal = world.principal("tenant-platform-admin");
    for (path, beside, because, recorded) in [
        (
            "/api/t/%61lpha",
            None,
            "`id` in the path names tenant `alpha`; tenant scope, tenant `alpha`",
            Some("alpha"),
        ),
        (
            "/api/t/gamma",
            None,
            "`id` in the path names tenant `gamma`; tenant scope, tenant `alpha`",
            Some("gamma"),
        ),
        (
            "/api/t/alpha",
            Some("gamma"),
            "`id` in the path names tenant `alpha`, but the host passed another tenant",
            Some("gamma"),
        ),
        (
            "/api/t/nobody",
            Some("alpha"),
            "`id` in the path names a tenant that does not exist",
            None,
        ),
    ] {
        let endpoint = world.engine.endpoint("GET", path);
        let tenant = world.directory.tenant(beside);
        let explanation = world.engine.explain(&principal, endpoint, tenant);
        let named = &explanation.answers()[16];
        assert_eq!(named.because, because, "{path}");
        assert_eq!(named.places, ["endpoints[0].tenant_parameter"]);
        let decision = world.engine.authorize(&principal, endpoint, tenant);
        match named.verdict {
            Verdict::Refused(reason) => assert_eq!(decision.reason(), Some(reason), "{path}"),
            Verdict::Passed => assert_eq!(decision.reason(), None, "{path}"),
            Verdict::NotAsked => panic!("{path}: it is asked wherever the path names a tenant"),
        }
        let last = &explanation.answers()[17];
        assert_eq!(
            (last.verdict, &*last.because),
            (Verdict::NotAsked, "a tenant is named")
        );
        let record = ActivityRecord::of_decision(
            &world.engine,
            &principal,
            endpoint,
            tenant,
            &decision,
            NOW,
        );
        assert_eq!(
            record.tenant.as_ref().map(portcullis::TenantId::as_str),
            recorded,
            "{path}"
        );
    }
    // A path that is no endpoint's names nobody.
    let endpoint = world.engine.endpoint("POST", "/api/t/gamma");
    let explanation = world
        .engine
        .explain(&principal, endpoint, world.directory.tenant(None));
    assert_eq!(explanation.answers()[16].verdict, Verdict::NotAsked);
}

#[test]
fn a_tenant_is_looked_up_when_the_request_is_decided() {
    let mut world = small();
    let gamma = "gamma".parse().unwrap();
    assert_eq!(world.told("ann", "GET", "/api/t/gamma", None), "one gamma");
    world.directory.remove_group(&"two".parse().unwrap()).ok();
    world.directory.remove_tenant(&gamma).unwrap();
    assert_eq!(
        world.told("ann", "GET", "/api/t/gamma", None),
        "tenant_out_of_scope"
    );
    world.directory.add_tenant(gamma).unwrap();
    assert_eq!(world.told("ann", "GET", "/api/t/gamma", None), "one gamma");
}

/// What another policy or tenancy resolved is refused as ever.
#[test]
fn a_stale_value_stays_stale() {
    let (world, other) = (small(), small());
    let principal = world.principal("ann");
    let own = world.engine.endpoint("GET", "/api/t/alpha");
    let foreign = other.engine.endpoint("GET", "/api/t/alpha");
    let tenant = other.directory.tenant(Some("alpha"));
    for (endpoint, tenant) in [(own, tenant), (foreign, world.directory.tenant(None))] {
        let decision = world.engine.authorize(&principal, endpoint, tenant);
        assert_eq!(told(&decision), "stale_resolution");
    }
}

#[test]
fn the_digest_tells_where_the_tenant_is_named() {
    let digest = |text: &str| Policy::from_yaml(text).unwrap().digest();
    let spelled = POLICY.replace("X-Tenant-Id", "\"x-TENANT-id\"");
    assert_ne!(spelled, POLICY);
    assert_eq!(digest(&spelled), digest(POLICY));
    let mut all = vec![digest(POLICY)];
    for (from, to) in [
        ("    tenant_parameter: { path: id }\n", ""),
        ("{ path: id }", "{ header: id }"),
        ("{ path: org_id }", "{ path: user }"),
        ("{ header: X-Tenant-Id }", "x_tenant_id"),
        ("{ header: X-Tenant-Id }", "{ path: id }"),
        ("{ header: X-Tenant-Id }", "{ header: X-Tenant }"),
        (
            "tenant_parameter: cust_id",
            "tenant_parameter: { header: cust_id }",
        ),
    ] {
        assert_eq!(POLICY.matches(from).count(), 1, "{from}");
        let changed = digest(&POLICY.replace(from, to));
        assert!(!all.contains(&changed), "{to}");
        all.push(changed);
    }
}

/// A policy without tenants in paths and headers means what it meant before
/// there were any.
#[test]
fn the_digest_of_a_policy_with_query_parameters_alone_stays() {
    let text = "\
version: 1
base_path: /api
privileges: [a.see]
profiles:
  super_admin: { builtin: true, all: true }
  user: { builtin: true, grants: [a.see] }
endpoints:
  - { path: '/t/{id}', methods: { GET: a.see, DELETE: a.see }, tenant: { GET: scoped, DELETE: platform } }
  - { path: /q, methods: { GET: a.see }, tenant_parameter: cust_id }
releases:
  5.5.0: { access: scoped, restricted: [/q] }
";
    assert_eq!(
        Policy::from_yaml(text).unwrap().digest().to_string(),
        "743bc8d1d7295ab44442d784d1f7b6eb0a1b13d888f49c5df24770afcab9a546"
    );
}

/// Each kind of header that a caller sets for another reason, in any case.
#[test]
fn no_header_of_credentials_framing_or_routing_names_a_tenant() {
    let codes = |header: &str| {
        let text = POLICY.replace("X-Tenant-Id", &format!("\"{header}\""));
        match Policy::from_yaml(text) {
            Ok(_) => Vec::new(),
            Err(faults) => faults
                .iter()
                .map(portcullis::fault::Diagnostic::code)
                .collect(),
        }
    };
    for header in [
        "authorization",
        "Proxy-Authorization",
        "COOKIE",
        "set-cookie",
        "host",
        "Content-Length",
        "transfer-encoding",
        "connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-prefix",
        "x-real-ip",
        "X-Original-URL",
        "x-rewrite-url",
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
        "via",
        "keep-alive",
        "proxy-connection",
        "content-type",
        "origin",
        "referer",
        "sec-websocket-protocol",
        "access-control-allow-origin",
    ] {
        assert_eq!(codes(header), ["reserved_tenant_header"], "{header}");
    }
    for header in [
        "X-Tenant",
        "tenant",
        "Org",
        "X-Account-Id",
        "x.tenant",
        "customer_id",
        "Fastly-Tenant",
    ] {
        assert!(codes(header).is_empty(), "{header}");
    }
}
