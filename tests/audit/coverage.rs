//! Coverage: how it is counted and serialised.

use std::sync::Arc;

use portcullis::Policy;
use portcullis::audit::{Coverage, RuleKind, Suite, SuiteFilter};
use serde_json::json;

const POLICY: &str = "\
version: 1
base_path: /api
privileges: [a.see]
profiles:
  super_admin: { builtin: true, all: true }
  one: { grants: [a.see] }
endpoints:
  - { path: /token, methods: { POST: null }, tenant: none, exchange: true }
  - { path: /a, methods: { GET: a.see } }
releases:
  1.0.0: { access: scoped, restricted: [/token] }
";

const SUITE: &str = "\
version: 1
suite: trial
now: 0
releases: 1.0.0
cases:
  - { name: one, as: { scope: root, profile: one }, call: GET /a, expect: allow }
";

fn covered(policy: &Arc<Policy>, text: &str) -> Coverage {
    let mut coverage = Coverage::of(policy);
    let suite = Suite::from_yaml(text, policy, None).unwrap_or_else(|faults| panic!("{faults}"));
    let report = coverage.run(&suite, &SuiteFilter::default());
    assert_eq!((report.requests(), report.failed()), (1, 0), "{report}");
    coverage
}

#[test]
fn each_kind_of_rule_is_counted_by_itself() {
    let policy = Arc::new(Policy::from_yaml(POLICY).unwrap());
    let coverage = covered(&policy, SUITE);
    let counted = RuleKind::ALL.map(|kind| (kind.plural(), coverage.of_kind(kind)));
    let reasons = coverage.of_kind(RuleKind::Reason);
    assert_eq!(
        counted,
        [
            ("restrictions", (0, 1)),
            ("rules of administration", (0, 1)),
            ("openings", (0, 0)),
            ("grants", (1, 1)),
            ("gates", (1, 1)),
            ("tenants in paths", (0, 0)),
            // The answer to root is the same for a tenant endpoint and a platform one.
            ("tenant modes", (0, 2)),
            ("techniques", (1, 2)),
            ("endpoints", (1, 2)),
            ("reasons", (0, reasons.1)),
        ]
    );
    assert_eq!(coverage.covered_rules(), 4);
    assert_eq!(coverage.rules().len(), 10 + reasons.1);
}

#[test]
fn coverage_is_serialised_for_programs() {
    let policy = Arc::new(Policy::from_yaml(POLICY).unwrap());
    let coverage = covered(&policy, SUITE);
    let rules = coverage.rules().len();
    let object = serde_json::to_value(&coverage).unwrap();
    // Rounded down: 100 means all rules.
    assert_eq!(object["percent"], 400 / rules);
    assert_eq!(coverage.percent(), 400 / rules);
    assert_eq!(object["covered_rules"], 4);
    assert_eq!(object["rules"], rules);
    assert_eq!(object["covered_cells"], 1);
    // Endpoint-methods, profiles, and the circumstances of the three scopes.
    assert_eq!(object["cells"], 2 * 2 * (48 + 64 + 48));
    let uncovered = object["uncovered"].as_array().unwrap();
    assert_eq!(uncovered.len(), rules - 4);
    assert_eq!(
        uncovered[0],
        json!({
            "kind": "restriction",
            "text": "1.0.0 restricts /token",
            "place": "releases.\"1.0.0\".restricted[0]",
        })
    );
    let kinds = RuleKind::ALL.map(|kind| serde_json::to_value(kind).unwrap());
    assert_eq!(
        kinds.map(|kind| kind.as_str().unwrap().to_string()),
        [
            "restriction",
            "administration",
            "opening",
            "grant",
            "gate",
            "path_tenant",
            "tenant_mode",
            "technique",
            "endpoint",
            "reason"
        ]
    );
    assert_eq!(object.as_object().unwrap().len(), 6);
}

/// The techniques of a release do not apply to the token exchange. A policy with no
/// other endpoint has no rule that a technique is accepted, because no request could
/// test it. It does have the rule that a technique is refused.
#[test]
fn an_accepted_technique_is_a_rule_only_with_an_ordinary_endpoint() {
    let text = POLICY
        .replace("  - { path: /a, methods: { GET: a.see } }\n", "")
        .replace("access: scoped,", "access: scoped, techniques: [token],");
    let techniques = |text: &str| -> Vec<String> {
        let policy = Arc::new(Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}")));
        let coverage = Coverage::of(&policy);
        let rules = coverage.rules().iter();
        let techniques = rules.filter(|rule| rule.kind == RuleKind::Technique);
        techniques.map(|rule| rule.text.clone()).collect()
    };
    assert_eq!(techniques(&text), ["1.0.0 refuses keys by Basic"]);
    assert_eq!(
        techniques(POLICY),
        ["1.0.0 takes keys by Basic", "1.0.0 takes tokens"]
    );
}

/// Only the denial of a foreign tenant covers the rule that the path names the
/// tenant.
#[test]
fn a_tenant_in_the_path_is_a_rule() {
    let text = POLICY.replace(
        "  - { path: /a, methods: { GET: a.see } }\n",
        "  - { path: '/a/{id}', methods: { GET: a.see }, tenant_parameter: { path: id } }\n",
    );
    assert_ne!(text, POLICY);
    let policy = Arc::new(Policy::from_yaml(&text).unwrap());
    let case = |tenant: &str, expected: &str| {
        format!(
            "version: 1\nsuite: s\nnow: 0\nreleases: 1.0.0\ntenants: [alpha, beta]\ngroups: {{}}\ncases:\n\
             \x20 - name: c\n    as: {{ scope: tenant, tenant: alpha, profile: super_admin }}\n    \
             call: \"GET /a/{{id}}\"\n    tenant: {tenant}\n    expect: {expected}\n"
        )
    };
    for (tenant, expected, is_held) in [
        ("alpha", "allow", false),
        ("alpha", "{ allow: { one: alpha } }", false),
        ("beta", "tenant_out_of_scope", true),
        ("unknown tenant", "tenant_out_of_scope", true),
        ("no tenant", "tenant_out_of_scope", true),
    ] {
        let coverage = covered(&policy, &case(tenant, expected));
        let held = coverage.of_kind(RuleKind::PathTenant);
        assert_eq!(held, (usize::from(is_held), 1), "{tenant}: {expected}");
    }
}

/// Whether a profile is administrative, and whether another is below it, is covered
/// by the acts of its accounts.
#[test]
fn who_administers_is_a_rule() {
    let text = POLICY
        .replace("privileges: [a.see]", "administration: a.do\nprivileges: [a.see, a.do, a.own]")
        .replace(
            "  one: { grants: [a.see] }\n",
            "  one: { grants: [a.see] }\n  two: { inherits: [one], grants: [a.do] }\n  three: { grants: [a.own] }\n",
        );
    let policy = Arc::new(Policy::from_yaml(&text).unwrap());
    let uncovered = |case: &str| -> Vec<String> {
        let suite = format!(
            "version: 1\nsuite: s\nnow: 0\nreleases: 1.0.0\ntenants: [t]\ncases:\n  - {{ name: c, {case} }}\n"
        );
        let coverage = covered(&policy, &suite);
        let rules = coverage
            .uncovered()
            .filter(|rule| rule.kind == RuleKind::Administration);
        rules.map(|rule| rule.text.clone()).collect()
    };
    let all = [
        "one is not administrative, as it lacks a.do",
        "two is administrative, as it holds a.do",
        "three is not administrative, as it lacks a.do",
        "one is below two",
        "three is not below two",
    ];
    for (case, covers) in [
        (
            "as: { scope: root, profile: one }, may: edit, to: { scope: root, profile: three }, expect: not_administrative",
            &[0][..],
        ),
        (
            "as: { scope: root, profile: two }, may: edit, to: { scope: root, profile: one }, expect: allow",
            &[1, 3],
        ),
        (
            "as: { scope: root, profile: two }, may: revoke_keys, to: { scope: root, profile: three }, expect: not_below",
            &[1, 4],
        ),
        // A narrower scope is below, whatever the order of equal profiles.
        (
            "as: { scope: root, profile: two }, may: revoke_keys, to: { scope: tenant, tenant: t, profile: one }, expect: allow",
            &[1],
        ),
        // Everybody revokes their own keys, and so does Super Admin those of others.
        (
            "as: { scope: root, profile: two }, may: revoke_keys, to: { scope: root, profile: two }, expect: allow",
            &[],
        ),
        (
            "as: { scope: root, profile: super_admin }, may: edit, to: { scope: root, profile: one }, expect: allow",
            &[],
        ),
        (
            "as: { scope: root, profile: one }, may: grant, to: { scope: root, profile: one }, access: { scope: root, profile: three }, expect: beyond_own_access",
            &[],
        ),
        (
            "as: { scope: root, profile: three }, may: grant, to: { scope: root, profile: one }, access: { scope: root, profile: one }, expect: not_administrative",
            &[2],
        ),
    ] {
        let mut expected: Vec<&str> = all.to_vec();
        let mut place = 0..;
        expected.retain(|_| !covers.contains(&place.next().unwrap()));
        assert_eq!(uncovered(case), expected, "{case}");
    }
}

/// An allow of Super Admin says nothing about the privilege that is needed, unless
/// nobody else is ever allowed.
#[test]
fn an_allow_of_super_admin_covers_no_privilege() {
    let policy = |text: &str| Arc::new(Policy::from_yaml(text).unwrap());
    let case = |profile: &str, expect: &str| {
        SUITE
            .replace("profile: one", &format!("profile: {profile}"))
            .replace("expect: allow", expect)
    };
    let is_covered = |policy: &Arc<Policy>, text: &str| {
        let coverage = covered(policy, text);
        !coverage
            .uncovered()
            .any(|rule| rule.text == "GET /a needs a.see")
    };
    let open = policy(POLICY);
    assert!(!is_covered(&open, &case("super_admin", "expect: allow")));
    assert!(is_covered(&open, &case("one", "expect: allow")));
    let text = POLICY.replace("restricted: [/token]", "restricted: [/a]");
    let closed = policy(&text);
    assert!(is_covered(&closed, &case("super_admin", "expect: allow")));
}

/// What a release opens is a rule, so that a release that opens one row carefully has
/// as much to cover as one that opens all.
#[test]
fn what_a_release_opens_is_a_rule() {
    let text = POLICY.replace(
        "  1.0.0: { access: scoped, restricted: [/token] }\n",
        "  1.0.0: { access: scoped, restricted: [/token, /a] }\n  1.1.0: { access: scoped, restricted: [/token] }\n  1.1.0s: { access: scoped, restricted: [] }\n",
    );
    let policy = Arc::new(Policy::from_yaml(&text).unwrap());
    let openings = |coverage: &Coverage| coverage.of_kind(RuleKind::Opening);
    let suite = SUITE.replace("releases: 1.0.0", "releases: 1.1.0");
    assert_eq!(openings(&covered(&policy, &suite)), (1, 1));
    let by_super_admin = suite.replace("profile: one", "profile: super_admin");
    assert_eq!(openings(&covered(&policy, &by_super_admin)), (0, 1));
    let rule = Coverage::of(&policy);
    let rule = rule
        .uncovered()
        .find(|rule| rule.kind == RuleKind::Opening)
        .unwrap();
    assert_eq!(rule.text, "1.1.0 opens /a, which 1.0.0 restricts");
}
