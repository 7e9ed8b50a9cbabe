//! `init`: what it writes passes its suites, and nothing is overwritten.

use std::fs;

use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY};

use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, directory, file, run};

/// A folder that does not exist yet.
fn fresh(name: &str) -> String {
    let folder = directory().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    name.to_owned()
}

#[test]
fn the_embedded_policy_is_written_and_its_suites_pass() {
    let folder = fresh("one/two");
    let written = run(&format!("init {folder}"));
    assert_eq!((written.code, written.errors.as_str()), (0, ""));
    assert_eq!(written.output.lines().count(), 2 + EMBEDDED_SUITES.len());
    let read = |name: &str| fs::read_to_string(directory().join(&folder).join(name)).unwrap();
    assert_eq!(read("policy.yaml"), EMBEDDED_POLICY);
    assert_eq!(read("directory.yaml"), EMBEDDED_DIRECTORY);
    for (name, text) in EMBEDDED_SUITES {
        assert_eq!(read(&format!("suites/{name}")), *text);
    }
    for path in [folder.clone(), format!("{folder}/suites")] {
        let tested = run(&format!("test {path}"));
        assert_eq!(
            (tested.code, tested.errors.as_str()),
            (0, ""),
            "{}",
            tested.output
        );
        let heading = format!("policy       {folder}/policy.yaml\n");
        assert!(tested.output.starts_with(&heading), "{}", tested.output);
        assert_eq!(
            tested.output.matches("\nok ").count(),
            EMBEDDED_SUITES.len()
        );
    }
}

#[test]
fn the_example_is_written_and_its_suites_detect_every_mistake() {
    let folder = fresh("example");
    let written = run(&format!("init {folder} --example"));
    assert_eq!((written.code, written.errors.as_str()), (0, ""));
    let read = |name: &str| fs::read_to_string(directory().join(&folder).join(name)).unwrap();
    assert_eq!(read("policy.yaml"), EXAMPLE_POLICY);
    assert_eq!(read("directory.yaml"), EXAMPLE_DIRECTORY);
    let tested = run(&format!("test {folder} --min-coverage 100 --mutate"));
    assert_eq!(
        (tested.code, tested.errors.as_str()),
        (0, ""),
        "{}",
        tested.output
    );
    // Every suite of the example is written.
    let suites = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/example/suites");
    let suites = fs::read_dir(suites).unwrap().count();
    assert_eq!(tested.output.matches("\nok ").count(), suites);
}

#[test]
fn nothing_is_overwritten_and_nothing_half_written() {
    for name in ["policy.yaml", "directory.yaml", "suites/tenants.suite.yaml"] {
        let folder = fresh("taken");
        fs::create_dir_all(directory().join("taken/suites")).unwrap();
        file(&format!("{folder}/{name}"), "mine");
        let refused = run(&format!("init {folder}"));
        assert_eq!((refused.code, refused.output.as_str()), (1, ""), "{name}");
        let expected = format!(
            "portcullis: `{folder}/{name}` exists and is never overwritten; give another folder\n"
        );
        assert_eq!(refused.errors, expected);
        let mine = fs::read_to_string(directory().join(&folder).join(name)).unwrap();
        assert_eq!(mine, "mine");
        let policy = directory().join(&folder).join("policy.yaml");
        assert_eq!(
            policy.exists(),
            name == "policy.yaml",
            "nothing else was written"
        );
    }
    // A folder with other files is accepted.
    let folder = fresh("used");
    fs::create_dir_all(directory().join(&folder)).unwrap();
    file("used/notes.txt", "mine");
    assert_eq!(run("init used").code, 0);
    assert_eq!(
        run("init used").code,
        1,
        "the second time everything exists"
    );
}

#[test]
fn a_folder_that_cannot_be_created_is_reported() {
    file("plain", "no folder");
    let refused = run("init plain/below");
    assert_eq!((refused.code, refused.output.as_str()), (1, ""));
    assert!(
        refused
            .errors
            .contains("cannot write to `plain/below/suites`"),
        "{}",
        refused.errors
    );
    assert_eq!(run("init").code, 2);
}
