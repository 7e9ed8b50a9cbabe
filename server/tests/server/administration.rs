//! Keys over HTTP: who may do what, and what is recorded.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::setting::{Answer, EXCHANGE, Folder, KEYS, Running, as_user, basic, bearer};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn create(server: &Running, user: &str, body: &Value) -> Answer {
    let own = as_user(user);
    server.ask(
        "POST",
        KEYS,
        &[("Authorization", &own), JSON],
        &body.to_string(),
    )
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["code"], code, "{answer:?}");
    assert!(
        body["error"].as_str().is_some_and(|text| text.len() > 10),
        "{answer:?}"
    );
}

fn keys_of(answer: &Answer) -> BTreeSet<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let listed = answer.json();
    let keys = listed["keys"].as_array().unwrap().iter();
    keys.map(|key| key["key"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_key_is_shown_once_and_works_until_it_is_revoked() {
    let folder = Folder::new();
    let server = folder.start();
    let created = create(&server, "msp", &json!({ "name": "nightly export" }));
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("cache-control"), "no-store");
    let body = created.json();
    let secret = body["secret"].as_str().unwrap().to_owned();
    let id = body["key"]["key"].as_str().unwrap().to_owned();
    assert_eq!(
        (
            &body["key"]["owner"],
            &body["key"]["name"],
            &body["key"]["status"]
        ),
        (&json!("msp"), &json!("nightly export"), &json!("active"))
    );

    let own = basic("msp", &secret);
    let listed = server.get(KEYS, &[("Authorization", &own)]);
    assert!(keys_of(&listed).contains(&id));
    assert!(!listed.body.contains(&secret), "{listed:?}");
    let exchanged = server.ask("POST", EXCHANGE, &[("Authorization", &bearer(&secret))], "");
    let token = exchanged.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();

    let path = format!("{KEYS}/{id}");
    let revoked = server.ask("DELETE", &path, &[("Authorization", &own)], "");
    assert_eq!(
        (revoked.status, revoked.json()),
        (200, json!({ "revoked": [id] }))
    );
    // The key, and the token that was made from it.
    for authorization in [own, bearer(&token)] {
        assert_eq!(
            server
                .get(KEYS, &[("Authorization", &authorization)])
                .status,
            401
        );
    }
    let again = server.ask("DELETE", &path, &[("Authorization", &as_user("msp"))], "");
    refused(&again, 409, "already_revoked");
    // It stays in the list for a while.
    let listed = server.get(KEYS, &[("Authorization", &as_user("msp"))]);
    let listed = listed.json();
    let key = listed["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["key"] == id);
    assert_eq!(key.unwrap()["status"], "revoked");
    assert!(!folder.read("activity.jsonl").contains(&secret));
    assert!(!server.log().contains(&secret));
}

#[test]
fn a_key_is_not_created_from_a_body_that_says_something_else() {
    let folder = Folder::new();
    let server = folder.start();
    let before = keys_of(&server.get(KEYS, &[("Authorization", &as_user("msp"))]));
    for (body, code) in [
        (json!({ "name": " " }), "blank_name"),
        (json!({ "name": "a\u{202e}b" }), "malformed_name"),
        (json!({ "name": "x".repeat(129) }), "malformed_name"),
        (json!({ "name": "x", "expires_at": 1 }), "expires_too_early"),
        (json!({ "name": "x", "owner": "ann" }), "malformed_request"),
        (json!({ "name": 1 }), "malformed_request"),
        (
            json!({ "name": "x", "expires_at": -1 }),
            "malformed_request",
        ),
        (json!({}), "malformed_request"),
        (json!([]), "malformed_request"),
    ] {
        refused(&create(&server, "msp", &body), 400, code);
    }
    let own = as_user("msp");
    let as_text = server.ask("POST", KEYS, &[("Authorization", &own)], "{\"name\":\"x\"}");
    refused(&as_text, 400, "malformed_request");
    let twice = server.ask(
        "POST",
        KEYS,
        &[("Authorization", &own), JSON],
        "{\"name\":\"x\",\"name\":\"y\"}",
    );
    refused(&twice, 400, "malformed_request");
    let with_query = server.ask(
        "POST",
        &format!("{KEYS}?name=x"),
        &[("Authorization", &own), JSON],
        "{\"name\":\"x\"}",
    );
    refused(&with_query, 400, "malformed_request");
    // Nobody creates a key for another.
    let of_other = server.ask(
        "POST",
        "/portcullis/v1/users/tenant-user/keys",
        &[("Authorization", &as_user("ann")), JSON],
        "{\"name\":\"x\"}",
    );
    refused(&of_other, 405, "method_not_allowed");
    assert_eq!(
        keys_of(&server.get(KEYS, &[("Authorization", &own)])),
        before
    );
}

#[test]
fn administrators_list_and_revoke_keys_of_those_below_them_and_of_nobody_else() {
    let folder = Folder::new();
    let server = folder.start();
    let of = |actor: &str, user: &str| {
        let path = format!("/portcullis/v1/users/{user}/keys");
        server.get(&path, &[("Authorization", &as_user(actor))])
    };
    let revoke = |actor: &str, key: &str| {
        let path = format!("{KEYS}/{key}");
        server.ask("DELETE", &path, &[("Authorization", &as_user(actor))], "")
    };
    assert!(keys_of(&of("ann", "tenant-user")).contains("tenant-user-key"));
    // Itself, by name.
    assert!(keys_of(&of("tenant-user", "tenant-user")).contains("tenant-user-key"));
    // Not an administrator: the account exists, or does not, and the answer is one.
    refused(&of("tenant-user", "msp"), 403, "not_administrative");
    refused(&of("tenant-user", "nobody"), 403, "not_administrative");
    // Out of sight is like not there at all.
    let foreign = of("other-partner", "msp");
    let missing = of("other-partner", "nobody");
    refused(&foreign, 404, "unknown_account");
    assert_eq!(
        (foreign.status, &foreign.body),
        (missing.status, &missing.body)
    );
    let foreign = revoke("other-partner", "k1");
    let missing = revoke("other-partner", "no-such-key");
    refused(&foreign, 404, "unknown_key");
    assert_eq!(
        (foreign.status, &foreign.body),
        (missing.status, &missing.body)
    );
    refused(&revoke("tenant-user", "ann-key"), 404, "unknown_key");
    // Encoded names are the names that they are, and nothing is cut off.
    refused(&of("ann", "tenant-user%00"), 404, "unknown_account");
    refused(&of("ann", "tenant%2Fuser"), 404, "unknown_account");
    refused(&of("ann", "%ff"), 400, "malformed_request");

    let done = revoke("ann", "tenant-user-key");
    assert_eq!(
        (done.status, done.json()),
        (200, json!({ "revoked": ["tenant-user-key"] }))
    );
    let own = server.get(KEYS, &[("Authorization", &as_user("tenant-user"))]);
    assert_eq!(own.status, 401, "{own:?}");
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("msp"))])
            .status,
        200
    );
}

#[test]
fn all_keys_are_revoked_at_once() {
    let folder = Folder::new();
    let server = folder.start();
    let path = "/portcullis/v1/users/msp/keys/revoke-all";
    let by_user = server.ask(
        "POST",
        path,
        &[("Authorization", &as_user("tenant-user"))],
        "",
    );
    refused(&by_user, 403, "not_administrative");
    let own = server.ask(
        "POST",
        &format!("{KEYS}/revoke-all"),
        &[("Authorization", &as_user("msp"))],
        "",
    );
    assert_eq!(own.status, 200, "{own:?}");
    let revoked: BTreeSet<String> = serde_json::from_value(own.json()["revoked"].clone()).unwrap();
    assert!(
        revoked.contains("k1") && revoked.contains("msp-endless-key"),
        "{revoked:?}"
    );
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("msp"))])
            .status,
        401
    );
    // There is nothing left to revoke, and that is no fault.
    let again = server.ask("POST", path, &[("Authorization", &as_user("ann"))], "");
    assert_eq!(
        (again.status, again.json()),
        (200, json!({ "revoked": [] }))
    );
}

#[test]
fn every_act_and_every_stranger_is_in_the_log() {
    let folder = Folder::new();
    let mut server = folder.start();
    assert_eq!(
        create(&server, "msp", &json!({ "name": "one" })).status,
        201
    );
    assert_eq!(create(&server, "msp", &json!({ "name": "" })).status, 400);
    assert_eq!(server.get(KEYS, &[]).status, 401);
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &as_user("msp"))])
            .status,
        200
    );
    server.token("k1");
    let path = format!("{KEYS}/tenant-user-key");
    assert_eq!(
        server
            .ask("DELETE", &path, &[("Authorization", &as_user("ann"))], "")
            .status,
        200
    );
    server.signal("TERM");
    assert!(server.ended().success());
    let activity = folder.activity();
    let short: Vec<(Value, Value, Value)> = activity
        .iter()
        .map(|line| {
            (
                line["actor"].clone(),
                line["operation"].clone(),
                line["reason"].clone(),
            )
        })
        .collect();
    let expected = [
        (json!("msp"), json!("create_key"), json!(null)),
        (json!("msp"), json!("create_key"), json!("blank_name")),
        (json!(null), json!("request"), json!("no_credential")),
        (json!("msp"), json!("list_keys"), json!(null)),
        (json!("msp"), json!("request"), json!(null)),
        (json!("ann"), json!("revoke_key"), json!(null)),
    ];
    assert_eq!(short, expected);
}

#[test]
fn one_key_too_many_is_refused_and_in_the_log() {
    let folder = Folder::new();
    folder.configure(|text| text + "most_keys: 1\n");
    let mut server = folder.start();
    let body = json!({ "name": "one" });
    refused(&create(&server, "msp", &body), 409, "too_many_keys");
    server.signal("TERM");
    assert!(server.ended().success());
    let activity = folder.activity();
    let fields = ["actor", "operation", "account", "key", "decision", "reason"];
    let expected = json!(["msp", "create_key", "msp", null, "deny", "too_many_keys"]);
    assert_eq!(activity.len(), 1, "{activity:?}");
    assert_eq!(json!(fields.map(|name| &activity[0][name])), expected);
}

#[test]
fn a_user_reads_what_that_user_did_and_nothing_else() {
    let folder = Folder::new();
    let server = folder.start();
    server.token("k1");
    server.token("ann-key");
    let path = format!("{KEYS}/msp-endless-key");
    server.ask("DELETE", &path, &[("Authorization", &as_user("ann"))], "");
    let own = server.get(
        "/portcullis/v1/activity",
        &[("Authorization", &as_user("msp"))],
    );
    let body = own.json();
    let activity = body["activity"].as_array().unwrap();
    assert_eq!(activity.len(), 1, "{own:?}");
    assert_eq!(
        (
            &activity[0]["actor"],
            &activity[0]["endpoint"],
            &activity[0]["decision"]
        ),
        (&json!("msp"), &json!("/access_token"), &json!("allow"))
    );
    let of_ann = server.get(
        "/portcullis/v1/activity?limit=1",
        &[("Authorization", &as_user("ann"))],
    );
    assert_eq!(of_ann.json()["activity"][0]["operation"], "revoke_key");
    let all_of_ann = server.get(
        "/portcullis/v1/activity",
        &[("Authorization", &as_user("ann"))],
    );
    assert_eq!(all_of_ann.json()["activity"].as_array().unwrap().len(), 2);

    let table = server.get(
        "/portcullis/v1/activity.csv",
        &[("Authorization", &as_user("ann"))],
    );
    assert!(table.header("content-type").starts_with("text/csv"));
    let mut rows = csv::Reader::from_reader(table.body.as_bytes());
    let names = rows.headers().unwrap().clone();
    let fields: Vec<String> = all_of_ann.json()["activity"][0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let named: BTreeSet<&str> = names.iter().collect();
    assert_eq!(named, fields.iter().map(String::as_str).collect());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let cell = |name: &str| &rows[0][names.iter().position(|own| own == name).unwrap()];
    assert_eq!(
        (
            cell("actor"),
            cell("operation"),
            cell("account"),
            cell("key"),
            cell("decision"),
            cell("reason")
        ),
        ("ann", "revoke_key", "msp", "msp-endless-key", "allow", "")
    );
    for query in [
        "limit=0",
        "limit=1001",
        "limit=x",
        "user=msp",
        "limit=1&limit=2",
    ] {
        let answer = server.get(
            &format!("/portcullis/v1/activity?{query}"),
            &[("Authorization", &as_user("msp"))],
        );
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
    }
    assert_eq!(server.get("/portcullis/v1/activity", &[]).status, 401);
}

#[test]
fn nothing_is_done_of_which_no_record_can_be_kept() {
    let folder = Folder::new();
    // A device that is always full, and a queue of one.
    std::os::unix::fs::symlink("/dev/full", folder.path("activity.jsonl")).unwrap();
    folder.configure(|text| {
        text.replace(
            "{ to: { file: activity.jsonl } }",
            "{ to: { file: activity.jsonl }, queue: 1 }",
        )
    });
    let server = folder.start();
    let exchange = || {
        server
            .ask("POST", EXCHANGE, &[("Authorization", &as_user("msp"))], "")
            .status
    };
    let statuses: Vec<u16> = (0..20).map(|_| exchange()).collect();
    assert_eq!(statuses.last(), Some(&503), "{statuses:?}");
    let created = create(&server, "msp", &json!({ "name": "one" }));
    assert_eq!(created.status, 503, "{created:?}");
    assert!(!created.body.contains("pck_"), "{created:?}");
    let ready = server.inside("/readyz", &[]);
    assert_eq!((ready.status, &ready.json()["ready"]), (503, &json!(false)));
    assert_eq!(server.inside("/healthz", &[]).status, 200);
    // A revocation is in force all the same, and the answer says so.
    let path = format!("{KEYS}/k1");
    let revoked = server.ask("DELETE", &path, &[("Authorization", &as_user("ann"))], "");
    assert_eq!(revoked.status, 503, "{revoked:?}");
    assert!(revoked.body.contains("is revoked"), "{revoked:?}");
}
