//! `keys`: who holds which keys, and which are risky.

use serde_json::Value;

use crate::run::{file, run};

const DIRECTORY: &str = "\
version: 1
tenants: [alpha]
groups: {}
users:
  ann: { scope: root, profile: super_admin }
  bob: { scope: tenant, tenant: alpha, profile: user, enabled: false }
  eve: { scope: root, profile: super_admin, account: sso }
  tom: { scope: tenant, tenant: alpha, profile: user }
keys:
  good:   { owner: tom, name: export, created_at: 1763900000, expires_at: 1765000000 }
  year:   { owner: tom, name: one year, created_at: 1763900000, expires_at: 1795522400 }
  years:  { owner: tom, name: two years, created_at: 1700000000, expires_at: 1765000000 }
  ever:   { owner: ann, name: for ever, created_at: 1763900000 }
  off:    { owner: bob, name: off, created_at: 1763900000, expires_at: 1765000000 }
  single: { owner: eve, name: single, created_at: 1763900000, expires_at: 1765000000 }
  old:    { owner: tom, name: old, kind: legacy, created_at: 1763900000, expires_at: 1765000000 }
  gone:   { owner: bob, name: gone, created_at: 1700000000, revoked_at: 1763900000 }
  over:   { owner: bob, name: over, created_at: 1700000000, expires_at: 1764000000 }
";

/// The findings of each key at one instant, with further arguments.
fn findings(arguments: &str) -> Vec<(String, String)> {
    let name = format!("keys{}.yaml", arguments.replace([' ', '-', '.'], "_"));
    file(&name, DIRECTORY);
    let audit = run(&format!(
        "keys --directory {name} audit --now 1764000000 --format json {arguments}"
    ));
    assert_eq!((audit.errors.as_str(), audit.code), ("", 0));
    let answer: Value = serde_json::from_str(&audit.output).unwrap();
    let keys = answer["keys"].as_array().unwrap().iter();
    let codes = |key: &Value| -> Vec<String> {
        let findings = key["findings"].as_array().unwrap().iter();
        findings
            .map(|code| code.as_str().unwrap().to_owned())
            .collect()
    };
    keys.map(|key| {
        (
            key["key"].as_str().unwrap().to_owned(),
            codes(key).join(" "),
        )
    })
    .collect()
}

#[test]
fn an_audit_warns_as_documented() {
    let expected = [
        ("good", ""),
        ("year", ""),
        ("years", "long_lived"),
        ("ever", "long_lived"),
        ("off", "account_disabled"),
        ("single", "sso_account"),
        ("old", "key_kind_refused"),
        ("gone", ""),
        ("over", ""),
    ];
    let expected = expected.map(|(key, codes)| (key.to_owned(), codes.to_owned()));
    assert_eq!(findings(""), expected);
    assert_eq!(findings("--release 5.5.0"), expected);
}

#[test]
fn before_scoped_keys_only_the_platform_token_of_root_qualifies() {
    let found = findings("--release 5.4.0");
    let of = |key: &str| {
        found
            .iter()
            .find(|(known, _)| known == key)
            .unwrap()
            .1
            .as_str()
    };
    assert_eq!(of("good"), "account_not_eligible key_kind_refused");
    assert_eq!(of("ever"), "long_lived key_kind_refused");
    let switched_on = findings("--release 5.4.1 --scoped-keys");
    assert_eq!(switched_on[0], ("good".to_owned(), String::new()));
}

#[test]
fn people_read_a_table_and_the_warnings_below_it() {
    file("keys-human.yaml", DIRECTORY);
    let list = run("keys --directory keys-human.yaml list --now 1764000000");
    assert_eq!((list.errors.as_str(), list.code), ("", 0));
    let lines: Vec<&str> = list.output.lines().collect();
    assert_eq!(lines.len(), 10, "a head and nine keys");
    assert_eq!(
        lines[0],
        "key     owner  status   kind         age  last use  name"
    );
    assert_eq!(
        lines[1],
        "good    tom    active   scoped       1 d         -  export"
    );
    assert_eq!(
        lines[8],
        "gone    bob    revoked  scoped     740 d         -  gone"
    );
    assert_eq!(
        lines[9],
        "over    bob    expired  scoped     740 d         -  over"
    );

    let audit = run("keys --directory keys-human.yaml audit --now 1764000000");
    assert!(audit.output.starts_with(&list.output));
    let warning = "warning: key `off` of `bob`: the account is disabled\n";
    assert!(audit.output.contains(warning), "{}", audit.output);
    assert!(
        audit.output.ends_with("9 keys, 5 warnings\n"),
        "{}",
        audit.output
    );
}

#[test]
fn a_name_cannot_write_to_the_terminal() {
    let hostile = DIRECTORY.replace("name: export", "name: \"a\\tb\"");
    file("keys-hostile.yaml", hostile);
    let list = run("keys list --directory keys-hostile.yaml --now 1764000000");
    assert!(!list.output.contains('\t'), "{}", list.output);
}

#[test]
fn what_makes_no_sense_is_wrong_usage() {
    for arguments in [
        "keys",
        "keys purge",
        "keys audit --release 9.9.9",
        "keys list --scoped-keys",
    ] {
        let refused = run(arguments);
        assert_eq!(
            (refused.code, refused.output.as_str()),
            (2, ""),
            "{arguments}"
        );
        assert!(!refused.errors.is_empty(), "{arguments}");
    }
}
