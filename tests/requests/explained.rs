//! Explanations of what a policy leaves open, and of values that another policy
//! or tenancy resolved.

use std::sync::Arc;

use portcullis::engine::{Answer, Explanation, Verdict};
use portcullis::{
    Credential, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, Principal, Reason,
    Tenant, UnixSeconds, VerifiedToken,
};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// Two templates that compete for one path, and a public endpoint.
const POLICY: &str = r#"
version: 1
base_path: /api
privileges: [a.see]
profiles:
  super_admin: { builtin: true, all: true }
  platform_admin: { builtin: true, grants: [a.see] }
  security_admin: { builtin: true, grants: [a.see] }
  user: { builtin: true, grants: [] }
endpoints:
  - { path: /health, methods: { GET: public }, tenant: none }
  - { path: "/cases/{id}/tags", methods: { GET: a.see } }
  - { path: "/cases/summary/{part}", methods: { GET: a.see } }
releases:
  "5.5.0": { access: scoped, restricted: [] }
"#;

struct World {
    engine: Engine,
    directory: Directory,
}

fn world() -> World {
    let policy = Arc::new(Policy::from_yaml(POLICY).unwrap_or_else(|faults| panic!("{faults}")));
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    World { engine, directory }
}

impl World {
    fn principal(&self) -> Principal<'_> {
        let token = VerifiedToken::new("k1", Some("msp"), Some(NOW), None);
        self.directory.principal(&Credential::Token(token), NOW)
    }
}

/// The answer to a question, counted from 1.
fn answer<'e>(explanation: &'e Explanation<'_>, question: usize) -> &'e Answer {
    &explanation.answers()[question - 1]
}

#[test]
fn an_ambiguous_path_is_explained_by_both_templates_and_their_places() {
    let world = world();
    let endpoint = world.engine.endpoint("GET", "/api/cases/summary/tags");
    let explanation = world
        .engine
        .explain(&world.principal(), endpoint, Tenant::NOT_NAMED);
    assert_eq!(
        explanation.decision().reason(),
        Some(Reason::AmbiguousEndpoint)
    );
    assert_eq!(explanation.fault(), None);
    let tenth = answer(&explanation, 10);
    assert_eq!(tenth.verdict, Verdict::Refused(Reason::AmbiguousEndpoint));
    assert_eq!(
        tenth.because,
        "`/cases/{id}/tags` and `/cases/summary/{part}` compete for this path; no template is more specific than all others"
    );
    assert_eq!(tenth.places, ["endpoints[1].path", "endpoints[2].path"]);
}

#[test]
fn a_refusal_of_another_policy_s_path_names_nothing_of_this_one() {
    let (own, other) = (world(), world());
    let principal = own.principal();
    for (path, because) in [
        ("/api/cases/summary/tags", Reason::AmbiguousEndpoint.text()),
        ("/api//cases", "the target is not in canonical spelling"),
    ] {
        let endpoint = other.engine.endpoint("GET", path);
        let explanation = own.engine.explain(&principal, endpoint, Tenant::NOT_NAMED);
        let tenth = answer(&explanation, 10);
        assert_eq!(tenth.verdict, Verdict::Refused(endpoint.refusal().unwrap()));
        assert_eq!(tenth.because, because);
        assert_eq!(tenth.places, Vec::<String>::new());
        assert_eq!(explanation.fault(), None, "{path}");
        let eleventh = answer(&explanation, 11);
        assert_eq!(eleventh.verdict, Verdict::Refused(Reason::StaleResolution));
    }
}

#[test]
fn an_explanation_has_the_fault_of_a_malformed_path() {
    let world = world();
    let endpoint = world.engine.endpoint("GET", "/api//cases");
    let explanation = world
        .engine
        .explain(&world.principal(), endpoint, Tenant::NOT_NAMED);
    let fault = explanation.fault().unwrap();
    assert_eq!((fault.rule.code(), fault.offset), ("empty_segment", 5));
    assert_eq!(
        answer(&explanation, 10).because,
        format!("the target is not in canonical spelling: {fault}")
    );
}

#[test]
fn a_tenant_that_another_tenancy_resolved_is_explained() {
    let (own, other) = (world(), world());
    let principal = own.principal();
    let endpoint = own.engine.endpoint("GET", "/api/cases/7/tags");
    let because = |tenant: Tenant| {
        let explanation = own.engine.explain(&principal, endpoint, tenant);
        let reason = explanation.decision().reason();
        let seventeenth = answer(&explanation, 17);
        (reason, seventeenth.verdict, seventeenth.because.clone())
    };
    let outside = Verdict::Refused(Reason::TenantOutOfScope);
    assert_eq!(
        because(other.directory.tenant(Some("alpha"))),
        (
            Some(Reason::StaleResolution),
            outside,
            "another tenancy resolved the tenant".to_owned()
        )
    );
    assert_eq!(
        because(own.directory.tenant(Some("nowhere"))),
        (
            Some(Reason::TenantOutOfScope),
            outside,
            "the named tenant does not exist".to_owned()
        )
    );
    let (reason, verdict, text) = because(own.directory.tenant(Some("alpha")));
    assert_eq!((reason, verdict), (None, Verdict::Passed));
    assert!(text.starts_with("tenant `alpha`; "), "{text}");
}

#[test]
fn of_a_public_endpoint_only_the_tenth_question_is_asked() {
    let world = world();
    let endpoint = world.engine.endpoint("GET", "/api/health");
    let explanation = world
        .engine
        .explain(&Principal::anonymous(), endpoint, Tenant::NOT_NAMED);
    assert_eq!(explanation.decision().reason(), None);
    for (number, answer) in (1..).zip(explanation.answers()) {
        if number == 10 {
            assert_eq!(answer.verdict, Verdict::Passed);
            assert_eq!(answer.because, "matches `/health`");
            assert_eq!(answer.places, ["endpoints[0].path"]);
        } else {
            assert_eq!(answer.verdict, Verdict::NotAsked);
            assert_eq!(answer.because, "not asked: public");
        }
    }
}
