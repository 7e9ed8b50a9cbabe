//! `diff`: what it prints, what it refuses, and its exit codes.

use crate::run::{EXAMPLE_POLICY, Run, file, golden, run, run_example};

/// Writes the example policy with one change.
fn changed(name: &str, from: &str, to: &str) {
    assert!(EXAMPLE_POLICY.contains(from), "{from}");
    file(name, EXAMPLE_POLICY.replacen(from, to, 1));
}

/// Compares policies.
fn diff(arguments: &str) -> Run {
    run(&format!("diff {arguments}"))
}

/// Compares releases of the example policy.
fn diff_releases(arguments: &str) -> Run {
    run_example(&format!("diff {arguments}"))
}

#[test]
fn the_difference_of_two_releases_is_as_agreed() {
    let Run {
        code,
        output,
        errors,
    } = diff_releases("--from 2.0.0 --to 2.0.0s");
    assert_eq!((code, errors.as_str()), (0, ""));
    golden("diff.txt", &output);
    assert!(output.lines().all(|line| line.chars().count() <= 100));
    golden(
        "diff.md",
        &diff_releases("--from 2.0.0 --to 2.0.0s --format markdown").output,
    );
}

#[test]
fn the_impact_on_the_example_directory_is_as_agreed() {
    let Run {
        code,
        output,
        errors,
    } = diff_releases("--from 2.0.0 --to 2.0.0s --directory directory.yaml --now 1764000000");
    assert_eq!((code, errors.as_str()), (0, ""));
    golden("diff-impact.txt", &output);
}

#[test]
fn a_policy_does_not_differ_from_itself() {
    file("same.yaml", EXAMPLE_POLICY);
    file(
        "reordered.yaml",
        EXAMPLE_POLICY.replace("title: User\n", "title: Somebody\n"),
    );
    for other in ["same.yaml", "reordered.yaml"] {
        let Run {
            code,
            output,
            errors,
        } = diff(&format!("same.yaml {other} --fail-on any"));
        assert_eq!((code, errors.as_str()), (0, ""));
        assert!(output.contains("no cell changes: all "), "{output}");
        assert!(!output.contains("notes"), "{output}");
    }
    let Run { code, output, .. } = diff_releases("--from 2.0.0 --to 2.0.0 --fail-on any");
    assert_eq!(code, 0);
    assert!(output.contains("no cell changes"), "{output}");
}

#[test]
fn an_added_grant_widens_and_a_removed_grant_narrows() {
    file("old.yaml", EXAMPLE_POLICY);
    changed(
        "wide.yaml",
        "grants: [tickets.view, tickets.add,",
        "grants: [tickets.view, tickets.edit, tickets.add,",
    );
    let code = |arguments: &str| diff(arguments).code;
    assert_eq!(code("old.yaml wide.yaml"), 0);
    assert_eq!(code("old.yaml wide.yaml --fail-on widened"), 7);
    assert_eq!(code("old.yaml wide.yaml --fail-on narrowed"), 0);
    assert_eq!(code("old.yaml wide.yaml --fail-on any"), 7);
    assert_eq!(code("wide.yaml old.yaml --fail-on widened"), 0);
    assert_eq!(code("wide.yaml old.yaml --fail-on narrowed"), 7);
    let output = diff("old.yaml wide.yaml --release 2.0.0").output;
    let expected = "  user, every scope: 3 endpoints open\n    privilege_missing -> allow: token or key by Basic of a scoped key, naming no tenant or one of\n      the scope\n    PUT /tickets/{id}, /tickets/{id}/[status|priority]\n";
    assert!(output.contains(expected), "{output}");
}

#[test]
fn an_added_or_removed_endpoint_counts_by_who_may_call_it() {
    file("old.yaml", EXAMPLE_POLICY);
    let added = "  - path: /tickets/{id}/notes\n    methods: { GET: tickets.view }\n\n  - path: /activity\n";
    changed("added.yaml", "  - path: /activity\n", added);
    let Run { code, output, .. } = diff("old.yaml added.yaml --fail-on widened");
    assert_eq!(code, 7);
    assert!(
        output.contains("new: 1 endpoint (")
            && output.contains("GET /tickets/{id}/notes: user and up"),
        "{output}"
    );
    let full = diff("old.yaml added.yaml --full").output;
    assert!(full.contains("unknown_endpoint -> allow"), "{full}");
    assert!(!output.contains("\nwidened"), "{output}");
    assert_eq!(diff("added.yaml old.yaml --fail-on widened").code, 0);
    let Run { code, output, .. } = diff("added.yaml old.yaml --fail-on narrowed");
    assert_eq!(code, 7);
    assert!(output.contains("removed: 1 endpoint ("), "{output}");
}

#[test]
fn a_path_taken_by_another_endpoint_is_noted() {
    file("old.yaml", EXAMPLE_POLICY);
    let added =
        "  - path: /tickets/summary\n    methods: { GET: tickets.view }\n\n  - path: /activity\n";
    changed("carved.yaml", "  - path: /activity\n", added);
    let Run { code, output, .. } = diff("old.yaml carved.yaml --fail-on widened");
    assert_eq!(code, 0, "whoever may now, could before: {output}");
    assert!(output.contains("no cell changes"), "{output}");
    assert!(
        output
            .contains("GET /tickets/summary: where it is missing, `/tickets/{id}` takes its path"),
        "{output}"
    );
    assert_eq!(diff("old.yaml carved.yaml --fail-on any").code, 7);
}

#[test]
fn what_cannot_be_compared_is_noted() {
    file("old.yaml", EXAMPLE_POLICY);
    let other = EXAMPLE_POLICY
        .replace("base_path: /api/v1", "base_path: /api/v2")
        .replace("\n  \"1.0.0\":", "\n  \"3.0.0\":");
    file(
        "other.yaml",
        other.replace(
            "\nprofiles:\n",
            "\nprofiles:\n  dispatcher: { grants: [tickets.view] }\n",
        ),
    );
    let Run { code, output, .. } = diff("old.yaml other.yaml");
    assert_eq!(code, 0);
    for note in [
        "the base path was `/api/v1` and is `/api/v2`",
        "release 1.0.0 is removed: whoever runs it is allowed nothing any more",
        "release 3.0.0 is added: compared with 2.0.0, the one before it in its train",
        "profile `dispatcher`: only the second policy has it; the first refuses its users",
        "moved: ",
    ] {
        assert!(output.contains(note), "{note}\n{output}");
    }
    // Across: a release that only one side has, with one of the other.
    let Run {
        code,
        output,
        errors,
    } = diff("old.yaml other.yaml --from 1.0.0 --to 3.0.0");
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(
        output.starts_with("old.yaml 1.0.0 -> other.yaml 3.0.0\n"),
        "{output}"
    );
}

#[test]
fn sides_that_make_no_sense_are_refused() {
    file("old.yaml", EXAMPLE_POLICY);
    let only = |release: &str| {
        let (head, _) = EXAMPLE_POLICY.split_once("\nreleases:\n").unwrap();
        format!("{head}\nreleases:\n  \"{release}\": {{ access: scoped, restricted: [] }}\n")
    };
    file("one.yaml", only("1.0.0"));
    file("two.yaml", only("2.0.0"));
    // Nothing in common is no mistake: what is gone and what is new is compared.
    let apart = diff("one.yaml two.yaml --fail-on widened");
    assert_eq!((apart.code, apart.errors.as_str()), (0, ""));
    assert!(
        apart
            .output
            .contains("compared: 1.0.0 -> nothing; 1.0.0 -> 2.0.0\n"),
        "{}",
        apart.output
    );
    let refused = |arguments: &str, code: i32, text: &str| {
        let ended = diff(arguments);
        assert_eq!(
            (ended.code, ended.output.as_str()),
            (code, ""),
            "{arguments}"
        );
        assert!(ended.errors.contains(text), "{arguments}: {}", ended.errors);
    };
    refused(
        "",
        2,
        "there is nothing to compare; give two policies, or --from and --to",
    );
    refused("old.yaml", 2, "one policy is not enough; give a second one");
    refused("--from 2.0.0", 2, "--to");
    refused(
        "--from 2.0.0 --to 2.1.0 --policy old.yaml",
        2,
        "--to: the policy has no release `2.1.0`; did you mean `2.0.0`?",
    );
    refused(
        "old.yaml one.yaml --release 2.0.0",
        2,
        "--release: the policy has no release `2.0.0`",
    );
    refused(
        "old.yaml one.yaml --policy two.yaml",
        2,
        "--policy is a third policy",
    );
    refused("old.yaml nowhere.yaml", 1, "cannot read `nowhere.yaml`");
    file("broken.yaml", "version: 2\n");
    refused("old.yaml broken.yaml", 3, "broken.yaml:");
    file("people.yaml", "version: 1\n");
    refused(
        "--from 2.0.0 --to 2.0.0s --policy old.yaml --directory people.yaml",
        3,
        "people.yaml:",
    );
}

#[test]
fn an_empty_directory_is_not_affected() {
    file(
        "nobody.yaml",
        "version: 1\ntenants: []\ngroups: {}\nusers: {}\nkeys: {}\n",
    );
    let Run { code, output, .. } =
        diff_releases("--from 1.0.0 --to 2.0.0 --directory nobody.yaml --now 0");
    assert_eq!(code, 0);
    assert!(
        output.contains(
            "impact on 0 users of the directory, judged at 0\n  every compared release: nobody gains or loses anything\n"
        ),
        "{output}"
    );
}

#[test]
fn the_json_contains_every_changed_cell() {
    let Run { code, output, .. } = diff_releases(
        "--from 2.0.0 --to 2.0.0s --format json --directory directory.yaml --now 1764000000",
    );
    assert_eq!((code, output.lines().count()), (0, 1));
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    let mut cells = 0;
    for group in json["groups"].as_array().unwrap() {
        let count = |name: &str| group[name].as_array().unwrap().len();
        let turned: usize = group["turns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|turn| turn["cells"].as_array().unwrap().len())
            .sum();
        let all = count("deployments")
            * count("profiles")
            * count("scopes")
            * count("endpoints")
            * turned;
        assert_eq!(group["cells"], all);
        cells += all;
    }
    assert!(cells > 0);
    assert_eq!(json["changed"], cells);
    let classes: u64 = json["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["cells"].as_u64().unwrap())
        .sum();
    assert_eq!(json["changed"], classes);
    let touched = json["impact"]["touched"].as_array().unwrap();
    let of_msp = touched
        .iter()
        .find(|one| {
            let users = one["users"].as_array().unwrap();
            users.iter().any(|user| user == "msp")
        })
        .unwrap();
    let gained = |part: &serde_json::Value| {
        part["endpoints"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["endpoint"] == "/activity")
    };
    let access = &of_msp["accesses"][0];
    assert_eq!(access["deployments"], serde_json::json!([0]));
    assert!(
        access["gain"].as_array().unwrap().iter().any(gained),
        "{of_msp}"
    );
    assert_eq!(access["lose"], serde_json::json!([]), "{of_msp}");
    assert_ne!(access["lose_way"], serde_json::json!([]), "{of_msp}");
    let summary = &json["impact"]["summary"];
    assert_eq!(summary[0]["lose"], 0, "{summary}");
    assert_eq!(summary[0]["stop_using"][0]["presentation"], "key_by_basic");
    let refused = json["impact"]["refused"].as_array().unwrap();
    assert!(
        refused
            .iter()
            .any(|one| one["key"] == "msp-revoked-key" && one["reason"] == "key_revoked")
    );
}

#[test]
fn the_full_report_lists_what_the_short_one_counts() {
    let short = diff_releases("--from 2.0.0 --to 2.0.0s").output;
    let full = diff_releases("--from 2.0.0 --to 2.0.0s --full").output;
    assert!(
        short.contains("that was open loses a way, except POST /access_token"),
        "{short}"
    );
    assert!(!full.contains("that was open loses a way"));
    assert!(
        full.contains("restricted_endpoint -> privilege_missing: token of a scoped key"),
        "{full}"
    );
    assert!(full.lines().count() > 2 * short.lines().count());
}
