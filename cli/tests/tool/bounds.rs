//! What is too large is refused, with the flags that make it smaller.

use std::fmt::Write;

use crate::run::{file, run};

/// A policy with many endpoints, profiles and privileges.
fn write_policy() {
    let mut text = "version: 1\nprivileges:\n".to_owned();
    for number in 0..300 {
        writeln!(text, "- p.p{number}").unwrap();
    }
    text += "profiles:\n  super_admin: { builtin: true, all: true }\n";
    for number in 0..1_199 {
        writeln!(text, "  c{number}: {{ grants: [p.p{}] }}", number % 300).unwrap();
    }
    text += "endpoints:\n";
    for number in 0..300 {
        writeln!(
            text,
            "- {{ path: /e{number}, methods: {{ GET: p.p{number} }} }}"
        )
        .unwrap();
    }
    text += "releases:\n  1.0.0: { access: scoped, restricted: [] }\n  1.1.0: { access: scoped, restricted: [/e7] }\n";
    file("large.yaml", text);
}

#[test]
fn a_table_that_is_too_large_is_refused_and_a_part_of_it_is_printed() {
    write_policy();
    for format in ["human", "markdown", "csv", "json"] {
        let refused = run(&format!("matrix --policy large.yaml --format {format}"));
        assert_eq!(
            (
                refused.code,
                refused.output.as_str(),
                refused.errors.as_str()
            ),
            (
                2,
                "",
                "portcullis: the table would have 2160000 fields, and at most 2000000 are printed; \
                 select some with --release, --profile or --endpoint\n"
            )
        );
    }
    let part = run("matrix --policy large.yaml --release 1.1.0 --profile c7 --format csv");
    assert_eq!(part.code, 0, "{}", part.errors);
    assert_eq!(part.output.lines().count(), 301);
}

#[test]
fn too_many_mutants_are_refused() {
    write_policy();
    file(
        "large.suite.yaml",
        "version: 1\nsuite: large\nnow: 0\nreleases: every release\ncases:\n\
         - { name: one, as: { scope: root, profile: c7 }, call: GET /e7, releases: 1.0.0, expect: allow }\n",
    );
    let plain = run("test large.suite.yaml --policy large.yaml --coverage");
    assert_eq!(plain.code, 0, "{}", plain.errors);
    let refused = run("test large.suite.yaml --policy large.yaml --mutate");
    assert_eq!((refused.code, refused.output.as_str()), (2, ""));
    assert!(
        refused
            .errors
            .ends_with(" mutants, and at most 100000 are made; use --coverage, or test parts of the policy by themselves\n"),
        "{}",
        refused.errors
    );
}
