//! What a report was made from is in it, in every format.

use std::process::Output;

use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
use serde_json::Value;

use crate::run::{TOOL, command, file};

const INSTANT: &str = "2025-11-24T16:00:00Z";
const SECONDS: u64 = 1_764_000_000;

/// What a report is made from, beside a policy.
#[derive(Clone, Copy)]
struct From {
    directory: bool,
    now: bool,
    before: bool,
}

const POLICY: From = From {
    directory: false,
    now: false,
    before: false,
};
const DIRECTORY: From = From {
    directory: true,
    ..POLICY
};
const INSTANTS: From = From {
    now: true,
    ..DIRECTORY
};
const BOTH: From = From {
    before: true,
    ..POLICY
};
const PEOPLE: From = From {
    before: true,
    ..INSTANTS
};

/// Every verb that reports, with its formats.
const REPORTS: &[(&str, &[&str], From)] = &[
    (
        "authorize --release 5.5.0 --as msp GET /connect/api/v1/cases",
        &["human", "json"],
        INSTANTS,
    ),
    (
        "explain --release 5.5.0 --as msp --what-if GET /connect/api/v1/incidents",
        &["human", "json"],
        INSTANTS,
    ),
    ("check", &["human", "json"], DIRECTORY),
    ("lint", &["human", "json"], DIRECTORY),
    (
        "matrix --release 5.5.0 --profile user",
        &["human", "markdown", "csv", "json"],
        POLICY,
    ),
    (
        "matrix --release 5.5.0 --profile user --legend",
        &["human", "markdown", "csv", "json"],
        POLICY,
    ),
    ("who-can GET /cases/{id}", &["human", "json"], INSTANTS),
    ("can msp", &["human", "json"], INSTANTS),
    ("can user@root", &["human", "json"], POLICY),
    (
        "diff --from 5.5.0 --to 5.5.0s",
        &["human", "markdown", "json"],
        BOTH,
    ),
    (
        "diff --from 5.5.0 --to 5.5.0s --impact",
        &["human", "markdown", "json"],
        PEOPLE,
    ),
    ("drift openapi.yaml", &["human", "json"], POLICY),
    ("keys list", &["human", "csv", "json"], INSTANTS),
    ("keys audit", &["human", "csv", "json"], INSTANTS),
    (
        "test --filter restricted",
        &["human", "json", "junit", "tap"],
        DIRECTORY,
    ),
];

/// Runs the tool, and returns all that it prints.
fn printed(words: &[&str]) -> String {
    file(
        "openapi.yaml",
        "openapi: 3.0.3\nservers: [{ url: /connect/api/v1 }]\npaths: { /cases: { get: {} } }\n",
    );
    let Output { stdout, .. } = command(words).output().unwrap();
    String::from_utf8(stdout).unwrap()
}

fn digests() -> [String; 2] {
    let policy = Policy::embedded().unwrap();
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    [policy.digest().to_string(), directory.digest().to_string()]
}

#[test]
fn every_report_has_its_provenance_in_every_format() {
    let [policy, directory] = digests();
    let mut reports = 0;
    for (arguments, formats, from) in REPORTS {
        for format in *formats {
            let mut words: Vec<&str> = arguments.split(' ').collect();
            words.extend(["--format", format]);
            if from.now {
                words.extend(["--now", INSTANT]);
            }
            let report = printed(&words);
            // No word has a blank or a quote; those with braces are quoted.
            let typed = format!("portcullis {}", words.join(" "));
            let typed = typed.replace("/cases/{id}", "'/cases/{id}'");
            let short = |digest: &str| digest[..12].to_owned();
            let made = |digest: &dyn Fn(&str) -> String| {
                let mut parts = vec![TOOL.to_owned()];
                if from.before {
                    parts.push(format!("policy before {}", digest(&policy)));
                }
                parts.push(format!("policy {}", digest(&policy)));
                if from.directory {
                    parts.push(format!("directory {}", digest(&directory)));
                }
                if from.now {
                    parts.push(format!("at {SECONDS}"));
                }
                parts.join(", ")
            };
            let last = report.trim_end().lines().last().unwrap();
            match *format {
                "human" => {
                    assert_eq!(last, format!("made with {}: {typed}", made(&short)));
                    assert!(report.contains(&format!("\n\n{last}\n")), "{report}");
                }
                "markdown" => {
                    assert_eq!(last, format!("Made with {}: `` {typed} ``", made(&short)));
                }
                "csv" => {
                    let digests = [policy.as_str(), &directory];
                    in_csv(&report, &typed, &digests[..1 + usize::from(from.directory)]);
                }
                "json" => in_json(&report, &typed, *from),
                "junit" => {
                    for (name, value) in [("tool", TOOL), ("command", &typed), ("policy", &policy)]
                    {
                        let property = format!("<property name=\"{name}\" value=\"{value}\"/>");
                        assert!(report.contains(&property), "{report}");
                    }
                }
                "tap" => {
                    for (name, value) in [("tool", TOOL), ("command", &typed), ("policy", &policy)]
                    {
                        let comment = format!("\n# {name}: {value}\n");
                        assert!(report.contains(&comment), "{report}");
                    }
                }
                other => panic!("{other}"),
            }
            reports += 1;
        }
    }
    assert_eq!(reports, 40);
}

/// The last column of every record, and only there.
fn in_csv(report: &str, typed: &str, digests: &[&str]) {
    let mut lines = report.lines();
    let head = lines.next().unwrap();
    assert!(head.ends_with(",provenance"), "{head}");
    let mut records = 0;
    for line in lines {
        // No part of it has a comma or a quote, so that it is not quoted.
        let last = line.rsplit(',').next().unwrap();
        assert!(
            last.starts_with(&format!("tool: {TOOL}; command: {typed}; policy: ")),
            "{line}"
        );
        for digest in digests {
            assert!(last.contains(digest), "{line}");
        }
        records += 1;
    }
    assert!(records > 3);
}

fn in_json(report: &str, typed: &str, from: From) {
    let [policy, directory] = digests();
    let answer: Value = serde_json::from_str(report).unwrap();
    let provenance = &answer["provenance"];
    assert_eq!(provenance["command"], typed);
    assert_eq!(provenance["tool"], TOOL, "{typed}");
    assert_eq!(provenance["policy"], policy, "{typed}");
    let before = from.before.then(|| policy.clone());
    assert_eq!(provenance["policy_before"], Value::from(before), "{typed}");
    let directory = from.directory.then_some(directory);
    assert_eq!(provenance["directory"], Value::from(directory), "{typed}");
    let now = from.now.then_some(SECONDS);
    assert_eq!(provenance["now"], Value::from(now), "{typed}");
}

/// Scripts read the first line of `authorize`.
#[test]
fn the_first_line_of_a_decision_is_the_decision() {
    let words = "authorize --release 5.5.0 --as msp GET /connect/api/v1";
    for (path, first) in [
        ("cases", "allow\n"),
        ("incidents", "deny restricted_endpoint\n"),
    ] {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        let target = format!("/connect/api/v1/{path}");
        words.pop();
        words.push(&target);
        assert!(printed(&words).starts_with(first));
    }
}

/// The value of a query can be a secret, and a report is kept.
#[test]
fn no_provenance_has_the_value_of_a_query() {
    let target = "/connect/api/v1/cases?access_token=s3cr3t&tenantid=alpha";
    let words = [
        "authorize",
        "--release",
        "5.5.0",
        "--as",
        "msp",
        "GET",
        target,
    ];
    let report = printed(&[&words[..], &["--format", "json"]].concat());
    assert!(!report.contains("s3cr3t"), "{report}");
    let answer: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(answer["decision"], "allow");
    let shown = answer["provenance"]["command"].as_str().unwrap();
    assert!(shown.contains("?access_token=*&tenantid=alpha'"), "{shown}");
    let report = printed(&words);
    let last = report.trim_end().lines().last().unwrap();
    assert!(
        last.contains("access_token=*") && !last.contains("s3cr3t"),
        "{last}"
    );
}

/// What is not valid has no digest, and what was read before has.
#[test]
fn a_report_about_a_document_that_is_not_valid_has_a_provenance() {
    file("wrong.yaml", "version: 2\n");
    let words = ["check", "--format", "json", "--directory", "wrong.yaml"];
    let answer: Value = serde_json::from_str(&printed(&words)).unwrap();
    assert_eq!(answer["valid"], false);
    assert_eq!(answer["provenance"]["policy"], digests()[0]);
    assert_eq!(answer["provenance"]["directory"], Value::Null);
    let words = ["check", "--format", "json", "wrong.yaml"];
    let answer: Value = serde_json::from_str(&printed(&words)).unwrap();
    assert_eq!(answer["provenance"]["policy"], Value::Null);
    assert_eq!(answer["provenance"]["tool"], TOOL);
}

/// A line of a batch is what a caller may get.
#[test]
fn a_batch_has_no_provenance() {
    file(
        "batch.jsonl",
        "{\"id\":1,\"release\":\"5.5.0\",\"now\":1764000000,\"principal\":\"msp\",\"credential\":{\"type\":\"none\"},\
         \"method\":\"GET\",\"target\":\"/connect/api/v1/cases\"}\n",
    );
    let report = printed(&["authorize", "--batch", "batch.jsonl"]);
    assert!(report.contains("\"decision\":\"deny\""), "{report}");
    assert!(!report.contains("provenance"), "{report}");
}
