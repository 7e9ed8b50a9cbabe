//! `--demo`: what it prints works.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use crate::setting::{EXCHANGE, basic, bearer, program, send};

#[test]
fn every_printed_line_works_and_the_keys_are_new() {
    let mut command = program();
    let command = command
        .arg("--demo")
        .env("PORTCULLIS_PUBLIC_ADDRESS", "127.0.0.1:0")
        .env("PORTCULLIS_INNER_ADDRESS", "127.0.0.1:0")
        .env("PORTCULLIS_GRPC_ADDRESS", "127.0.0.1:0");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    // It stays open: where the log cannot be written, nothing is answered.
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for line in output.by_ref().lines() {
        let line = line.unwrap();
        let is_last = line.starts_with("Each decision");
        lines.push(line);
        if is_last {
            break;
        }
    }
    let curls: Vec<&String> = lines
        .iter()
        .filter(|line| line.starts_with("curl "))
        .collect();
    assert!(curls.len() >= 8, "{lines:#?}");
    let statuses: Vec<String> = curls
        .iter()
        .map(|line| {
            // A shell reads it as the reader's shell would.
            let line = line.replace("curl -i", "curl -s -o /dev/null -w '%{http_code}'");
            let output = Command::new("sh").args(["-c", &line]).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    assert_eq!(
        statuses,
        [
            "200", "403", "403", "200", "200", "201", "200", "200", "200", "200"
        ]
    );

    let word = |begins: &str| {
        let line = lines
            .iter()
            .find(|line| line.trim_start().starts_with(begins))
            .unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    };
    let address: SocketAddr = word("clients")
        .trim_start_matches("http://")
        .parse()
        .unwrap();
    let secret = word("msp ");
    assert!(secret.starts_with("pck_") && secret.len() == 54, "{secret}");
    let cases = send(
        address,
        "GET",
        "/connect/api/v1/cases",
        &[("Authorization", &basic("msp", &secret))],
        "",
    );
    let body = cases.json();
    let tenants = body["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["tenant"].as_str().unwrap());
    assert_eq!(tenants.collect::<Vec<_>>(), ["alpha", "beta"]);
    // By a token, too.
    let token = send(
        address,
        "POST",
        EXCHANGE,
        &[("Authorization", &bearer(&secret))],
        "",
    );
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let by_token = send(
        address,
        "GET",
        "/connect/api/v1/cases",
        &[("Authorization", &bearer(&token))],
        "",
    );
    assert_eq!(by_token.body, cases.body);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_demonstration_is_for_this_machine_alone() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let output = program()
            .arg("--demo")
            .env("PORTCULLIS_INNER_ADDRESS", address)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert!(text.contains("can be reached from elsewhere"), "{text}");
    }
}
