//! Names and arguments with control characters: nothing that a verb prints for
//! people contains a control or invisible character.

use crate::run::{Run, file, run_each};
#[cfg(unix)]
use crate::run::{command, directory, finish};

/// Texts that control a terminal, or that display as something else.
const HOSTILE: [&str; 5] = [
    "a\u{1b}[31mred",
    "a\u{202e}b",
    "a\u{7}\u{85}b",
    "a\u{200b}b\u{2066}c",
    "a\rb\u{7f}",
];

/// The first control or invisible character of a text.
fn hidden(text: &str) -> Option<char> {
    text.chars()
        .find(|one| *one != '\n' && portcullis::document::is_invisible(*one))
}

fn assert_clean(what: &[&str], run: &Run) {
    for text in [&run.output, &run.errors] {
        assert_eq!(hidden(text), None, "{what:?}: {text:?}");
    }
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn every_verb_escapes_what_it_was_given() {
    let good = "/connect/api/v1/cases";
    for hostile in HOSTILE {
        let broken = format!("{hostile}.yaml");
        file(&broken, "version: 1\nwrong: [\u{202e}\n");
        let missing = format!("{hostile}-missing.yaml");
        let folder = format!("{hostile}-folder");
        let suite = format!("{hostile}.suite.yaml");
        file(&suite, "version: 1\n");
        let api = format!("{hostile}.api.json");
        let hostile_api = serde_json::json!({
            "openapi": "3.0.3",
            "info": { "title": hostile, "version": hostile },
            "servers": [{ "url": format!("/{hostile}") }],
            "paths": {
                format!("/{hostile}/{{{hostile}}}"): {
                    "get": { "operationId": hostile, "tags": [hostile], "parameters": hostile },
                },
                "/cases": { "get": {}, hostile: {}, "put": { "parameters": [{ "$ref": hostile }] } },
            },
        });
        file(&api, hostile_api.to_string());
        let h = hostile;
        let mut lines: Vec<Vec<&str>> = Vec::new();
        for verb in ["authorize", "explain"] {
            lines.extend([
                vec![verb, "--release", "5.5.0", "--as", h, "GET", good],
                vec![verb, "--release", "5.5.0", "--key", h, "GET", good],
                vec![verb, "--release", "5.5.0", "--as", "msp", h, good],
                vec![verb, "--release", "5.5.0", "--as", "msp", "GET", h],
                vec![
                    verb,
                    "--release",
                    "5.5.0",
                    "--as",
                    "msp",
                    "--path",
                    h,
                    "GET",
                ],
                vec![
                    verb,
                    "--release",
                    "5.5.0",
                    "--as",
                    "msp",
                    "--path",
                    good,
                    "--tenant",
                    h,
                    "GET",
                ],
                vec![verb, "--release", h, "--as", "msp", "GET", good],
                vec![verb, "--release", "5.5.0", "--as", "msp", h],
                vec![
                    verb,
                    "--policy",
                    &broken,
                    "--release",
                    "5.5.0",
                    "--as",
                    "msp",
                    "GET",
                    good,
                ],
                vec![
                    verb,
                    "--directory",
                    &missing,
                    "--release",
                    "5.5.0",
                    "--as",
                    "msp",
                    "GET",
                    good,
                ],
                vec![verb, "--technique", h, "GET", good],
            ]);
        }
        for verb in [
            "matrix", "diff", "who-can", "can", "keys", "test", "init", "check", "show", "import",
            "drift",
        ] {
            lines.extend([
                vec![verb, h],
                vec![verb, h, h],
                vec![verb, "--policy", &broken],
                vec![verb, "--policy", &missing],
                vec![verb, "--release", h],
                vec![verb, "--format", h],
                vec![verb, &broken, &missing],
            ]);
        }
        lines.extend([
            vec!["authorize", "--batch", &missing],
            vec!["authorize", "--batch", &broken, "--activity", &missing],
            vec!["matrix", "--profile", h],
            vec!["matrix", "--endpoint", h],
            vec!["who-can", "GET", h, "--release", "5.5.0"],
            vec!["who-can", h, "/cases", "--release", "5.5.0"],
            vec!["can", h, "--release", "5.5.0"],
            vec!["keys", "list", "--directory", &broken],
            vec!["keys", "audit", "--directory", &missing],
            vec!["diff", "--from", h, "--to", h],
            vec!["check", "--explain", h],
            vec!["check", "--directory", &broken],
            vec!["test", &suite],
            vec!["test", &suite, "--format", "tap"],
            vec!["test", &suite, "--format", "junit"],
            vec!["test", &suite, &missing],
            vec!["test", "--filter", h],
            vec!["init", &folder],
            vec!["init", &folder],
            vec!["import", "openapi", &broken],
            vec!["import", "openapi", &missing],
            vec!["import", "openapi", &api],
            vec!["import", "openapi", &api, "--tenant-path", h],
            vec!["import", "openapi", &api, "--grant", h],
            vec!["drift", &api],
            vec![h],
        ]);
        let mut messages = 0;
        for line in &lines {
            let run = run_each(line);
            assert_clean(line, &run);
            messages += usize::from(!run.errors.is_empty());
        }
        assert!(
            messages > 80,
            "only {messages} of {} printed a message",
            lines.len()
        );
    }
}

#[test]
fn an_object_of_a_batch_is_not_a_list() {
    let good = r#"{"release":"5.5.0","now":1764000000,"principal":{"user":"u","account":"local","enabled":true,"scope":"root","profile":"user"},"credential":{"type":"api_key","technique":"basic","subject":"u","key":{"id":"k","owner":"u","kind":"scoped","state":"active","created_at":1}},"method":"GET","path":"/connect/api/v1/cases"}"#;
    let value: serde_json::Value = serde_json::from_str(good).unwrap();
    let list = |object: &serde_json::Value| {
        serde_json::Value::Array(object.as_object().unwrap().values().cloned().collect())
    };
    let mut lines = vec![good.to_owned(), list(&value).to_string()];
    for path in [&["principal"][..], &["credential"], &["credential", "key"]] {
        let mut changed = value.clone();
        let place = path.iter().fold(&mut changed, |at, name| &mut at[*name]);
        *place = list(place);
        lines.push(changed.to_string());
    }
    let run = crate::run::batch(lines.join("\n"));
    let answers: Vec<&str> = run.output.lines().collect();
    assert_eq!(answers.len(), 5);
    assert!(answers[0].contains("\"decision\""), "{}", answers[0]);
    for answer in &answers[1..] {
        assert!(answer.contains("\"error\""), "{answer}");
    }
}

#[test]
fn basic_names_a_user_of_the_directory_by_address() {
    let line = |subject: &str| {
        format!(
            r#"{{"release":"5.5.0","now":1764000000,"principal":"msp","credential":{{"type":"api_key","technique":"basic","subject":"{subject}","key":"k1"}},"method":"GET","path":"/connect/api/v1/cases"}}"#
        )
    };
    let lines = [
        "msp",
        "MSP@example.com",
        "ann@example.com",
        "msp@example.org",
    ]
    .map(line);
    let run = crate::run::batch(lines.join("\n"));
    let allowed: Vec<bool> = run
        .output
        .lines()
        .map(|one| one.contains("\"allow\""))
        .collect();
    assert_eq!(allowed, [true, true, false, false], "{}", run.output);
}

#[cfg(unix)]
#[test]
fn a_pipe_named_like_a_suite_is_refused_without_waiting() {
    use std::process::Command;
    let folder = directory().join("suites");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(folder.join("deep")).unwrap();
    let pipe = folder.join("deep").join("a.suite.yaml");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let link = folder.join("link.suite.yaml");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    let run = run_each(["test", "suites"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.errors.contains("not a regular file"), "{}", run.errors);
    std::fs::remove_file(&pipe).unwrap();
    let run = run_each(["test", "suites"]);
    assert_eq!(run.code, 1, "a link that leads nowhere: {run:?}");
    // A pipe that is named on the command line is read.
    let run = finish(
        &mut command(["test", "/dev/stdin"]),
        b"version: 1\n".to_vec(),
    );
    assert_eq!(run.code, 3, "{run:?}");
}

/// If it were ignored, the suites would run against the embedded policy, and
/// pass.
#[cfg(unix)]
#[test]
fn a_policy_beside_suites_must_be_a_regular_file() {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::process::Command;
    let pipe = |path: &Path| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let folder = |path: &Path| fs::create_dir(path).unwrap();
    let nowhere = |path: &Path| symlink("nowhere", path).unwrap();
    type Make<'m> = &'m dyn Fn(&Path);
    let kinds = [
        ("pipe", &pipe as Make<'_>),
        ("folder", &folder),
        ("link", &nowhere),
    ];
    for (kind, make) in kinds {
        // Beside the suite, above a folder of suites, and the directory.
        for (place, name) in [
            ("here", "here/policy.yaml"),
            ("suites", "policy.yaml"),
            ("here", "here/directory.yaml"),
        ] {
            let root = directory().join(format!("beside_{kind}_{}", name.replace('/', "_")));
            drop(fs::remove_dir_all(&root));
            fs::create_dir_all(root.join(place)).unwrap();
            let suites = root.join(place);
            fs::write(
                suites.join("a.suite.yaml"),
                "version: 1\nsuite: a\nnow: 1764000000\nreleases: \"5.5.0\"\ncases:\n  \
                 - { name: a, as: { scope: root, profile: super_admin }, call: GET /cases, expect: allow }\n",
            )
            .unwrap();
            if name.ends_with("directory.yaml") {
                fs::write(suites.join("policy.yaml"), portcullis::EMBEDDED_POLICY).unwrap();
            }
            let given = suites.to_str().unwrap();
            let run = run_each(["test", given]);
            assert_eq!(run.code, 0, "{kind} {name}: {run:?}");
            make(&root.join(name));
            let run = run_each(["test", given]);
            assert_eq!(run.code, 1, "{kind} {name}: {run:?}");
            assert!(run.errors.contains(name), "{kind} {name}: {run:?}");
            if kind != "link" {
                assert!(run.errors.contains("not a regular file"), "{run:?}");
            }
        }
    }
}
