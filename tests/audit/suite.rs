//! Suites: they agree with the engine, each expectation can fail, and they cover the
//! right rules.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use portcullis::audit::{Coverage, Matrix, RuleKind, Suite, SuiteFilter};
use portcullis::{
    Confinement, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, KeyKind,
    KeyState, Policy, Principal, UnixSeconds, VerifiedKey, VerifiedToken,
};

const NOW: u64 = 1_764_000_000;

fn world() -> (Arc<Policy>, Directory) {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    (policy, directory)
}

fn suite(cases: &str) -> String {
    format!("version: 1\nsuite: trial\nnow: {NOW}\nreleases: \"5.5.0\"\n{cases}")
}

fn read(text: &str) -> Suite {
    let (policy, directory) = world();
    Suite::from_yaml(text, &policy, Some(&directory))
        .unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// How many requests ran, and how many failed.
fn run(text: &str) -> (usize, usize) {
    let report = read(text).run();
    (report.requests(), report.failed())
}

/// An outcome as a suite writes it.
fn written(decision: &Decision<'_>) -> String {
    match decision {
        Decision::Deny(denial) => denial.reason().code().to_string(),
        Decision::Allow(allowance) => match allowance.confinement() {
            Confinement::Unconfined => "{ allow: unconfined }".to_string(),
            Confinement::NotTenantData => "{ allow: not_tenant_data }".to_string(),
            Confinement::One(tenant) => format!("{{ allow: {{ one: {tenant} }} }}"),
            Confinement::Tenants(tenants) => {
                let names: Vec<&str> = tenants.iter().map(|tenant| tenant.as_str()).collect();
                format!("{{ allow: {{ tenants: [{}] }} }}", names.join(", "))
            }
        },
    }
}

/// Decides requests of every user in every deployment, with some calls, tenants and
/// credentials, and writes the decisions as a suite with one table.
#[test]
fn a_suite_passes_with_exactly_the_decisions_of_the_engine() {
    let (policy, directory) = world();
    let calls = [
        ("GET", "/cases"),
        ("GET", "/incidents"),
        ("POST", "/access_token"),
        ("POST", "/tenants/"),
        ("GET", "/data"),
        ("PUT", "/cases/{id}"),
    ];
    let tenants = [None, Some("alpha"), Some("gamma"), Some("nowhere")];
    let presented = ["token", "key_by_basic", "key_by_bearer", "legacy_token"];
    let mut text = suite("cases:\n  - name: all\n").replace("\"5.5.0\"", "every release");
    let spelled = calls
        .map(|(method, path)| format!("\"{method} {path}\""))
        .join(", ");
    writeln!(
        text,
        "    as: every principal\n    call: [{spelled}]\n    tenant: [no tenant, alpha, gamma, unknown tenant]\n    \
         credential: [{}]\n    expect:\n      by_principal:",
        presented.join(", ")
    )
    .unwrap();
    let mut outcomes = BTreeSet::new();
    let mut asked = 0;
    for user in directory.users() {
        writeln!(text, "        {user}:\n          by_release:").unwrap();
        let account = directory.account(user.as_str()).unwrap();
        for release in policy.releases() {
            let early = policy.access(release).unwrap().as_str() == "early_access";
            for on in if early {
                vec![false, true]
            } else {
                vec![false]
            } {
                let deployment = match on {
                    true => Deployment::with_scoped_keys(release),
                    false => Deployment::new(release),
                };
                let suffix = if on { " with scoped keys" } else { "" };
                writeln!(
                    text,
                    "            \"{release}{suffix}\":\n              by_credential:"
                )
                .unwrap();
                let engine = Engine::new(policy.clone(), deployment).unwrap();
                for name in presented {
                    writeln!(text, "                {name}:\n                  by_call:").unwrap();
                    let key = portcullis::ApiKey {
                        id: "own".parse().unwrap(),
                        owner: user.clone(),
                        kind: if name == "legacy_token" {
                            KeyKind::Legacy
                        } else {
                            KeyKind::Scoped
                        },
                        created_at: UnixSeconds::new(0),
                        expires_at: None,
                        state: KeyState::active(),
                    };
                    let now = UnixSeconds::new(NOW);
                    let credential = match name {
                        "key_by_basic" => {
                            Credential::ApiKey(VerifiedKey::basic("own", user.as_str()))
                        }
                        "key_by_bearer" => Credential::ApiKey(VerifiedKey::bearer("own")),
                        _ => Credential::Token(VerifiedToken::new(
                            "own",
                            Some(user.as_str()),
                            Some(now),
                            None,
                        )),
                    };
                    for (method, path) in calls {
                        let target = format!("/connect/api/v1{}", path.replace("{id}", "7"));
                        let outcome = |named: Option<&str>| {
                            let tenancy = directory.tenancy();
                            let principal = Principal::new(
                                &policy,
                                tenancy,
                                Some(&account),
                                &credential,
                                Some(&key),
                                now,
                            );
                            let endpoint = engine.endpoint(method, &target);
                            written(&engine.authorize(&principal, endpoint, tenancy.tenant(named)))
                        };
                        let [none, alpha, gamma, unknown] = tenants.map(outcome);
                        writeln!(
                            text,
                            "                    \"{method} {path}\": {{ by_tenant: {{ no tenant: {none}, alpha: \
                             {alpha}, gamma: {gamma}, unknown tenant: {unknown} }} }}"
                        )
                        .unwrap();
                        asked += 4;
                        outcomes.extend([none, alpha, gamma, unknown]);
                    }
                }
            }
        }
    }
    assert!(
        outcomes.len() > 12,
        "too few outcomes to mean anything: {outcomes:?}"
    );
    assert_eq!(run(&text), (asked, 0));
    // Each request can fail: with the table of another release, exactly those with
    // another decision do.
    let turned = text.replace("{ allow: unconfined }", "tenant_out_of_scope");
    let (asked_again, failed) = run(&turned);
    assert_eq!(asked_again, asked);
    assert_eq!(failed, text.matches("{ allow: unconfined }").count());
}

#[test]
fn every_kind_of_expectation_can_fail() {
    let cases = [
        (
            "as: msp\n    call: GET /cases\n    expect: { allow: { tenants: [beta, alpha] } }",
            0,
        ),
        (
            "as: msp\n    call: GET /cases\n    expect: { allow: { tenants: [alpha] } }",
            1,
        ),
        (
            "as: msp\n    call: GET /cases\n    expect: { allow: { one: alpha } }",
            1,
        ),
        (
            "as: msp\n    call: GET /cases\n    expect: { allow: unconfined }",
            1,
        ),
        (
            "as: msp\n    call: GET /cases\n    expect: { allow: not_tenant_data }",
            1,
        ),
        (
            "as: msp\n    call: GET /cases\n    tenant: alpha\n    expect: { allow: { one: alpha } }",
            0,
        ),
        (
            "as: msp\n    call: GET /cases\n    tenant: alpha\n    expect: { allow: { one: beta } }",
            1,
        ),
        (
            "as: msp\n    call: GET /incidents\n    expect: restricted_endpoint",
            0,
        ),
        (
            "as: msp\n    call: GET /incidents\n    expect: privilege_missing",
            1,
        ),
        ("as: msp\n    call: GET /incidents\n    expect: allow", 1),
        (
            "as: [ann, msp]\n    call: GET /cases\n    tenant: [no tenant, alpha]\n    expect: allow",
            0,
        ),
        // `allow` alone never means an allow without tenant data.
        (
            "as: msp\n    call: POST /access_token\n    credential: key_by_bearer\n    expect: allow",
            1,
        ),
        (
            "as: ann\n    call: POST /access_token\n    credential: key_by_bearer\n    expect: allow",
            1,
        ),
        (
            "as: msp\n    send: GET /connect/api/v1/cases?tenantid=beta\n    expect: allow",
            0,
        ),
        (
            "as: msp\n    send: GET /connect/api/v1/cases?tenantid=gamma\n    expect: allow",
            1,
        ),
        (
            "as: { scope: contradictory, profile: user }\n    call: GET /cases\n    expect: inconsistent_principal",
            0,
        ),
        (
            "as: { scope: root, profile: user, account: sso }\n    call: GET /cases\n    expect: sso_account",
            0,
        ),
        (
            "as: { scope: root, profile: user, enabled: false }\n    call: GET /cases\n    expect: sso_account",
            1,
        ),
        ("as: bob\n    only_allowed: []", 0),
        (
            "as: { scope: tenant, tenant: alpha, profile: user }\n    tenant: alpha\n    only_allowed: []",
            24,
        ),
        (
            "as: root-platform-admin\n    may: edit\n    to: tenant-user\n    expect: allow",
            0,
        ),
        (
            "as: tenant-user\n    may: edit\n    to: root-platform-admin\n    expect: allow",
            1,
        ),
        (
            "as: root-platform-admin\n    may: edit\n    to: tenant-user\n    expect: not_below",
            1,
        ),
        // If the path names the tenant, no tenant means an unknown one.
        (
            "as: { scope: tenant, tenant: alpha, profile: user }\n    only_allowed: []",
            23,
        ),
    ];
    for (case, failed) in cases {
        let text = suite(&format!("cases:\n  - name: one\n    {case}\n"));
        assert_eq!(run(&text).1, failed, "{text}");
    }
}

#[test]
fn what_may_be_called_is_a_complete_set() {
    let (_, all) = run(&suite(
        "cases:\n  - { name: one, as: root-user, only_allowed: [] }\n",
    ));
    let listed = "calls: { two: [GET /cases, GET /users] }\n";
    let two = format!("{listed}cases:\n  - {{ name: one, as: root-user, only_allowed: two }}\n");
    assert_eq!(run(&suite(&two)).1, all - 2);
    let wrong = format!(
        "{listed}cases:\n  - {{ name: one, as: root-user, only_allowed: [two, POST /tenants/] }}\n"
    );
    assert_eq!(run(&suite(&wrong)).1, all - 2 + 1);
}

#[test]
fn instants_at_the_ends_of_the_range_are_like_any_other() {
    let case = "credentials:\n  endless: { present: token, created_at: 0, expires_at: 18446744073709551615 }\n  \
                last: { present: token, created_at: 18446744073709551615 }\n  \
                old: { present: token, issued_at: 0 }\ncases:\n";
    let text = |now: u64, expected: [&str; 3]| {
        let [endless, last, old] = expected;
        suite(&format!(
            "{case}  - name: one\n    as: msp\n    call: GET /cases\n    credential: [endless, last, old, token]\n    \
             expect: {{ by_credential: {{ endless: {endless}, last: {last}, old: {old}, token: allow }} }}\n"
        ))
        .replace(&NOW.to_string(), &now.to_string())
    };
    assert_eq!(
        run(&text(0, ["allow", "key_not_yet_valid", "allow"])),
        (4, 0)
    );
    assert_eq!(
        run(&text(u64::MAX, ["key_expired", "allow", "token_expired"])),
        (4, 0)
    );
    assert_eq!(run(&text(u64::MAX, ["allow", "allow", "allow"])).1, 2);
}

#[test]
fn a_suite_can_have_a_million_requests_and_no_more() {
    let (policy, _) = world();
    let many = |tenants: usize, principals: usize| {
        let names: Vec<String> = (0..tenants).map(|number| format!("t{number}")).collect();
        let names = names.join(", ");
        let people: String = (0..principals)
            .map(|number| format!("  p{number}: {{ scope: root, profile: user }}\n"))
            .collect();
        let text = format!(
            "version: 1\nsuite: many\nnow: 0\nreleases: \"5.5.0\"\ntenants: [{names}]\nprincipals:\n{people}\
             cases:\n  - name: one\n    as: every principal\n    call: GET /cases\n    tenant: [{names}]\n    expect: allow\n"
        );
        Suite::from_yaml(text, &policy, None)
    };
    let largest = many(1_000, 1_000).unwrap();
    assert_eq!(largest.run().failed(), 0);
    assert_eq!(largest.run().requests(), 1_000_000);
    let faults = many(1_001, 1_000).unwrap_err();
    let codes: Vec<&str> = faults.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes, ["too_many_requests"]);
}

#[test]
fn a_part_of_a_suite_can_be_run() {
    let text = suite(
        "cases:\n  - { name: First, as: ann, call: GET /cases, releases: [\"5.5.0\", \"5.5.0s\"], expect: allow }\n  \
         - { name: second, as: ann, call: GET /cases, expect: allow }\n",
    );
    let suite = read(&text);
    let requests = |releases: &[&str], text: &str| {
        let releases: Vec<_> = releases
            .iter()
            .map(|release| release.parse().unwrap())
            .collect();
        let only = SuiteFilter {
            releases: &releases,
            text,
        };
        suite.run_only(&only).requests()
    };
    assert_eq!(requests(&[], ""), 3);
    assert_eq!(requests(&["5.5.0"], ""), 2);
    assert_eq!(requests(&["5.4.0"], ""), 0);
    assert_eq!(requests(&[], "FIRST"), 2);
    assert_eq!(requests(&[], "trial"), 3, "the name of the suite counts");
    assert_eq!(requests(&["5.5.0s"], "sec"), 0);
}

#[test]
fn a_failure_shows_where_to_look() {
    let text =
        suite("cases:\n  - name: one\n    as: msp\n    call: GET /incidents\n    expect: allow\n");
    let (policy, directory) = world();
    let error = Suite::check(&text, &policy, Some(&directory)).unwrap_err();
    let told = "the suite `trial` does not hold:\n\
                one: 1 of 1 not as expected\n  \
                  9:13: msp, GET /incidents, no tenant, token, 5.5.0\n    \
                    expected  allow\n    \
                    decided   restricted_endpoint\n    \
                    14 DENY if the endpoint is restricted, is the account exempt? restricted by row `/incidents` \
                [releases.\"5.5.0\".restricted[2]]";
    assert_eq!(error.to_string(), told);
    assert_eq!(
        format!("{error:?}"),
        told,
        "a test that unwraps shows the same"
    );
    assert_eq!(text.lines().nth(8).unwrap().find("allow"), Some(12));

    let error = Suite::check(text.replace("msp", "mps"), &policy, Some(&directory)).unwrap_err();
    assert!(
        error.to_string().ends_with("did you mean `msp`?"),
        "{error}"
    );
    assert_eq!(
        Suite::check(text.replace("msp", "ann"), &policy, Some(&directory)).unwrap(),
        1
    );
}

/// The coverage of the cases that pass.
fn covered(cases: &str) -> BTreeSet<String> {
    let (policy, directory) = world();
    let mut coverage = Coverage::of(&policy);
    let all: BTreeSet<String> = coverage
        .rules()
        .iter()
        .map(|rule| rule.text.clone())
        .collect();
    let suite = Suite::from_yaml(suite(cases), &policy, Some(&directory)).unwrap();
    coverage.run(&suite, &SuiteFilter::default());
    let open: BTreeSet<String> = coverage.uncovered().map(|rule| rule.text.clone()).collect();
    assert_eq!(all.len(), coverage.rules().len(), "two rules read the same");
    all.difference(&open).cloned().collect()
}

#[test]
fn a_request_covers_what_settled_it_and_nothing_else() {
    let one = |case: &str| {
        let found = covered(&format!("cases:\n  - {{ name: one, {case} }}\n"));
        found.into_iter().collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        one("as: msp, call: GET /incidents, expect: restricted_endpoint"),
        "5.5.0 restricts /incidents; restricted_endpoint refuses"
    );
    // An expected denial for any reason covers no rule, and neither does a failure.
    assert_eq!(one("as: bob, only_allowed: []"), "");
    assert_eq!(
        one("as: msp, call: GET /incidents, expect: privilege_missing"),
        ""
    );
    // An allow that requires the grant covers it. One of Super Admin does not.
    assert_eq!(
        one("as: msp, call: GET /cases, expect: allow"),
        "5.5.0 lets everybody in; 5.5.0 takes tokens; GET /cases is scoped; GET /cases needs cases.view; \
         user is granted cases.view"
    );
    assert_eq!(
        one("as: ann, call: GET /cases, expect: allow"),
        "5.5.0 takes tokens"
    );
    assert_eq!(
        one("as: partner-super-admin, call: POST /tenants/, expect: root_scope_required"),
        "POST /tenants/ is platform; root_scope_required refuses"
    );
    assert_eq!(
        one("as: msp, call: \"DELETE /users/{id}\", expect: privilege_missing").replace("\"", ""),
        "DELETE /users/{id} needs system.users.delete; privilege_missing refuses"
    );
    assert_eq!(
        one(
            "as: msp, call: GET /cases, credential: key_by_basic, releases: 5.5.0s, expect: technique_refused"
        ),
        "5.5.0s refuses keys by Basic; technique_refused refuses"
    );
}

#[test]
fn cells_are_counted_once() {
    let cells = |case: &str| {
        let (policy, directory) = world();
        let mut coverage = Coverage::of(&policy);
        let text = suite(&format!("cases:\n  - {{ name: one, {case} }}\n"));
        let suite = Suite::from_yaml(text, &policy, Some(&directory)).unwrap();
        coverage.run(&suite, &SuiteFilter::default());
        coverage.cells().0
    };
    assert_eq!(cells("as: msp, call: GET /cases, expect: allow"), 1);
    // Both tenants are inside the one scope, both users are the same cell.
    assert_eq!(
        cells("as: msp, call: GET /cases, tenant: [alpha, beta], expect: allow"),
        1
    );
    assert_eq!(
        cells("as: [root-user, { scope: root, profile: user }], call: GET /cases, expect: allow"),
        1
    );
    assert_eq!(
        cells(
            "as: msp, call: GET /cases, tenant: [gamma, unknown tenant], expect: tenant_out_of_scope"
        ),
        1
    );
    assert_eq!(
        cells("as: partner-of-none, call: GET /cases, expect: empty_scope"),
        1
    );
    // An invalid credential and an unknown target have no cell.
    assert_eq!(
        cells("as: bob, call: GET /cases, expect: account_disabled"),
        0
    );
    assert_eq!(
        cells("as: ann, send: GET /nowhere, expect: unknown_endpoint"),
        0
    );
    assert_eq!(
        cells("as: ann, send: GET /connect/api/v1/cases, expect: allow"),
        1
    );
    // All of one user, with tokens of a scoped key and no tenant named.
    assert_eq!(
        cells("as: partner-of-none, call: GET /tenants, expect: allow"),
        0,
        "it fails"
    );
    assert_eq!(cells("as: bob, only_allowed: []"), 0);
    let rows = Matrix::of(&world().0).axes().rows().len() as u64;
    assert_eq!(cells("as: single-sign-on, only_allowed: []"), rows);
}

#[test]
fn the_most_dangerous_gap_is_listed_first() {
    let (policy, _) = world();
    let coverage = Coverage::of(&policy);
    let kinds: Vec<RuleKind> = coverage.uncovered().map(|rule| rule.kind).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    assert_eq!(kinds.len(), coverage.rules().len());
    assert!(!coverage.reaches(1) && coverage.reaches(0));
    // The grant of a privilege that nothing requires is not a rule to test.
    let grants = coverage
        .rules()
        .iter()
        .filter(|rule| rule.kind == RuleKind::Grant);
    assert!(!grants.clone().any(|rule| rule.text.contains("dashboards")));
    assert!(grants.count() > 20);
}

/// A case for an endpoint whose path names the tenant never tests another endpoint.
/// It is refused for the tenants whose path resolves elsewhere, and only for those.
#[test]
fn a_case_never_tests_another_endpoint_than_its_own() {
    let text = "version: 1\nbase_path: /api\nprivileges: [a.see]\nprofiles:\n  super_admin: { builtin: true, all: true }\n  \
                see: { grants: [a.see] }\nendpoints:\n  - { path: '/t/{id}', methods: { GET: a.see, PUT: a.see }, tenant_parameter: { path: id } }\n  \
                - { path: '/t/{id}/x', methods: { GET: a.see }, tenant_parameter: { path: id } }\n  \
                - { path: '/u/{id}/x', methods: { GET: a.see }, tenant_parameter: { path: id } }\n  \
                - { path: '/v/{id}', methods: { GET: a.see } }\n  - { path: /v/summary, methods: { GET: a.see } }\n  \
                - { path: /t/summary, methods: { GET: a.see } }\nreleases:\n  5.5.0: { access: scoped, restricted: [] }\n";
    let policy = Arc::new(Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}")));
    let check = |call: &str, tenant: &str, expect: &str| {
        let text = format!(
            "version: 1\nsuite: trial\nnow: {NOW}\nreleases: \"5.5.0\"\ntenants: [alpha, summary, SUMMARY, summary2]\n\
             groups: {{}}\ncases:\n  - {{ name: one, as: {{ scope: tenant, tenant: alpha, profile: see }}, \
             call: '{call}', tenant: {tenant}, expect: {expect} }}\n"
        );
        Suite::check(&text, &policy, None).map_err(|error| error.to_string())
    };
    for (call, elsewhere) in [
        ("GET /t/{id}", &["summary", "SUMMARY"][..]),
        ("PUT /t/{id}", &["summary", "SUMMARY"]),
        // Beneath the literal there is nothing, but for its look-alikes.
        ("GET /t/{id}/x", &["SUMMARY"]),
    ] {
        for tenant in elsewhere {
            for expect in ["allow", "tenant_out_of_scope", "method_not_listed"] {
                let refused = check(call, tenant, expect).unwrap_err();
                assert!(
                    refused.contains("cases[0].tenant: no request reaches"),
                    "{refused}"
                );
            }
        }
        for (tenant, expect) in [
            ("alpha", "allow"),
            ("summary2", "tenant_out_of_scope"),
            ("unknown tenant", "tenant_out_of_scope"),
            ("no tenant", "tenant_out_of_scope"),
        ] {
            assert_eq!(check(call, tenant, expect), Ok(1), "{call} {tenant}");
        }
    }
    assert_eq!(
        check("GET /t/{id}/x", "summary", "tenant_out_of_scope"),
        Ok(1)
    );
    // There is no literal at this place, or the path does not name the tenant.
    for call in ["GET /u/{id}/x", "GET /v/{id}", "GET /t/summary"] {
        for tenant in ["summary", "SUMMARY"] {
            assert_eq!(
                check(call, tenant, "tenant_out_of_scope"),
                Ok(1),
                "{call} {tenant}"
            );
        }
    }
}

#[test]
fn a_failed_act_shows_who_may_do_what_to_whom() {
    let text = suite(
        "cases:\n  - name: revoke\n    as: tenant-user\n    may: revoke_keys\n    to: [tenant-user, ann]\n    \
         expect: allow\n  - name: edit\n    as: root-platform-admin\n    may: edit\n    to: tenant-user\n    \
         expect: not_below\n  - name: grant\n    as: root-platform-admin\n    may: grant\n    to: tenant-user\n    \
         access: ann\n    expect: allow\n",
    );
    let report = read(&text).run();
    let shown: Vec<String> = report
        .cases()
        .iter()
        .flat_map(|case| &case.failures)
        .map(|failure| {
            let at = failure.position.line;
            let (principal, call) = (&failure.principal, &failure.call);
            let (expected, actual) = (&failure.expected, &failure.actual);
            format!("{at}: {principal}, {call}: {actual} instead of {expected}")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "10: tenant-user, revoke the keys of ann: not_administrative instead of allow",
            "15: root-platform-admin, edit tenant-user: allow instead of not_below",
            "21: root-platform-admin, grant the access of ann to tenant-user: beyond_own_access instead of allow",
        ]
    );
    let groups: Vec<usize> = report.groups().iter().map(|group| group.requests).collect();
    assert_eq!(groups.iter().sum::<usize>(), 3, "{groups:?}");
}

#[test]
fn acts_count_as_requests() {
    let (policy, _) = world();
    let many = |actors: usize| {
        let names: Vec<String> = (0..1_001).map(|number| format!("p{number}")).collect();
        let people: String = names
            .iter()
            .map(|name| format!("  {name}: {{ scope: root, profile: user }}\n"))
            .collect();
        let (actors, accounts) = (names[..actors].join(", "), names[..1_000].join(", "));
        let text = format!(
            "version: 1\nsuite: many\nnow: 0\nreleases: \"5.5.0\"\nprincipals:\n{people}cases:\n  \
             - name: one\n    as: [{actors}]\n    may: edit\n    to: [{accounts}]\n    expect: not_administrative\n"
        );
        Suite::from_yaml(text, &policy, None)
    };
    assert!(many(1_000).is_ok());
    let faults = many(1_001).unwrap_err();
    let codes: Vec<&str> = faults.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes, ["too_many_requests"]);
}
