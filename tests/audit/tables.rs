//! The limit on tables of expectations in a suite.

use std::fmt::Write;
use std::sync::Arc;

use portcullis::Policy;
use portcullis::audit::Suite;

/// A number of cases. Each has tables inside tables, with the same thousand principals
/// on every level.
fn nested(cases: usize, levels: usize) -> String {
    let people: String = (0..1_000)
        .map(|number| format!("  p{number}: {{ scope: root, profile: user }}\n"))
        .collect();
    let mut text = format!(
        "version: 1\nsuite: nested\nnow: 0\nreleases: \"5.5.0\"\ntenants: []\nprincipals:\n{people}cases:\n"
    );
    let (opening, closing) = (
        "{ by_principal: { every principal: ".repeat(levels),
        " } }".repeat(levels),
    );
    for case in 0..cases {
        writeln!(
            text,
            "  - {{ name: \"{case}\", as: every principal, call: GET /cases, expect: {opening}allow{closing} }}"
        )
        .unwrap();
    }
    text
}

/// Comparing the entries of tables with the requests of their case takes time, even
/// if there are few requests. So a suite cannot have arbitrarily many tables.
#[test]
fn tables_within_tables_are_bounded_in_number() {
    let policy = Arc::new(Policy::embedded().unwrap());
    // Each of the thirteen levels takes 1001 steps, of eight million.
    let largest = Suite::from_yaml(nested(614, 13), &policy, None);
    let largest = largest.unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(
        largest
            .cases()
            .map(|(_, _, requests)| requests)
            .sum::<usize>(),
        614_000
    );
    let faults = Suite::from_yaml(nested(615, 13), &policy, None).unwrap_err();
    let codes: Vec<&str> = faults.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes, ["too_many_requests"]);
}
