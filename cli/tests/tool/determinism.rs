//! Two runs print the same bytes. Each run is a process of its own, and with it
//! the seeds of its hash maps.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY};

use crate::request::{request, with};
use crate::run::{Run, directory, file, run};
use serde_json::json;

/// The arguments of the runs. The time is given where the clock would be read.
const TYPED: [&str; 42] = [
    "--help",
    "authorize --release 5.5.0 --as msp --now 1764000000 GET /connect/api/v1/cases",
    "authorize --release 5.5.0 --as msp --now 1764000000 --format json GET /connect/api/v1/incidents",
    "authorize --batch lines.jsonl",
    "explain --release 5.5.0 --as msp --now 1764000000 --what-if GET /connect/api/v1/incidents",
    "explain --release 5.5.0 --as bob --now 1764000000 --format json GET /connect/api/v1/cases",
    "matrix",
    "matrix --only restricted",
    "matrix --format markdown",
    "matrix --format csv",
    "matrix --format json",
    "matrix --release 5.5.0 --policy other.yaml",
    "diff --from 5.5.0 --to 5.5.0s",
    "diff --from 5.4.1 --to 5.5.0 --format markdown",
    "diff --from 5.4.0 --to 5.5.0 --format json",
    "diff policy.yaml other.yaml",
    "diff policy.yaml other.yaml --impact --now 1764000000",
    "diff policy.yaml other.yaml --impact --now 1764000000 --format json",
    "diff --directory people.yaml --to-directory others.yaml --now 1764000000",
    "diff --directory people.yaml --to-directory others.yaml --now 1764000000 --format json",
    "who-can POST /update_ser --now 1764000000",
    "who-can GET /cases --now 1764000000 --format json",
    "can msp --release 5.5.0 --now 1764000000",
    "can user@partner --release 5.5.0 --format json",
    "keys list --now 1764000000",
    "keys audit --release 5.4.0 --now 1764000000",
    "keys audit --now 1764000000 --format json",
    "test",
    "test --coverage",
    "test --format json --coverage",
    "test some --mutate",
    "test some --mutate --format json",
    "test some --policy other.yaml --format junit",
    "test some --policy other.yaml --format tap",
    "check",
    "check --policy faulty.yaml",
    "check --policy faulty.yaml --format json",
    "show",
    "show --canonical",
    "import openapi openapi.yaml",
    "drift openapi.yaml --policy policy.yaml",
    "drift openapi.yaml --policy policy.yaml --format json",
];

/// Writes what the runs read.
fn write_inputs() {
    let lines = [
        request(),
        with([("/id", json!(2)), ("/release", json!("5.4.1s"))]),
        with([("/now", json!(-1)), ("/method", json!(7))]),
        with([
            ("/principal", json!("msp")),
            ("/credential/key", json!("k1")),
        ]),
    ];
    let lines = lines.map(|line| line.to_string());
    file("lines.jsonl", lines.join("\n"));
    let other = EMBEDDED_POLICY
        .replace("      - /reset_user\n", "")
        .replace(
            "cases.view, alerts.view,",
            "cases.view, cases.edit, alerts.view,",
        );
    file("people.yaml", EMBEDDED_DIRECTORY);
    let others = EMBEDDED_DIRECTORY
        .replace("two: [gamma]", "two: [gamma, delta]")
        .replace("profile: user,", "profile: security_admin,");
    file("others.yaml", others);
    file("policy.yaml", EMBEDDED_POLICY);
    file("other.yaml", other);
    let faulty = EMBEDDED_POLICY
        .replace("cases.view,", "cases.veiw,")
        .replace("- /reset_user", "- /reset_usr")
        .replace("builtin: true", "builtin: 1");
    file("faulty.yaml", faulty);
    let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/conventions.yaml");
    file("openapi.yaml", fs::read(api).unwrap());
    fs::create_dir_all(directory().join("some")).unwrap();
    for (name, text) in &EMBEDDED_SUITES[..2] {
        file(&format!("some/{name}"), text);
    }
}

#[test]
#[ignore = "slow; `.ci/deep` runs it"]
fn every_verb_prints_the_same_twice() {
    write_inputs();
    let mut codes = BTreeSet::new();
    for typed in TYPED {
        let first = run(typed);
        assert!(
            !first.output.is_empty() || !first.errors.is_empty(),
            "{typed}"
        );
        codes.insert(first.code);
        assert_ne!(first.code, 2, "{typed}: {}", first.errors);
        let again = run(typed);
        let parts = |run: &Run| (run.code, run.output.clone(), run.errors.clone());
        assert!(
            parts(&first) == parts(&again),
            "{typed}: {} and {}",
            first.output,
            again.output
        );
    }
    // Done, unread lines, an invalid document, a failed test, a denial, drift.
    assert_eq!(codes, BTreeSet::from([0, 1, 3, 4, 5, 7]));
}

/// Every file in a folder and below, with its bytes.
fn files(folder: &Path) -> Vec<(OsString, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let name = path.file_name().unwrap().to_owned();
            all.push((name, fs::read(&path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn every_file_is_written_the_same_twice() {
    write_inputs();
    let mut written = Vec::new();
    for number in ["one", "two"] {
        let folder = directory().join(number);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        assert_eq!(run(&format!("init {number}")).code, 0);
        let log = format!("{number}/activity.jsonl");
        assert_eq!(
            run(&format!("authorize --batch lines.jsonl --activity {log}")).code,
            1
        );
        written.push(files(&folder));
    }
    assert!(written[0].len() >= 4);
    assert!(written[0] == written[1]);
}
