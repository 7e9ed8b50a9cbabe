//! The reference judged by itself: its trickiest words, and that its enumerations
//! hold what they promise.

use std::collections::BTreeSet;

use super::decide::{Confinement, Outcome, REASONS, Reason, answers, decide};
use super::request::{Request, Resource};
use super::space::{Space, concrete_path, path_tenants};
use super::standing::{STANDINGS, crossed, one_of_each_outcome, outline};
use super::target::{decode_fully, decode_once, is_method_override, read, skeletons};
use super::world::World;
use super::{hostile, peculiar};

const POLICY: &str = r#"
version: 1
base_path: /api/v1
privileges: [cases.view, cases.edit, users.edit]
profiles:
  super_admin: { builtin: true, all: true }
  user: { builtin: true, grants: [cases.view] }
  responder: { inherits: [user], grants: [cases.edit] }
endpoints:
  - { path: /access_token, methods: { POST: null }, tenant: none, exchange: true }
  - { path: /cases, methods: { GET: cases.view, POST: cases.edit } }
  - { path: "/cases/{id}", methods: { GET: cases.view }, tenant_parameter: cust_id }
  - { path: /cases/summary, methods: { GET: cases.view } }
  - { path: "/cases/{id}/[tags|status]", methods: { PUT: cases.edit } }
  - { path: /cases/summary/today, methods: { GET: cases.view } }
  - { path: /users, methods: { GET: null, POST: users.edit }, tenant: { GET: scoped, POST: platform } }
releases:
  "1.0.0": { access: super_root_only }
  "1.1.0": { access: early_access, restricted: [/users], techniques: [token] }
  "1.2.0": { access: scoped, restricted: ["/cases/{id}/[tags|status]"] }
"#;

const DIRECTORY: &str = r"
version: 1
tenants: [alpha, beta, gamma]
groups: { one: [beta, alpha], empty: [] }
users: {}
keys: {}
";

/// A release of both worlds.
const RELEASE: &str = "1.1.0";

fn world() -> World {
    World::from_yaml(POLICY, DIRECTORY)
}

#[test]
fn documents_are_expanded_and_nothing_else() {
    let world = world();
    let texts: Vec<&str> = world
        .templates
        .iter()
        .map(|template| template.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "/access_token",
            "/cases",
            "/cases/{id}",
            "/cases/summary",
            "/cases/{id}/tags",
            "/cases/{id}/status",
            "/cases/summary/today",
            "/users",
        ]
    );
    assert_eq!(
        Vec::from_iter(&world.profiles["responder"]),
        ["cases.edit", "cases.view"]
    );
    assert_eq!(
        Vec::from_iter(&world.tenant_parameters),
        ["cust_id", "tenantid"]
    );
    let restricted = &world.release("1.2.0").restricted;
    assert_eq!(
        Vec::from_iter(restricted),
        ["/cases/{id}/status", "/cases/{id}/tags"]
    );
}

/// `malformed`, `unknown`, or the template with its parameters' values and tenant.
fn told(target: &str) -> String {
    let world = world();
    let reading = read(&world, &Resource::Target(target.to_owned()), RELEASE);
    match reading.template {
        _ if !reading.faults.is_empty() => "malformed".to_owned(),
        None => "unknown".to_owned(),
        Some(template) => {
            let values = reading
                .parameters
                .iter()
                .map(|(_, value)| format!(" {value}"));
            let tenant = reading.tenant.iter().map(|tenant| format!(" for {tenant}"));
            format!(
                "{}{}",
                template.text,
                values.chain(tenant).collect::<String>()
            )
        }
    }
}

#[test]
fn a_literal_beats_a_parameter_where_both_fit() {
    assert_eq!(told("/api/v1/cases/summary"), "/cases/summary");
    assert_eq!(told("/api/v1/cases/summary/today"), "/cases/summary/today");
    assert_eq!(
        told("/api/v1/cases/summary/tags"),
        "/cases/{id}/tags summary"
    );
    assert_eq!(told("/api/v1/cases/7/tags"), "/cases/{id}/tags 7");
    assert_eq!(told("/api/v1"), "unknown");
    assert_eq!(told("/api/v1/cases/7/other"), "unknown");
    assert_eq!(told("/api/v2/cases"), "unknown");
    assert_eq!(told("/api/v1/%63ases"), "unknown");
    // Off the tree only the bytes are looked at.
    assert_eq!(told("/api/v1/other/%zz"), "unknown");
    assert_eq!(told("/api/v1/other/;"), "malformed");
    assert_eq!(told("/api/v1/cases/%zz/other"), "malformed");
    assert_eq!(told("/api/v1/cases/SUMMARY/other"), "malformed");
}

#[test]
fn a_value_is_decoded_once_and_stays_harmless() {
    for (segment, value) in [
        ("x%40example.com", "x@example.com"),
        ("a%7Eb:c=d", "a~b:c=d"),
        ("summaryx.json", "summaryx.json"),
        ("xsummary", "xsummary"),
        ("_", "_"),
        ("a.b", "a.b"),
    ] {
        assert_eq!(
            told(&format!("/api/v1/cases/{segment}")),
            format!("/cases/{{id}} {value}")
        );
    }
    for segment in [
        "a%2Fb",
        "a%5Cb",
        "a%3Bb",
        "a%25b",
        "a%00",
        "a%20",
        "a%C3%A9",
        "a%2Eb",
        "a%2eb",
        "a%",
        "a%4",
        "a%zz",
        ".a",
        "~a",
        ":a",
        "%3Aa",
        "@a",
        "=a",
        "a.",
        "a..b",
        "a*b",
        "a&b",
        "Summary",
        "SUMMARY.json",
        "summary:x",
        "summary@1",
        "summary.",
        "%73ummary",
        "summary%3Ax",
    ] {
        assert_eq!(
            told(&format!("/api/v1/cases/{segment}")),
            "malformed",
            "{segment}"
        );
    }
}

#[test]
fn the_query_names_the_tenant_in_one_way() {
    for (query, expected) in [
        ("", "/cases"),
        ("?", "/cases"),
        ("?&", "/cases"),
        ("?limit=%zz", "/cases"),
        ("?a?b=c", "/cases"),
        ("?NOT~tenantid=a.b", "/cases"),
        ("?tenantidx=alpha", "/cases"),
        ("?tenantid=alpha", "/cases for alpha"),
        ("?a&tenantid=alpha&b", "/cases for alpha"),
    ] {
        assert_eq!(told(&format!("/api/v1/cases{query}")), expected, "{query}");
    }
    for query in [
        "tenantid",
        "tenantid=",
        "tenantid=a.b",
        "tenantid=%61",
        "tenantid=a=b",
        "TenantId=alpha",
        "tenant_id=alpha",
        "tenant-ids=alpha",
        "%74enantid=alpha",
        "%2574enantid=alpha",
        "tenantid[]=alpha",
        "tenantid%5b0%5D=alpha",
        "tenantid%00=alpha",
        ".tenantid=alpha",
        "tenantid=alpha&tenantid=alpha",
        "tenantid=alpha&tenantids",
        "cust_id=alpha",
        "CUSTID=alpha",
        "custids=alpha",
        "a%=b",
        "a%25=b",
        "_method=PUT",
        "+%5FMETHOD%09=PUT",
        "_met+hod=a",
        ".method=PUT",
        "_method%00x=PUT",
        "[tenantid]=alpha",
        "[a]=b",
        "cust[id=alpha",
        "tenantid%00x=alpha",
        "tenantid.x=alpha",
        "tenantid%C5%BF=alpha",
        "%C3%A9=a",
        "a=b#c",
        "a=\"",
        "a= ",
        "a=`",
        "a=é",
    ] {
        assert_eq!(
            told(&format!("/api/v1/cases?{query}")),
            "malformed",
            "{query}"
        );
    }
    assert_eq!(
        told("/api/v1/cases/7?cust_id=alpha"),
        "/cases/{id} 7 for alpha"
    );
    assert_eq!(told("/api/v1/cases/7?tenantid=alpha"), "malformed");
    // Where there is no endpoint, the default may name the tenant.
    assert_eq!(told("/api/v1/other?tenantid=alpha"), "unknown");
    // So does every other, for no endpoint says which.
    assert_eq!(told("/api/v1/other?cust_id=alpha"), "unknown");
    assert_eq!(told("/api/v1/other?cust_id=a.b"), "malformed");
    assert_eq!(
        told("/api/v1/other?cust_id=alpha&tenantid=alpha"),
        "malformed"
    );
}

#[test]
fn names_are_decoded_to_the_end_and_then_reduced() {
    assert_eq!(decode_once(b"%252E"), Some(b"%2E".to_vec()));
    assert_eq!(decode_fully(b"%252E"), Some(b".".to_vec()));
    assert_eq!(decode_fully(b"%25"), None);
    assert_eq!(decode_once(b"%+1"), None);
    let both = |name: &[u8]| Vec::from_iter(skeletons(name));
    assert_eq!(
        both(b"Tenant_ID[x]y"),
        ["tenantid", "tenantidx", "tenantidxy"]
    );
    assert_eq!(both(b"[tenantid]"), ["", "tenantid"]);
    assert_eq!(both(b"a.b]c"), ["a", "ab", "abc"]);
    for name in [" +_Method\t", "_method[]", ".method", "_met hod", "[method"] {
        assert!(is_method_override(name.as_bytes()), "{name}");
    }
    for name in ["method", "Method[]", "a_method", "_methods", "_", ""] {
        assert!(!is_method_override(name.as_bytes()), "{name}");
    }
}

#[test]
fn limits_are_inclusive() {
    assert_eq!(
        told(&format!("/api/v1/cases/{}", "x".repeat(255))).len(),
        12 + 255
    );
    assert_eq!(
        told(&format!("/api/v1/cases/{}", "x".repeat(256))),
        "malformed"
    );
    assert_eq!(told(&"/x".repeat(32)), "unknown");
    assert_eq!(told(&"/x".repeat(33)), "malformed");
    let long = format!("/{}", "x".repeat(255)).repeat(8);
    assert_eq!(told(&long), "unknown");
    assert_eq!(told(&format!("{long}/")), "malformed");
    assert_eq!(told(&format!("{long}x")), "malformed");
    assert_eq!(
        told(&format!("/api/v1/cases?{}", "a".repeat(8192 - 14))),
        "/cases"
    );
    assert_eq!(
        told(&format!("/api/v1/cases?{}", "a".repeat(8193 - 14))),
        "malformed"
    );
    for pair in ["&", "a&"] {
        let told = |pairs: usize| told(&format!("/api/v1/cases?{}", pair.repeat(pairs - 1)));
        assert_eq!(told(256), "/cases");
        assert_eq!(told(257), "malformed");
    }
}

#[test]
fn every_path_made_from_a_template_is_its_own() {
    for world in [world(), peculiar::world()] {
        for template in &world.templates {
            let path = concrete_path(&world, template);
            let reading = read(&world, &Resource::Path { path, tenant: None }, RELEASE);
            assert_eq!(
                (reading.template, reading.faults),
                (Some(template), Vec::new())
            );
        }
    }
}

#[test]
fn the_peculiar_world_is_as_odd_as_it_says() {
    let world = peculiar::world();
    assert!(
        world
            .templates
            .iter()
            .any(|template| template.segments.len() == 32)
    );
    assert_eq!(world.profiles["clone"].len(), 4);
    assert!(!world.tenant_parameters.contains("tenantid"));
    // Tenants stand in one, two and three groups; each of several is foreign
    // to some group that has tenants.
    let groups = |tenant: &String| {
        let members = world.groups.values();
        members.filter(|members| members.contains(tenant)).count()
    };
    let counts: BTreeSet<usize> = world.tenants.iter().map(groups).collect();
    assert_eq!(counts, BTreeSet::from([1, 2, 3]));
    for tenant in world.tenants.iter().filter(|tenant| groups(tenant) > 1) {
        let foreign = |members: &Vec<String>| !members.is_empty() && !members.contains(tenant);
        assert!(world.groups.values().any(foreign), "{tenant}");
    }
    // And yet `tenantid` is spoken for.
    for (target, canonical) in [
        ("/v1/a?tenantid=alpha", false),
        ("/v1/a?orgs=alpha", false),
        ("/v1/a?org=alpha", true),
        ("/v1/A/x/y", false),
        ("/v1/b/x/y", true),
    ] {
        let reading = read(&world, &Resource::Target(target.to_owned()), RELEASE);
        assert_eq!(reading.faults.is_empty(), canonical, "{target}");
    }
}

#[test]
fn the_space_holds_every_cell_once() {
    let world = world();
    let space = Space::of(&world);
    // Releases, switches, accounts, profiles, presentations, calls, and the seats
    // of root, both groups and one tenant: tenants of no group and of one are
    // named, inside and outside.
    assert_eq!(space.len(), 3 * 2 * 2 * 3 * 6 * (10 + 8) * (5 + 5 + 5 + 6));
    assert_eq!(
        space.requests().collect::<BTreeSet<Request>>().len(),
        space.len()
    );
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn every_reason_and_every_confinement_occurs() {
    for world in [world(), peculiar::world()] {
        let space = Space::of(&world);
        let decided = space.requests().map(|request| {
            let outcome = decide(&world, &request);
            (request, outcome)
        });
        let cells = one_of_each_outcome(decided);
        let standings = crossed(&cells).step_by(5);
        let outcomes: BTreeSet<&str> = standings
            .map(|request| outline(&decide(&world, &request)))
            .collect();
        let reasons = REASONS.iter().map(|(_, code, _)| *code);
        let confinements = ["unconfined", "tenants", "one", "not_tenant_data"];
        let expected: BTreeSet<Reason> = reasons.chain(confinements).collect();
        let missing: Vec<_> = expected.difference(&outcomes).collect();
        assert_eq!(missing, [&"ambiguous_endpoint", &"stale_resolution"]);
    }
    let names: BTreeSet<&str> = STANDINGS.iter().map(|standing| standing.name).collect();
    assert_eq!(names.len(), STANDINGS.len());
}

#[test]
fn a_refusal_carries_its_number_status_and_class() {
    let world = world();
    let space = Space::of(&world);
    for request in (0..space.len())
        .step_by(7)
        .map(|number| space.request(number))
    {
        let mut numbered = answers(&world, &request).into_iter().enumerate();
        let first = numbered.find_map(|(place, answer)| Some((place + 1, answer?)));
        let Outcome::Deny {
            reason,
            status,
            class,
        } = decide(&world, &request)
        else {
            assert_eq!(first, None);
            continue;
        };
        let (number, code, listed) = *REASONS.iter().find(|(_, code, _)| *code == reason).unwrap();
        assert_eq!(
            (Some((number, code)), status),
            (first, listed),
            "{request:?}"
        );
        assert_eq!(class == "authentication", status == 401);
        assert_eq!(class == "endpoint", [400, 404, 405].contains(&status));
    }
}

#[test]
fn a_partner_without_a_tenant_is_kept_to_the_group_in_its_order() {
    let world = world();
    let kept: BTreeSet<Vec<String>> = Space::of(&world)
        .requests()
        .filter(|request| request.principal.group.as_deref() == Some("one"))
        .filter_map(|request| match decide(&world, &request) {
            Outcome::Allow {
                confinement: Confinement::Tenants(tenants),
                ..
            } => Some(tenants),
            Outcome::Allow { .. } | Outcome::Deny { .. } => None,
        })
        .collect();
    assert_eq!(Vec::from_iter(kept), [["beta", "alpha"]]);
}

#[test]
fn hostile_targets_get_every_answer_of_question_ten() {
    let world = world();
    let outcome = |request: Request| outline(&decide(&world, &request));
    let by_target: BTreeSet<&str> = hostile::requests(&world).map(outcome).collect();
    assert_eq!(
        Vec::from_iter(by_target),
        [
            "malformed_path",
            "method_not_listed",
            "not_tenant_data",
            "one",
            "tenant_out_of_scope",
            "unconfined",
            "unknown_endpoint"
        ]
    );
    let by_path: BTreeSet<&str> = hostile::requests_by_path(&world).map(outcome).collect();
    assert_eq!(
        Vec::from_iter(by_path),
        [
            "malformed_path",
            "method_not_listed",
            "not_tenant_data",
            "one",
            "unknown_endpoint"
        ]
    );
}

#[test]
fn tenants_in_the_path_are_asked_about_with_and_without_another_beside_them() {
    let world = peculiar::world();
    let mut spellings = BTreeSet::new();
    let (mut alone, mut beside) = (0, 0);
    for request in path_tenants(&world) {
        let Resource::Path { path, tenant } = &request.resource else {
            panic!("a path of its own: {:?}", request.resource);
        };
        spellings.insert(path.clone());
        match tenant {
            None => alone += 1,
            Some(_) => beside += 1,
        }
    }
    assert!(spellings.len() > 20, "{spellings:?}");
    assert!(alone > 1000 && beside > alone, "{alone} and {beside}");
}
