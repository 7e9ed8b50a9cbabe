//! `keys`: who holds which keys, and which are risky.

use serde_json::Value;

use crate::run::{file, golden, run};

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
  soon:   { owner: tom, name: '=soon, \"now\"', created_at: 1764000001, expires_at: 1765000000 }
  master: { owner: ann, name: master, kind: legacy, created_at: 1763900000 }
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
        ("ever", "endless"),
        ("off", "account_disabled"),
        ("single", "sso_account"),
        ("old", "key_kind_refused"),
        ("gone", ""),
        ("over", ""),
        ("soon", "not_yet_valid"),
        ("master", "legacy_super_admin endless"),
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
    assert_eq!(of("ever"), "endless key_kind_refused");
    assert_eq!(of("master"), "legacy_super_admin endless");
    let switched_on = findings("--release 5.4.1 --scoped-keys");
    assert_eq!(switched_on[0], ("good".to_owned(), String::new()));
}

#[test]
fn people_read_a_table() {
    file("keys-human.yaml", DIRECTORY);
    let list = run("keys --directory keys-human.yaml list --now 1764000000");
    assert_eq!((list.errors.as_str(), list.code), ("", 0));
    let lines: Vec<&str> = list.output.lines().collect();
    assert_eq!(lines.len(), 12, "a head and eleven keys");
    assert_eq!(
        lines[0],
        "key     owner  status         kind         age  last use  name"
    );
    assert_eq!(
        lines[1],
        "good    tom    active         scoped       1 d         -  export"
    );
    assert_eq!(
        lines[8],
        "gone    bob    revoked        scoped     740 d         -  gone"
    );
    assert_eq!(
        lines[9],
        "over    bob    expired        scoped     740 d         -  over"
    );
    assert_eq!(
        lines[10],
        "soon    tom    not_yet_valid  scoped   not yet         -  =soon, \"now\""
    );
}

#[test]
fn an_audit_ranks_keys_by_risk() {
    file("keys-audit.yaml", DIRECTORY);
    let audit = run("keys --directory keys-audit.yaml audit --release 5.5.0 --now 1764000000");
    assert_eq!((audit.errors.as_str(), audit.code), ("", 0));
    golden("keys-audit.txt", &audit.output);
    // Many keys of a kind are counted.
    let many: String = (0..15)
        .map(|number| format!("  more{number}: {{ owner: tom, name: more, created_at: 0 }}\n"))
        .collect();
    file("keys-many.yaml", format!("{DIRECTORY}{many}"));
    let audit = run("keys --directory keys-many.yaml audit --now 1764000000").output;
    assert!(audit.contains("endless: 16 keys: "), "{audit}");
    assert!(
        audit.contains("\n  and 6 more; --full lists them\n"),
        "{audit}"
    );
    let full = run("keys --directory keys-many.yaml audit --full --now 1764000000").output;
    assert_eq!(full.matches("\n  more").count(), 15, "{full}");
}

#[test]
fn spreadsheets_read_a_record_for_each_key() {
    file("keys-csv.yaml", DIRECTORY);
    let audit = run(
        "keys --directory keys-csv.yaml audit --release 5.5.0 --now 2025-11-24T16:00:00Z --format csv",
    );
    assert_eq!((audit.errors.as_str(), audit.code), ("", 0));
    golden("keys-audit.csv", &audit.output);
}

/// A key reaches exactly the endpoints that `can` lists for it.
#[test]
fn a_key_reaches_what_it_can_call() {
    let mut some = 0;
    for release in ["5.4.0", "5.5.0", "5.5.0s"] {
        let of = |arguments: String| -> Value {
            let run = run(&format!(
                "{arguments} --release {release} --now 1764000000 --format json"
            ));
            assert_eq!(run.code, 0, "{arguments}");
            serde_json::from_str(&run.output).unwrap()
        };
        let listed = of("keys list".to_owned());
        let all = listed["endpoints"].as_u64().unwrap();
        for key in listed["keys"].as_array().unwrap() {
            let can = of(format!("can {}", key["owner"].as_str().unwrap()));
            let own = can["can"].as_array().unwrap().iter().find(|entry| {
                let keys = entry["keys"].as_array().unwrap();
                keys.contains(&key["key"])
            });
            let own = own.map_or(0, |entry| {
                entry["deployments"][0]["endpoints"]
                    .as_array()
                    .unwrap()
                    .len()
            });
            assert_eq!(key["reaches"], own as u64, "{release} {key}");
            some += usize::from(own > 0 && (own as u64) < all);
        }
    }
    assert!(some > 10, "{some}");
}

#[test]
fn an_audit_fails_on_what_is_named() {
    file("keys-fail.yaml", DIRECTORY);
    file(
        "keys-fine.yaml",
        DIRECTORY
            .lines()
            .filter(|line| {
                !line.starts_with("  ") || !line.contains("created_at") || line.contains("good:")
            })
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    );
    for (directory, flags, code) in [
        ("fail", "", 0),
        ("fail", "--fail-on warnings", 7),
        ("fail", "--fail-on legacy_super_admin", 7),
        ("fail", "--fail-on account_disabled", 7),
        ("fail", "--fail-on never_used", 0),
        ("fail", "--fail-on never_used --fail-on endless", 7),
        ("fail", "--fail-on account_not_eligible", 0),
        ("fail", "--fail-on account_not_eligible --release 5.4.0", 7),
        ("fine", "--fail-on warnings", 0),
    ] {
        for format in ["human", "json", "csv"] {
            let audit = run(&format!(
                "keys audit --directory keys-{directory}.yaml --now 1764000000 --format {format} {flags}"
            ));
            assert_eq!(
                (audit.code, audit.errors.as_str()),
                (code, ""),
                "{directory} {flags}"
            );
        }
    }
    for (arguments, says) in [
        (
            "audit --fail-on endles",
            "--fail-on: no key has a finding `endles`; did you mean `endless`?",
        ),
        (
            "list --fail-on endless",
            "--fail-on: `keys list` finds nothing; use `keys audit`",
        ),
    ] {
        let refused = run(&format!("keys {arguments}"));
        assert_eq!((refused.code, refused.output.as_str()), (2, ""));
        assert_eq!(refused.errors, format!("portcullis: {says}\n"));
    }
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
