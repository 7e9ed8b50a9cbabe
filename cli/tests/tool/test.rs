//! `test`: what it prints about suites, which documents it uses, and its exit
//! codes.

use std::fs;

use portcullis::policy::EMBEDDED_SUITES;
use serde_json::Value;

use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, directory, file, golden, run, run_each};

/// Two cases that pass and one that fails.
const TRIAL: &str = "\
version: 1
suite: a trial
now: 1764000000
releases: [\"1.0.0 with scoped keys\", \"2.0.0\"]
cases:
  - name: activity is restricted
    as: [ann, msp]
    call: GET /activity
    expect: { by_principal: { ann: allow, msp: restricted_endpoint } }
  - name: \"exports <all> & such #1\"
    as: partner-admin
    call: GET /exports
    expect: allow
  - name: tickets are not
    as: [ann, msp]
    call: GET /tickets
    expect: allow
";

/// A suite that cannot be read.
const BROKEN: &str = "\
version: 1
suite: broken
now: 1764000000
releases: \"2.0.0\"
cases:
  - { name: one, as: mps, call: GET /tickets, expect: allow }
";

/// Makes a folder in the directory of the test.
fn folder(name: &str) {
    fs::create_dir_all(directory().join(name)).unwrap();
}

#[test]
fn the_embedded_suites_pass_and_cover_every_rule() {
    let tested = run("test --coverage --min-coverage 100");
    assert_eq!(
        (tested.code, tested.errors.as_str()),
        (0, ""),
        "{}",
        tested.output
    );
    assert_eq!(
        tested.output.matches("\nok ").count(),
        EMBEDDED_SUITES.len()
    );
    assert!(tested.output.contains("(100%)"), "{}", tested.output);
    assert!(!tested.output.contains("not covered"), "{}", tested.output);
}

/// Writes the example policy and its directory, which suites below then use.
fn example() {
    file("policy.yaml", EXAMPLE_POLICY);
    file("directory.yaml", EXAMPLE_DIRECTORY);
}

#[test]
fn people_read_what_failed_and_where_to_look() {
    example();
    file("trial.suite.yaml", TRIAL);
    let tested = run("test trial.suite.yaml");
    assert_eq!((tested.code, tested.errors.as_str()), (4, ""));
    golden("test-failed.txt", &tested.output);
    let full = run("test trial.suite.yaml --full");
    assert_eq!((full.code, full.errors.as_str()), (4, ""));
    golden("test-failed-full.txt", &full.output);
}

#[test]
fn programs_read_junit_tap_and_json() {
    example();
    folder("suites");
    file("suites/trial.suite.yaml", TRIAL);
    file("suites/broken.suite.yaml", BROKEN);
    for format in ["junit", "tap"] {
        let tested = run(&format!("test suites --format {format}"));
        assert_eq!((tested.code, tested.errors.as_str()), (3, ""));
        golden(&format!("test-{format}.txt"), &tested.output);
    }
    let tested = run("test suites --format json --coverage");
    assert_eq!((tested.code, tested.errors.as_str()), (3, ""));
    assert_eq!(tested.output.lines().count(), 1);
    let report: Value = serde_json::from_str(&tested.output).unwrap();
    assert_eq!(
        (
            &report["cases"],
            &report["failed_cases"],
            &report["requests"]
        ),
        (&3.into(), &1.into(), &10.into())
    );
    let [broken, trial] = report["suites"].as_array().unwrap().as_slice() else {
        panic!("{report}")
    };
    assert_eq!(broken["file"], "suites/broken.suite.yaml");
    assert_eq!(broken["faults"][0]["code"], "unknown_principal");
    assert_eq!(broken["faults"][0]["suggestion"], "msp");
    let failure = &trial["cases"][1]["failures"][0];
    assert_eq!(
        (&failure["expected"], &failure["actual"]),
        (&"allow".into(), &"restricted_endpoint".into())
    );
    assert_eq!(
        failure["trail"][0]["places"][0],
        "releases.\"1.0.0\".restricted[0]"
    );
    let line = report["policy_lines"]["releases.\"1.0.0\".restricted[0]"].as_u64();
    let written = EXAMPLE_POLICY
        .lines()
        .position(|line| line.contains("restricted: [/exports"));
    assert_eq!(line, written.map(|line| line as u64 + 1));
    let coverage = &report["coverage"];
    let uncovered = coverage["uncovered"].as_array().unwrap();
    assert_eq!(
        uncovered.len() as u64 + coverage["covered_rules"].as_u64().unwrap(),
        coverage["rules"].as_u64().unwrap()
    );
    assert_eq!(uncovered[0]["kind"], "restriction");
}

#[test]
fn a_broken_suite_does_not_keep_the_others_from_running() {
    example();
    folder("suites/below");
    file("suites/a.suite.yaml", BROKEN);
    file(
        "suites/below/b.suite.yaml",
        TRIAL.replace("as: partner-admin\n", "as: ann\n"),
    );
    file("suites/no-suite.yaml", BROKEN);
    let tested = run("test suites");
    assert_eq!(tested.code, 3);
    golden(
        "test-broken.txt",
        &format!("{}{}", tested.output, tested.errors),
    );
    // A failing case does not hide the broken suite.
    file("suites/below/b.suite.yaml", TRIAL);
    assert_eq!(run("test suites").code, 3);
    fs::remove_file(directory().join("suites/a.suite.yaml")).unwrap();
    assert_eq!(run("test suites").code, 4);
}

#[test]
fn the_policy_beside_the_suites_is_tested() {
    // In the folder of the suites, and in the one above it.
    for (policy, suites) in [("one", "one"), ("two", "two/suites")] {
        folder(suites);
        let open = EXAMPLE_POLICY
            .replace(", /activity, /settings]", ", /settings]")
            .replace("      - /activity\n", "");
        file(&format!("{policy}/policy.yaml"), &open);
        file(&format!("{policy}/directory.yaml"), EXAMPLE_DIRECTORY);
        file(&format!("{suites}/trial.suite.yaml"), TRIAL);
        for path in [suites.to_owned(), format!("{suites}/trial.suite.yaml")] {
            let tested = run(&format!("test {path} --filter activity --full"));
            assert_eq!(tested.code, 4, "{}{}", tested.output, tested.errors);
            let heading = format!(
                "policy       {policy}/policy.yaml\ndirectory    {policy}/directory.yaml\n"
            );
            assert!(tested.output.starts_with(&heading), "{}", tested.output);
            assert!(
                tested
                    .output
                    .contains("decided   allow, tenants: alpha, beta"),
                "{}",
                tested.output
            );
        }
    }
    let apart = run("test one two");
    assert_eq!((apart.code, apart.output.as_str()), (2, ""));
    assert!(
        apart.errors.contains("one with --policy"),
        "{}",
        apart.errors
    );
    // Flags come before what is found.
    file("policy.yaml", EXAMPLE_POLICY);
    let given =
        run("test one two --filter activity --policy policy.yaml --directory one/directory.yaml");
    assert_eq!(given.code, 0, "{}{}", given.output, given.errors);
    // A policy without suites is tested by the suites in its folder.
    let alone = run("test --policy one/policy.yaml --filter activity");
    assert_eq!(alone.code, 4, "{}{}", alone.output, alone.errors);
}

#[test]
fn filters_select_cases() {
    example();
    file("trial.suite.yaml", TRIAL);
    for (flags, code, expected) in [
        (
            "--filter activity",
            0,
            "4 requests in 1 case, all as expected",
        ),
        (
            "--filter ACTIVITY --release 2.0.0",
            0,
            "2 requests in 1 case, all as expected",
        ),
        (
            "--release 1.0.0 --release 2.0.0",
            4,
            "10 requests in 3 cases, 1 case failed",
        ),
        (
            "--filter nothing",
            4,
            "0 requests in 0 cases, nothing was tested\n",
        ),
        // The flag of older pipelines.
        (
            "--filter nothing --fail-on-empty",
            4,
            "0 requests in 0 cases, nothing was tested\n",
        ),
        (
            "--release 2.0.0s",
            4,
            "0 requests in 0 cases, nothing was tested\n",
        ),
    ] {
        let tested = run(&format!("test trial.suite.yaml {flags}"));
        assert_eq!(tested.code, code, "{flags}");
        assert!(
            tested.output.contains(expected),
            "{flags}\n{}",
            tested.output
        );
        let empty = expected.starts_with('0');
        assert_eq!(tested.errors.contains("no case was run"), empty, "{flags}");
    }
}

#[test]
fn a_run_without_a_case_fails_and_says_why() {
    example();
    folder("empty");
    for (arguments, says) in [
        (
            "empty",
            "there is no suite; a suite is a file named *.suite.yaml",
        ),
        (
            "trial.suite.yaml --filter nothing",
            "--filter and --release leave no case of 1 suite; drop one of them",
        ),
        (
            "trial.suite.yaml --release 2.0.0s",
            "--filter and --release leave no case of 1 suite; drop one of them",
        ),
    ] {
        file("trial.suite.yaml", TRIAL);
        for format in ["human", "json", "junit", "tap"] {
            let tested = run(&format!("test {arguments} --format {format}"));
            assert_eq!(tested.code, 4, "{arguments} {format}");
            let expected = format!("portcullis: no case was run: {says}\n");
            assert!(tested.errors.ends_with(&expected), "{}", tested.errors);
            assert!(!tested.output.contains("as expected"), "{}", tested.output);
        }
    }
}

#[test]
fn a_file_that_is_nearly_a_suite_is_not_passed_over() {
    for name in [
        "b.suite.yml",
        "b.Suite.yaml",
        "b.suites.yaml",
        "b.SUITE.YML",
    ] {
        let suites = name.replace('.', "-");
        // An earlier run left its files.
        let _ = fs::remove_dir_all(directory().join(&suites));
        folder(&suites);
        file(&format!("{suites}/policy.yaml"), EXAMPLE_POLICY);
        file(&format!("{suites}/directory.yaml"), EXAMPLE_DIRECTORY);
        file(
            &format!("{suites}/a.suite.yaml"),
            TRIAL.replace("as: partner-admin\n", "as: ann\n"),
        );
        assert_eq!(run(&format!("test {suites}")).code, 0, "{name}");
        file(&format!("{suites}/{name}"), TRIAL);
        let tested = run(&format!("test {suites}"));
        assert_eq!((tested.code, tested.output.as_str()), (2, ""), "{name}");
        let expected = format!(
            "portcullis: `{suites}/{name}` would never run: the name of a suite ends in `.suite.yaml`; rename it\n"
        );
        assert_eq!(tested.errors, expected);
    }
    // Other files beside suites are no concern of the run.
    folder("other");
    for name in ["notes.yml", "suite.md", "a.suite.yaml.orig", "asuite.yaml"] {
        file(&format!("other/{name}"), "-");
    }
    assert!(run("test other").errors.contains("there is no suite"));
}

#[test]
fn too_little_coverage_fails_and_lists_the_gaps() {
    example();
    file("trial.suite.yaml", TRIAL);
    let tested = run("test trial.suite.yaml --min-coverage 50");
    assert_eq!(tested.code, 4);
    golden("test-coverage.txt", &tested.output);
    let full = run("test trial.suite.yaml --min-coverage 50 --full").output;
    let (_, listed) = full.split_once("the most dangerous first:\n").unwrap();
    assert_eq!(
        listed.lines().filter(|line| line.starts_with("  ")).count(),
        95
    );
    let holds = run("test trial.suite.yaml --filter activity --min-coverage 50");
    assert_eq!(holds.code, 4, "nothing fails but the coverage");
    assert_eq!(
        run("test trial.suite.yaml --filter activity --min-coverage 1").code,
        0
    );
    assert_eq!(run("test --min-coverage 101").code, 2);
}

#[test]
fn unreadable_files_are_reported() {
    let missing = run("test missing.suite.yaml");
    assert_eq!((missing.code, missing.output.as_str()), (1, ""));
    assert!(
        missing.errors.contains("cannot read `missing.suite.yaml`"),
        "{}",
        missing.errors
    );
    folder("bad");
    file("bad/policy.yaml", "version: 2\n");
    file("bad/trial.suite.yaml", TRIAL);
    assert_eq!(run("test bad").code, 3);
    assert_eq!(run_each(["test", "--release", "99.0.0"]).code, 2);
    assert_eq!(run("test --policy missing.yaml").code, 1);
}

/// A small policy, and a suite that covers half of it.
const POLICY: &str = "\
version: 1
base_path: /api
privileges: [a.see, a.do]
profiles:
  super_admin: { builtin: true, all: true }
  viewer: { grants: [a.see] }
endpoints:
  - { path: /a, methods: { GET: a.see, POST: a.do } }
  - { path: /b, methods: { GET: a.see } }
releases:
  1.0.0: { access: scoped, restricted: [/b] }
";
const HALF: &str = "\
version: 1
suite: half
now: 0
releases: 1.0.0
tenants: [red, blue]
groups: { both: [red, blue] }
principals:
  viewer: { scope: partner, group: both, profile: viewer }
cases:
  - { name: viewers see a, as: viewer, call: GET /a, tenant: [no tenant, red], expect: allow }
  - { name: and do not change it, as: viewer, call: POST /a, expect: privilege_missing }
";

#[test]
fn undetected_mutants_come_with_a_case_that_detects_them() {
    folder("half/suites");
    file("half/policy.yaml", POLICY);
    file("half/suites/half.suite.yaml", HALF);
    let tested = run("test half --mutate");
    assert_eq!((tested.code, tested.errors.as_str()), (4, ""));
    golden("test-mutate.txt", &tested.output);
    assert_eq!(tested.output.matches("this case detects it").count(), 2);
    let full = run("test half --mutate --full").output;
    let cases = full.matches("\n\nnot detected: ").count();
    assert_eq!(full.matches("this case detects it").count(), cases);
    assert_eq!(full.matches("not detected: ").count(), cases);

    // With these cases pasted where the report says, each mutant is detected.
    let report = run("test half --mutate --format json");
    let report: Value = serde_json::from_str(&report.output).unwrap();
    let survivors = report["mutants"]["survivors"].as_array().unwrap();
    assert!(survivors.len() > 2);
    let cases = survivors.iter().map(|survivor| {
        assert_eq!(survivor["file"], "half/suites/half.suite.yaml");
        survivor["case"].as_str().unwrap()
    });
    file(
        "half/suites/half.suite.yaml",
        format!("{HALF}{}", cases.collect::<String>()),
    );
    let fixed = run("test half --mutate");
    assert_eq!(
        (fixed.code, fixed.errors.as_str()),
        (0, ""),
        "{}",
        fixed.output
    );
    assert!(
        fixed.output.contains(", 0 not detected, "),
        "{}",
        fixed.output
    );

    // If a request fails, mutants mean nothing.
    file(
        "half/suites/half.suite.yaml",
        HALF.replace("privilege_missing", "allow"),
    );
    let failed = run("test half --mutate");
    assert_eq!(failed.code, 4);
    assert!(
        failed.output.ends_with("every suite must pass first\n"),
        "{}",
        failed.output
    );
    // Formats that cannot contain it print it on standard error.
    file("half/suites/half.suite.yaml", HALF);
    let tap = run("test half --mutate --coverage --format tap");
    assert_eq!((tap.code, tap.output.lines().count()), (4, 7));
    assert!(
        tap.output
            .contains("\n# command: portcullis test half --mutate --coverage --format tap\n"),
        "{}",
        tap.output
    );
    assert!(
        tap.errors.contains("\nmutants: ") && tap.errors.contains("\ncovered: "),
        "{}",
        tap.errors
    );
    assert_eq!(run("test half --mutate --filter a").code, 2);
}
