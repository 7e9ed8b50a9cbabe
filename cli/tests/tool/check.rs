//! `check`: what it reports about valid and invalid documents.

use portcullis::fault::Code;
use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Policy};
use serde_json::Value;

use crate::run::{command, directory, file, finish, golden, run};

/// A policy with two faults in known places.
const FAULTY_POLICY: &str = "\
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

/// How many endpoints a policy has: a method and a template each.
fn endpoints(policy: &Policy) -> usize {
    let entries = policy.endpoints().iter();
    entries.map(|entry| entry.methods().count()).sum()
}

#[test]
fn people_read_what_the_documents_contain() {
    let policy = Policy::embedded().unwrap();
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let expected = format!(
        "policy       the embedded policy: {} releases, {} endpoints on {} templates, {} profiles, {} privileges, digest {}\n\
         directory    the embedded directory: {} tenants, {} groups, {} users, {} keys, digest {}\n\
         invariants   {} invariants, all of which hold\n",
        policy.releases().len(),
        endpoints(&policy),
        policy.endpoints().len(),
        policy.profiles().len(),
        policy.privileges().len(),
        policy.digest(),
        directory.tenancy().tenants().len(),
        directory.tenancy().groups().len(),
        directory.users().len(),
        directory.keys().count(),
        directory.digest(),
        EMBEDDED_POLICY.matches("\n    why: ").count(),
    );
    let checked = run("check");
    assert_eq!(
        (checked.output, checked.errors.as_str(), checked.code),
        (expected, "", 0)
    );
}

#[test]
fn reports_name_the_files() {
    file("policy.yaml", EMBEDDED_POLICY);
    file("directory.yaml", EMBEDDED_DIRECTORY);
    for (flags, expected) in [
        (
            "--policy policy.yaml --directory directory.yaml",
            &["policy.yaml", "directory.yaml"][..],
        ),
        // The embedded directory belongs to the embedded policy.
        ("--policy policy.yaml", &["policy.yaml"]),
        (
            "--directory directory.yaml",
            &["the embedded policy", "directory.yaml"],
        ),
    ] {
        let checked = run(&format!("check {flags}"));
        assert_eq!((checked.code, checked.errors.as_str()), (0, ""), "{flags}");
        let documents = checked.output.lines();
        let documents = documents.filter(|line| !line.starts_with("invariants "));
        let names = documents.map(|line| {
            let (_, value) = line.split_once(' ').unwrap();
            value.trim_start().split(':').next().unwrap()
        });
        assert_eq!(names.collect::<Vec<_>>(), expected, "{flags}");
    }
}

/// A policy with one of everything.
const SINGLE: &str = "\
version: 1
base_path: /api
privileges: [cases.view]
profiles: { super_admin: { builtin: true, all: true } }
endpoints: [{ path: /cases, methods: { GET: cases.view } }]
releases: { 1.0.0: { access: scoped, restricted: [] } }
";
const PEOPLE: &str = "\
version: 1
tenants: [alpha]
groups: { one: [alpha] }
users: { ann: { scope: root, profile: super_admin } }
keys: {}
";

#[test]
fn a_path_stands_for_its_documents() {
    std::fs::create_dir_all(directory().join("acme/suites")).unwrap();
    file("acme/policy.yaml", SINGLE);
    file("acme/directory.yaml", PEOPLE);
    let alone = "acme/policy.yaml: 1 release, 1 endpoint on 1 template, 1 profile, 1 privilege";
    let people = "acme/directory.yaml: 1 tenant, 1 group, 1 user, 0 keys, digest ";
    for (path, has_people) in [
        ("acme", true),
        ("acme/", true),
        ("acme/directory.yaml", true),
        ("acme/policy.yaml", false),
    ] {
        let checked = run(&format!("check {path}"));
        assert_eq!((checked.code, checked.errors.as_str()), (0, ""), "{path}");
        assert!(checked.output.contains(alone), "{}", checked.output);
        assert_eq!(checked.output.contains(people), has_people, "{path}");
    }
    let piped = finish(&mut command(["check", "-"]), SINGLE.into());
    assert_eq!((piped.code, piped.errors.as_str()), (0, ""));
    assert!(
        piped
            .output
            .starts_with("policy       standard input: 1 release"),
        "{}",
        piped.output
    );
    let broken = finish(&mut command(["check", "-"]), b"version: 2\n".to_vec());
    assert_eq!(broken.code, 3);
    assert!(
        broken.errors.contains("--> standard input:1:10"),
        "{}",
        broken.errors
    );
    for (path, says) in [
        ("acme/suites", "`acme/suites` has no `policy.yaml`"),
        ("x.suite.yaml", "`portcullis test x.suite.yaml` reads"),
        ("x.suite.yml", "is a suite"),
    ] {
        let refused = run(&format!("check {path}"));
        assert_eq!((refused.code, refused.output.as_str()), (2, ""), "{path}");
        assert!(refused.errors.contains(says), "{}", refused.errors);
    }
    assert_eq!(run("check no-such-policy.yaml").code, 1);
    for flags in [
        "--policy acme/policy.yaml",
        "--directory x",
        "--explain tag",
    ] {
        assert_eq!(run(&format!("check acme {flags}")).code, 2, "{flags}");
    }
}

#[test]
fn standard_input_is_read_once() {
    let refused = run("authorize --batch - --policy -");
    assert_eq!((refused.code, refused.output.as_str()), (2, ""));
    assert!(
        refused.errors.contains("can be read once"),
        "{}",
        refused.errors
    );
}

/// An unclosed bracket swallows the rest of the document. Each bracket of the
/// embedded policy is deleted once, and the fault is at its opening bracket.
#[test]
fn an_unclosed_bracket_is_one_fault_at_the_bracket() {
    let text = EMBEDDED_POLICY;
    let mut open: Vec<(usize, char)> = Vec::new();
    let (mut tried, mut quoted, mut comment) = (0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            '\n' => comment = false,
            '#' if !quoted => comment = true,
            '"' if !comment => quoted = !quoted,
            _ => {}
        }
        if quoted || comment {
            continue;
        }
        let before = text[..at].chars().next_back().unwrap_or('\n');
        match character {
            // A bracket in a plain word, such as `/cases/{id}`, is text.
            '[' | '{' if before != '/' => open.push((at, character)),
            ']' | '}' if !text[..at].ends_with("/{id") => {
                let Some((opened, bracket)) = open.pop() else {
                    continue;
                };
                tried += 1;
                if tried % 7 != 1 {
                    continue;
                }
                let broken = format!("{}{}", &text[..at], &text[at + 1..]);
                let faults = Policy::from_yaml(&broken).unwrap_err();
                let line = text[..opened].matches('\n').count() + 1;
                let column = opened - text[..opened].rfind('\n').unwrap_or(0);
                assert_eq!(
                    faults.to_string(),
                    format!(
                        "{line}:{column}: `{bracket}` has no matching bracket; \
                         add it, or put the text in quotes"
                    )
                );
            }
            _ => {}
        }
    }
    assert!(tried > 60, "{tried}");
}

#[test]
fn programs_read_one_line_of_json() {
    let checked = run("check --format json");
    assert_eq!((checked.code, checked.errors.as_str()), (0, ""));
    assert_eq!(checked.output.lines().count(), 1);
    let report: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!(report["valid"], true);
    let policy = Policy::embedded().unwrap();
    assert_eq!(report["policy"]["releases"], policy.releases().len());
    assert_eq!(report["policy"]["endpoints"], endpoints(&policy));
    assert_eq!(
        report["policy"]["templates"],
        policy.endpoints().iter().len()
    );
    assert_eq!(report["policy"]["digest"], policy.digest().to_string());
    assert_eq!(report["directory"]["tenants"], 4);
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    assert_eq!(
        report["directory"]["digest"],
        directory.digest().to_string()
    );
    assert_eq!(report.get("invalid"), None);
}

#[test]
fn every_fault_has_its_place() {
    file("faulty.yaml", FAULTY_POLICY);
    let checked = run("check --policy faulty.yaml");
    assert_eq!((checked.code, checked.output.as_str()), (3, ""));
    golden("check-faults.txt", &checked.errors);

    let checked = run("check --policy faulty.yaml --format json");
    assert_eq!((checked.code, checked.errors.as_str()), (3, ""));
    assert_eq!(checked.output.lines().count(), 1);
    let report: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!(
        (&report["valid"], &report["policy"]),
        (&Value::from(false), &Value::Null)
    );
    let invalid = &report["invalid"];
    assert_eq!(
        (&invalid["name"], &invalid["more"]),
        (&Value::from("faulty.yaml"), &Value::from(0))
    );
    let faults = invalid["faults"].as_array().unwrap().iter();
    let places = faults.map(|fault| {
        (
            fault["line"].as_u64().unwrap(),
            fault["code"].as_str().unwrap(),
        )
    });
    let expected = [(6, "unknown_privilege"), (10, "unknown_word")];
    assert_eq!(places.collect::<Vec<_>>(), expected);
}

#[test]
fn faults_after_the_twentieth_are_counted() {
    let wrong: Vec<String> = (0..30).map(|number| format!("wrong{number}: 1")).collect();
    file(
        "many.yaml",
        format!("{FAULTY_POLICY}{}\n", wrong.join("\n")),
    );
    let checked = run("check --policy many.yaml");
    assert_eq!(
        (checked.code, checked.errors.matches("error[").count()),
        (3, 20)
    );
    let mut counted = checked.errors.lines();
    let last = counted.rfind(|line| line.starts_with("many.yaml")).unwrap();
    let more: u32 = last
        .strip_prefix("many.yaml: and ")
        .unwrap()
        .strip_suffix(" more")
        .unwrap()
        .parse()
        .unwrap();
    assert!(more >= 10, "{last}");
}

#[test]
fn a_directory_is_checked_against_its_policy() {
    file(
        "profile.yaml",
        EMBEDDED_DIRECTORY.replace("profile: user", "profile: usr"),
    );
    let checked = run("check --directory profile.yaml");
    assert_eq!(checked.code, 3);
    assert!(
        checked
            .output
            .starts_with("policy       the embedded policy: 6 "),
        "{}",
        checked.output
    );
    assert_eq!(checked.output.lines().count(), 1);
    let (faults, hints) = ("--> profile.yaml:", "^^^ did you mean `user`?");
    let count = EMBEDDED_DIRECTORY.matches("profile: user").count();
    assert!(count > 1);
    for part in ["error[unknown_user_profile]", faults, hints] {
        assert_eq!(
            checked.errors.matches(part).count(),
            count,
            "{}",
            checked.errors
        );
    }

    let checked = run("check --directory profile.yaml --format json");
    assert_eq!((checked.code, checked.errors.as_str()), (3, ""));
    let report: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!(report["policy"]["releases"], 6);
    assert_eq!(report["invalid"]["name"], "profile.yaml");
    assert_eq!(report.get("directory"), None);
}

#[test]
fn the_embedded_directory_may_not_fit_another_policy() {
    file(
        "small.yaml",
        FAULTY_POLICY
            .replace("veiw", "view")
            .replace("soped", "scoped"),
    );
    assert_eq!(run("check --policy small.yaml").code, 0);
    let request = "--release 1.0.0 --as ann GET /api/cases";
    let decided = run(&format!("authorize --policy small.yaml {request}"));
    assert_eq!((decided.code, decided.output.as_str()), (3, ""));
    let expected = "the embedded directory, as --directory is not given:";
    assert!(decided.errors.starts_with(expected), "{}", decided.errors);
}

#[test]
fn an_unreadable_file_is_not_an_invalid_document() {
    for format in ["human", "json"] {
        for path in ["no-such-file", "."] {
            let checked = run(&format!("check --format {format} --policy {path}"));
            assert_eq!((checked.code, checked.output.as_str()), (1, ""));
            let expected = format!("portcullis: cannot read `{path}`: ");
            assert!(checked.errors.starts_with(&expected), "{}", checked.errors);
        }
    }
}

#[cfg(unix)]
#[test]
fn an_endless_file_is_refused() {
    let checked = run("check --policy /dev/zero");
    assert_eq!(checked.code, 3);
    assert!(
        checked.errors.starts_with("error[too_large]: ") && checked.errors.len() < 2_000,
        "{}",
        checked.errors
    );
}

#[test]
fn hostile_documents_are_shown_harmlessly() {
    let title =
        |text: &str| FAULTY_POLICY.replace("viewer: {", &format!("viewer: {{ title: '{text}',"));
    for text in [
        title("\u{1b}[2J"),
        title("\u{202e}evil\u{200b}"),
        title("a\rb"),
        FAULTY_POLICY.replace("cases.veiw", &"veiw".repeat(100_000)),
        FAULTY_POLICY.replace("cases.veiw", "\t\t日本語"),
        "\u{feff}version: 1".to_owned(),
        String::new(),
        "\n\n".to_owned(),
        "version:".to_owned(),
    ] {
        file("hostile.yaml", &text);
        let checked = run("check --policy hostile.yaml");
        assert_eq!((checked.code, checked.output.as_str()), (3, ""));
        let seen = |character: char| {
            !matches!(
                character,
                '\u{1b}' | '\r' | '\t' | '\u{202e}' | '\u{200b}' | '\u{feff}'
            )
        };
        assert!(checked.errors.chars().all(seen), "{}", checked.errors);
        assert!(
            checked
                .errors
                .lines()
                .all(|line| line.chars().count() < 500),
            "{}",
            checked.errors
        );
        assert!(
            checked.errors.contains("--> hostile.yaml:"),
            "{}",
            checked.errors
        );
    }
    file("hostile.yaml", b"version: 1\nbase_path: /a\xff\n");
    let checked = run("check --policy hostile.yaml");
    assert!(
        checked.errors.contains("--> hostile.yaml:2:14"),
        "{}",
        checked.errors
    );
}

#[test]
fn a_code_is_explained_in_three_lines() {
    let explained = run("check --explain unknown_privilege");
    assert_eq!((explained.code, explained.errors.as_str()), (0, ""));
    golden("check-explain.txt", &explained.output);
    for code in Code::all() {
        let explained = run(&format!("check --explain {}", code.code));
        assert_eq!((explained.code, explained.output.lines().count()), (0, 3));
        for line in [code.meaning, code.why, code.fix] {
            assert!(explained.output.contains(line), "{}", explained.output);
        }
    }
    for (code, expected) in [
        (
            "unknown_privilage",
            "portcullis: unknown fault code `unknown_privilage`; did you mean `unknown_privilege`?\n",
        ),
        (
            "E0308",
            "portcullis: unknown fault code `E0308`; the page on the policy language lists all codes\n",
        ),
    ] {
        let refused = run(&format!("check --explain {code}"));
        assert_eq!(
            (
                refused.code,
                refused.output.as_str(),
                refused.errors.as_str()
            ),
            (2, "", expected)
        );
    }
    for flags in [
        "--policy policy.yaml",
        "--directory directory.yaml",
        "--format json",
    ] {
        assert_eq!(
            run(&format!("check --explain alias {flags}")).code,
            2,
            "{flags}"
        );
    }
}
