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
    assert_eq!(coverage.rules().len(), 9 + reasons.1);
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
