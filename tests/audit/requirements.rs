//! Public methods and lists of privileges in every audit.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::Policy;
use portcullis::audit::{
    ChangeClass, Coverage, Diff, Effect, Extent, Matrix, MutantKind, Mutation, Note, Outcome,
    RuleKind, Suite, SuiteFilter,
};

const POLICY: &str = "\
version: 1
base_path: /api
privileges: [a.see, a.do]
profiles:
  super_admin: { builtin: true, all: true }
  one: { grants: [a.see] }
  two: { grants: [a.do] }
  both: { inherits: [one, two] }
endpoints:
  - { path: /feed, methods: { GET: public, POST: null }, tenant: none }
  - { path: /a, methods: { PUT: [a.see, a.do] } }
releases:
  1.0.0: { access: scoped, restricted: [] }
";

const HEAD: &str = "version: 1\nsuite: trial\nnow: 0\nreleases: 1.0.0\ntenants: [t]\ngroups: {}\nprincipals:\n  \
                    one: { scope: root, profile: one }\n  two: { scope: root, profile: two }\n  \
                    both: { scope: root, profile: both }\ncases:\n";

fn policy(text: &str) -> Arc<Policy> {
    Arc::new(Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
}

fn suite(policy: &Arc<Policy>, cases: &str) -> Suite {
    let text = HEAD.to_string() + cases;
    Suite::from_yaml(&text, policy, None).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

fn covered(policy: &Arc<Policy>, cases: &str) -> BTreeSet<String> {
    let mut coverage = Coverage::of(policy);
    let report = coverage.run(&suite(policy, cases), &SuiteFilter::default());
    assert_eq!(report.failed(), 0, "{report}");
    let uncovered: BTreeSet<String> = coverage.uncovered().map(|rule| rule.text.clone()).collect();
    let endpoints = coverage
        .rules()
        .iter()
        .filter(|rule| rule.kind != RuleKind::Reason);
    endpoints
        .map(|rule| rule.text.clone())
        .filter(|text| !uncovered.contains(text))
        .collect()
}

#[test]
fn every_cell_of_a_public_row_is_public() {
    let policy = policy(&POLICY.replace(
        "{ access: scoped, restricted: [] }",
        "{ access: super_root_only }",
    ));
    let matrix = Matrix::of(&policy);
    let row = matrix.row("GET", "/api/feed").unwrap();
    let sheet = &matrix.sheets()[0];
    assert!(sheet.is_public(row) && !sheet.is_restricted(row));
    for profile in 0..matrix.axes().profiles().len() {
        for scope in portcullis::scope::ScopeLevel::ALL {
            let answers = sheet.answers(row, profile, scope).unwrap();
            assert!(
                answers
                    .iter()
                    .all(|(_, outcome)| outcome == Outcome::Allow(Extent::Public))
            );
            assert_eq!(
                (answers.summary().code(), answers.summary().as_str()),
                ("public", "allow_public")
            );
        }
    }
    let post = matrix.row("POST", "/api/feed").unwrap();
    assert!(!sheet.is_public(post));
}

#[test]
fn a_case_can_expect_that_an_endpoint_is_public() {
    let policy = policy(POLICY);
    let cases = "  - { name: all, as: [one, both], call: GET /feed, credential: [none, password, token_by_basic, legacy_token], tenant: [no tenant, t, unknown tenant], expect: { allow: public } }\n  \
                 - { name: data, as: one, call: GET /feed, credential: key_by_bearer, expect: { allow: not_tenant_data } }\n  \
                 - { name: strangers, as: one, call: POST /feed, credential: none, expect: no_credential }\n";
    let report = suite(&policy, cases).run();
    assert_eq!((report.requests(), report.failed()), (26, 0), "{report}");
    let wrong = "  - { name: not public, as: one, call: POST /feed, expect: { allow: public } }\n  \
                 - { name: not limited, as: one, call: GET /feed, expect: allow }\n";
    let report = suite(&policy, wrong).run();
    assert_eq!(report.failed(), 2);
    let told = report.to_string();
    assert!(told.contains("allow, public"), "{told}");
    let only = "  - { name: only, as: one, only_allowed: [GET /feed, POST /feed] }\n";
    assert_eq!(suite(&policy, only).run().failed(), 0);
    let contradiction = HEAD.to_string()
        + "  - { name: one, as: one, call: GET /feed, expect: { allow: public } }\n  \
           - { name: two, as: one, call: GET /feed, expect: allow }\n";
    let faults = Suite::from_yaml(contradiction, &policy, None).unwrap_err();
    assert_eq!(
        faults.iter().map(|fault| fault.code()).collect::<Vec<_>>(),
        ["contradiction"]
    );
}

#[test]
fn coverage_asks_for_each_privilege_of_a_list() {
    let policy = policy(POLICY);
    let allow = "  - { name: allow, as: both, call: PUT /a, expect: allow }\n";
    let found = covered(&policy, allow);
    assert!(
        !found.contains("PUT /a needs a.see") && !found.contains("PUT /a needs a.do"),
        "{found:?}"
    );
    assert!(
        found.contains("one is granted a.see") && found.contains("two is granted a.do"),
        "{found:?}"
    );
    let deny = "  - { name: deny, as: one, call: PUT /a, expect: privilege_missing }\n";
    let found = covered(&policy, deny);
    assert!(
        !found.contains("PUT /a needs a.see") && found.contains("PUT /a needs a.do"),
        "{found:?}"
    );
    let by_token =
        "  - { name: public, as: one, call: GET /feed, expect: { allow: not_tenant_data } }\n";
    assert_eq!(covered(&policy, by_token), BTreeSet::new());
    for case in [
        "  - { name: public, as: one, call: GET /feed, expect: { allow: public } }\n",
        "  - { name: public, as: one, call: GET /feed, credential: none, expect: { allow: not_tenant_data } }\n",
    ] {
        let found: Vec<String> = covered(&policy, case).into_iter().collect();
        assert_eq!(found, ["GET /feed is public"]);
    }
}

#[test]
fn becoming_public_is_a_widening_of_every_cell_and_named() {
    let before = policy(POLICY);
    let after = policy(&POLICY.replace("POST: null", "POST: public"));
    let diff = Diff::of_policies(&before, &after);
    let cells = Matrix::of(&before).cells() / 3;
    assert_eq!(diff.cells_of(Effect::Widens), cells);
    assert_eq!(diff.cells(ChangeClass::Widened), cells);
    let is_post = |row: usize| diff.axes().rows()[row].method() == portcullis::Method::Post;
    let notes = diff.notes();
    assert!(
        matches!(notes.as_slice(), [Note::Public { row, after: true }] if is_post(*row)),
        "{notes:?}"
    );
    let back = Diff::of_policies(&after, &before);
    assert_eq!(back.cells_of(Effect::Narrows), cells);
    let notes = back.notes();
    assert!(
        matches!(notes.as_slice(), [Note::Public { after: false, .. }]),
        "{notes:?}"
    );
}

#[test]
fn mutants_open_and_close_what_is_public_and_drop_one_of_a_list() {
    let policy = policy(POLICY);
    let nothing = Mutation::of(&policy, &[]);
    let texts: Vec<(MutantKind, &str)> = nothing
        .survivors()
        .iter()
        .map(|survivor| (survivor.kind, survivor.text.as_str()))
        .collect();
    for expected in [
        (MutantKind::MadePublic, "POST /feed is public"),
        (MutantKind::NoLongerPublic, "GET /feed is not public"),
        (MutantKind::PrivilegeDropped, "PUT /a needs no privilege"),
        (MutantKind::PrivilegeDropped, "PUT /a does not need a.see"),
        (MutantKind::PrivilegeDropped, "PUT /a does not need a.do"),
    ] {
        assert!(texts.contains(&expected), "{texts:?}");
    }
    assert_eq!(
        texts[0].0,
        MutantKind::MadePublic,
        "the most dangerous first"
    );
    // The case of each survivor holds, and notices its mutant.
    for survivor in nothing.survivors() {
        let suite = Suite::from_yaml(&survivor.case, &policy, None)
            .unwrap_or_else(|faults| panic!("{faults}\n{}", survivor.case));
        assert_eq!(
            (suite.run().requests(), suite.run().failed()),
            (1, 0),
            "{}",
            survivor.case
        );
        let alone = Mutation::of(&policy, &[suite]);
        let survives = alone
            .survivors()
            .iter()
            .any(|other| other.text == survivor.text);
        assert!(!survives, "{}", survivor.case);
    }
    let suite = suite(
        &policy,
        "  - { name: strangers, as: one, call: [GET /feed, POST /feed], credential: none, expect: { by_call: { GET /feed: { allow: public }, POST /feed: no_credential } } }\n  \
         - { name: lists, as: [one, two], call: PUT /a, expect: privilege_missing }\n",
    );
    let texts: Vec<String> = Mutation::of(&policy, &[suite])
        .survivors()
        .iter()
        .map(|one| one.text.clone())
        .collect();
    for noticed in [
        "POST /feed is public",
        "GET /feed is not public",
        "PUT /a does not need a.see",
        "PUT /a does not need a.do",
    ] {
        assert!(!texts.iter().any(|text| text == noticed), "{texts:?}");
    }
}
