//! `authorize` with one request by flags: what it prints and how it exits.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::run::{EXAMPLE_POLICY, Run, file, golden, run, run_each};

/// Decides at the instant for which the embedded directory is written.
fn authorize(request: &str) -> Run {
    run(&format!("authorize --now 1764000000 {request}"))
}

/// The reason of the denial that a request gets, or `allow`.
fn outcome(request: &str) -> String {
    let decided = authorize(&format!("--format json {request}"));
    assert_eq!(decided.errors, "", "{request}");
    assert_eq!(decided.output.lines().count(), 1, "{request}");
    let decision: Value = serde_json::from_str(&decided.output).unwrap();
    let (verdict, outcome, code) = match decision["reason"].as_str() {
        None => ("allow", "allow", 0),
        Some(reason) => ("deny", reason, 5),
    };
    assert_eq!(
        (decided.code, &decision["decision"]),
        (code, &json!(verdict)),
        "{request}"
    );
    outcome.to_owned()
}

#[test]
fn people_read_an_allow_with_its_confinement() {
    for (name, request) in [
        (
            "confined",
            "--release 5.5.0 --as msp GET /connect/api/v1/cases",
        ),
        (
            "one",
            "--release 5.5.0 --as msp GET --path /connect/api/v1/cases --tenant alpha",
        ),
        (
            "unconfined",
            "--release 5.4.1 --scoped-keys --key ann-legacy-key GET /connect/api/v1/cases/2025-a%40b",
        ),
        (
            "exchange",
            "--release 5.5.0s --as msp --technique basic POST /connect/api/v1/access_token",
        ),
    ] {
        let allowed = authorize(request);
        assert_eq!((allowed.code, allowed.errors.as_str()), (0, ""), "{name}");
        golden(&format!("authorize-{name}.txt"), &allowed.output);
    }
}

#[test]
fn people_read_a_denial_with_its_reason() {
    for (name, request) in [
        (
            "restricted",
            "--release 5.5.0 --as msp GET /connect/api/v1/incidents",
        ),
        (
            "not-listed",
            "--release 5.5.0 --as msp PATCH /connect/api/v1/cases/1",
        ),
        ("nobody", "--release 5.5.0 GET /connect/api/v1/cases"),
        (
            "revoked",
            "--release 5.5.0 --key k2 --technique bearer GET /",
        ),
    ] {
        let denied = authorize(request);
        assert_eq!((denied.code, denied.errors.as_str()), (5, ""), "{name}");
        golden(&format!("authorize-{name}.txt"), &denied.output);
    }
}

#[test]
fn programs_read_one_line_of_json() {
    let allowed = authorize("--release 5.5.0 --as msp --format json GET /connect/api/v1/cases");
    let expected = r#"{"decision":"allow","endpoint":"/cases","parameters":{},"confinement":{"tenants":["alpha","beta"]}}"#;
    assert_eq!(decided(&allowed), expected);
    let denied = authorize("--release 5.5.0 --as msp --format json GET /connect/api/v1/data");
    let expected = r#"{"decision":"deny","reason":"restricted_endpoint","class":"authorization","status":403}"#;
    assert_eq!(decided(&denied), expected);
}

/// The one line of JSON without its last field, the provenance.
fn decided(run: &Run) -> String {
    let line = run.output.strip_suffix("}}\n").unwrap();
    let (decision, _) = line.split_once(",\"provenance\":{").unwrap();
    format!("{decision}}}")
}

#[test]
fn every_key_of_the_directory_can_be_presented() {
    let with = |flags: &str| {
        outcome(&format!(
            "--release 5.5.0 {flags} GET /connect/api/v1/cases"
        ))
    };
    assert_eq!(with("--key k1"), "allow");
    assert_eq!(with("--key k1 --technique basic"), "allow");
    assert_eq!(with("--key k1 --technique bearer"), "technique_refused");
    assert_eq!(with("--key msp-revoked-key"), "key_revoked");
    assert_eq!(with("--key msp-expired-key"), "key_expired");
    assert_eq!(with("--key msp-future-key"), "key_not_yet_valid");
    assert_eq!(with("--key root-platform-legacy-key"), "key_kind_refused");
    assert_eq!(with("--key bob-key"), "account_disabled");
    assert_eq!(with("--key single-sign-on-key"), "sso_account");
    assert_eq!(with("--key partner-of-none-key"), "empty_scope");
    assert_eq!(with("--key no-such-key"), "unknown_key");
    assert_eq!(with("--key no-such-key --as msp"), "unknown_key");
    for technique in ["token", "basic", "bearer"] {
        let of_another = with(&format!("--key k1 --as ann --technique {technique}"));
        assert_eq!(of_another, "key_owner_mismatch");
    }
    assert_eq!(with(""), "no_credential");
}

#[test]
fn a_user_gets_the_first_usable_key() {
    // The scoped key is the first, but this release has no scoped keys.
    for (release, key) in [("5.4.0", "ann-legacy-key"), ("5.5.0", "ann-key")] {
        let allowed = authorize(&format!(
            "--release {release} --as ann GET /connect/api/v1/cases"
        ));
        assert_eq!(allowed.code, 0);
        let expected = format!("credential   a fresh token of key `{key}`, as `ann`\n");
        assert!(allowed.output.contains(&expected), "{}", allowed.output);
    }
    // Without a usable key the first one gives the reason.
    assert_eq!(
        outcome("--release 5.5.0 --as bob GET /"),
        "account_disabled"
    );
    let early = run("authorize --release 5.5.0 --as ann --now 0 GET /");
    assert!(
        early.output.starts_with("deny key_not_yet_valid\n"),
        "{}",
        early.output
    );
    assert!(
        early.output.contains("token of key `ann-key`"),
        "{}",
        early.output
    );
}

#[test]
fn a_tenant_is_in_the_target_or_given_with_the_path() {
    let with = |asked: &str| outcome(&format!("--release 5.5.0 --as msp GET {asked}"));
    assert_eq!(with("/connect/api/v1/cases?tenantid=alpha"), "allow");
    assert_eq!(
        with("/connect/api/v1/cases?tenantid=gamma"),
        "tenant_out_of_scope"
    );
    assert_eq!(with("--path /connect/api/v1/cases"), "allow");
    assert_eq!(
        with("--path /connect/api/v1/cases --tenant gamma"),
        "tenant_out_of_scope"
    );
    assert_eq!(
        with("--path /connect/api/v1/cases --tenant="),
        "tenant_out_of_scope"
    );
    assert_eq!(
        with("--path /connect/api/v1/cases?tenantid=alpha"),
        "malformed_path"
    );
}

#[test]
fn the_clock_is_read_if_no_instant_is_given() {
    let seconds = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
    };
    let before = seconds();
    let decided = run("authorize --release 5.5.0 --as msp GET /connect/api/v1/cases");
    let (_, printed) = decided.output.trim_end().rsplit_once("at ").unwrap();
    let (printed, date) = printed.split_once(' ').unwrap();
    assert!(date.starts_with("(20") && date.ends_with("Z)"), "{date}");
    assert!(
        (before..=seconds()).contains(&printed.parse().unwrap()),
        "{printed}"
    );
}

#[test]
fn typed_text_cannot_control_the_terminal() {
    let decided = authorize("--release 5.5.0 --key \u{1b}[2J \u{1b}[31mGET /\u{1b}[31m\u{7}");
    assert_eq!(decided.code, 5);
    assert!(
        decided.output.starts_with("deny unknown_key\n"),
        "{:?}",
        decided.output
    );
    let refused = authorize("--release 5.5.0 --as \u{1b}[2J\u{7} GET /");
    assert_eq!(refused.code, 2);
    for text in [&decided.output, &refused.errors] {
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
    }
}

#[test]
fn a_malformed_target_is_explained_to_administrators() {
    let request = "--release 5.5.0 --as msp GET /connect/api/v1/cases?[tenantid]=gamma";
    let expected = "query name `[tenantid]`, offset 22: a name may not begin with `[`; write what comes before it";
    for verb in ["authorize", "explain"] {
        let human = run(&format!("{verb} {request}"));
        assert!(human.output.contains(expected), "{}", human.output);
        let json = run(&format!("{verb} --format json {request}"));
        let answer: serde_json::Value = serde_json::from_str(&json.output).unwrap();
        assert_eq!(answer["reason"], "malformed_path");
        let fault = serde_json::json!({
            "rule": "name_bracket", "segment": null, "name": "[tenantid]", "offset": 22, "text": expected,
        });
        assert_eq!(answer["fault"], fault);
    }
    let sound = run("authorize --format json --release 5.5.0 --as msp GET /connect/api/v1/cases");
    assert!(!sound.output.contains("fault"), "{}", sound.output);
}

#[cfg(unix)]
#[test]
fn a_target_of_any_bytes_gets_a_decision() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let flags = "authorize --release 5.5.0 --as msp GET"
        .split(' ')
        .map(OsStr::new);
    let target = OsStr::from_bytes(b"/connect/api/v1/cases/\xff\xfe");
    let decided = run_each(flags.chain([target]));
    assert_eq!(decided.code, 5);
    assert!(
        decided.output.starts_with("deny malformed_path\n"),
        "{}",
        decided.output
    );
}

#[test]
fn a_path_without_the_base_path_gets_a_hint() {
    let hint = "portcullis: every path of this policy begins with `/connect/api/v1`\n";
    for (target, hint) in [
        ("/cases", hint),
        ("cases", hint),
        ("/connect/api/v1/nothing", ""),
    ] {
        for verb in ["authorize", "explain"] {
            let decided = run(&format!("{verb} --release 5.5.0 --as msp GET {target}"));
            assert_eq!(
                (decided.code, decided.errors.as_str()),
                (5, hint),
                "{verb} {target}"
            );
        }
    }
}

#[test]
fn wrong_usage_is_explained_with_help() {
    let directory = "version: 1\n\
                     tenants: []\n\
                     groups: {}\n\
                     users: { eve: { scope: root, profile: user } }\n\
                     keys: {}\n";
    file("keyless.yaml", directory);
    file("policy.yaml", EXAMPLE_POLICY);
    for (request, expected) in [
        (
            "",
            "a method and a target are missing; give both, such as `GET /connect/api/v1/cases`",
        ),
        ("GET", "a target is missing; give it after `GET`, or --path"),
        (
            "--policy policy.yaml --directory keyless.yaml GET /",
            "--release is missing; give one of 1.0.0, 2.0.0, 2.0.0s",
        ),
        (
            "--policy policy.yaml --directory keyless.yaml --release 6.0.0 GET /",
            "the policy has no release `6.0.0`; it has 1.0.0, 2.0.0, 2.0.0s",
        ),
        (
            "--release 5.5.0 --as mps GET /",
            "--as: the directory has no user `mps`; did you mean `msp`?",
        ),
        (
            "--release 5.5.0 --as somebody GET /",
            "--as: the directory has no user `somebody`; see its `users`",
        ),
        (
            "--directory keyless.yaml --release 5.5.0 --as eve GET /",
            "--as: user `eve` has no key in the directory; give one with --key",
        ),
        (
            "--batch - --format human",
            "a batch is answered in JSON; drop `--format human`",
        ),
    ] {
        let refused = run(&format!("authorize {request}"));
        assert_eq!(
            (refused.code, refused.output.as_str()),
            (2, ""),
            "{request}"
        );
        assert_eq!(refused.errors, format!("portcullis: {expected}\n"));
    }
}

#[test]
fn a_malformed_flag_is_wrong_usage() {
    for request in [
        "--release 5 GET /",
        "--release 5.5.0 --now -1 GET /",
        "--release 5.5.0 --now 18446744073709551616 GET /",
        "--release 5.5.0 --technique digest GET /",
        "--release 5.5.0 --format yaml GET /",
        "--release 5.5.0 --tenant alpha GET /",
        "--release 5.5.0 --tenant alpha GET",
        "--release 5.5.0 --path / GET /",
        "--batch - --release 5.5.0",
        "--batch - GET /",
    ] {
        let refused = run(&format!("authorize {request}"));
        assert_eq!(
            (refused.code, refused.output.as_str()),
            (2, ""),
            "{request}"
        );
        assert!(refused.errors.starts_with("error: "), "{}", refused.errors);
    }
}

#[test]
fn documents_that_cannot_be_used_have_exit_codes_of_their_own() {
    file("empty.yaml", "");
    let request = "--release 5.5.0 --as msp GET /connect/api/v1/cases";
    for flag in ["--policy", "--directory"] {
        let missing = run(&format!("authorize {flag} no-such-file {request}"));
        assert_eq!((missing.code, missing.output.as_str()), (1, ""));
        let expected = "portcullis: cannot read `no-such-file`: ";
        assert!(missing.errors.starts_with(expected), "{}", missing.errors);

        let invalid = run(&format!("authorize {flag} empty.yaml {request}"));
        assert_eq!((invalid.code, invalid.output.as_str()), (3, ""));
        assert!(
            invalid.errors.starts_with("empty.yaml:1:1: "),
            "{}",
            invalid.errors
        );
    }
}
