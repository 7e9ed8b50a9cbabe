//! Mutants: those that no suite detects are listed, the case given for each of them
//! detects it, and no others are listed.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::audit::{MutantKind, Mutation, Suite, Survivor};
use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
use proptest::prelude::*;

use crate::brute::policy;
use crate::worlds::{Size, worlds};

fn embedded() -> (Arc<Policy>, Directory) {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    (policy, directory)
}

fn texts(mutation: &Mutation) -> Vec<&str> {
    mutation
        .survivors()
        .iter()
        .map(|survivor| survivor.text.as_str())
        .collect()
}

/// A suite with the cases that were given for it.
fn with_cases(text: &str, survivors: &[Survivor]) -> String {
    let cases = survivors.iter().filter(|survivor| survivor.suite.is_some());
    text.to_string()
        + "\n"
        + &cases
            .map(|survivor| survivor.case.as_str())
            .collect::<String>()
}

/// If no case tests the tenant in a path, the mutant without this rule is listed
/// with a case that detects it.
#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn a_dropped_path_tenant_is_listed_if_no_case_detects_it() {
    let (policy, directory) = embedded();
    let suite = "version: 1\nsuite: s\nnow: 1764000000\nreleases: 5.5.0\ncases:\n  \
                 - { name: one, as: ann, call: GET /cases, expect: allow }\n";
    let read = |text: &str| Suite::from_yaml(text, &policy, Some(&directory)).unwrap();
    let mutation = Mutation::of(&policy, &[read(suite)]);
    let of_path = |survivor: &&Survivor| survivor.kind == MutantKind::PathTenantDropped;
    let listed: Vec<&Survivor> = mutation.survivors().iter().filter(of_path).collect();
    let [survivor] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(
        survivor.text,
        "/tenants/{id} does not judge the tenant in its path"
    );
    assert!(
        survivor.place.ends_with(".tenant_parameter"),
        "{survivor:?}"
    );
    let longer = with_cases(suite, &[Survivor::clone(survivor)]);
    let mutation = Mutation::of(&policy, &[read(&longer)]);
    assert_eq!(
        mutation.survivors().iter().filter(of_path).count(),
        0,
        "{longer}"
    );
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_embedded_suites_detect_every_mutant() {
    let (policy, directory) = embedded();
    let suites: Vec<Suite> = EMBEDDED_SUITES
        .iter()
        .map(|(_, text)| Suite::from_yaml(text, &policy, Some(&directory)).unwrap())
        .collect();
    let mutation = Mutation::of(&policy, &suites);
    assert_eq!(texts(&mutation), [] as [&str; 0]);
    assert!(mutation.detected() > 250, "{mutation:?}");
    // Each suite is needed.
    for (left_out, (name, _)) in EMBEDDED_SUITES.iter().enumerate() {
        let others: Vec<Suite> = EMBEDDED_SUITES
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != left_out)
            .map(|(_, (_, text))| Suite::from_yaml(text, &policy, Some(&directory)).unwrap())
            .collect();
        let survivors = Mutation::of(&policy, &others).survivors().len();
        // Several suites test parts of the profiles.
        assert!(
            survivors > 0 || *name == "tenants.suite.yaml" || *name == "restricted.suite.yaml",
            "{name}"
        );
    }
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_cases_given_for_the_survivors_detect_them() {
    let (policy, directory) = embedded();
    let text = EMBEDDED_SUITES[0].1;
    let read = |text: &str| {
        Suite::from_yaml(text, &policy, Some(&directory))
            .unwrap_or_else(|faults| panic!("{faults}"))
    };
    let before = Mutation::of(&policy, &[read(text)]);
    assert!(
        before.survivors().len() > 100,
        "{}",
        before.survivors().len()
    );
    assert!(
        before
            .survivors()
            .iter()
            .all(|survivor| survivor.suite == Some(0))
    );
    let kinds: Vec<MutantKind> = before
        .survivors()
        .iter()
        .map(|survivor| survivor.kind)
        .collect();
    assert!(kinds.is_sorted(), "the most dangerous first: {kinds:?}");

    let mended = read(&with_cases(text, before.survivors()));
    assert_eq!(mended.run().failed(), 0);
    let after = Mutation::of(&policy, &[mended]);
    assert_eq!(texts(&after), [] as [&str; 0]);
    assert_eq!(
        after.detected(),
        before.detected() + before.survivors().len()
    );
    assert_eq!(after.equivalent(), before.equivalent());
}

#[test]
fn without_any_suite_each_survivor_brings_its_own() {
    let text = "\
version: 1
base_path: /api
privileges: [a.see, a.do]
profiles:
  super_admin: { builtin: true, all: true }
  one: { grants: [a.see] }
  two: { inherits: [one], grants: [a.do] }
endpoints:
  - { path: /token, methods: { POST: null }, tenant: none, exchange: true }
  - { path: /a, methods: { GET: a.see, POST: a.do } }
  - { path: /b, methods: { GET: a.see }, tenant: platform }
  - { path: '/c/[d|e]', methods: { GET: a.see } }
releases:
  1.0.0: { access: super_root_only }
  2.0.0: { access: early_access, techniques: [token], restricted: [/b] }
  3.0.0: { access: scoped, restricted: ['/c/[d|e]'] }
";
    let policy = Arc::new(Policy::from_yaml(text).unwrap());
    let nothing = Mutation::of(&policy, &[]);
    let expected = [
        "2.0.0 no longer restricts /b",
        "3.0.0 no longer restricts /c/d",
        "3.0.0 no longer restricts /c/e",
        "1.0.0 lets everybody in",
        "2.0.0 lets everybody in",
        "a.see makes an account administrative",
        "a.do makes an account administrative",
        "one is granted a.do as well",
        "one inherits from two as well",
        "GET /a needs no privilege",
        "POST /a needs no privilege",
        "GET /b needs no privilege",
        "GET /c/[d|e] needs no privilege",
        "GET /a has tenant mode `none`",
        "POST /a has tenant mode `none`",
        "GET /b has tenant mode `scoped`",
        "GET /b has tenant mode `none`",
        "GET /c/[d|e] has tenant mode `none`",
        "2.0.0 takes both techniques",
        "2.0.0 and 3.0.0 have each other's tables",
        "one is no longer granted a.see",
        "two is no longer granted a.do",
        "two no longer inherits from one",
        "2.0.0 restricts /token as well",
        "2.0.0 restricts /a as well",
        "2.0.0 restricts /c/[d|e] as well",
        "3.0.0 restricts /token as well",
        "3.0.0 restricts /a as well",
        "3.0.0 restricts /b as well",
    ];
    let found: BTreeSet<&str> = texts(&nothing).into_iter().collect();
    // The loader refuses profiles that inherit from each other. To require a
    // privilege that everybody has is the same as to require none. Neither is a
    // mutant that a suite could detect.
    let equivalent = [
        "one inherits from two as well",
        "GET /a needs no privilege",
        "GET /b needs no privilege",
        "GET /c/[d|e] needs no privilege",
    ];
    let expected: BTreeSet<&str> = expected
        .into_iter()
        .filter(|text| !equivalent.contains(text))
        .collect();
    assert_eq!(found, expected);
    assert_eq!((nothing.detected(), nothing.equivalent()), (0, 3));

    let suites: Vec<Suite> = nothing
        .survivors()
        .iter()
        .map(|survivor| {
            assert_eq!(survivor.suite, None);
            let suite = Suite::from_yaml(&survivor.case, &policy, None);
            suite.unwrap_or_else(|faults| panic!("{faults}\n{}", survivor.case))
        })
        .collect();
    assert!(suites.iter().all(|suite| suite.run().failed() == 0));
    // Each case detects its own mutant with one request.
    for (survivor, suite) in nothing.survivors().iter().zip(suites) {
        assert_eq!(suite.run().requests(), 1, "{}", survivor.case);
        let alone = Mutation::of(&policy, &[suite]);
        assert!(
            !texts(&alone).contains(&survivor.text.as_str()),
            "{}",
            survivor.case
        );
    }
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_case_is_the_simplest_one() {
    let (policy, directory) = embedded();
    let suite = "version: 1\nsuite: nearly nothing\nnow: 0\nreleases: \"5.5.0\"\ncases:\n  \
                 - { name: one, as: ann, call: GET /cases, expect: allow }\n";
    let suite = Suite::from_yaml(suite, &policy, Some(&directory)).unwrap();
    let mutation = Mutation::of(&policy, &[suite]);
    let case = |text: &str| {
        let survivor = mutation
            .survivors()
            .iter()
            .find(|survivor| survivor.text == text);
        survivor
            .unwrap_or_else(|| panic!("{:#?}", texts(&mutation)))
            .case
            .clone()
    };
    assert_eq!(
        case("5.5.0 no longer restricts /update_ser"),
        "  - name: \"detects: 5.5.0 no longer restricts /update_ser\"\n    \
           as: { scope: root, profile: user }\n    \
           releases: \"5.5.0\"\n    \
           call: \"POST /update_ser\"\n    \
           expect: restricted_endpoint\n"
    );
    assert_eq!(
        case("POST /tenants/ has tenant mode `scoped`"),
        "  - name: \"detects: POST /tenants/ has tenant mode `scoped`\"\n    \
           as: { scope: partner, group: \"one\", profile: platform_admin }\n    \
           releases: \"5.4.1 with scoped keys\"\n    \
           call: \"POST /tenants/\"\n    \
           expect: root_scope_required\n"
    );
    assert_eq!(
        case("5.5.0s takes both techniques"),
        "  - name: \"detects: 5.5.0s takes both techniques\"\n    \
           as: { scope: root, profile: user }\n    \
           releases: \"5.5.0s\"\n    \
           call: \"GET /cases\"\n    \
           credential: key_by_basic\n    \
           expect: technique_refused\n"
    );
}

/// A suite without tenants and groups cannot have a case that needs some. Such a
/// case is a whole suite.
#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn a_case_is_for_a_suite_that_has_the_names_it_needs() {
    let (policy, _) = embedded();
    let text = "version: 1\nsuite: nobody\nnow: 0\nreleases: \"5.5.0\"\ncases:\n  \
                - { name: one, as: { scope: root, profile: user }, call: GET /cases, expect: allow }\n";
    let suite = Suite::from_yaml(text, &policy, None).unwrap();
    assert_eq!((suite.run().requests(), suite.run().failed()), (1, 0));
    let mutation = Mutation::of(&policy, &[suite]);
    let of = |text: &str| {
        let mut survivors = mutation.survivors().iter();
        survivors.find(|survivor| survivor.text == text).unwrap()
    };
    let root = of("5.5.0 no longer restricts /update_ser");
    assert_eq!(root.suite, Some(0));
    let partner = of("POST /tenants/ has tenant mode `scoped`");
    assert_eq!(partner.suite, None);
    assert_eq!(
        partner.case,
        "version: 1\nsuite: what no other suite notices\nnow: 0\nreleases: \"5.4.1 with scoped keys\"\n\
         tenants: [own]\ngroups: { group: [own], empty: [] }\ncases:\n  \
         - name: \"detects: POST /tenants/ has tenant mode `scoped`\"\n    \
           as: { scope: partner, group: \"group\", profile: platform_admin }\n    \
           releases: \"5.4.1 with scoped keys\"\n    \
           call: \"POST /tenants/\"\n    \
           expect: root_scope_required\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// For any policy, the suites given for the survivors detect all of them.
    #[test]
    fn every_survivor_can_be_detected(world in worlds(Size { endpoints: 4, profiles: 2, privileges: 3, releases: 2 })) {
        let policy = policy(&world);
        let nothing = Mutation::of(&policy, &[]);
        let suites: Vec<Suite> = nothing
            .survivors()
            .iter()
            .map(|survivor| Suite::from_yaml(&survivor.case, &policy, None).unwrap_or_else(|faults| panic!("{faults}\n{}", survivor.case)))
            .collect();
        prop_assert!(suites.iter().all(|suite| suite.run().failed() == 0));
        let all = Mutation::of(&policy, &suites);
        prop_assert_eq!(texts(&all), [] as [&str; 0]);
        prop_assert_eq!(all.detected(), nothing.survivors().len());
    }
}

/// A change that no request shows, but who may administer whom, is not equivalent.
#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn a_mutant_that_changes_who_administers_is_not_equivalent() {
    let (policy, directory) = embedded();
    let suites: Vec<Suite> = EMBEDDED_SUITES
        .iter()
        .filter(|(name, _)| *name != "administration.suite.yaml")
        .map(|(_, text)| Suite::from_yaml(text, &policy, Some(&directory)).unwrap())
        .collect();
    let mutation = Mutation::of(&policy, &suites);
    let survivors = texts(&mutation);
    for expected in [
        "nothing makes an account administrative",
        "cases.view makes an account administrative",
    ] {
        assert!(survivors.contains(&expected), "{expected}: {survivors:#?}");
    }
    // Each brings a case about an act.
    assert!(
        mutation
            .survivors()
            .iter()
            .all(|survivor| survivor.case.contains("    may: "))
    );
}
