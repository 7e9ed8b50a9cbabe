//! `authorize` with one request by flags: what it prints and how it exits.

mod tool;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tool::{Run, file, golden, run};

/// The instant that the embedded directory is made for.
const NOW: [&str; 2] = ["--now", "1764000000"];

fn authorize(arguments: &[&str]) -> Run {
    run(["authorize"].iter().chain(&NOW).chain(arguments))
}

/// The reason of the denial that a request by flags gets, or `allow`.
fn outcome(arguments: &[&str]) -> String {
    let decided = authorize(&[&["--format", "json"], arguments].concat());
    assert_eq!(decided.errors, "", "{arguments:?}");
    let decision: Value = serde_json::from_str(&decided.output).unwrap();
    assert_eq!(decided.output.lines().count(), 1, "JSON is one line");
    match decision["reason"].as_str() {
        None => {
            assert_eq!((decided.code, &decision["decision"]), (0, &json!("allow")), "{arguments:?}");
            "allow".to_owned()
        }
        Some(reason) => {
            assert_eq!((decided.code, &decision["decision"]), (5, &json!("deny")), "{arguments:?}");
            reason.to_owned()
        }
    }
}

#[test]
fn people_read_an_allow_with_its_confinement() {
    let cases = "/connect/api/v1/cases";
    let confined = authorize(&["--release", "5.5.0", "--as", "msp", "GET", cases]);
    assert_eq!((confined.code, confined.errors.as_str()), (0, ""));
    golden("authorize-confined.txt", &confined.output);

    let one = authorize(&["--release", "5.5.0", "--as", "msp", "GET", "--path", cases, "--tenant", "alpha"]);
    assert_eq!(one.code, 0);
    golden("authorize-one.txt", &one.output);

    let parameter = "/connect/api/v1/cases/2025-11-a%40b";
    let whole = authorize(&["--release", "5.4.1", "--scoped-keys", "--key", "ann-legacy-key", "GET", parameter]);
    assert_eq!(whole.code, 0);
    golden("authorize-unconfined.txt", &whole.output);

    let token = "/connect/api/v1/access_token";
    let basic = authorize(&["--release", "5.5.0s", "--as", "msp", "--technique", "basic", "POST", token]);
    assert_eq!(basic.code, 0);
    golden("authorize-exchange.txt", &basic.output);
}

#[test]
fn people_read_a_denial_with_its_reason() {
    let restricted = authorize(&["--release", "5.5.0", "--as", "msp", "GET", "/connect/api/v1/incidents"]);
    assert_eq!((restricted.code, restricted.errors.as_str()), (5, ""));
    golden("authorize-restricted.txt", &restricted.output);

    let unlisted = authorize(&["--release", "5.5.0", "--as", "msp", "PATCH", "/connect/api/v1/cases/1"]);
    assert_eq!(unlisted.code, 5);
    golden("authorize-not-listed.txt", &unlisted.output);

    let nobody = authorize(&["--release", "5.5.0", "GET", "/connect/api/v1/cases"]);
    assert_eq!(nobody.code, 5);
    golden("authorize-nobody.txt", &nobody.output);

    let revoked = authorize(&["--release", "5.5.0", "--key", "k2", "--technique", "bearer", "GET", "/"]);
    assert_eq!(revoked.code, 5);
    golden("authorize-revoked.txt", &revoked.output);
}

#[test]
fn programs_read_one_line_of_json() {
    let decided = authorize(&["--release", "5.5.0", "--as", "msp", "--format", "json", "GET", "/connect/api/v1/cases"]);
    let expected = r#"{"decision":"allow","endpoint":"/cases","parameters":{},"confinement":{"tenants":["alpha","beta"]}}"#;
    assert_eq!(decided.output, format!("{expected}\n"));
}

#[test]
fn every_key_of_the_directory_can_be_presented() {
    let cases = ["GET", "/connect/api/v1/cases"];
    let with = |flags: &[&str]| outcome(&[&["--release", "5.5.0"], flags, &cases].concat());
    assert_eq!(with(&["--key", "k1"]), "allow");
    assert_eq!(with(&["--key", "k1", "--technique", "basic"]), "allow");
    assert_eq!(with(&["--key", "k1", "--technique", "bearer"]), "technique_refused");
    assert_eq!(with(&["--key", "msp-revoked-key"]), "key_revoked");
    assert_eq!(with(&["--key", "msp-expired-key"]), "key_expired");
    assert_eq!(with(&["--key", "msp-future-key"]), "key_not_yet_valid");
    assert_eq!(with(&["--key", "root-platform-legacy-key"]), "key_kind_refused");
    assert_eq!(with(&["--key", "bob-key"]), "account_disabled");
    assert_eq!(with(&["--key", "single-sign-on-key"]), "sso_account");
    assert_eq!(with(&["--key", "partner-of-none-key"]), "empty_scope");
    assert_eq!(with(&["--key", "no-such-key"]), "unknown_key");
    assert_eq!(with(&["--key", "no-such-key", "--as", "msp"]), "unknown_key");
    for technique in ["token", "basic", "bearer"] {
        assert_eq!(with(&["--key", "k1", "--as", "ann", "--technique", technique]), "key_owner_mismatch");
    }
    assert_eq!(with(&[]), "no_credential");
}

#[test]
fn a_user_comes_with_the_first_key_that_stands() {
    let ann = ["--as", "ann", "GET", "/connect/api/v1/cases"];
    // The scoped key comes first, and does not exist in a release before them.
    assert_eq!(outcome(&[&["--release", "5.4.0"], &ann[..]].concat()), "allow");
    let told = authorize(&[&["--release", "5.4.0"], &ann[..]].concat());
    assert!(told.output.contains("a fresh token of key `ann-legacy-key`, as `ann`"), "{}", told.output);
    let told = authorize(&[&["--release", "5.5.0"], &ann[..]].concat());
    assert!(told.output.contains("a fresh token of key `ann-key`, as `ann`"), "{}", told.output);
    // Where none stands the first one tells why.
    assert_eq!(outcome(&["--release", "5.5.0", "--as", "bob", "GET", "/"]), "account_disabled");
    assert_eq!(outcome(&["--release", "5.5.0", "--as", "ann", "--now", "0", "GET", "/"]), "key_not_yet_valid");
}

#[test]
fn a_tenant_stands_in_the_target_or_beside_the_path() {
    let with = |flags: &[&str]| outcome(&[&["--release", "5.5.0", "--as", "msp", "GET"], flags].concat());
    assert_eq!(with(&["/connect/api/v1/cases?tenantid=alpha"]), "allow");
    assert_eq!(with(&["/connect/api/v1/cases?tenantid=gamma"]), "tenant_out_of_scope");
    assert_eq!(with(&["--path", "/connect/api/v1/cases"]), "allow");
    assert_eq!(with(&["--path", "/connect/api/v1/cases", "--tenant", "gamma"]), "tenant_out_of_scope");
    assert_eq!(with(&["--path", "/connect/api/v1/cases", "--tenant", ""]), "tenant_out_of_scope");
    assert_eq!(with(&["--path", "/connect/api/v1/cases?tenantid=alpha"]), "malformed_path");
}

#[test]
fn the_clock_is_read_where_no_instant_is_given() {
    let seconds = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = seconds();
    let decided = run(["authorize", "--release", "5.5.0", "--as", "msp", "GET", "/connect/api/v1/cases"]);
    let (_, told) = decided.output.trim_end().rsplit_once("at ").unwrap();
    assert!((before..=seconds()).contains(&told.parse().unwrap()), "{told}");
}

#[test]
fn what_was_typed_cannot_command_the_terminal() {
    let decided = authorize(&["--release", "5.5.0", "--key", "\u{1b}[2J", "\u{1b}[31mGET", "/\u{1b}[31mred\u{7}"]);
    assert_eq!(decided.code, 5);
    assert!(!decided.output.contains('\u{1b}') && !decided.output.contains('\u{7}'), "{:?}", decided.output);
}

#[cfg(unix)]
#[test]
fn a_target_of_any_bytes_gets_a_decision() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let flags = ["authorize", "--release", "5.5.0", "--as", "msp", "GET"].map(OsStr::new);
    let target = OsStr::from_bytes(b"/connect/api/v1/cases/\xff\xfe");
    let decided = run(flags.iter().chain(&[target]));
    assert_eq!(decided.code, 5);
    assert!(decided.output.starts_with("deny malformed_path\n"), "{}", decided.output);
}

#[test]
fn a_path_without_the_base_path_gets_a_hint() {
    let hint = "portcullis: every path of this policy begins with `/connect/api/v1`\n";
    for target in ["/cases", "cases"] {
        let decided = authorize(&["--release", "5.5.0", "--as", "msp", "GET", target]);
        assert_eq!((decided.code, decided.errors.as_str()), (5, hint));
    }
    let decided = authorize(&["--release", "5.5.0", "--as", "msp", "GET", "/connect/api/v1/nothing"]);
    assert_eq!((decided.code, decided.errors.as_str()), (5, ""));
}

#[test]
fn what_makes_no_sense_is_told_with_a_way_out() {
    let cases = "/connect/api/v1/cases";
    let told: [(&[&str], &str); 8] = [
        (&[], "a method and a target are missing; give both, such as `GET /connect/api/v1/cases`"),
        (&["GET"], "a target is missing; give it after `GET`, or --path"),
        (&["GET", cases], "--release is missing; give one of 5.4.0, 5.4.0s, 5.4.1, 5.4.1s, 5.5.0, 5.5.0s"),
        (
            &["--release", "6.0.0", "GET", cases],
            "the policy has no release `6.0.0`; it has 5.4.0, 5.4.0s, 5.4.1, 5.4.1s, 5.5.0, 5.5.0s",
        ),
        (
            &["--release", "5.5.0", "--as", "mps", "GET", cases],
            "--as: the directory has no user `mps`; did you mean `msp`?",
        ),
        (
            &["--release", "5.5.0", "--as", "somebody", "GET", cases],
            "--as: the directory has no user `somebody`; see its `users`",
        ),
        (
            &["--batch", "-", "--format", "human"],
            "a batch is answered in JSON; drop `--format human`",
        ),
        (
            &["--directory", "KEYLESS", "--release", "5.5.0", "--as", "eve", "GET", cases],
            "--as: user `eve` has no key in the directory; give one with --key",
        ),
    ];
    let keyless = file(
        "keyless.yaml",
        "version: 1\ntenants: []\ngroups: {}\nusers: { eve: { scope: root, profile: user } }\nkeys: {}\n",
    );
    let keyless = keyless.to_str().unwrap();
    for (arguments, expected) in told {
        let arguments = arguments.iter().map(|argument| if *argument == "KEYLESS" { keyless } else { argument });
        let refused = run(["authorize"].into_iter().chain(arguments));
        assert_eq!((refused.code, refused.output.as_str()), (2, ""), "{refused:?}");
        assert_eq!(refused.errors, format!("portcullis: {expected}\n"));
    }
}

#[test]
fn what_cannot_be_parsed_is_a_wrong_use_too() {
    let refused: [&[&str]; 9] = [
        &["--release", "5.5", "GET", "/"],
        &["--release", "5.5.0", "--now", "-1", "GET", "/"],
        &["--release", "5.5.0", "--now", "18446744073709551616", "GET", "/"],
        &["--release", "5.5.0", "--technique", "digest", "GET", "/"],
        &["--release", "5.5.0", "--format", "yaml", "GET", "/"],
        &["--release", "5.5.0", "--tenant", "alpha", "GET", "/"],
        &["--release", "5.5.0", "--path", "/", "GET", "/"],
        &["--batch", "-", "--release", "5.5.0"],
        &["--batch", "-", "GET", "/"],
    ];
    for arguments in refused {
        let run = run(["authorize"].iter().chain(arguments));
        assert_eq!((run.code, run.output.as_str()), (2, ""), "{arguments:?}");
        assert!(run.errors.starts_with("error: "), "{}", run.errors);
    }
}

#[test]
fn documents_that_cannot_be_used_have_exit_codes_of_their_own() {
    let request = ["--release", "5.5.0", "--as", "msp", "GET", "/connect/api/v1/cases"];
    for flag in ["--policy", "--directory"] {
        let missing = run(["authorize", flag, "/no/such/file"].iter().chain(&request));
        assert_eq!((missing.code, missing.output.as_str()), (1, ""));
        assert!(missing.errors.starts_with("portcullis: cannot read `/no/such/file`: "), "{}", missing.errors);

        let empty = file(&format!("empty{flag}.yaml"), "");
        let invalid = run(["authorize", flag, empty.to_str().unwrap()].iter().chain(&request));
        assert_eq!((invalid.code, invalid.output.as_str()), (3, ""));
        assert!(invalid.errors.starts_with(&format!("{}:1:1: ", empty.display())), "{}", invalid.errors);
    }
}
