//! Faulty configurations: each error names the place, the author's words and a fix.

use crate::setting::{Folder, program};

#[test]
fn every_fault_names_its_place_and_what_to_do() {
    let folder = Folder::new();
    let (code, text) = folder.check();
    assert_eq!((code, &*text), (0, ""));
    for (from, to, place, word) in [
        ("version: 1", "version: 2", "version: ", "`2`"),
        (
            "issuer: gateway",
            "isuer: gateway",
            "portcullis.yaml:",
            "unknown field `isuer`",
        ),
        ("issuer: gateway", "issuer: ' '", "issuer: ", "empty"),
        (
            "release: \"5.5.0\"",
            "release: \"9.9.9\"",
            "release: ",
            "9.9.9",
        ),
        ("release: \"5.5.0\"", "release: five", "release: ", "`five`"),
        (
            "policy.yaml",
            "missing.yaml",
            "missing.yaml: ",
            "cannot be read",
        ),
        (
            "file: one.pem",
            "file: policy.yaml",
            "policy.yaml: ",
            "openssl genpkey",
        ),
        (
            "file: one.pem",
            "environment: NOT_SET",
            "NOT_SET: ",
            "set it",
        ),
        (
            "{ file: one.pem }",
            "{ file: one.pem, environment: X }",
            "signing_keys",
            "either `file` or `environment`",
        ),
        (
            "name: cases-api",
            "name: cases/api",
            "upstreams[0].name: ",
            "`cases/api`",
        ),
        (
            "name: other-api",
            "name: cases-api",
            "upstreams[1].name: ",
            "twice",
        ),
        (
            "name: other-api",
            "decision_seconds: 0, name: other-api",
            "upstreams[1].decision_seconds: ",
            "`0`",
        ),
        (
            "watch_seconds: 0",
            "limits: { headers: 1 }",
            "limits.headers: ",
            "between 8 and 1024",
        ),
        (
            "watch_seconds: 0",
            "limits: { header: 1 }",
            "portcullis.yaml:",
            "unknown field `header`",
        ),
        (
            "watch_seconds: 0",
            "watch_seconds: -1",
            "portcullis.yaml:",
            "watch_seconds",
        ),
        (
            "address: \"127.0.0.1:0\"",
            "address: localhost",
            "portcullis.yaml:",
            "address",
        ),
        (
            "files: people",
            "files: nowhere",
            "store: ",
            "`--create` creates one",
        ),
        (
            "files: people",
            "sqlite: nowhere",
            "store: ",
            "`--create` creates one",
        ),
        (
            "files: people",
            "files: people, sqlite: people.db",
            "portcullis.yaml:",
            "either `files` or `sqlite`",
        ),
        (
            "watch_seconds: 0",
            "store_when_old: never",
            "portcullis.yaml:",
            "`{ refuse_after: 60 }`",
        ),
        (
            "watch_seconds: 0",
            "store_when_old: { refuse_after: 1 }",
            "portcullis.yaml:",
            "5 seconds or more",
        ),
        (
            "watch_seconds: 0",
            "store_when_old: { refuse: 60 }",
            "portcullis.yaml:",
            "`{ refuse_after: 60 }`",
        ),
        (
            "{ file: activity.jsonl }",
            "{ file: activity.jsonl, size: 1 }",
            "portcullis.yaml:",
            "`rotate_bytes`",
        ),
        (
            "{ file: activity.jsonl }",
            "file",
            "portcullis.yaml:",
            "write `store`, `stdout` or",
        ),
    ] {
        folder.configure(|text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let (code, text) = folder.check();
        assert_eq!(code, 3, "{to}: {text}");
        assert!(
            text.starts_with("error: ") && text.contains(place) && text.contains(word),
            "{to}: {text}"
        );
        assert_eq!(text.lines().count(), 1, "{to}: {text}");
    }
    // What is started stops for the same reason.
    let output = program()
        .arg("--config")
        .arg(folder.path("portcullis.yaml"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn the_environment_says_where_to_listen_and_holds_secrets() {
    let folder = Folder::new();
    folder.configure(|text| {
        text.replace("file: one.pem", "environment: SIGNING_KEY")
            .replace("127.0.0.1:0", "192.0.2.1:1")
    });
    let with = |variables: &[(&str, &str)]| {
        let mut command = program();
        command
            .env("PORTCULLIS_CONFIG", folder.path("portcullis.yaml"))
            .arg("--check");
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let key = crate::setting::pem(7);
    let output = with(&[("SIGNING_KEY", &key)]);
    assert!(output.status.success(), "{output:?}");
    let output = with(&[("SIGNING_KEY", &key), ("PORTCULLIS_INNER_ADDRESS", "here")]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("PORTCULLIS_INNER_ADDRESS: `here`"), "{text}");
    let output = with(&[("SIGNING_KEY", &key), ("PORTCULLIS_RELEASE", "5.5.0s")]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("release  5.5.0s"), "{text}");
    let output = with(&[("SIGNING_KEY", "secret and wrong")]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("SIGNING_KEY: ") && !text.contains("secret and wrong"),
        "{text}"
    );
}

#[test]
fn an_endpoint_of_the_policy_cannot_be_where_the_server_has_a_page() {
    let folder = Folder::new();
    folder.write(
        "policy.yaml",
        "version: 1
privileges: []
profiles:
  super_admin: { builtin: true, all: true }
endpoints:
  - { path: '/portcullis/{version}/keys', methods: { GET: null }, tenant: none }
releases:
  '5.5.0': { access: scoped, restricted: [] }
",
    );
    folder.write(
        "people/directory.yaml",
        "version: 1\ntenants: []\ngroups: {}\nusers: {}\nkeys: {}\n",
    );
    let (code, text) = folder.check();
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("policy.yaml: ") && text.contains("/portcullis/v1/keys"),
        "{text}"
    );
}

#[test]
fn the_command_line_wants_one_of_two_things() {
    for arguments in [
        &[][..],
        &["--demo", "--config", "x"],
        &["--demo", "--check"],
        &["--config"],
        &["--secret", "x"],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    }
    let output = program()
        .args(["--demo", "--log", "everything=loud"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_taken_port_is_an_error_of_its_own() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = program();
    command.arg("--config").arg(folder.path("portcullis.yaml"));
    let output = command
        .env(
            "PORTCULLIS_INNER_ADDRESS",
            taken.local_addr().unwrap().to_string(),
        )
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("it cannot be listened on"), "{text}");
}
