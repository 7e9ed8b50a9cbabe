//! `diff` between two directories: what it prints, refuses, and fails on.

use serde_json::{Value, json};

use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, Run, file, golden, run, run_example};

/// Writes the example directory as `old.yaml`, and with changes as `new.yaml`.
fn changed(changes: &[(&str, &str)]) {
    let mut text = EXAMPLE_DIRECTORY.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    file("old.yaml", EXAMPLE_DIRECTORY);
    file("new.yaml", text);
}

/// Compares the two, with the example policy.
fn diff(arguments: &str) -> Run {
    run_example(&format!(
        "diff --directory old.yaml --to-directory new.yaml --now 1764000000 {arguments}"
    ))
}

/// What a quarter does: somebody is promoted and somebody moved, a group grows, keys
/// are made and revoked, people come and go.
const QUARTER: &[(&str, &str)] = &[
    ("two: [gamma]", "two: [gamma, beta]"),
    (
        "partner-user: { scope: partner, group: one, profile: user",
        "partner-user: { scope: partner, group: one, profile: agent",
    ),
    (
        "tenant-user: { scope: tenant, tenant: alpha",
        "tenant-user: { scope: tenant, tenant: beta",
    ),
    (
        "\nkeys:\n",
        "\n  newcomer: { scope: tenant, tenant: gamma, profile: user }\n\nkeys:\n  newcomer-key: { owner: newcomer, name: first, created_at: 1763913600 }\n",
    ),
    ("  root-agent-key:", "  # root-agent-key:"),
];

#[test]
fn the_difference_of_two_directories_is_as_agreed() {
    changed(QUARTER);
    let Run {
        code,
        output,
        errors,
    } = diff("--release 2.0.0");
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(output.lines().all(|line| line.chars().count() <= 100));
    assert!(output.lines().count() <= 60, "it does not fit one screen");
    golden("diff-directories.txt", &output);
    golden(
        "diff-directories.md",
        &diff("--release 2.0.0 --format markdown").output,
    );
    // Without a release, every one is compared.
    let every = diff("").output;
    assert!(
        every.contains("; 1.0.0 with scoped keys on; 2.0.0; 2.0.0s\n"),
        "{every}"
    );
    assert!(
        every.contains("  1.0.0 with scoped keys off: nobody gains or loses anything\n"),
        "{every}"
    );
}

#[test]
fn a_gate_sees_what_was_done_to_a_directory() {
    let code = |changes: &[(&str, &str)], flag: &str| {
        changed(changes);
        diff(&format!("--fail-on {flag}")).code
    };
    let promoted = (
        "partner-user: { scope: partner, group: one, profile: user",
        "partner-user: { scope: partner, group: one, profile: agent",
    );
    let made = (
        "\nkeys:\n",
        "\nkeys:\n  more: { owner: msp, name: more, created_at: 1763913600 }\n",
    );
    let grown = ("two: [gamma]", "two: [gamma, beta]");
    // A user without a key who is promoted reaches no more today, and is seen.
    let keyless = (
        "tenant-super: { scope: tenant, tenant: alpha",
        "tenant-super: { scope: partner, group: one",
    );
    for change in [promoted, made, grown, keyless] {
        let back = (change.1, change.0);
        assert_eq!(code(&[change], "widened"), 7, "{change:?}");
        assert_eq!(code(&[change], "narrowed"), 0, "{change:?}");
        assert_eq!(code(&[change], "any"), 7, "{change:?}");
        changed(&[change]);
        let turned = "diff --directory new.yaml --to-directory old.yaml --now 1764000000";
        for (flag, expected) in [("widened", 0), ("narrowed", 7)] {
            let run = run_example(&format!("{turned} --fail-on {flag}"));
            assert_eq!(run.code, expected, "{back:?} {flag}\n{}", run.output);
        }
    }
    changed(&[]);
    let same = diff("--fail-on any");
    assert_eq!((same.code, same.errors.as_str()), (0, ""));
    assert!(
        same.output
            .contains("every compared release: nobody gains or loses anything\n"),
        "{}",
        same.output
    );
    let renamed = ("name: nightly export", "name: other export");
    assert_eq!(code(&[renamed], "any"), 0, "a name decides nothing");
    let empty = ("empty: []", "empty: []\n  another: []");
    assert_eq!(code(&[empty], "widened"), 0);
    assert_eq!(code(&[empty], "any"), 7);
}

#[test]
fn keys_that_end_between_two_instants_are_lost() {
    changed(&[]);
    let Run { code, output, .. } = diff("--then 1763999999 --release 2.0.0 --fail-on narrowed");
    assert_eq!(code, 7, "{output}");
    assert!(
        output.contains("of both directories, judged at 1763999999 and 1764000000\n"),
        "{output}"
    );
    assert!(
        output.contains("  msp: key msp-expired-key: active -> expired\n    no access changes\n"),
        "{output}"
    );
    // By an instant in the far future every key that has an end is gone.
    let later = run_example(
        "diff --directory old.yaml --to-directory new.yaml --then 1764000000 --now 2100-01-01T00:00:00Z --fail-on narrowed",
    );
    assert_eq!(later.code, 7, "{}", later.output);
}

#[test]
fn policy_and_directory_change_at_once() {
    changed(&[("two: [gamma]", "two: [gamma, beta]")]);
    let wide = EXAMPLE_POLICY.replacen(
        "grants: [tickets.view, tickets.add,",
        "grants: [tickets.view, tickets.edit, tickets.add,",
        1,
    );
    file("narrow.yaml", EXAMPLE_POLICY);
    file("wide.yaml", wide);
    let flags = "--directory old.yaml --to-directory new.yaml --now 1764000000 --release 2.0.0";
    let Run {
        code,
        output,
        errors,
    } = run(&format!("diff narrow.yaml wide.yaml {flags}"));
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(
        output.starts_with("narrow.yaml, old.yaml -> wide.yaml, new.yaml\n"),
        "{output}"
    );
    assert!(output.contains("group two: beta joined"), "{output}");
    assert!(output.contains("tenants within reach: beta"), "{output}");
    assert!(
        output.contains(
            "gain 3 endpoints\n        PUT /tickets/{id}, /tickets/{id}/[status|priority]\n"
        ),
        "{output}"
    );
    let across = run_example(&format!(
        "diff --from 2.0.0 --to 2.0.0s {}",
        flags.trim_end_matches(" --release 2.0.0")
    ));
    assert!(
        across
            .output
            .starts_with("2.0.0, old.yaml -> 2.0.0s, new.yaml\n"),
        "{}",
        across.output
    );
}

#[test]
fn the_json_lists_what_was_done_and_what_it_means() {
    changed(QUARTER);
    let output = diff("--release 2.0.0 --format json").output;
    let json: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(json["changed"], 0);
    let impact = &json["impact"];
    let done = impact["directory"]["users"].as_array().unwrap();
    let facts = |user: &str| {
        let own = done.iter().find(|own| own["user"] == user);
        own.map_or(Value::Null, |own| own["facts"].clone())
    };
    assert_eq!(
        facts("partner-user"),
        json!([{"text": "profile user -> agent", "widens": true, "narrows": false}])
    );
    assert_eq!(
        facts("tenant-user"),
        json!([{
            "text": "tenant scope of alpha -> tenant scope of beta",
            "widens": true,
            "narrows": true
        }])
    );
    assert_eq!(
        impact["directory"]["tenancy"],
        json!([{"text": "group two: beta joined", "widens": true, "narrows": false}])
    );
    let touched = impact["touched"].as_array().unwrap();
    let of = |user: &str| {
        let mut own = touched
            .iter()
            .filter(|own| own["users"].as_array().unwrap().contains(&json!(user)));
        own.next().unwrap()["accesses"][0].clone()
    };
    assert_eq!(of("other-partner")["gain_tenants"], json!(["beta"]));
    assert_eq!(of("tenant-user")["lose_tenants"], json!(["alpha"]));
    assert_ne!(of("root-agent")["lose"], json!([]));
    assert_ne!(of("newcomer")["gain"], json!([]));
}

#[test]
fn directories_that_make_no_sense_are_refused() {
    changed(&[]);
    file("broken.yaml", "version: 1\n");
    let refused = |arguments: &str, code: i32, text: &str| {
        let ended = run_example(&format!("diff {arguments}"));
        assert_eq!(
            (ended.code, ended.output.as_str()),
            (code, ""),
            "{arguments}"
        );
        assert!(ended.errors.contains(text), "{arguments}: {}", ended.errors);
    };
    refused("--to-directory new.yaml", 2, "--directory");
    refused(
        "--directory old.yaml --then 0 --from 2.0.0 --to 2.0.0s",
        2,
        "--to-directory",
    );
    refused("--directory old.yaml", 2, "there is nothing to compare");
    refused(
        "--directory old.yaml --to-directory broken.yaml",
        3,
        "broken.yaml:",
    );
    refused(
        "--directory broken.yaml --to-directory new.yaml",
        3,
        "broken.yaml:",
    );
    refused(
        "--directory old.yaml --to-directory none.yaml",
        1,
        "cannot read `none.yaml`",
    );
    refused(
        "--directory old.yaml --to-directory new.yaml --release 9.0.0",
        2,
        "--release: the policy has no release `9.0.0`",
    );
}
