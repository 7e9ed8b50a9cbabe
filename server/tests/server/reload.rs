//! Reloads: all of what has changed, or nothing.

use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY};
use rustls::version;
use serde_json::json;

use crate::setting::{CASES, EXCHANGE, Folder, KEYS, Running, as_user, bearer, pem, secrets};
use crate::tls::{request_over_tls, with_tls};

fn may_list_cases(server: &Running) -> u16 {
    let own = as_user("msp");
    let headers = [
        ("Authorization", &*own),
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Uri", CASES),
    ];
    server.inside("/caddy", &headers).status
}

/// Sends SIGHUP and waits for what comes of it.
fn reload(server: &Running, expected: &str) {
    let before = server.log().matches(expected).count();
    server.signal("HUP");
    server.logged(|_| server.log().matches(expected).count() > before);
}

#[test]
fn a_signal_puts_new_documents_in_force() {
    let folder = Folder::new();
    let server = folder.start();
    assert_eq!(may_list_cases(&server), 200);
    let policy = EMBEDDED_POLICY.replacen("cases.view, alerts.view", "alerts.view", 1);
    assert_ne!(policy, EMBEDDED_POLICY);
    folder.write("policy.yaml", &policy);
    reload(&server, "\"reloaded\"");
    assert_eq!(may_list_cases(&server), 403);
    // Keys, too.
    folder.write("people/secrets.sha256", &secrets(&["ann-key"]));
    reload(&server, "\"reloaded\"");
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("msp"))])
            .status,
        401
    );
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("ann"))])
            .status,
        200
    );
    let metrics = server.inside("/metrics", &[]).body;
    assert!(
        metrics.contains("portcullis_reloads_total{result=\"done\"} 2"),
        "{metrics}"
    );
}

#[test]
fn what_is_faulty_changes_nothing_and_is_logged_with_its_place() {
    let folder = Folder::new();
    with_tls(&folder);
    let server = folder.start();
    let policy = server.inside("/readyz", &[]).json()["policy"].clone();
    let stricter = EMBEDDED_POLICY.replacen("cases.view, alerts.view", "alerts.view", 1);
    let good = [
        ("policy.yaml", stricter),
        (
            "people/directory.yaml",
            folder.read("people/directory.yaml"),
        ),
        (
            "people/secrets.sha256",
            folder.read("people/secrets.sha256"),
        ),
        ("one.pem", folder.read("one.pem")),
        ("certificate.pem", folder.read("certificate.pem")),
        ("key.pem", folder.read("key.pem")),
    ];
    let faulty = [
        ("policy.yaml", "version: 2\n"),
        (
            "people/directory.yaml",
            "version: 1\nusers: { x: { scope: none } }\n",
        ),
        ("people/secrets.sha256", "short  k1\n"),
        ("one.pem", "no key"),
        ("certificate.pem", "no certificate"),
        ("key.pem", "no key"),
    ];
    for (name, text) in faulty {
        // Everything else is good, and would be a change.
        for (name, text) in &good {
            folder.write(name, text);
        }
        folder.write(name, text);
        reload(&server, "not reloaded");
        // A store calls its document by what is in it.
        let place = match name {
            "people/directory.yaml" => "directory: 1:1",
            "people/secrets.sha256" => "secrets.sha256`, line 1",
            other => other,
        };
        let line = server.logged(|line| {
            let fault = line["fields"]["fault"].as_str();
            fault.is_some_and(|fault| fault.contains(place))
        });
        assert_eq!(line["level"], "ERROR");
        assert_eq!(
            server.inside("/readyz", &[]).json()["policy"],
            policy,
            "{name}"
        );
        assert_eq!(may_list_cases(&server), 200, "{name}");
        let (answer, _) = request_over_tls_with(&folder, &good, &server);
        assert_eq!(answer, 200, "{name}");
    }
    for (name, text) in &good {
        folder.write(name, text);
    }
    reload(&server, "\"reloaded\"");
    assert_eq!(may_list_cases(&server), 403);
}

/// A request over TLS that trusts the good certificate.
fn request_over_tls_with(folder: &Folder, good: &[(&str, String)], server: &Running) -> (u16, ()) {
    let found = good.iter().find(|(name, _)| *name == "certificate.pem");
    let faulty = folder.read("certificate.pem");
    folder.write("certificate.pem", &found.unwrap().1);
    let (answer, _) = request_over_tls(folder, server.public, &[&version::TLS13]).unwrap();
    folder.write("certificate.pem", &faulty);
    (answer.status, ())
}

#[test]
fn a_certificate_is_replaced_without_a_pause() {
    let folder = Folder::new();
    with_tls(&folder);
    let server = folder.start();
    assert!(request_over_tls(&folder, server.public, &[&version::TLS13]).is_ok());
    folder.certify();
    // The new one is not in force yet.
    assert!(request_over_tls(&folder, server.public, &[&version::TLS13]).is_err());
    reload(&server, "\"reloaded\"");
    assert!(request_over_tls(&folder, server.public, &[&version::TLS13]).is_ok());
}

#[test]
fn no_reload_loses_a_revocation_or_a_key() {
    let folder = Folder::new();
    let server = folder.start();
    let own = as_user("msp");
    let created = server.ask(
        "POST",
        KEYS,
        &[
            ("Authorization", &own),
            ("Content-Type", "application/json"),
        ],
        "{\"name\":\"one\"}",
    );
    assert_eq!(created.status, 201, "{created:?}");
    let path = format!("{KEYS}/tenant-user-key");
    assert_eq!(
        server
            .ask("DELETE", &path, &[("Authorization", &as_user("ann"))], "")
            .status,
        200
    );
    folder.write(
        "people/directory.yaml",
        &format!("{EMBEDDED_DIRECTORY}\n# changed\n"),
    );
    reload(&server, "\"reloaded\"");
    // The document still calls the key active.
    let answer = server.get(KEYS, &[("Authorization", &as_user("tenant-user"))]);
    assert_eq!(answer.status, 401, "{answer:?}");
    let secret = created.json()["secret"].as_str().unwrap().to_owned();
    let exchanged = server.ask("POST", EXCHANGE, &[("Authorization", &bearer(&secret))], "");
    assert_eq!(
        exchanged.status, 200,
        "a created key is there after a reload: {exchanged:?}"
    );
}

#[test]
fn a_signing_key_is_replaced_while_both_are_accepted() {
    let folder = Folder::new();
    folder.configure(|text| {
        text.replace(
            "private_key: { file: one.pem } }",
            "private_key: { file: one.pem } }\n  - { id: two, private_key: { file: two.pem } }",
        )
    });
    let server = folder.start();
    let token = server.token("k1");
    let ids = |server: &Running| {
        let keys = server.get("/.well-known/jwks.json", &[]).json();
        let keys = keys["keys"].as_array().unwrap().clone();
        assert!(
            keys.iter()
                .all(|key| key["d"].is_null() && key["crv"] == "Ed25519"),
            "{keys:?}"
        );
        keys.into_iter()
            .map(|key| key["kid"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&server), [json!("one"), json!("two")]);
    drop(server);
    // The second one signs from now on; what the first one signed is good.
    folder.configure(|text| {
        text.replace(
            "- { id: one, private_key: { file: one.pem } }",
            "- { id: two, private_key: { file: two.pem } }\n  - { id: one, private_key: { file: one.pem } }",
        )
    });
    let server = folder.start();
    assert_eq!(ids(&server), [json!("two"), json!("one")]);
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &bearer(&token))])
            .status,
        200
    );
    // A file whose key is another one: what it signed before is no more.
    folder.write("one.pem", &pem(3));
    reload(&server, "\"reloaded\"");
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &bearer(&token))])
            .status,
        401
    );
}

#[test]
fn a_changed_file_is_enough() {
    let folder = Folder::new();
    folder.configure(|text| text.replace("watch_seconds: 0", "watch_seconds: 1"));
    let server = folder.start();
    assert_eq!(may_list_cases(&server), 200);
    folder.write(
        "policy.yaml",
        &EMBEDDED_POLICY.replacen("cases.view, alerts.view", "alerts.view", 1),
    );
    server.logs("\"reloaded\"");
    assert_eq!(may_list_cases(&server), 403);
    folder.write("policy.yaml", "version: 2\n");
    server.logs("not reloaded");
    assert_eq!(may_list_cases(&server), 403);
    // One fault is reported once.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(server.log().matches("not reloaded").count(), 1);
}
