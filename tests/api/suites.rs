//! The embedded suites hold, each by one line as in a host, and so do the
//! examples on the page about suites.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use portcullis::audit::Suite;
use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};

/// Runs a suite on the embedded policy and directory.
fn hold(text: &str) -> usize {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    Suite::check(text, &policy, Some(&directory)).unwrap()
}

#[test]
fn access() {
    hold(include_str!(
        "../../policies/stellar-cyber/suites/access.suite.yaml"
    ));
}

#[test]
fn restricted() {
    hold(include_str!(
        "../../policies/stellar-cyber/suites/restricted.suite.yaml"
    ));
}

#[test]
fn profiles() {
    hold(include_str!(
        "../../policies/stellar-cyber/suites/profiles.suite.yaml"
    ));
}

#[test]
fn tenants() {
    hold(include_str!(
        "../../policies/stellar-cyber/suites/tenants.suite.yaml"
    ));
}

#[test]
fn administration() {
    hold(include_str!(
        "../../policies/stellar-cyber/suites/administration.suite.yaml"
    ));
}

#[test]
fn every_suite_in_the_folder_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/stellar-cyber/suites");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files: BTreeSet<String> = files
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    let embedded: BTreeSet<String> = EMBEDDED_SUITES
        .iter()
        .map(|(name, _)| (*name).to_string())
        .collect();
    assert_eq!(files, embedded);
    assert!(embedded.len() >= 4);
}

#[test]
fn the_examples_of_the_page_hold() {
    let page = include_str!("../../docs/suites.md");
    let blocks = page.split("```yaml\n").skip(1);
    let examples: Vec<&str> = blocks
        .map(|block| block.split_once("```").unwrap().0)
        .collect();
    assert!(
        examples.len() >= 4,
        "only {} examples were found",
        examples.len()
    );
    for example in examples {
        assert!(hold(example) > 0);
    }
}
