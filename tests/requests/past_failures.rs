//! The failures of other authorization layers, tried on this one.
//!
//! Each test is one kind of failure that was published, with the targets that
//! made it known, carried over to the embedded policy. The caller may do
//! everything, so whatever is refused is refused for its spelling. The chapter
//! `docs/past-failures.md` tells the stories.

use std::sync::{Arc, LazyLock};

use portcullis::fault::Code;
use portcullis::{
    Confinement, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY,
};
use portcullis::{Engine, Policy, Tenant, UnixSeconds, VerifiedToken};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

struct World {
    engine: Engine,
    directory: Directory,
}

static WORLD: LazyLock<World> = LazyLock::new(|| world(EMBEDDED_POLICY));

fn world(policy: &str) -> World {
    let policy = Arc::new(Policy::from_yaml(policy).unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    World { engine, directory }
}

impl World {
    /// What a root user with Super Admin is told.
    fn told(&self, method: &str, target: impl AsRef<[u8]>) -> String {
        let token = VerifiedToken::new("ann-key", Some("ann"), Some(NOW), None);
        let principal = self.directory.principal(&Credential::Token(token), NOW);
        let target = self.engine.target(method, target.as_ref());
        let tenant = self.directory.tenant(target.tenant);
        let decision = self.engine.authorize(&principal, target.endpoint, tenant);
        match decision {
            Decision::Allow(allowance) => allowance.endpoint().to_string(),
            Decision::Deny(denial) => denial.reason().code().to_string(),
        }
    }
}

/// Each target beneath the base path is refused for its spelling, whatever the
/// method.
fn malformed(targets: &[&str]) {
    for target in targets {
        let target = format!("/connect/api/v1{target}");
        for method in ["GET", "POST"] {
            assert_eq!(
                WORLD.told(method, &target),
                "malformed_path",
                "{method} {target:?}"
            );
        }
    }
}

fn unknown(targets: &[&str]) {
    for target in targets {
        assert_eq!(WORLD.told("GET", target), "unknown_endpoint", "{target:?}");
    }
}

/// The codes of the faults with which a policy is refused.
fn refused(policy: &str) -> Vec<&'static str> {
    let faults = Policy::from_yaml(policy).unwrap_err();
    faults
        .iter()
        .map(portcullis::fault::Diagnostic::code)
        .collect()
}

/// The embedded policy with one line in place of another, which must be there.
fn with(line: &str, other: &str) -> String {
    assert_eq!(EMBEDDED_POLICY.matches(line).count(), 1, "{line}");
    EMBEDDED_POLICY.replace(line, other)
}

#[test]
fn the_targets_without_the_tricks_are_allowed() {
    for (target, endpoint) in [
        ("/cases", "/cases"),
        ("/cases/1", "/cases/{id}"),
        ("/cases/1/summary", "/cases/{id}/summary"),
        ("/incidents", "/incidents"),
        (
            "/security_events/i/status",
            "/security_events/{index}/status",
        ),
        ("/cases?tenantid=alpha", "/cases"),
    ] {
        let target = format!("/connect/api/v1{target}");
        assert_eq!(WORLD.told("GET", &target), endpoint, "{target}");
    }
}

// Envoy CVE-2019-9901, heimdall GHSA-3q34-rx83-r6mq: a rule on the beginning of
// the path is passed, and the upstream resolves the dots.
#[test]
fn dot_segments_are_refused_and_not_resolved() {
    malformed(&[
        "/cases/../incidents",
        "/cases/./1",
        "/./cases",
        "/../v1/cases",
        "/cases/1/..",
        "/cases/..",
        "/cases/%2e%2e/summary",
        "/cases/%2E%2E",
        "/cases/.%2e/summary",
        "/cases/%2e",
        "/cases/a%2eb",
        "/cases/a..b",
        "/cases/1.",
    ]);
}

// Envoy CVE-2021-29492, Traefik CVE-2025-32431 and GHSA-gm3x-23wp-hc2c, fast-uri
// CVE-2026-6321: separators that only a later reader decodes.
#[test]
fn encoded_separators_are_refused_however_often_they_are_encoded() {
    for byte in ["2F", "2f", "5C", "5c", "00", "3B", "3F", "23", "25"] {
        for behind in ["", "x", "..%2Fincidents"] {
            malformed(&[
                &format!("/cases/1%{byte}{behind}"),
                &format!("/cases/1%25{byte}{behind}"),
                &format!("/cases/1%2525{byte}{behind}/summary"),
            ]);
        }
    }
    malformed(&["/cases/1\\summary", "/cases\\1", "/cases/1\0", "/cases/1#x"]);
}

// Envoy CVE-2026-73551, Shiro CVE-2020-1957, Undertow CVE-2020-1757: what stands
// behind a semicolon hides the segment from one of two readers.
#[test]
fn path_parameters_are_refused() {
    malformed(&[
        "/cases/..;/incidents",
        "/cases/.;x/1",
        "/cases/..;x/1",
        "/cases;x=1",
        "/incidents;.js",
        "/;/incidents",
        "/cases/1;x/summary",
        "/cases/1%3Bx",
        "/cases/1%3bx/summary",
    ]);
}

// Shiro CVE-2020-17523: a value that is trimmed to nothing makes another path.
#[test]
fn no_value_shrinks_to_nothing() {
    malformed(&[
        "/cases/ ",
        "/cases/%20",
        "/cases/%09",
        "/cases/+",
        "/cases/%2B",
        "/cases/",
        "/cases//summary",
        // What a stripped verb, version, extension or parameter would leave.
        "/cases/:cancel",
        "/cases/@2",
        "/cases/.json",
        "/cases/~",
        "/cases/=",
        "/cases/%3Acancel",
    ]);
}

// Spring CVE-2022-22978: a dot of a regular expression does not match a line end.
#[test]
fn line_ends_are_refused_and_no_pattern_is_asked() {
    malformed(&[
        "/cases/1%0a",
        "/cases/1%0D",
        "/cases/%0a1/summary",
        "/cases/1\n",
        "/incidents\r\n",
    ]);
    unknown(&["/connect/api/v1/incidents%0a"]);
}

// Spring CVE-2023-20860 and CVE-2023-34034: a double wildcard means one thing to
// the matcher and another to the router.
#[test]
fn there_are_no_wildcards() {
    for wildcard in ["/incidents/**", "/**", "/incidents*", "/*/tags", "**"] {
        let codes = refused(&with(
            "  - path: /incidents\n",
            &format!("  - path: \"{wildcard}\"\n"),
        ));
        assert!(codes.contains(&"invalid_template"), "{wildcard}: {codes:?}");
    }
    malformed(&["/cases/*", "/cases/**", "/incidents/**"]);
    // Where no parameter reads the segment, there is no endpoint at all.
    unknown(&["/connect/api/v1/*"]);
}

// Suffix patterns of Spring before 5.3: `/incidents.json` is routed as
// `/incidents`, and no rule has that name.
#[test]
fn an_extension_is_no_other_name_of_an_endpoint() {
    unknown(&[
        "/connect/api/v1/incidents.json",
        "/connect/api/v1/incidents.x",
    ]);
    // Beside a literal it could be taken for it.
    malformed(&[
        "/security_events/i/status.json",
        "/security_events/i/STATUS",
        "/security_events/i/status:x",
        "/security_events/i/%73tatus",
    ]);
    assert_eq!(
        WORLD.told("GET", "/connect/api/v1/cases/1.json"),
        "/cases/{id}",
        "an id may have one"
    );
}

// APISIX CVE-2021-43557, rou3 GHSA-x732-6j76-qmhm, middie CVE-2026-2880: two
// slashes are one to the router and none of the guard's.
#[test]
fn empty_segments_are_refused_and_not_merged() {
    malformed(&["//incidents", "//cases/1", "/cases//1", "/cases/1/", "/"]);
    for target in ["//connect/api/v1/incidents", "/connect//api/v1/incidents"] {
        assert_eq!(WORLD.told("GET", target), "malformed_path", "{target}");
    }
}

// The alias of nginx without its slash: `/static../` begins with `/static`.
#[test]
fn the_base_path_ends_at_the_end_of_a_segment() {
    unknown(&[
        "/connect/api/v1",
        "/connect/api/v1x/incidents",
        "/connect/api/v10/incidents",
        "/connect/api/v1-/incidents",
        "/connect/api/v1xincidents",
        "/connect/api/v1.incidents",
        "/connect/api/v1%2Fincidents",
        "/connect/api",
    ]);
    assert_eq!(
        WORLD.told("GET", "/connect/api/v1../incidents"),
        "unknown_endpoint"
    );
}

// Traefik CVE-2026-48020 and CVE-2026-40912: a prefix is stripped between the
// check and the upstream. What is checked here is what is given, from the start.
#[test]
fn nothing_is_stripped_before_the_check() {
    unknown(&[
        "/public/connect/api/v1/cases",
        "/connect/api/v1/connect/api/v1/cases",
    ]);
    for target in [
        "/public/../connect/api/v1/incidents",
        "/connect/api/v1/./../v1/incidents",
        "http://api/connect/api/v1/cases",
        "https://api/connect/api/v1/cases",
        "api:443",
        "*",
        "",
        " /connect/api/v1/cases",
        "connect/api/v1/cases",
    ] {
        assert_eq!(WORLD.told("GET", target), "malformed_path", "{target}");
    }
}

// Kong CVE-2021-27306, Malcolm CVE-2026-63177: what no rule names goes on.
#[test]
fn what_no_endpoint_names_is_denied_to_everybody() {
    unknown(&[
        "/connect/api/v1/nothing",
        "/connect/api/v1/cases/1/nothing",
        "/connect/api/v1/cases/1/summary/more",
        "/connect/api/v2/cases",
        "/nothing",
    ]);
}

// middie CVE-2026-22031: the router decodes a literal, the guard does not.
#[test]
fn a_literal_is_never_decoded_and_never_folded() {
    unknown(&[
        "/connect/api/v1/%69ncidents",
        "/connect/api/v1/%63ases",
        "/connect/api/%761/cases",
        "/connect/api/v1/INCIDENTS",
        "/connect/api/v1/Cases",
        "/Connect/api/v1/cases",
    ]);
    malformed(&["/\u{ff49}ncidents", "/cases/\u{ff0f}", "/cases/%EF%BC%8F"]);
    let mut bytes = b"/connect/api/v1/cases/1".to_vec();
    bytes.push(0xff);
    assert_eq!(WORLD.told("GET", &bytes), "malformed_path");
}

// Casbin issues 199 and 242: a pattern matched the beginning of a path. Issue
// 1392: a pattern that could not be compiled matched everything.
#[test]
fn a_template_matches_whole_paths_and_a_broken_one_is_not_loaded() {
    unknown(&[
        "/connect/api/v1/incidents/1",
        "/connect/api/v1/cases/1/summary/x",
        "/connect/api/v1/case",
        "/connect/api/v1/casesx",
    ]);
    for broken in ["*/incidents", "/incidents//", "/{", "/{}", "/[a|", "/(*)"] {
        let codes = refused(&with(
            "  - path: /incidents\n",
            &format!("  - path: \"{broken}\"\n"),
        ));
        assert!(codes.contains(&"invalid_template"), "{broken}: {codes:?}");
    }
}

#[test]
fn no_method_stands_for_another() {
    for method in [
        "HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "CONNECT", "get", "GET ", "",
    ] {
        assert_eq!(
            WORLD.told(method, "/connect/api/v1/cases"),
            "method_not_listed",
            "{method:?}"
        );
    }
    malformed(&[
        "/cases?_method=DELETE",
        "/cases?_METHOD=PUT",
        "/cases?%5Fmethod=PUT",
        "/cases?%255Fmethod=PUT",
    ]);
}

#[test]
fn a_tenant_is_named_once_and_in_one_spelling() {
    malformed(&[
        "/cases?tenantid=alpha&tenantid=beta",
        "/cases?tenantid=alpha&tenantid=alpha",
        "/cases?tenantid=alpha&TENANTID=beta",
        "/cases?tenantid[]=alpha",
        "/cases?tenant_id=alpha",
        "/cases?%74enantid=alpha",
        "/cases?%2574enantid=alpha",
        "/cases?tenantid=",
        "/cases?tenantid",
        "/cases?tenantid=al%70ha",
        "/cases?a=1;tenantid=beta",
        "/cases?cust_id=beta",
    ]);
}

// What Rack, qs, PHP, gorilla/schema, echo, Rocket and others make of a name:
// the brackets go, a NUL or a dot ends it, a long s is an s.
#[test]
fn a_name_that_a_parser_takes_for_the_tenant_is_refused() {
    malformed(&[
        "/cases?tenantid=alpha&[tenantid]=gamma",
        "/cases?[tenantid]=gamma",
        "/cases?%5Btenantid%5D=gamma",
        "/cases?[tenantid][0]=gamma",
        "/cases?tenantid=alpha&cust[id=gamma",
        "/cases?tenantid=alpha&cust.id[0]=gamma",
        "/cases?tenantid=alpha&tenantid%00x=gamma",
        "/cases?tenantid=alpha&tenantid.x=gamma",
        "/cases?tenantid=alpha&tenantid]=gamma",
        "/cases?tenantid=alpha&tenant\u{17f}id=gamma",
        "/cases?tenantid=alpha&tenantid%C5%BF=gamma",
        "/cases?tenantid=alpha&%C5%BF=gamma",
    ]);
}

// PHP, Express and hapi stop counting and read no tenant at all.
#[test]
fn a_tenant_behind_many_pairs_is_refused() {
    let target = |pairs: usize, pair: &str| {
        let before = pair.repeat(pairs - 1);
        format!("/connect/api/v1/cases?{before}tenantid=alpha")
    };
    for pair in ["a&", "&", "a=b&"] {
        assert_eq!(WORLD.told("GET", target(256, pair)), "/cases", "{pair}");
        for pairs in [257, 1000, 1001] {
            let told = WORLD.told("GET", target(pairs, pair));
            assert_eq!(told, "malformed_path", "{pair} {pairs}");
        }
    }
}

// Symfony and Laravel take the method from `_method`, and PHP makes that of
// each of these.
#[test]
fn a_name_that_a_parser_takes_for_the_method_is_refused() {
    malformed(&[
        "/cases?.method=DELETE",
        "/cases?_method%00x=DELETE",
        "/cases?+method=DELETE",
        "/cases?%20method=DELETE",
        "/cases?_method[]=DELETE",
        "/cases?_method.x=DELETE",
        "/cases?.method[0]=DELETE",
        "/cases?[method=DELETE",
    ]);
    assert_eq!(
        WORLD.told("GET", "/connect/api/v1/cases?method=card"),
        "/cases"
    );
}

// A row with a slip in it protects nothing, and nobody notices.
#[test]
fn a_restricted_row_that_names_nothing_is_not_loaded() {
    let rows = EMBEDDED_POLICY.matches("- /reset_user").count();
    assert!(rows > 1);
    let slipped = EMBEDDED_POLICY.replacen("- /reset_user", "- /reset_users", rows);
    let codes = refused(&slipped);
    assert_eq!(codes, vec!["unknown_endpoint"; rows]);
    assert!(Code::all().any(|known| known.code == "unknown_endpoint"));
}

// A superset of privileges taken for the administrator; a display name, too.
#[test]
fn a_profile_that_holds_everything_is_not_super_admin() {
    let all: Vec<&str> = WORLD
        .engine
        .policy()
        .privileges()
        .map(portcullis::privilege::Privilege::as_str)
        .collect();
    let all = all.join(", ");
    let clone = format!("  clone: {{ title: Super Admin, grants: [{all}] }}\n");
    let world = world(&with(
        "  super_admin:\n",
        &format!("{clone}  super_admin:\n"),
    ));
    let users = EMBEDDED_DIRECTORY.replace(
        "  ann: { scope: root, profile: super_admin,",
        "  ann: { scope: root, profile: clone,",
    );
    assert_ne!(users, EMBEDDED_DIRECTORY);
    let directory = Directory::from_yaml(&users, world.engine.policy()).unwrap();
    let cloned = World {
        engine: world.engine,
        directory,
    };
    let path = "/connect/api/v1/incidents";
    assert_eq!(WORLD.told("GET", path), "/incidents");
    assert_eq!(cloned.told("GET", path), "restricted_endpoint");
    // It holds the privilege of everything else.
    assert_eq!(cloned.told("POST", "/connect/api/v1/tenants/"), "/tenants/");
}

// The confused deputy: an allow that does not say how far.
#[test]
fn an_allow_without_a_tenant_still_names_the_tenants() {
    let token = VerifiedToken::new("k1", Some("msp"), Some(NOW), None);
    let principal = WORLD.directory.principal(&Credential::Token(token), NOW);
    let endpoint = WORLD.engine.endpoint("GET", "/connect/api/v1/cases");
    let decision = WORLD
        .engine
        .authorize(&principal, endpoint, Tenant::NOT_NAMED);
    let Decision::Allow(allowance) = decision else {
        panic!("{decision}")
    };
    let Confinement::Tenants(tenants) = allowance.confinement() else {
        panic!("{}", allowance.confinement())
    };
    let names: Vec<&str> = tenants.iter().map(portcullis::TenantId::as_str).collect();
    assert_eq!(names, ["alpha", "beta"]);
}
