//! Invariants in `check` and `diff`: what they print, and that the commands they
//! print decide as they say.

use std::process::Command;

use serde_json::Value;

use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, Run, directory, file, finish, golden, run};

/// Invariants that hold.
const HOLDING: &str = r#"
invariants:
  settings_at_root:
    why: the settings concern every customer
    only: { profile: [super_admin, platform_admin], scope: root }
    may: { endpoint: /settings }
  basic_in_the_service:
    why: the service takes a key by Basic only for a token
    releases: ["2.0.0s"]
    only: { endpoint: /access_token }
    may: { credential: [key_by_basic, legacy_key_by_basic] }
  profiles_only_add:
    why: each profile may do what the one before it may
    monotone: inherits
"#;

/// The simplest requests that break these need every way to write a request.
const BROKEN: &str = r#"
  customers_view_nothing:
    why: "nobody's business"
    never: { profile: user, scope: tenant, endpoint: /tickets }
  partners_read_no_tenants: { never: { scope: partner, endpoint: "/tenants/{id}" } }
  no_legacy_keys: { never: { credential: [legacy_token, legacy_key_by_basic] } }
  no_basic: { releases: "2.0.0", never: { credential: key_by_basic, method: GET } }
  turned: { monotone: [platform_admin, agent] }
"#;

/// Runs a line as a shell does.
fn shell(line: &str) -> Run {
    let line = line.replace(
        "portcullis ",
        &format!("{} ", env!("CARGO_BIN_EXE_portcullis")),
    );
    let mut command = Command::new("sh");
    command
        .env_clear()
        .current_dir(directory())
        .args(["-c", &line]);
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    finish(&mut command, Vec::new())
}

fn check() -> Run {
    file("policy.yaml", format!("{EXAMPLE_POLICY}{HOLDING}{BROKEN}"));
    file("directory.yaml", EXAMPLE_DIRECTORY);
    run("check --policy policy.yaml --directory directory.yaml")
}

#[test]
fn a_broken_invariant_prints_a_request_that_breaks_it() {
    let checked = check();
    assert_eq!((checked.code, checked.errors.as_str()), (4, ""));
    golden("check-invariants.txt", &checked.output);
    decide_as_printed(&checked.output, 5);
}

/// The embedded directory does not fit this policy, so each command brings one.
#[test]
fn a_printed_request_needs_no_directory() {
    check();
    let checked = run("check --policy policy.yaml");
    assert_eq!((checked.code, checked.errors.as_str()), (4, ""));
    assert_eq!(checked.output.matches("--directory -").count(), 5);
    decide_as_printed(&checked.output, 5);
    let own = "
invariants:
  nobody: { only: { profile: super_admin }, may: { endpoint: /health } }
  sso: { never: { account: local, method: POST, endpoint: /access_token } }
";
    let with_public = EXAMPLE_POLICY.replacen(
        "endpoints:",
        "endpoints:\n  - { path: /health, methods: { GET: public }, tenant: none }",
        1,
    );
    file("public.yaml", format!("{with_public}{own}"));
    decide_as_printed(&run("check --policy public.yaml").output, 2);
}

/// The embedded directory fits a copy of the embedded policy, so that a tenant of it is
/// named.
#[test]
fn a_printed_request_names_a_tenant_of_the_embedded_directory() {
    let text = portcullis::EMBEDDED_POLICY.replacen(
        "PATCH: scoped, DELETE: platform",
        "PATCH: scoped, DELETE: scoped",
        1,
    );
    file("copy.yaml", text);
    let checked = run("check --policy copy.yaml");
    assert!(
        checked
            .output
            .contains("DELETE /connect/api/v1/tenants/alpha"),
        "{}",
        checked.output
    );
    decide_as_printed(&checked.output, 1);
    // The report prints the same command.
    let page = run("report --policy copy.yaml --format json").output;
    let report: Value = serde_json::from_str(&page).unwrap();
    let command = &report["invariants"][0]["broken"]["counterexample"]["command"];
    assert!(
        checked.output.contains(command.as_str().unwrap()),
        "{command}"
    );
}

#[test]
fn an_invariant_about_nothing_is_named() {
    let text = format!(
        "{EXAMPLE_POLICY}\ninvariants:\n  never_matters: {{ never: {{ method: PATCH, endpoint: /tickets }} }}\n"
    );
    file("idle.yaml", text);
    let checked = run("check --policy idle.yaml");
    assert_eq!(checked.code, 0);
    let line =
        "             `never_matters` is about no request of this policy, and cannot be broken\n";
    assert!(checked.output.contains(line), "{}", checked.output);
}

/// Runs each printed command, and compares the decision with what is said about it.
fn decide_as_printed(output: &str, count: usize) {
    let lines = output.lines().map(str::trim_start);
    let commands: Vec<&str> = lines
        .filter(|line| line.starts_with("portcullis ") || line.starts_with("echo "))
        .collect();
    assert_eq!(commands.len(), count, "{output}");
    for command in commands {
        let decided = shell(command);
        let allows = decided.output.starts_with("allow")
            || decided.output.contains("\"decision\":\"allow\"");
        // The last one is what the stronger profile is denied.
        let expected = !["agent@", "profile: agent"]
            .iter()
            .any(|own| command.contains(own));
        assert_eq!(allows, expected, "{command}: {decided:?}");
    }
}

#[test]
fn programs_read_the_same() {
    file("policy.yaml", format!("{EXAMPLE_POLICY}{HOLDING}{BROKEN}"));
    file("directory.yaml", EXAMPLE_DIRECTORY);
    let checked = run("check --policy policy.yaml --directory directory.yaml --format json");
    assert_eq!(checked.code, 4);
    let report: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!(report["valid"], true);
    let invariants = &report["invariants"];
    assert_eq!(invariants["checked"], 8);
    let broken = invariants["broken"].as_array().unwrap();
    assert_eq!(broken.len(), 5);
    let first = &broken[0];
    assert_eq!(first["name"], "customers_view_nothing");
    assert_eq!(
        first["place"]["path"],
        "invariants.customers_view_nothing.never"
    );
    assert!(first["place"]["line"].as_u64().unwrap() > 100);
    assert_eq!(first["counterexample"]["decision"], "allow");
    assert!(first["cells"].as_u64().unwrap() > 0);
    // A policy without any says nothing about them.
    file("plain.yaml", EXAMPLE_POLICY);
    let checked = run("check --policy plain.yaml --directory directory.yaml --format json");
    assert_eq!(checked.code, 0);
    assert!(!checked.output.contains("invariants"));
}

#[test]
fn a_difference_reports_invariants_that_are_removed_weaker_or_broken() {
    let old = format!("{EXAMPLE_POLICY}{HOLDING}");
    file("old.yaml", &old);
    let new = old
        .replace("only: { profile: [super_admin, platform_admin], scope: root }", "only: { scope: root }")
        .replace("  profiles_only_add:\n    why: each profile may do what the one before it may\n    monotone: inherits\n", "");
    file("new.yaml", &new);
    let same = run("diff old.yaml new.yaml --fail-on widened");
    assert_eq!(same.code, 0);
    assert!(same.output.contains("invariants\n"), "{}", same.output);
    let any = run("diff old.yaml new.yaml --fail-on any");
    assert_eq!((any.code, &any.output), (7, &same.output));
    // The service takes keys by Basic.
    file(
        "open.yaml",
        new.replace("techniques: [token]", "techniques: [basic, token]"),
    );
    let broken = run("diff old.yaml open.yaml --format markdown");
    assert_eq!(broken.code, 0);
    golden("diff-invariants.md", &broken.output);
    let json = run("diff old.yaml open.yaml --format json");
    let report: Value = serde_json::from_str(&json.output).unwrap();
    let invariants = &report["invariants"];
    assert_eq!(invariants["changes"].as_array().unwrap().len(), 2);
    assert_eq!(invariants["broken"][0]["name"], "basic_in_the_service");
    // Only the releases that are compared are checked.
    let other = run("diff old.yaml open.yaml --release 2.0.0 --format json");
    assert!(other.output.contains("\"broken\":[]"), "{}", other.output);
}
