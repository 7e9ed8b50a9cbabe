//! `authorize --batch`: what a line means, and how it is answered.

use crate::request::{answers, comes_to, request, with, without};
use crate::run::batch;
use serde_json::{Value, json};

const CASES: &str = "/connect/api/v1/cases";

#[test]
fn an_answer_is_one_line_with_its_fields_in_order() {
    let root = [
        ("/principal/scope", json!("root")),
        ("/principal/group", Value::Null),
    ];
    let [scope, group] = root;
    let lines = [
        request(),
        with([("/target", json!(CASES))]),
        with([
            scope,
            group,
            ("/target", json!("/connect/api/v1/cases/a%40b")),
        ]),
        with([
            ("/credential/type", json!("api_key")),
            ("/credential/technique", json!("bearer")),
            ("/method", json!("POST")),
            ("/target", json!("/connect/api/v1/access_token")),
        ]),
        with([("/target", json!("/connect/api/v1/incidents"))]),
        with([("/now", json!(1_764_000_540))]),
        with([("/target", json!("/cases"))]),
    ];
    let input: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let answered = batch(input.join("\n"));
    let expected = r#"{"id":"r1","decision":"allow","endpoint":"/cases","parameters":{},"confinement":{"one":"alpha"}}
{"id":"r1","decision":"allow","endpoint":"/cases","parameters":{},"confinement":{"tenants":["alpha","beta"]}}
{"id":"r1","decision":"allow","endpoint":"/cases/{id}","parameters":{"id":"a@b"},"confinement":"unconfined"}
{"id":"r1","decision":"allow","endpoint":"/access_token","parameters":{},"confinement":"not_tenant_data"}
{"id":"r1","decision":"deny","reason":"restricted_endpoint","class":"authorization","status":403}
{"id":"r1","decision":"deny","reason":"token_expired","class":"authentication","status":401}
{"id":"r1","decision":"deny","reason":"unknown_endpoint","class":"endpoint","status":404}
"#;
    assert_eq!(
        (
            answered.output.as_str(),
            answered.errors.as_str(),
            answered.code
        ),
        (expected, "", 0)
    );
}

#[test]
fn ids_are_echoed_exactly() {
    let ids = [
        json!("r1"),
        json!(""),
        json!("ü \" \\ \u{1f512}"),
        json!(0),
        json!(u64::MAX),
        json!(i64::MIN),
        Value::Null,
    ];
    let lines: Vec<Value> = ids
        .iter()
        .map(|id| with([("/id", id.clone())]))
        .chain([without("/id")])
        .collect();
    let echoed: Vec<Value> = answers(&lines)
        .into_iter()
        .map(|answer| answer["id"].clone())
        .collect();
    assert_eq!(echoed[..ids.len()], ids);
    assert_eq!(echoed[ids.len()], Value::Null, "a missing id is null");
    for id in [json!(1.5), json!(true), json!(["r1"]), json!({"id": "r1"})] {
        let answer = &answers(&[with([("/id", id)])])[0];
        assert_eq!(answer["id"], Value::Null);
        let error = answer["error"].as_str().unwrap();
        assert!(
            error.starts_with("id: ")
                && error.ends_with("a string, a whole number of 64 bits or null"),
            "{error}"
        );
    }
}

#[test]
fn names_are_looked_up_in_the_directory() {
    let named = |user: Value, key: Value| {
        with([
            ("/principal", user),
            ("/credential/key", key),
            ("/credential/subject", json!("msp")),
        ])
    };
    let inline = request();
    comes_to(&[
        (named(json!("msp"), json!("k1")), "allow"),
        (named(json!("msp"), json!("msp-revoked-key")), "key_revoked"),
        (named(json!("msp"), json!("msp-expired-key")), "key_expired"),
        (named(json!("msp"), json!("no-such-key")), "unknown_key"),
        (named(json!("msp"), Value::Null), "unknown_key"),
        (named(json!("ann"), json!("k1")), "key_owner_mismatch"),
        (named(json!("msp"), json!("ann-key")), "key_owner_mismatch"),
        // A user who does not exist, and none at all.
        (
            named(json!("no-such-user"), json!("k1")),
            "account_disabled",
        ),
        (named(Value::Null, json!("k1")), "account_disabled"),
        // A user in full with a key of the directory, and the reverse.
        (
            named(inline["principal"].clone(), json!("k1")),
            "key_owner_mismatch",
        ),
        (
            named(json!("msp"), inline["credential"]["key"].clone()),
            "key_owner_mismatch",
        ),
    ]);
}

#[test]
fn credentials_of_every_type_get_a_decision() {
    let credential = |credential: Value| with([("/credential", credential)]);
    let key = request()["credential"]["key"].clone();
    let api_key = |technique: &str, subject: Value| {
        credential(
            json!({"type": "api_key", "technique": technique, "subject": subject, "key": key}),
        )
    };
    let token = |subject: Value, iat: Value, technique: Value| {
        credential(
            json!({"type": "token", "subject": subject, "iat": iat, "technique": technique, "key": key}),
        )
    };
    let fresh = json!(1_764_000_000);
    comes_to(&[
        (credential(json!({"type": "none"})), "no_credential"),
        (credential(json!({"type": "password"})), "no_credential"),
        (credential(json!({"type": "sso_session"})), "no_credential"),
        (
            credential(
                json!({"type": "password", "subject": "u", "technique": "basic", "key": key}),
            ),
            "no_credential",
        ),
        (credential(Value::Null), "no_credential"),
        (without("/credential"), "no_credential"),
        (api_key("basic", json!("u")), "allow"),
        (api_key("basic", json!("v")), "key_owner_mismatch"),
        (api_key("basic", Value::Null), "key_owner_mismatch"),
        (api_key("bearer", Value::Null), "technique_refused"),
        (
            credential(
                json!({"type": "api_key", "technique": "basic", "subject": "u", "key": null}),
            ),
            "unknown_key",
        ),
        (
            credential(json!({"type": "api_key", "technique": "basic", "subject": "u"})),
            "unknown_key",
        ),
        (token(json!("u"), fresh.clone(), Value::Null), "allow"),
        (token(json!("u"), fresh.clone(), json!("bearer")), "allow"),
        (
            token(json!("u"), fresh.clone(), json!("basic")),
            "technique_refused",
        ),
        (
            token(json!("not a name at all"), fresh.clone(), Value::Null),
            "key_owner_mismatch",
        ),
        (token(Value::Null, fresh, Value::Null), "key_owner_mismatch"),
        (
            token(json!("u"), Value::Null, Value::Null),
            "token_malformed",
        ),
        (
            token(json!("u"), json!(1_764_000_001), Value::Null),
            "token_not_yet_valid",
        ),
        (
            token(json!("u"), json!(1_763_999_400), Value::Null),
            "token_expired",
        ),
        (token(json!("u"), json!(0), Value::Null), "token_malformed"),
        (
            with([("/credential/exp", json!(1_764_000_000))]),
            "token_expired",
        ),
        (without("/credential/exp"), "allow"),
        (without("/credential/technique"), "allow"),
        (
            with([("/credential/key/state", json!("revoked"))]),
            "key_revoked",
        ),
        (
            with([("/credential/key/kind", json!("legacy"))]),
            "key_kind_refused",
        ),
        (
            with([("/credential/key/created_at", json!(u64::MAX))]),
            "key_not_yet_valid",
        ),
        (
            with([("/credential/key/expires_at", json!(0))]),
            "key_expired",
        ),
        (without("/credential/key/expires_at"), "allow"),
        (with([("/now", json!(u64::MAX))]), "token_expired"),
        (with([("/now", json!(0))]), "key_not_yet_valid"),
    ]);
}

/// Asserts the decisions on the request with other values in one field.
fn assert_field<const N: usize>(pointer: &str, expected: [(Value, &str); N]) {
    comes_to(&expected.map(|(value, outcome)| (with([(pointer, value)]), outcome)));
}

#[test]
fn users_of_every_kind_get_a_decision() {
    assert_field("/principal/enabled", [(json!(false), "account_disabled")]);
    assert_field("/principal/account", [(json!("sso"), "sso_account")]);
    // Scopes that contradict themselves or name something unknown.
    let inconsistent = "inconsistent_principal";
    let contradictions = [
        (json!("root"), inconsistent),
        (json!("tenant"), inconsistent),
    ];
    assert_field("/principal/scope", contradictions);
    assert_field("/principal/tenant", [(json!("alpha"), inconsistent)]);
    let groups = [
        (Value::Null, inconsistent),
        (json!("no-such-group"), inconsistent),
        (json!("two"), "tenant_out_of_scope"),
        (json!("empty"), "tenant_out_of_scope"),
    ];
    assert_field("/principal/group", groups);
    assert_field(
        "/principal/profile",
        [(json!("no_such_profile"), inconsistent)],
    );
    let [group, target] = [
        ("/principal/group", json!("empty")),
        ("/target", json!(CASES)),
    ];
    comes_to(&[
        (without("/principal/group"), inconsistent),
        (without("/principal/tenant"), "allow"),
        (with([group, target]), "empty_scope"),
    ]);
}

#[test]
fn methods_and_targets_of_any_kind_get_a_decision() {
    let methods = ["get", "", "TRACE", "G\u{0}ET", "GET\r\nX: y"];
    assert_field(
        "/method",
        methods.map(|method| (json!(method), "method_not_listed")),
    );
    let long = "x".repeat(100_000);
    let malformed = [
        "",
        "connect",
        "/connect/api/v1/cases/",
        "/connect/api/v1/cases/../users",
        "/connect/api/v1/cases\u{0}",
        "/connect/api/v1/cases?tenantid=alpha&tenantid=beta",
        &long,
    ];
    assert_field(
        "/target",
        malformed.map(|target| (json!(target), "malformed_path")),
    );
    let foreign = json!("/connect/api/v1/cases?tenantid=gamma");
    assert_field("/target", [(foreign, "tenant_out_of_scope")]);
}

#[test]
fn a_tenant_can_be_given_with_the_path() {
    let beside = |path: &str, tenant: Value| {
        with([
            ("/target", Value::Null),
            ("/path", json!(path)),
            ("/tenant", tenant),
        ])
    };
    comes_to(&[
        (beside(CASES, Value::Null), "allow"),
        (beside(CASES, json!("alpha")), "allow"),
        (beside(CASES, json!("gamma")), "tenant_out_of_scope"),
        (beside(CASES, json!("")), "tenant_out_of_scope"),
        (beside(CASES, json!("../\u{0}")), "tenant_out_of_scope"),
        (
            beside(&format!("{CASES}?tenantid=alpha"), Value::Null),
            "malformed_path",
        ),
        (beside("", Value::Null), "malformed_path"),
        (without("/tenant"), "allow"),
    ]);
}

#[test]
fn a_tenant_in_the_path_is_judged_whatever_is_given_beside_it() {
    let of_gamma = "/connect/api/v1/tenants/gamma";
    let of_alpha = "/connect/api/v1/tenants/alpha";
    let sent = |target: &str| with([("/target", json!(target))]);
    let beside = |path: &str, tenant: Value| {
        with([
            ("/target", Value::Null),
            ("/path", json!(path)),
            ("/tenant", tenant),
        ])
    };
    comes_to(&[
        (sent(of_alpha), "allow"),
        (sent("/connect/api/v1/tenants/%61lpha"), "allow"),
        (sent(of_gamma), "tenant_out_of_scope"),
        (
            sent("/connect/api/v1/tenants/nobody"),
            "tenant_out_of_scope",
        ),
        (
            sent(&format!("{of_alpha}?tenantid=alpha")),
            "malformed_path",
        ),
        (sent(&format!("{of_alpha}?id=alpha")), "malformed_path"),
        (beside(of_alpha, Value::Null), "allow"),
        (beside(of_alpha, json!("alpha")), "allow"),
        (beside(of_alpha, json!("beta")), "tenant_out_of_scope"),
        (beside(of_alpha, json!("nobody")), "tenant_out_of_scope"),
        (beside(of_gamma, json!("alpha")), "tenant_out_of_scope"),
        (beside(of_gamma, Value::Null), "tenant_out_of_scope"),
    ]);
    let [answer] = answers(&[sent(of_alpha)]).try_into().unwrap();
    assert_eq!(answer["confinement"], json!({ "one": "alpha" }));
    assert_eq!(answer["parameters"], json!({ "id": "alpha" }));
}

#[test]
fn the_switch_for_scoped_keys_counts_in_early_access() {
    let switched =
        |release: &str, on: Value| with([("/release", json!(release)), ("/scoped_keys", on)]);
    comes_to(&[
        (switched("5.4.0", json!(true)), "account_not_eligible"),
        (switched("5.4.1", json!(false)), "account_not_eligible"),
        (switched("5.4.1", json!(true)), "allow"),
        (switched("5.4.1", Value::Null), "account_not_eligible"),
        (switched("5.5.0", json!(false)), "allow"),
        (without("/scoped_keys"), "allow"),
    ]);
}
