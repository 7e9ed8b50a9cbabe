//! Documents with faults in another order: refused for the same faults.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use portcullis::audit::Suite;
use portcullis::fault::Diagnostic;
use portcullis::{Directory, EMBEDDED_DIRECTORY, Faults, Policy};

use crate::order::tree::Tree;
use crate::worlds::Dice;

static WORLD: LazyLock<(Arc<Policy>, Directory)> = LazyLock::new(|| {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    (policy, directory)
});

/// Refuses a document of one of the three kinds, or not.
type Load = fn(&str) -> Result<(), Faults>;

fn policy(text: &str) -> Result<(), Faults> {
    Policy::from_yaml(text).map(drop)
}

fn directory(text: &str) -> Result<(), Faults> {
    Directory::from_yaml(text, &WORLD.0).map(drop)
}

fn suite(text: &str) -> Result<(), Faults> {
    Suite::from_yaml(text, &WORLD.0, Some(&WORLD.1)).map(drop)
}

/// Faults between several places, told against the first of them: which ones are
/// told, and how many where there are more than two, goes by the order.
const TOLD_BY_THE_FIRST: [&str; 6] = [
    "inheritance_cycle",
    "repeated_email",
    "contradiction",
    "look_alike_privileges",
    "look_alike_profiles",
    "equal_releases",
];

/// A fault without what order may change: numbers of entries, which of two comes
/// first, where a circle begins.
fn told(fault: &Diagnostic) -> String {
    let path: String = fault
        .path()
        .split_inclusive('[')
        .map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()))
        .collect();
    if TOLD_BY_THE_FIRST.contains(&fault.code()) {
        return fault.code().to_string();
    }
    let text = fault.message();
    let mut words: Vec<&str> = text
        .split([' ', '`', ',', ';', ':'])
        .filter(|word| !word.is_empty() && !word.starts_with("endpoints["))
        .collect();
    words.sort_unstable();
    // A circle ends where it begins.
    words.dedup();
    format!("{} {path} {}", fault.code(), words.join(" "))
}

/// All faults of a document; none where it is accepted, nothing where there are
/// more than are told.
fn faults(load: Load, text: &str) -> Option<Vec<String>> {
    let Err(faults) = load(text) else {
        return Some(Vec::new());
    };
    let mut all: Vec<String> = faults.iter().map(told).collect();
    all.sort_unstable();
    all.dedup_by(|one, other| one == other && TOLD_BY_THE_FIRST.contains(&one.as_str()));
    (faults.more() == 0).then_some(all)
}

/// Compares a document with other orders of it; gives how many faults it has.
fn compare(load: Load, text: &str, name: &str) -> Option<usize> {
    let tree = Tree::read(text)?;
    let found = faults(load, &tree.text())?;
    let mut dice = Dice::new(3);
    for _ in 0..8 {
        let turned = tree.shuffled(&mut dice).text();
        assert_eq!(
            faults(load, &turned).as_ref(),
            Some(&found),
            "{name}\n{turned}"
        );
    }
    Some(found.len())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect()
}

#[test]
fn every_document_with_faults_has_the_same_ones_in_any_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let loads: [(&str, Load, usize); 3] = [
        ("policy", policy, 60),
        ("directory", directory, 25),
        ("suite", suite, 30),
    ];
    for (folder, load, at_least) in loads {
        let mut faulty = 0;
        for path in files(&root.join(folder)) {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let found = compare(load, &text, &path.display().to_string());
            faulty += usize::from(found > Some(0));
        }
        assert!(faulty >= at_least, "{folder}: only {faulty}");
    }
}

/// One fault of most kinds, in one document.
const MANY: &str = r#"
version: 1
base_path: /api
administration: users.edit
privileges: [cases.view, cases.edit, cases.view, wrong]
profiles:
  super_admin: { builtin: true, all: true }
  user: { grants: [cases.view, cases.veiw] }
  first: { inherits: [second] }
  second: { inherits: [third] }
  third: { inherits: [first, nobody] }
endpoints:
  - { path: /cases, methods: { GET: cases.view, TRACE: null } }
  - { path: /cases, methods: { PUT: cases.edit } }
  - { path: "/x/{id}/a", methods: { GET: null }, tenant: { PUT: none } }
  - { path: "/x/b/{id}", methods: { GET: null } }
  - { path: /y/a-b, methods: { GET: null } }
  - { path: /y/a_b/c, methods: { GET: cases.view } }
releases:
  "5.4.0": { access: super_root_only, restricted: [] }
  "5.5.0": { access: scoped, restricted: [/y/a-b, /nowhere, /y/a-b], techniques: [] }
  "5.6": { access: open, restricted: [] }
"#;

#[test]
fn many_faults_are_the_same_in_any_order() {
    let found = compare(policy, MANY, "many").expect("at most twenty faults");
    assert!((15..=20).contains(&found), "{found}");
    let directory_text = r"
version: 1
tenants: [alpha, beta, alpha, a b]
groups: { one: [alpha, gamma], two: [beta, beta] }
users:
  ann: { scope: root, group: one, profile: super_admin, email: x@example.com }
  bob: { scope: tenant, tenant: gamma, profile: usr, email: X@EXAMPLE.COM }
  cid: { scope: partner, profile: user, enabled: 1 }
keys:
  k1: { owner: nobody, name: a, created_at: 5, expires_at: 5 }
  k2: { owner: ann, name: '', created_at: -1, kind: new }
";
    let found = compare(directory, directory_text, "directory").unwrap();
    assert!((10..=20).contains(&found), "{found}");
}
