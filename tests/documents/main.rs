//! Bad documents and the exact words with which each of them is refused, and
//! good ones in every spelling that there is.
//!
//! Every `NAME.yaml` under `tests/documents/policy/`, `directory/` and `suite/`
//! is a document with something wrong; its first line says what. `NAME.expected`
//! beside it holds what the loader says: one line to a fault, its code first.
//! Directories are read for the embedded policy, suites for it with an endpoint
//! beside the tenants in paths, and the embedded directory. The documents under
//! `accepted/` are one policy in many spellings, those in `language/` use every
//! feature of the policy language.
//!
//! `REWRITE_EXPECTED=1 cargo test --test documents` writes the files anew where
//! they differ and then fails, naming each, so that no change goes unseen.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::audit::Suite;
use portcullis::fault::{Code, MOST_LOCATED};
use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Faults, Policy};

mod canonical;
mod large;
mod measure;
mod order;
mod other_reader;
mod policy_language;
mod random;
mod refused;
mod templates;
mod words;
#[path = "../worlds/mod.rs"]
mod worlds;

/// The endpoint of the embedded policy whose path names the tenant.
const TENANT: &str = "  - path: /tenants/{id}\n";
/// The fewest documents that there are.
const FEWEST: usize = 190;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents")
}

/// Every file under a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The documents, each with the file that holds what is expected.
fn documents() -> Vec<(PathBuf, PathBuf)> {
    let folders: Vec<PathBuf> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let unknown = |path: &&PathBuf| {
        path.is_dir()
            && !path.join("mod.rs").is_file()
            && !["policy", "directory", "suite", "accepted", "language"]
                .map(|name| root().join(name))
                .contains(path)
    };
    assert_eq!(
        folders.iter().find(unknown),
        None,
        "a folder that no test reads"
    );
    let files = [
        files(&root().join("policy")),
        files(&root().join("directory")),
        files(&root().join("suite")),
    ]
    .concat();
    let (documents, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    let expected: Vec<PathBuf> = documents
        .iter()
        .map(|path| path.with_extension("expected"))
        .collect();
    let strays: Vec<_> = others
        .iter()
        .filter(|path| !expected.contains(path))
        .collect();
    assert!(
        strays.is_empty(),
        "files that no document belongs to: {strays:#?}"
    );
    documents.into_iter().zip(expected).collect()
}

fn load(path: &Path, bytes: &[u8]) -> Result<(), Faults> {
    if path.starts_with(root().join("suite")) {
        let beside = "  - { path: /tenants/summary, methods: { GET: system.tenants.view } }\n";
        let text = EMBEDDED_POLICY.replace(TENANT, &format!("{beside}{TENANT}"));
        assert!(
            text.contains(beside),
            "the catalogue has no tenant in a path"
        );
        let policy = Arc::new(Policy::from_yaml(text).unwrap());
        let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
        Suite::from_yaml(bytes, &policy, Some(&directory)).map(drop)
    } else if path.starts_with(root().join("directory")) {
        let policy = Policy::embedded().unwrap();
        Directory::from_yaml(bytes, &policy).map(drop)
    } else {
        Policy::from_yaml(bytes).map(drop)
    }
}

/// What is expected of faults: the code of each, then the line that it prints.
fn told(faults: &Faults) -> String {
    let mut text = String::new();
    for fault in faults {
        writeln!(text, "[{}] {fault}", fault.code()).unwrap();
    }
    if faults.more() > 0 {
        writeln!(text, "and {} more", faults.more()).unwrap();
    }
    text
}

#[test]
fn every_bad_document_is_refused_in_the_expected_words() {
    let rewrite = std::env::var_os("REWRITE_EXPECTED").is_some();
    let documents = documents();
    assert!(
        documents.len() >= FEWEST,
        "only {} documents were found",
        documents.len()
    );
    let mut failures = Vec::new();
    for (document, expected) in &documents {
        let name = document.strip_prefix(root()).unwrap().display();
        let found = match load(document, &fs::read(document).unwrap()) {
            Ok(()) => {
                failures.push(format!("{name} is accepted"));
                continue;
            }
            Err(faults) => told(&faults),
        };
        let known = fs::read_to_string(expected).unwrap_or_default();
        if known != found {
            failures.push(format!("{name}\n  expected:\n{known}\n  found:\n{found}"));
            if rewrite {
                fs::write(expected, found).unwrap();
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} differ:\n{}",
        failures.len(),
        documents.len(),
        failures.join("\n")
    );
}

#[test]
fn the_first_line_of_a_document_says_what_is_wrong() {
    let bare: BTreeSet<&str> = BTreeSet::from(["empty.yaml", "utf_16.yaml"]);
    for (document, _) in documents() {
        let bytes = fs::read(&document).unwrap();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let name = document.file_name().unwrap().to_str().unwrap();
        assert!(
            bytes.starts_with(b"# ") || bare.contains(name),
            "{}",
            document.display()
        );
    }
}

#[test]
fn every_code_has_a_document() {
    let mut seen: BTreeSet<String> = large::CODES.iter().map(ToString::to_string).collect();
    for (_, expected) in documents() {
        let text = fs::read_to_string(expected).unwrap_or_default();
        let codes = text
            .lines()
            .filter_map(|line| line.strip_prefix('[')?.split_once(']'));
        seen.extend(codes.map(|(code, _)| code.to_string()));
    }
    let known: BTreeSet<String> = Code::all().map(|code| code.code.to_string()).collect();
    let missing: Vec<_> = known.difference(&seen).collect();
    assert!(missing.is_empty(), "codes without a document: {missing:?}");
    let unexplained: Vec<_> = seen.difference(&known).collect();
    assert!(
        unexplained.is_empty(),
        "codes without an explanation: {unexplained:?}"
    );
}

#[test]
fn faults_are_told_in_the_order_of_the_document() {
    for (document, _) in documents() {
        let faults = load(&document, &fs::read(&document).unwrap()).unwrap_err();
        let positions: Vec<_> = faults.iter().map(|fault| fault.position()).collect();
        assert!(
            positions.is_sorted(),
            "{}: {positions:?}",
            document.display()
        );
        assert!(
            (1..=MOST_LOCATED).contains(&positions.len()),
            "{}",
            document.display()
        );
        assert!(
            faults.more() == 0 || positions.len() == MOST_LOCATED,
            "{}",
            document.display()
        );
    }
}

#[test]
fn every_fault_is_one_line_of_bounded_length() {
    for (document, _) in documents() {
        for fault in &load(&document, &fs::read(&document).unwrap()).unwrap_err() {
            let line = fault.to_string();
            assert!(!line.contains(['\n', '\r', '\t']), "{line}");
            assert!(!line.ends_with('.'), "{line}");
            assert!(line.chars().count() < 600, "{line}");
            let text = fault.message();
            assert!(
                !text.starts_with(char::is_uppercase)
                    || text.starts_with("TRACE")
                    || text.starts_with("CONNECT"),
                "{text}"
            );
        }
    }
}

/// The line and column of a fault are those of the first character that it is
/// about: cut off everything before, and the text there begins with it.
#[test]
fn positions_point_at_what_is_wrong() {
    let text = "version: 1\nbase_path: /api\nprivileges: [a.b]\nprofiles:\n  super_admin: { builtin: true, all: true }\n  \
                ü: { grants: [ä, \"ö\"] }\nendpoints: []\nreleases:\n  1.0.0: { access: super_root_only, sourc: x }\n";
    let faults = Policy::from_yaml(text).unwrap_err();
    let found: Vec<&str> = faults
        .iter()
        .map(|fault| {
            let line = text.lines().nth(fault.position().line - 1).unwrap();
            let (at, _) = line
                .char_indices()
                .nth(fault.position().column - 1)
                .unwrap();
            &line[at..]
        })
        .collect();
    assert_eq!(
        found,
        ["ü: { grants: [ä, \"ö\"] }", "sourc: x }"],
        "{faults}"
    );
}

/// What is new in the language loads, and is the same in its canonical spelling.
#[test]
fn every_feature_of_the_language_loads() {
    let features = files(&root().join("language"));
    assert!(features.len() >= 5, "only {} were found", features.len());
    for path in features {
        let load = |text: &str| {
            Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{}: {faults}", path.display()))
        };
        let policy = load(&fs::read_to_string(&path).unwrap());
        let canonical = policy.to_yaml();
        let again = load(&canonical);
        assert_eq!(again.digest(), policy.digest(), "{}", path.display());
        assert_eq!(again.to_yaml(), canonical, "{}", path.display());
    }
}

#[test]
fn one_policy_may_be_spelled_in_many_ways() {
    let plain = Policy::from_yaml(fs::read(root().join("accepted/plain.yaml")).unwrap()).unwrap();
    let spellings = files(&root().join("accepted"));
    assert!(
        spellings.len() >= 10,
        "only {} spellings were found",
        spellings.len()
    );
    for path in spellings {
        let text = fs::read_to_string(&path).unwrap();
        let policy = Policy::from_yaml(&text)
            .unwrap_or_else(|faults| panic!("{}: {faults}", path.display()));
        assert_eq!(policy.digest(), plain.digest(), "{}", path.display());
        assert_eq!(
            other_reader::agrees(&text, &policy),
            Ok(()),
            "{}",
            path.display()
        );
    }
}
