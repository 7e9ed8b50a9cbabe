//! `explain`: what it prints, and that it agrees with `authorize`.

mod tool;

use serde_json::Value;
use tool::{golden, run};

#[test]
fn people_read_every_question() {
    let request = ["--release", "5.5.0", "--as", "msp", "--now", "1764000000", "GET", "/connect/api/v1/incidents"];
    let explained = run(["explain"].iter().chain(&request));
    assert_eq!((explained.code, explained.errors.as_str()), (5, ""));
    golden("explain-restricted.txt", &explained.output);

    let nobody = run(["explain", "--release", "5.5.0", "--now", "0", "GET", "/cases"]);
    assert_eq!(nobody.code, 5);
    assert_eq!(nobody.errors, "portcullis: every path of this policy begins with `/connect/api/v1`\n");
    golden("explain-nobody.txt", &nobody.output);
}

#[test]
fn programs_read_one_line_with_eighteen_answers() {
    let request = ["--release", "5.5.0s", "--as", "msp", "--now", "1764000000", "GET", "/connect/api/v1/cases"];
    let explained = run(["explain", "--format", "json"].iter().chain(&request));
    assert_eq!((explained.code, explained.output.lines().count()), (0, 1));
    let explained: Value = serde_json::from_str(&explained.output).unwrap();
    let answers = explained["answers"].as_array().unwrap();
    let questions: Vec<u64> = answers.iter().map(|answer| answer["question"].as_u64().unwrap()).collect();
    assert_eq!(questions, (1..=18).collect::<Vec<u64>>());

    let decided = run(["authorize", "--format", "json"].iter().chain(&request));
    let mut explained = explained;
    explained.as_object_mut().unwrap().remove("answers");
    assert_eq!(explained, serde_json::from_str::<Value>(&decided.output).unwrap());
}

#[test]
fn it_agrees_with_authorize() {
    let targets = ["/connect/api/v1/cases", "/connect/api/v1/cases?tenantid=gamma", "/connect/api/v1/data", "/x//y"];
    for release in ["5.4.0", "5.5.0", "5.5.0s"] {
        for user in ["ann", "msp", "tenant-user", "bob"] {
            for target in targets {
                let request = ["--release", release, "--as", user, "--now", "1764000000", "GET", target];
                let decided = run(["authorize"].iter().chain(&request));
                let explained = run(["explain"].iter().chain(&request));
                let verdict = |text: &str| {
                    let line = text.lines().find(|line| line.starts_with("allow") || line.starts_with("deny"));
                    let words: Vec<String> = line.unwrap().split(' ').take(2).map(str::to_owned).collect();
                    if words[0] == "allow" { vec!["allow".to_owned()] } else { words }
                };
                assert_eq!(verdict(&decided.output), verdict(&explained.output), "{request:?}");
                assert_eq!(decided.code, explained.code, "{request:?}");
            }
        }
    }
}

#[test]
fn it_needs_what_authorize_needs() {
    let refused = run(["explain", "GET", "/"]);
    assert_eq!((refused.code, refused.output.as_str()), (2, ""));
    assert!(refused.errors.starts_with("portcullis: --release is missing; give one of "), "{}", refused.errors);
    assert_eq!(run(["explain", "--batch", "-"]).code, 2);
    assert_eq!(run(["explain", "--policy", "/no/such/file", "GET", "/"]).code, 1);
}
