//! `check`: what it reports on documents that are valid, and that are not.

mod tool;

use serde_json::Value;
use tool::{file, golden, run};

const POLICY: &str = portcullis::EMBEDDED_POLICY;
const DIRECTORY: &str = portcullis::EMBEDDED_DIRECTORY;

/// A policy with two faults in known places.
fn faulty_policy() -> String {
    let text = "\
version: 1
base_path: /api
privileges: [cases.view]
profiles:
  super_admin: { builtin: true, all: true }
  viewer: { grants: [cases.veiw] }
endpoints:
  - path: /cases
    methods: { GET: cases.view }
    tenant: soped
releases:
  \"1.0.0\": { access: scoped, restricted: [] }
";
    text.to_owned()
}

#[test]
fn people_read_what_the_documents_hold() {
    let checked = run(["check"]);
    assert_eq!((checked.code, checked.errors.as_str()), (0, ""));
    let policy = portcullis::Policy::embedded().unwrap();
    let directory = portcullis::Directory::from_yaml(DIRECTORY, &policy).unwrap();
    let expected = format!(
        "policy       the embedded policy: 6 releases, {} endpoints, 4 profiles, {} privileges, digest {}\n\
         directory    the embedded directory: {} tenants, {} groups, {} users, {} keys\n",
        policy.endpoints().len(),
        policy.privileges().len(),
        policy.digest(),
        directory.tenancy().tenants().len(),
        directory.tenancy().groups().len(),
        directory.users().len(),
        directory.keys().count(),
    );
    assert_eq!(checked.output, expected);
}

#[test]
fn files_are_called_by_their_names() {
    let policy = file("valid-policy.yaml", POLICY);
    let directory = file("valid-directory.yaml", DIRECTORY);
    let (policy, directory) = (policy.to_str().unwrap(), directory.to_str().unwrap());
    let checked = run(["check", "--policy", policy, "--directory", directory]);
    assert_eq!((checked.code, checked.errors.as_str()), (0, ""));
    let starts: Vec<bool> = checked
        .output
        .lines()
        .zip([format!("policy       {policy}: 6 releases"), format!("directory    {directory}: 4 tenants")])
        .map(|(line, start)| line.starts_with(&start))
        .collect();
    assert_eq!(starts, [true, true], "{}", checked.output);

    let alone = run(["check", "--policy", policy]);
    assert_eq!((alone.code, alone.output.lines().count()), (0, 1), "the embedded directory is not the policy's");
    let alone = run(["check", "--directory", directory]);
    assert_eq!((alone.code, alone.output.lines().count()), (0, 2));
}

#[test]
fn programs_read_one_line_of_json() {
    let checked = run(["check", "--format", "json"]);
    assert_eq!((checked.code, checked.errors.as_str(), checked.output.lines().count()), (0, "", 1));
    let report: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!(report["valid"], true);
    assert_eq!(report["policy"]["releases"], 6);
    assert_eq!(report["policy"]["digest"].as_str().unwrap().len(), 64);
    assert_eq!(report["directory"]["tenants"], 4);
    assert_eq!(report.get("invalid"), None);
}

#[test]
fn every_fault_has_its_place() {
    let policy = file("faulty-policy.yaml", faulty_policy());
    let name = policy.to_str().unwrap();
    let checked = run(["check", "--policy", name]);
    assert_eq!((checked.code, checked.output.as_str()), (3, ""));
    golden("check-faults.txt", &checked.errors.replace(name, "policy.yaml"));

    let checked = run(["check", "--policy", name, "--format", "json"]);
    assert_eq!((checked.code, checked.errors.as_str(), checked.output.lines().count()), (3, "", 1));
    let report: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!((&report["valid"], &report["invalid"]["name"]), (&Value::from(false), &Value::from(name)));
    let faults = report["invalid"]["faults"].as_array().unwrap();
    let places: Vec<(u64, &str)> =
        faults.iter().map(|fault| (fault["line"].as_u64().unwrap(), fault["code"].as_str().unwrap())).collect();
    assert_eq!(places, [(6, "unknown_privilege"), (10, "unknown_word")]);
    assert_eq!(report["invalid"]["more"], 0);
}

#[test]
fn beyond_twenty_faults_are_counted() {
    let wrong: String = (0..30).map(|n| format!("wrong{n}: 1\n")).collect();
    let policy = file("many-faults.yaml", format!("{}{wrong}", faulty_policy()));
    let name = policy.to_str().unwrap();
    let checked = run(["check", "--policy", name]);
    assert_eq!(checked.code, 3);
    assert_eq!(checked.errors.lines().count(), 21);
    let last = checked.errors.lines().last().unwrap();
    assert!(last.starts_with(&format!("{name}: and ")) && last.ends_with(" more"), "{last}");
}

#[test]
fn a_directory_is_checked_against_its_policy() {
    let directory = file("wrong-profile.yaml", DIRECTORY.replace("profile: user", "profile: usr"));
    let name = directory.to_str().unwrap();
    let checked = run(["check", "--directory", name]);
    assert_eq!((checked.code, checked.output.lines().count()), (3, 1), "the policy is reported, it is valid");
    assert!(checked.errors.lines().all(|line| line.starts_with(&format!("{name}:"))), "{}", checked.errors);
    assert!(checked.errors.contains("did you mean `user`?"), "{}", checked.errors);

    let checked = run(["check", "--directory", name, "--format", "json"]);
    assert_eq!((checked.code, checked.errors.as_str()), (3, ""));
    let report: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!((&report["policy"]["releases"], &report["invalid"]["name"]), (&Value::from(6), &Value::from(name)));
}

#[test]
fn what_cannot_be_read_is_no_invalid_document() {
    for format in ["human", "json"] {
        for path in ["/no/such/file", env!("CARGO_TARGET_TMPDIR")] {
            let checked = run(["check", "--format", format, "--policy", path]);
            assert_eq!((checked.code, checked.output.as_str()), (1, ""));
            assert!(checked.errors.starts_with(&format!("portcullis: cannot read `{path}`: ")), "{}", checked.errors);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_an_end_is_refused() {
    let checked = run(["check", "--policy", "/dev/zero"]);
    assert_eq!(checked.code, 3);
    assert!(checked.errors.starts_with("/dev/zero:1:1: "), "{}", checked.errors);
}
