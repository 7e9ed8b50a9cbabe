//! The seeds of the fuzzers, checked without a fuzzer.

#[path = "../fuzz/lib.rs"]
mod fuzz;

use std::fs;
use std::path::Path;

/// Checks every file beneath these folders.
fn each(check: fn(&[u8]), folders: &[&str], at_least: usize) {
    let mut open: Vec<_> = folders
        .iter()
        .map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .collect();
    let mut checked = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            check(&fs::read(path).unwrap());
            checked += 1;
        }
    }
    assert!(checked >= at_least, "only {checked} seeds");
}

#[test]
fn paths() {
    each(fuzz::paths::check, &["fuzz/seeds/paths"], 5);
}

#[test]
fn policies() {
    let folders = ["fuzz/seeds/policy", "tests/documents", "policies"];
    each(fuzz::policy::check, &folders, 300);
}

#[test]
fn directories() {
    let folders = ["fuzz/seeds/directory", "tests/documents", "policies"];
    each(fuzz::directory::check, &folders, 300);
}

#[test]
fn decisions() {
    let folders = ["fuzz/seeds/policy", "tests/documents/accepted"];
    each(fuzz::decisions::check, &folders, 10);
}

#[test]
fn suites() {
    let folders = ["fuzz/seeds/suite", "tests/documents/suite", "policies"];
    each(fuzz::suite::check, &folders, 40);
}

#[test]
fn histories() {
    each(fuzz::history::check, &["fuzz/seeds/history"], 3);
}
