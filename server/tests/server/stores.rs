//! The stores: how they are made, and what they keep when the process is killed.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use portcullis::EMBEDDED_DIRECTORY;
use serde_json::json;

use crate::setting::{
    Answer, EXCHANGE, Folder, KEYS, Running, as_user, basic, bearer, program, try_send,
};

/// A configuration with the users in a data base, and the activity, too.
fn in_sqlite(folder: &Folder) {
    folder.configure(|text| {
        text.replace("{ files: people }", "{ sqlite: people.db }")
            .replace("{ to: { file: activity.jsonl } }", "{ to: store }")
    });
}

fn create(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let mut command = program();
    command
        .arg("--config")
        .arg(folder.path("portcullis.yaml"))
        .arg("--create");
    let output = command
        .args(arguments)
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr]
        .map(|own| String::from_utf8(own).unwrap())
        .concat();
    (output.status.code().unwrap(), text)
}

/// The same, in a new data base with everything that the folder has. Returns what was
/// printed.
fn imported(folder: &Folder) -> String {
    in_sqlite(folder);
    let (code, text) = create(folder, &["--import", "people"]);
    assert_eq!(code, 0, "{text}");
    text
}

fn new_key(server: &Running) -> (String, String) {
    let headers = [
        ("Authorization", &*as_user("msp")),
        ("Content-Type", "application/json"),
    ];
    let created = server.ask("POST", KEYS, &headers, "{\"name\":\"one\"}");
    assert_eq!(created.status, 201, "{created:?}");
    let body = created.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    (text(&body["key"]["key"]), text(&body["secret"]))
}

fn revoke(server: &Running, key: &str) -> Answer {
    server.ask(
        "DELETE",
        &format!("{KEYS}/{key}"),
        &[("Authorization", &as_user("ann"))],
        "",
    )
}

fn survives_a_kill(folder: &Folder) {
    let mut server = folder.start();
    let (_, kept) = new_key(&server);
    let (lost, secret_of_lost) = new_key(&server);
    assert_eq!(revoke(&server, &lost).status, 200);
    assert_eq!(revoke(&server, "tenant-user-key").status, 200);
    server.signal("KILL");
    server.ended();
    let server = folder.start();
    let exchange = |secret: &str| {
        server
            .ask("POST", EXCHANGE, &[("Authorization", &bearer(secret))], "")
            .status
    };
    assert_eq!((exchange(&kept), exchange(&secret_of_lost)), (200, 401));
    let of_user = server.get(KEYS, &[("Authorization", &as_user("tenant-user"))]);
    assert_eq!(of_user.status, 401, "{of_user:?}");
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &basic("msp", &kept))])
            .status,
        200
    );
}

#[test]
fn what_was_acknowledged_survives_a_kill_in_files() {
    survives_a_kill(&Folder::new());
}

#[test]
fn what_was_acknowledged_survives_a_kill_in_sqlite() {
    let folder = Folder::new();
    let text = imported(&folder);
    assert!(
        text.starts_with("ok\n") && text.contains("5 of them with a secret"),
        "{text}"
    );
    survives_a_kill(&folder);
}

/// What one client was answered before the process was killed.
#[derive(Default)]
struct Acknowledged {
    created: Vec<String>,
    revoked: Vec<String>,
}

/// Creates keys and revokes every second one until the server is gone.
fn create_and_revoke(public: SocketAddr) -> Acknowledged {
    let mut done = Acknowledged::default();
    let (own, admin) = (as_user("msp"), as_user("ann"));
    let headers = [
        ("Authorization", &*own),
        ("Content-Type", "application/json"),
    ];
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    loop {
        let Some(answer) = try_send(public, "POST", KEYS, &headers, "{\"name\":\"one\"}") else {
            return done;
        };
        assert_eq!(answer.status, 201, "{answer:?}");
        let (id, secret) = (
            text(&answer.json()["key"]["key"]),
            text(&answer.json()["secret"]),
        );
        if done.created.len() <= done.revoked.len() {
            done.created.push(secret);
            continue;
        }
        let target = format!("{KEYS}/{id}");
        let Some(answer) = try_send(public, "DELETE", &target, &[("Authorization", &admin)], "")
        else {
            // It may be revoked, or not.
            return done;
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        done.revoked.push(secret);
    }
}

/// Kills the server while it works, again and again. `KILLS` says how often.
fn nothing_acknowledged_is_lost(folder: &Folder) {
    folder.write(
        "portcullis.yaml",
        &(folder.read("portcullis.yaml") + "most_keys: 100000\n"),
    );
    let kills = std::env::var("KILLS").map_or(3, |text| text.parse().unwrap());
    let mut all = Acknowledged::default();
    for round in 0..kills {
        let mut server = folder.start();
        let public = server.public;
        let client = thread::spawn(move || create_and_revoke(public));
        thread::sleep(Duration::from_millis(60 + round * 37 % 250));
        server.signal("KILL");
        server.ended();
        let done = client.join().unwrap();
        all.created.extend(done.created);
        all.revoked.extend(done.revoked);
    }
    assert!(
        !all.created.is_empty() && !all.revoked.is_empty(),
        "nothing was done"
    );
    let server = folder.start();
    let exchange = |secret: &String| {
        server
            .ask("POST", EXCHANGE, &[("Authorization", &bearer(secret))], "")
            .status
    };
    assert!(all.created.iter().all(|secret| exchange(secret) == 200));
    assert!(all.revoked.iter().all(|secret| exchange(secret) == 401));
}

#[test]
fn kills_at_any_time_lose_nothing_acknowledged_in_files() {
    nothing_acknowledged_is_lost(&Folder::new());
}

#[test]
fn kills_at_any_time_lose_nothing_acknowledged_in_sqlite() {
    let folder = Folder::new();
    imported(&folder);
    nothing_acknowledged_is_lost(&folder);
}

#[test]
fn a_store_is_made_once() {
    let folder = Folder::new();
    let (code, text) = create(&folder, &[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("already"), "{text}");
    std::fs::remove_file(folder.path("people/journal")).unwrap();
    assert_eq!(folder.check().0, 3);
    let (code, text) = create(&folder, &[]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(folder.check().0, 0);
    // A faulty document makes no store.
    std::fs::remove_file(folder.path("people/journal")).unwrap();
    folder.write("people/directory.yaml", "version: 2\n");
    assert_eq!(create(&folder, &[]).0, 3);
    assert!(!folder.path("people/journal").exists());
    // Digests are read as a running server reads them.
    folder.write("people/directory.yaml", EMBEDDED_DIRECTORY);
    let digests = folder.read("people/secrets.sha256");
    folder.write("people/secrets.sha256", &format!("{digests}a b\n"));
    let (code, text) = create(&folder, &[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("secrets.sha256`, line 6: "), "{text}");
    assert!(!folder.path("people/journal").exists());
    folder.write("people/secrets.sha256", &format!("# a comment\n{digests}"));
    assert_eq!(create(&folder, &[]).0, 0);
    std::fs::remove_file(folder.path("people/journal")).unwrap();
    folder.write("people/directory.yaml", "version: 2\n");

    in_sqlite(&folder);
    let (code, text) = create(&folder, &["--import", "people"]);
    assert_eq!(code, 3, "{text}");
    assert!(!folder.path("people.db").exists());
    assert_eq!(create(&folder, &[]).0, 0);
    assert_eq!(create(&folder, &[]).0, 3);
    // Arguments that go together.
    for arguments in [&["--check"][..], &["--demo"], &["--import"]] {
        assert_eq!(create(&folder, arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn all_of_a_store_of_files_goes_into_a_data_base() {
    let folder = Folder::new();
    let server = folder.start();
    let (_, kept) = new_key(&server);
    let (lost, secret_of_lost) = new_key(&server);
    assert_eq!(revoke(&server, &lost).status, 200);
    drop(server);
    imported(&folder);
    let server = folder.start();
    let exchange = |secret: &str| {
        server
            .ask("POST", EXCHANGE, &[("Authorization", &bearer(secret))], "")
            .status
    };
    assert_eq!((exchange(&kept), exchange(&secret_of_lost)), (200, 401));
}

#[test]
fn a_changed_directory_is_in_force_without_a_signal() {
    let folder = Folder::new();
    let server = folder.start();
    let status = || {
        server
            .get(KEYS, &[("Authorization", &as_user("msp"))])
            .status
    };
    assert_eq!(status(), 200);
    let text = folder.read("people/directory.yaml");
    let disabled = text.replace(
        "email: msp@example.com",
        "email: msp@example.com, enabled: false",
    );
    assert_ne!(text, disabled);
    folder.write("people/directory.yaml", &disabled);
    let end = Instant::now() + Duration::from_secs(20);
    while status() != 401 {
        assert!(Instant::now() < end, "{}", server.log());
        thread::sleep(Duration::from_millis(50));
    }
    // A faulty one is reported once, and changes nothing.
    folder.write("people/directory.yaml", "version: 2\n");
    let line = server.logs("what was in force goes on");
    assert!(line.to_string().contains("directory: 1:1"), "{line}");
    thread::sleep(Duration::from_millis(2500));
    assert_eq!(status(), 401);
    assert_eq!(server.log().matches("what was in force goes on").count(), 1);
    assert!(
        !server.log().contains("heard from again"),
        "{}",
        server.log()
    );
    folder.write("people/directory.yaml", &text);
    let end = Instant::now() + Duration::from_secs(20);
    while status() != 200 {
        assert!(Instant::now() < end, "{}", server.log());
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn activity_is_read_from_the_store_also_after_a_restart() {
    let folder = Folder::new();
    imported(&folder);
    let mut server = folder.start();
    server.token("k1");
    server.signal("TERM");
    assert!(server.ended().success());
    let server = folder.start();
    let answer = server.get(
        "/portcullis/v1/activity",
        &[("Authorization", &as_user("msp"))],
    );
    let body = answer.json();
    assert_eq!(
        body["activity"][0]["endpoint"],
        json!("/access_token"),
        "{answer:?}"
    );
    let table = server.get(
        "/portcullis/v1/activity.csv",
        &[("Authorization", &as_user("msp"))],
    );
    assert_eq!(table.body.lines().count(), 2, "{table:?}");
}

#[test]
fn without_the_store_nothing_is_decided_after_a_while() {
    let folder = Folder::new();
    folder.configure(|text| format!("{text}store_when_old: {{ refuse_after: 5 }}\n"));
    let server = folder.start();
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("msp"))])
            .status,
        200
    );
    std::fs::rename(folder.path("people"), folder.path("elsewhere")).unwrap();
    // A revocation is in force at once, and its answer says that it is not stored.
    let revoked = revoke(&server, "tenant-user-key");
    assert_eq!(revoked.status, 503, "{revoked:?}");
    assert!(revoked.body.contains("could not be stored"), "{revoked:?}");
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("tenant-user"))])
            .status,
        401
    );
    let end = Instant::now() + Duration::from_secs(20);
    while server
        .get(KEYS, &[("Authorization", &as_user("msp"))])
        .status
        != 503
    {
        assert!(Instant::now() < end, "{}", server.log());
        thread::sleep(Duration::from_millis(100));
    }
    let ready = server.inside("/readyz", &[]);
    assert_eq!((ready.status, &ready.json()["ready"]), (503, &json!(false)));
    assert_eq!(
        server
            .ask("POST", EXCHANGE, &[("Authorization", &as_user("msp"))], "")
            .status,
        503
    );
    std::fs::rename(folder.path("elsewhere"), folder.path("people")).unwrap();
    server.logs("heard from again");
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("msp"))])
            .status,
        200
    );
}
