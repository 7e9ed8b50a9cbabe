//! `authorize --batch`: what a line means, and which line has no meaning.

#[path = "tool/request.rs"]
mod request;
mod tool;

use request::{answers, comes_to, request, with, without};
use serde_json::{Value, json};
use tool::batch;

const CASES: &str = "/connect/api/v1/cases";

#[test]
fn an_answer_is_one_line_with_its_fields_in_order() {
    let root = [("/principal/scope", json!("root")), ("/principal/group", Value::Null)];
    let [scope, group] = root;
    let lines = [
        request(),
        with([("/target", json!(CASES))]),
        with([scope, group, ("/target", json!("/connect/api/v1/cases/a%40b"))]),
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
    assert_eq!((answered.output.as_str(), answered.errors.as_str(), answered.code), (expected, "", 0));
}

#[test]
fn ids_are_echoed_exactly() {
    let ids = [json!("r1"), json!(""), json!("ü \" \\ \u{1f512}"), json!(0), json!(u64::MAX), json!(i64::MIN), Value::Null];
    let lines: Vec<Value> = ids.iter().map(|id| with([("/id", id.clone())])).chain([without("/id")]).collect();
    let echoed: Vec<Value> = answers(&lines).into_iter().map(|answer| answer["id"].clone()).collect();
    assert_eq!(echoed[..ids.len()], ids);
    assert_eq!(echoed[ids.len()], Value::Null, "a missing id is null");
    for id in [json!(1.5), json!(true), json!(["r1"]), json!({"id": "r1"})] {
        let answer = &answers(&[with([("/id", id)])])[0];
        assert_eq!(answer["id"], Value::Null);
        let error = answer["error"].as_str().unwrap();
        assert!(error.starts_with("id: ") && error.ends_with("a string, a whole number of 64 bits or null"), "{error}");
    }
}

#[test]
fn names_are_looked_up_in_the_directory() {
    let named = |user: Value, key: Value| {
        with([("/principal", user), ("/credential/key", key), ("/credential/subject", json!("msp"))])
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
        (named(json!("no-such-user"), json!("k1")), "account_disabled"),
        (named(Value::Null, json!("k1")), "account_disabled"),
        // A user in full with a key of the directory, and the reverse.
        (named(inline["principal"].clone(), json!("k1")), "key_owner_mismatch"),
        (named(json!("msp"), inline["credential"]["key"].clone()), "key_owner_mismatch"),
    ]);
}

#[test]
fn credentials_of_every_type_get_a_decision() {
    let credential = |credential: Value| with([("/credential", credential)]);
    let key = request()["credential"]["key"].clone();
    let api_key = |technique: &str, subject: Value| {
        credential(json!({"type": "api_key", "technique": technique, "subject": subject, "key": key}))
    };
    let token = |subject: Value, iat: Value, technique: Value| {
        credential(json!({"type": "token", "subject": subject, "iat": iat, "technique": technique, "key": key}))
    };
    let fresh = json!(1_764_000_000);
    comes_to(&[
        (credential(json!({"type": "none"})), "no_credential"),
        (credential(json!({"type": "password"})), "no_credential"),
        (credential(json!({"type": "sso_session"})), "no_credential"),
        (credential(json!({"type": "password", "subject": "u", "technique": "basic", "key": key})), "no_credential"),
        (credential(Value::Null), "no_credential"),
        (without("/credential"), "no_credential"),
        (api_key("basic", json!("u")), "allow"),
        (api_key("basic", json!("v")), "key_owner_mismatch"),
        (api_key("basic", Value::Null), "key_owner_mismatch"),
        (api_key("bearer", Value::Null), "technique_refused"),
        (credential(json!({"type": "api_key", "technique": "basic", "subject": "u", "key": null})), "unknown_key"),
        (credential(json!({"type": "api_key", "technique": "basic", "subject": "u"})), "unknown_key"),
        (token(json!("u"), fresh.clone(), Value::Null), "allow"),
        (token(json!("u"), fresh.clone(), json!("bearer")), "allow"),
        (token(json!("u"), fresh.clone(), json!("basic")), "technique_refused"),
        (token(json!("not a name at all"), fresh.clone(), Value::Null), "key_owner_mismatch"),
        (token(Value::Null, fresh, Value::Null), "key_owner_mismatch"),
        (token(json!("u"), Value::Null, Value::Null), "token_malformed"),
        (token(json!("u"), json!(1_764_000_001), Value::Null), "token_not_yet_valid"),
        (token(json!("u"), json!(1_763_999_400), Value::Null), "token_expired"),
        (token(json!("u"), json!(0), Value::Null), "token_malformed"),
        (with([("/credential/exp", json!(1_764_000_000))]), "token_expired"),
        (without("/credential/exp"), "allow"),
        (without("/credential/technique"), "allow"),
        (with([("/credential/key/state", json!("revoked"))]), "key_revoked"),
        (with([("/credential/key/kind", json!("legacy"))]), "key_kind_refused"),
        (with([("/credential/key/created_at", json!(u64::MAX))]), "key_not_yet_valid"),
        (with([("/credential/key/expires_at", json!(0))]), "key_expired"),
        (without("/credential/key/expires_at"), "allow"),
        (with([("/now", json!(u64::MAX))]), "token_expired"),
        (with([("/now", json!(0))]), "key_not_yet_valid"),
    ]);
}

#[test]
fn whatever_a_request_can_bring_is_decided() {
    let [no_group, no_tenant] = [("/principal/group", Value::Null), ("/tenant", Value::Null)];
    let beside = |path: &str, tenant: Value| with([("/target", Value::Null), ("/path", json!(path)), ("/tenant", tenant)]);
    comes_to(&[
        (with([("/principal/enabled", json!(false))]), "account_disabled"),
        (with([("/principal/account", json!("sso"))]), "sso_account"),
        // Scopes that contradict themselves or name what does not exist.
        (with([("/principal/scope", json!("root"))]), "inconsistent_principal"),
        (with([("/principal/scope", json!("tenant"))]), "inconsistent_principal"),
        (with([("/principal/tenant", json!("alpha"))]), "inconsistent_principal"),
        (with([no_group]), "inconsistent_principal"),
        (without("/principal/group"), "inconsistent_principal"),
        (with([("/principal/group", json!("no-such-group"))]), "inconsistent_principal"),
        (with([("/principal/profile", json!("no_such_profile"))]), "inconsistent_principal"),
        (with([("/principal/group", json!("empty"))]), "tenant_out_of_scope"),
        (with([("/principal/group", json!("empty")), ("/target", json!(CASES))]), "empty_scope"),
        // Methods and targets of any kind.
        (with([("/method", json!("get"))]), "method_not_listed"),
        (with([("/method", json!(""))]), "method_not_listed"),
        (with([("/method", json!("TRACE\r\nX: y"))]), "method_not_listed"),
        (with([("/target", json!(""))]), "malformed_path"),
        (with([("/target", json!("/connect/api/v1/cases/../users"))]), "malformed_path"),
        (with([("/target", json!("/connect/api/v1/cases\u{0}"))]), "malformed_path"),
        (with([("/target", json!("/connect/api/v1/cases?tenantid=alpha&tenantid=beta"))]), "malformed_path"),
        (with([("/target", json!("/connect/api/v1/cases?tenantid=gamma"))]), "tenant_out_of_scope"),
        (with([("/target", json!("x".repeat(100_000)))]), "malformed_path"),
        // A path, with the tenant beside it.
        (beside(CASES, Value::Null), "allow"),
        (beside(CASES, json!("alpha")), "allow"),
        (beside(CASES, json!("gamma")), "tenant_out_of_scope"),
        (beside(CASES, json!("")), "tenant_out_of_scope"),
        (beside(CASES, json!("../\u{0}")), "tenant_out_of_scope"),
        (beside("/connect/api/v1/cases?tenantid=alpha", Value::Null), "malformed_path"),
        (beside("", Value::Null), "malformed_path"),
        (with([no_tenant]), "allow"),
        (without("/tenant"), "allow"),
        // The switch for scoped keys counts where they are early access.
        (with([("/release", json!("5.4.0"))]), "account_not_eligible"),
        (with([("/release", json!("5.4.1"))]), "account_not_eligible"),
        (with([("/release", json!("5.4.1")), ("/scoped_keys", json!(true))]), "allow"),
        (with([("/release", json!("5.4.1")), ("/scoped_keys", Value::Null)]), "account_not_eligible"),
        (without("/scoped_keys"), "allow"),
    ]);
}

#[test]
fn a_field_that_is_needed_is_named() {
    let missing = |field: &'static str, place: &str, message: &'static str| {
        [(without(&format!("{place}/{field}")), message)]
    };
    comes_to(&missing("release", "", "missing field `release`"));
    comes_to(&missing("now", "", "missing field `now`"));
    comes_to(&missing("method", "", "missing field `method`"));
    for field in ["user", "account", "enabled", "scope", "profile"] {
        comes_to(&[(without(&format!("/principal/{field}")), &*format!("principal: missing field `{field}`"))]);
    }
    comes_to(&missing("type", "/credential", "credential: missing field `type`"));
    for field in ["id", "owner", "kind", "state", "created_at"] {
        let message = format!("credential.key: missing field `{field}`");
        comes_to(&[(without(&format!("/credential/key/{field}")), &*message)]);
    }
    comes_to(&[(
        with([("/credential/type", json!("api_key"))]),
        "credential.technique: missing; give `basic` or `bearer`",
    )]);
}

#[test]
fn fields_that_do_not_go_together_are_named() {
    comes_to(&[
        (with([("/path", json!(CASES))]), "path: there is a target, too; give one of them"),
        (with([("/target", Value::Null)]), "target: missing; give a target, or `path` with `tenant`"),
        (without("/target"), "target: missing; give a target, or `path` with `tenant`"),
        (
            with([("/target", Value::Null), ("/tenant", json!("alpha"))]),
            "target: missing; give a target, or `path` with `tenant`",
        ),
        (
            with([("/tenant", json!("alpha"))]),
            "tenant: a target names it in its query; give `path` with `tenant`",
        ),
    ]);
}

#[test]
fn a_wrong_word_is_answered_with_the_right_ones() {
    comes_to(&[
        (
            with([("/principal/account", json!("Local"))]),
            "principal.account: invalid value: string \"Local\", expected `local` or `sso`",
        ),
        (
            with([("/principal/scope", json!("rot"))]),
            "principal.scope: invalid value: string \"rot\", expected `root`, `partner` or `tenant`",
        ),
        (
            with([("/principal/scope", json!({"root": null}))]),
            "principal.scope: invalid type: map, expected `root`, `partner` or `tenant`",
        ),
        (
            with([("/credential/type", json!("basic"))]),
            "credential.type: invalid value: string \"basic\", expected `none`, `password`, `sso_session`, `api_key` or `token`",
        ),
        (
            with([("/credential/technique", json!(""))]),
            "credential.technique: invalid value: string \"\", expected `basic` or `bearer`",
        ),
        (
            with([("/credential/key/kind", json!("new"))]),
            "credential.key.kind: invalid value: string \"new\", expected `scoped` or `legacy`",
        ),
        (
            with([("/credential/key/state", json!("expired"))]),
            "credential.key.state: invalid value: string \"expired\", expected `active` or `revoked`",
        ),
        (
            with([("/release", json!("5.5"))]),
            "release: `5.5`: a release is written MAJOR.MINOR.PATCH with an optional `s`, such as `5.5.0` or `5.5.0s`",
        ),
        (
            with([("/release", json!("6.0.0"))]),
            "release: the policy has no release `6.0.0`; it has 5.4.0, 5.4.0s, 5.4.1, 5.4.1s, 5.5.0, 5.5.0s",
        ),
    ]);
}

#[test]
fn a_number_that_is_no_instant_is_refused() {
    let expected = "expected whole seconds since the epoch, 0 to 18446744073709551615";
    for (pointer, place) in [
        ("/now", "now"),
        ("/credential/iat", "credential.iat"),
        ("/credential/exp", "credential.exp"),
        ("/credential/key/created_at", "credential.key.created_at"),
        ("/credential/key/expires_at", "credential.key.expires_at"),
    ] {
        let line = |number: &str| with([(pointer, json!("HERE"))]).to_string().replace("\"HERE\"", number);
        let message = |found: &str| format!("{place}: invalid type: {found}, {expected}");
        comes_to(&[
            (line("-1"), &*message("integer `-1`")),
            (line("1.0"), &*message("floating point `1.0`")),
            (line("1e3"), &*message("floating point `1000.0`")),
            (line("18446744073709551616"), &*message("floating point `1.8446744073709552e+19`")),
            (line("\"1764000000\""), &*message("string \"1764000000\"")),
            (line("true"), &*message("boolean `true`")),
        ]);
    }
}

#[test]
fn an_ill_formed_name_is_refused() {
    for (pointer, place) in [
        ("/principal", "principal"),
        ("/principal/user", "principal.user"),
        ("/principal/group", "principal.group"),
        ("/principal/tenant", "principal.tenant"),
        ("/credential/key", "credential.key"),
        ("/credential/key/id", "credential.key.id"),
        ("/credential/key/owner", "credential.key.owner"),
    ] {
        let long = format!("{place}: `{}`: a name has at most 64 characters, this has 65", "a".repeat(65));
        let blank = format!("{place}: `a b`: a name may not have ' ' at byte 1; use letters, digits, `-` and `_`");
        comes_to(&[
            (with([(pointer, json!(""))]), &*format!("{place}: ``: a name has at least one character")),
            (with([(pointer, json!("a b"))]), &*blank),
            (with([(pointer, json!("a".repeat(65)))]), &*long),
        ]);
    }
    comes_to(&[(
        with([("/principal/profile", json!("First-Responder"))]),
        "principal.profile: `First-Responder`: a name may not have 'F' at byte 0; use a lower-case letter first",
    )]);
}

#[test]
fn unknown_and_repeated_fields_are_refused() {
    let line = "expected one of `id`, `release`, `scoped_keys`, `now`, `principal`, `credential`, `method`, `target`, \
                `path`, `tenant`";
    let principal = "expected one of `user`, `account`, `enabled`, `scope`, `group`, `tenant`, `profile`";
    let credential = "expected one of `type`, `subject`, `iat`, `exp`, `technique`, `key`";
    let key = "expected one of `id`, `owner`, `kind`, `state`, `created_at`, `expires_at`";
    comes_to(&[
        (with([("/tenants", json!(1))]), &*format!("unknown field `tenants`, {line}")),
        (with([("/Now", json!(1))]), &*format!("unknown field `Now`, {line}")),
        (with([("/principal/role", json!(1))]), &*format!("principal: unknown field `role`, {principal}")),
        (with([("/credential/secret", json!(1))]), &*format!("credential: unknown field `secret`, {credential}")),
        (with([("/credential/key/a.b", json!(1))]), &*format!("credential.key: unknown field `a.b`, {key}")),
    ]);
    let text = request().to_string();
    let twice = |field: &str, again: &str| text.replacen(field, &format!("{again},{field}"), 1);
    comes_to(&[
        (twice("\"now\"", "\"now\":1"), "duplicate field `now`"),
        (twice("\"now\"", "\"n\\u006fw\":1"), "duplicate field `now`"),
        (twice("\"tenant\":null}", "\"tenant\":null"), "duplicate field `tenant`"),
        (twice("\"user\"", "\"user\":\"u\""), "principal: duplicate field `user`"),
        (twice("\"type\"", "\"type\":\"none\""), "credential: duplicate field `type`"),
        (twice("\"owner\"", "\"owner\":\"u\""), "credential.key: duplicate field `owner`"),
        (twice("\"id\":\"r1\"", "\"id\":\"r0\""), "duplicate field `id`"),
    ]);
    // Which of two ids would the sender look for?
    assert_eq!(answers(&[twice("\"id\":\"r1\"", "\"id\":\"r0\"")])[0]["id"], Value::Null);
}

#[test]
fn a_value_of_another_type_is_refused() {
    comes_to(&[
        (json!([]), "invalid type: sequence, expected an object"),
        (json!("r1"), "invalid type: string \"r1\", expected an object"),
        (Value::Null, "invalid type: null, expected an object"),
        (
            json!(["r1", "5.5.0", false, 1, null, null, "GET", "/", null, null]),
            "invalid type: sequence, expected an object",
        ),
        (
            with([("/principal", json!(["u", "local", true, "root", null, null, "user"]))]),
            "principal: invalid type: sequence, expected a name in the directory, an object or null",
        ),
        (with([("/credential", json!(["none"]))]), "credential: invalid type: sequence, expected an object"),
        (with([("/credential", json!("k1"))]), "credential: invalid type: string \"k1\", expected an object"),
        (
            with([("/credential/key", json!(["k1"]))]),
            "credential.key: invalid type: sequence, expected a name in the directory, an object or null",
        ),
        (with([("/scoped_keys", json!("yes"))]), "scoped_keys: invalid type: string \"yes\", expected a boolean"),
        (with([("/principal/enabled", json!(1))]), "principal.enabled: invalid type: integer `1`, expected a boolean"),
        (with([("/release", json!(5.5))]), "release: invalid type: floating point `5.5`, expected a string"),
        (with([("/release", Value::Null)]), "release: invalid type: null, expected a string"),
        (with([("/now", Value::Null)]), "now: invalid type: null, expected whole seconds since the epoch, 0 to 18446744073709551615"),
        (with([("/method", Value::Null)]), "method: invalid type: null, expected a string"),
        (with([("/target", json!(1))]), "target: invalid type: integer `1`, expected a string"),
    ]);
}
