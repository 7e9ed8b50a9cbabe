//! Suites in another order: the same requests, with the same outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::audit::{Coverage, Mutation, Suite, SuiteFilter, SuiteReport};
use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Policy};

use crate::order::policies::load;
use crate::order::tree::Tree;
use crate::worlds::Dice;

/// The most failures of a case that are told.
const MOST_OF_A_CASE: usize = 10;

/// What came out, case by case.
fn told(report: &SuiteReport) -> BTreeMap<String, (usize, usize, Vec<String>)> {
    let cases = report.cases().iter().map(|case| {
        let all_told = case.failed <= MOST_OF_A_CASE;
        let failures = case.failures.iter().filter(|_| all_told);
        let mut failures: Vec<String> = failures
            .map(|failure| {
                let who = (&failure.principal, &failure.call, &failure.tenant);
                let how = (&failure.credential, &failure.release);
                format!(
                    "{who:?} {how:?}: {} not {}",
                    failure.actual, failure.expected
                )
            })
            .collect();
        failures.sort_unstable();
        (case.name.clone(), (case.requests, case.failed, failures))
    });
    cases.collect()
}

fn run(suite: &Suite) -> (SuiteReport, [u64; 3]) {
    let mut coverage = Coverage::of(suite.policy());
    let report = coverage.run(suite, &SuiteFilter::default());
    let (covered, all) = coverage.cells();
    (report, [coverage.covered_rules() as u64, covered, all])
}

/// The suites and another order of each, for a policy.
fn pairs(policy: &Arc<Policy>, seed: u64) -> Vec<(Suite, Suite)> {
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, policy).unwrap();
    let mut dice = Dice::new(seed);
    let pair = |(_, text): &(&str, &str)| {
        let tree = Tree::read(text).unwrap();
        let turned = tree.shuffled(&mut dice);
        assert_ne!(turned, tree);
        let read = |text: &str| {
            Suite::from_yaml(text, policy, Some(&directory))
                .unwrap_or_else(|faults| panic!("{faults}\n{text}"))
        };
        (read(text), read(&turned.text()))
    };
    EMBEDDED_SUITES.iter().map(pair).collect()
}

#[test]
fn suites_that_hold_and_suites_that_fail_tell_the_same_in_any_order() {
    // A table without a row, and a profile with a privilege more.
    let open = EMBEDDED_POLICY.replace("      - /reset_user\n", "");
    let more = EMBEDDED_POLICY.replace(
        "cases.view, alerts.view,",
        "cases.view, cases.edit, alerts.view,",
    );
    let mut failed = 0;
    for (number, text) in [EMBEDDED_POLICY, &open, &more].into_iter().enumerate() {
        assert!(number == 0 || text != EMBEDDED_POLICY);
        let policy = load(text);
        for (suite, turned) in pairs(&policy, number as u64) {
            let ((one, covered), (other, covered_so)) = (run(&suite), run(&turned));
            assert!(one.requests() > 0);
            assert_eq!(told(&one), told(&other));
            assert_eq!(covered, covered_so);
            failed += one.failed();
        }
    }
    assert!(failed > 0, "no suite failed");
}

#[test]
#[ignore = "slow; `.ci/deep` runs it"]
fn the_mistakes_that_suites_leave_unnoticed_are_the_same_in_any_order() {
    let policy = load(EMBEDDED_POLICY);
    let (suites, turned): (Vec<Suite>, Vec<Suite>) = pairs(&policy, 7).into_iter().unzip();
    for number in [0, 2] {
        // One suite alone: all of them together leave nothing unnoticed.
        let one = Mutation::of(&policy, &suites[number..=number]);
        let other = Mutation::of(&policy, &turned[number..=number]);
        assert!(!one.survivors().is_empty());
        assert_eq!(one.survivors().len(), other.survivors().len());
        let texts = |mutation: &Mutation| {
            let survivors = mutation.survivors().iter();
            let texts = survivors.map(|survivor| format!("{}: {}", survivor.place, survivor.text));
            texts.collect::<Vec<_>>()
        };
        assert_eq!(texts(&one), texts(&other));
        assert_eq!(one.detected(), other.detected());
        assert_eq!(one.equivalent(), other.equivalent());
    }
}
