//! `authorize --batch FILE --activity FILE`: what is recorded of a batch.

use std::fs;
use std::path::PathBuf;

use portcullis::Policy;
use serde_json::{Value, json};

use crate::request::{request, with};
use crate::run::{Run, directory, file, run};

fn path(name: &str) -> PathBuf {
    directory().join(name)
}

/// Decides lines with records in a new file, and returns its text.
fn recorded(name: &str, lines: &[String]) -> (Run, String) {
    let (batch, log) = (format!("{name}.batch"), format!("{name}.log"));
    let _ = fs::remove_file(path(&log));
    file(&batch, lines.join("\n"));
    let ended = run(&format!("authorize --batch {batch} --activity {log}"));
    (ended, fs::read_to_string(path(&log)).unwrap())
}

#[test]
fn the_page_shows_what_is_recorded() {
    let page = include_str!("../../../docs/activity.md");
    let blocks: Vec<&str> = page
        .split("```json\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
        .collect();
    let [request, record] = blocks[..] else {
        panic!("{} blocks", blocks.len());
    };
    let digest = Policy::embedded().unwrap().digest().to_string();
    let (ended, log) = recorded("page", &[request.to_owned()]);
    assert_eq!((ended.code, ended.errors.as_str()), (0, ""));
    assert_eq!(log, record.replace("DIGEST", &digest));
    // The page has a row for every field, in their order.
    let record: Value = serde_json::from_str(&log).unwrap();
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let rows: Vec<&str> = rows.map(|(name, _)| name).collect();
    assert_eq!(rows.len(), record.as_object().unwrap().len());
    let places: Vec<usize> = rows
        .iter()
        .map(|name| log.find(&format!("\"{name}\":")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{rows:?}");
}

#[test]
fn every_decision_is_recorded_and_nothing_else() {
    let lines = [
        request().to_string(),
        "no request".to_owned(),
        with([("/target", json!("/connect/api/v1/incidents"))]).to_string(),
        String::new(),
        with([("/method", json!("someone@example.com"))]).to_string(),
        with([("/credential/key/owner", json!("w"))]).to_string(),
        with([("/principal/scope", json!("tenant"))]).to_string(),
        with([("/target", json!("/connect/api/v1/cases?tenantid=elsewhere"))]).to_string(),
    ];
    let (ended, log) = recorded("every", &lines);
    assert_eq!(ended.code, 1, "two lines cannot be read");
    let records: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answers = ended
        .output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let decided: Vec<Value> = answers
        .filter(|answer| answer.get("error").is_none())
        .collect();
    assert_eq!(decided.len(), 6);
    let decided_as = |value: &Value| (value["decision"].clone(), value["reason"].clone());
    let (of_records, of_answers): (Vec<_>, Vec<_>) = (
        records.iter().map(decided_as).collect(),
        decided.iter().map(decided_as).collect(),
    );
    assert_eq!(of_records, of_answers);
    let reasons: Vec<&str> = records
        .iter()
        .map(|record| record["reason"].as_str().unwrap_or("-"))
        .collect();
    assert_eq!(
        reasons,
        [
            "-",
            "restricted_endpoint",
            "method_not_listed",
            "key_owner_mismatch",
            "inconsistent_principal",
            "tenant_out_of_scope"
        ]
    );
    // Names that the caller made up are not repeated.
    assert!(
        !log.contains("example.com") && !log.contains("elsewhere"),
        "{log}"
    );
    assert_eq!(records[3]["actor"], Value::Null);
}

#[test]
fn records_are_added_and_answers_stay_the_same() {
    let lines = [request().to_string(), request().to_string()];
    let (first, log) = recorded("added", &lines);
    let second = run("authorize --batch added.batch --activity added.log");
    assert_eq!((second.code, &second.output), (0, &first.output));
    assert_eq!(second.output, run("authorize --batch added.batch").output);
    assert_eq!(
        fs::read_to_string(path("added.log")).unwrap(),
        log.repeat(2)
    );
}

#[test]
fn what_is_not_recorded_is_not_answered() {
    file("alone.batch", request().to_string());
    for log in ["no-such-folder/log", "."] {
        let refused = run(&format!("authorize --batch alone.batch --activity {log}"));
        assert_eq!((refused.code, refused.output.as_str()), (1, ""));
        let expected = format!("portcullis: cannot write to `{log}`: ");
        assert!(refused.errors.starts_with(&expected), "{}", refused.errors);
    }
    let alone = "authorize --release 5.5.0 --as msp GET /connect/api/v1/cases --activity alone.log";
    assert_eq!(run(alone).code, 2);
    assert_eq!(run("authorize --activity alone.log").code, 2);
    assert!(!path("alone.log").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_batch() {
    file("full.batch", request().to_string());
    let refused = run("authorize --batch full.batch --activity /dev/full");
    assert_eq!((refused.code, refused.output.as_str()), (1, ""));
    assert!(
        refused
            .errors
            .starts_with("portcullis: cannot write to `/dev/full`: "),
        "{}",
        refused.errors
    );
}
