//! `authorize --batch` as a stream: hostile lines, order, memory, and readers
//! and writers that stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::request::{comes_to, request, with};
use crate::run::{batch, command, file, finish, run};
use serde_json::{Value, json};

const ALLOWED: &str =
    r#""decision":"allow","endpoint":"/cases","parameters":{},"confinement":{"one":"alpha"}}"#;

#[test]
fn a_bad_line_does_not_stop_the_next() {
    let mut input = Vec::new();
    let bad: [&[u8]; 9] = [
        b"",
        b" \t\r",
        b"{",
        b"nonsense",
        b"{\"id\":\"b\",\"method\":\"\xff\"}",
        b"\xef\xbb\xbf{\"id\":\"b\"}",
        b"\x00",
        b"{\"id\":\"b\"} {\"id\":\"c\"}",
        b"{\"id\":\"b\",\"now\":1",
    ];
    for line in bad {
        input.extend(line);
        input.push(b'\n');
        input.extend(request().to_string().bytes());
        input.push(b'\n');
    }
    let answered = batch(input);
    assert_eq!(answered.code, 1);
    assert_eq!(
        answered.errors,
        "portcullis: 9 of 18 lines could not be read; each has an `error`\n"
    );
    let expected = [
        r#"{"id":null,"error":"the line is empty; give one JSON object per line"}"#,
        r#"{"id":null,"error":"the line is empty; give one JSON object per line"}"#,
        r#"{"id":null,"error":"column 1: not JSON: EOF while parsing an object"}"#,
        r#"{"id":null,"error":"column 2: not JSON: expected ident"}"#,
        r#"{"id":"b","error":"byte 21: not UTF-8; write the line in UTF-8"}"#,
        r#"{"id":null,"error":"column 1: not JSON: expected value"}"#,
        r#"{"id":null,"error":"column 1: not JSON: expected value"}"#,
        r#"{"id":"b","error":"missing field `release`"}"#,
        r#"{"id":"b","error":"column 17: not JSON: EOF while parsing an object"}"#,
    ];
    let allowed = format!("{{\"id\":\"r1\",{ALLOWED}");
    let expected: Vec<&str> = expected
        .iter()
        .flat_map(|error| [*error, &allowed])
        .collect();
    assert_eq!(answered.output.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn hostile_json_is_an_error_of_its_line() {
    let text = request().to_string();
    let surrogate = text.replace("\"GET\"", "\"\\ud800\"");
    let nested = format!("{{\"id\":\"deep\",\"x\":{}", "[".repeat(500_000));
    let huge_field = format!("{{\"{}\":1}}", "x".repeat(500_000));
    let answered = batch(
        [
            surrogate,
            nested,
            huge_field,
            text.clone() + "x",
            text.replace("1764000000", "1e400"),
        ]
        .join("\n"),
    );
    assert_eq!(answered.code, 1);
    let answers: Vec<Value> = answered
        .output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 5);
    for answer in &answers {
        let error = answer["error"].as_str().unwrap();
        assert!(
            error.chars().count() <= 501 && !error.contains('\n'),
            "{error}"
        );
    }
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(
        ids,
        [
            &json!("r1"),
            &json!("deep"),
            &Value::Null,
            &json!("r1"),
            &json!("r1")
        ]
    );
}

#[test]
fn a_line_may_end_in_carriage_return_and_the_last_line_in_nothing() {
    let text = request().to_string();
    let answered = batch(format!("{text}\r\n{text}"));
    assert_eq!(
        (
            answered.code,
            answered.errors.as_str(),
            answered.output.lines().count()
        ),
        (0, "", 2)
    );
    let nothing = batch("");
    assert_eq!(
        (
            nothing.code,
            nothing.errors.as_str(),
            nothing.output.as_str()
        ),
        (0, "", "")
    );
}

#[test]
fn answers_come_in_the_order_of_the_lines() {
    let lines: Vec<String> = (0..3000)
        .map(|number| match number % 3 {
            0 => with([("/id", json!(number))]).to_string(),
            1 => format!("{{\"id\":{number}}}"),
            _ => with([("/id", json!(number)), ("/release", json!("5.4.0s"))]).to_string(),
        })
        .collect();
    let answered = batch(lines.join("\n"));
    let ids: Vec<Value> = answered
        .output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone())
        .collect();
    assert_eq!(
        ids,
        (0..3000).map(|number| json!(number)).collect::<Vec<_>>()
    );
    assert_eq!(answered.code, 1);
}

#[test]
fn a_file_is_read_like_standard_input() {
    file("requests.jsonl", format!("{}\n", request()));
    for flags in [
        "--batch requests.jsonl",
        "--format json --batch requests.jsonl",
    ] {
        let answered = run(&format!("authorize {flags}"));
        assert_eq!(
            (answered.code, answered.output),
            (0, format!("{{\"id\":\"r1\",{ALLOWED}\n"))
        );
    }
    for path in ["no-such-file", "."] {
        let refused = run(&format!("authorize --batch {path}"));
        assert_eq!((refused.code, refused.output.as_str()), (1, ""));
        let expected = format!("portcullis: cannot read `{path}`: ");
        assert!(refused.errors.starts_with(&expected), "{}", refused.errors);
    }
    file("version-2.yaml", "version: 2\n");
    for (policy, code) in [("no-such-file", 1), ("version-2.yaml", 3)] {
        let refused = run(&format!(
            "authorize --batch requests.jsonl --policy {policy}"
        ));
        assert_eq!((refused.code, refused.output.as_str()), (code, ""));
    }
}

#[test]
fn an_inline_user_belongs_to_the_tenancy_of_the_directory() {
    let directory = "version: 1\ntenants: [blue]\ngroups: { one: [blue] }\nusers: {}\nkeys: {}\n";
    file("blue.yaml", directory);
    let line = with([("/target", json!("/connect/api/v1/cases"))]).to_string();
    let flags = "authorize --batch - --directory blue.yaml".split(' ');
    let answered = finish(&mut command(flags), line.into_bytes());
    let confined = "\"confinement\":{\"tenants\":[\"blue\"]}}\n";
    assert!(answered.output.ends_with(confined), "{}", answered.output);
}

#[test]
fn a_line_that_is_too_long_is_skipped() {
    let long = format!(
        "{{\"id\":\"long\",\"method\":\"{}\"}}",
        "x".repeat(4 * 1024 * 1024)
    );
    let nameless = "y".repeat(4 * 1024 * 1024);
    let text = request().to_string();
    let answered = batch(
        [&long, &text, &nameless, &text]
            .map(String::as_str)
            .join("\n"),
    );
    let allowed = format!("{{\"id\":\"r1\",{ALLOWED}");
    let error = "\"error\":\"the line has more than 1048576 bytes; send fewer\"}";
    let (long, nameless) = (
        format!("{{\"id\":\"long\",{error}"),
        format!("{{\"id\":null,{error}"),
    );
    assert_eq!(
        answered.output.lines().collect::<Vec<_>>(),
        [&long, &allowed, &nameless, &allowed]
    );
    assert_eq!(answered.code, 1);
}

#[test]
fn a_line_of_just_the_longest_length_is_read() {
    let padded = |length: usize| {
        let text = request().to_string();
        format!("{text}{}", " ".repeat(length - text.len()))
    };
    let (longest, longer) = (padded(1024 * 1024), padded(1024 * 1024 + 1));
    comes_to(&[
        (longest, "allow"),
        (longer, "the line has more than 1048576 bytes; send fewer"),
    ]);
}

/// The most memory that a process has had, in KiB.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let row = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    row.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_length_or_number_of_lines() {
    let mut child = command(["authorize", "--batch", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let text = format!("{}\n", request());
    stdin.write_all(text.as_bytes()).unwrap();
    answers.next().unwrap().unwrap();
    let before = peak(child.id());

    let mebibyte = vec![b'x'; 1024 * 1024];
    for _ in 0..48 {
        stdin.write_all(&mebibyte).unwrap();
    }
    stdin.write_all(b"\n").unwrap();
    assert!(
        answers
            .next()
            .unwrap()
            .unwrap()
            .contains("more than 1048576 bytes")
    );
    // Read in another thread, because this does not fit into the pipes.
    let reader = std::thread::spawn(move || {
        answers
            .take(2000)
            .map(Result::unwrap)
            .filter(|line| line.contains("allow"))
            .count()
    });
    for _ in 0..2000 {
        stdin.write_all(text.as_bytes()).unwrap();
    }
    assert_eq!(reader.join().unwrap(), 2000);
    let after = peak(child.id());
    assert!(
        after - before < 8 * 1024,
        "grew from {before} to {after} KiB over a line of 48 MiB"
    );
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn an_answer_does_not_wait_for_the_next_line() {
    let mut child = command(["authorize", "--batch", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (answers, answered) = channel();
    let reader = std::thread::spawn(move || {
        let mut line = String::new();
        while stdout.read_line(&mut line).unwrap() > 0 {
            answers.send(std::mem::take(&mut line)).unwrap();
        }
    });
    for number in 0..3 {
        // The last time with the beginning of a next line behind it.
        let begun = if number == 2 { "{\"id\":" } else { "" };
        write!(stdin, "{}\n{begun}", with([("/id", json!(number))])).unwrap();
        let answer = answered.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(answer, format!("{{\"id\":{number},{ALLOWED}\n"));
    }
    drop(stdin);
    reader.join().unwrap();
    assert_eq!(
        child.wait().unwrap().code(),
        Some(1),
        "the line that was only begun cannot be read"
    );
}

#[test]
fn a_closed_output_is_not_a_panic() {
    let mut child = command(["authorize", "--batch", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take().unwrap());
    let mut stdin = child.stdin.take().unwrap();
    let text = format!("{}\n", request());
    // The tool ends at the first failed write, so the rest is not written.
    let refused = (0..100_000).find_map(|_| stdin.write_all(text.as_bytes()).err());
    assert_eq!(refused.unwrap().kind(), std::io::ErrorKind::BrokenPipe);
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(
        (errors.as_str(), child.wait().unwrap().code()),
        ("", Some(1))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_reported() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let failed = finish(command(["check"]).stdout(Stdio::from(full)), Vec::new());
    assert_eq!(failed.code, 1);
    assert!(
        failed
            .errors
            .starts_with("portcullis: cannot write to standard output: "),
        "{}",
        failed.errors
    );
}
