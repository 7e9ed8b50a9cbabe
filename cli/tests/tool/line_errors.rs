//! `authorize --batch`: lines that are not requests, and their error messages.

use portcullis::Policy;

use crate::request::{answers, comes_to, request, with, without};
use serde_json::{Value, json};

#[test]
fn a_missing_field_is_named() {
    let missing = |field: &'static str, place: &str, message: &'static str| {
        [(without(&format!("{place}/{field}")), message)]
    };
    comes_to(&missing("release", "", "missing field `release`"));
    comes_to(&missing("now", "", "missing field `now`"));
    comes_to(&missing("method", "", "missing field `method`"));
    for field in ["user", "account", "enabled", "scope", "profile"] {
        comes_to(&[(
            without(&format!("/principal/{field}")),
            &*format!("principal: missing field `{field}`"),
        )]);
    }
    comes_to(&missing(
        "type",
        "/credential",
        "credential: missing field `type`",
    ));
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
        (
            with([("/path", json!("/"))]),
            "path: there is a target, too; give one of them",
        ),
        (
            with([("/target", Value::Null)]),
            "target: missing; give a target, or `path` with `tenant`",
        ),
        (
            without("/target"),
            "target: missing; give a target, or `path` with `tenant`",
        ),
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
    let releases: Vec<String> = Policy::embedded()
        .unwrap()
        .releases()
        .map(|release| release.to_string())
        .collect();
    let unknown_release = format!(
        "release: the policy has no release `6.0.0`; it has {}",
        releases.join(", ")
    );
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
            with([("/release", json!("5"))]),
            "release: `5`: a release is two to four numbers of at most nine digits with dots between, then at most 15 letters `a-z`, such as `5.5.0`, `5.5.0s` or `2025.11`",
        ),
        (with([("/release", json!("6.0.0"))]), &unknown_release),
    ]);
}

#[test]
fn a_number_that_is_not_an_instant_is_refused() {
    let expected = "expected whole seconds since the epoch, 0 to 18446744073709551615";
    for (pointer, place) in [
        ("/now", "now"),
        ("/credential/iat", "credential.iat"),
        ("/credential/exp", "credential.exp"),
        ("/credential/key/created_at", "credential.key.created_at"),
        ("/credential/key/expires_at", "credential.key.expires_at"),
    ] {
        let line = |number: &str| {
            with([(pointer, json!("HERE"))])
                .to_string()
                .replace("\"HERE\"", number)
        };
        let message = |found: &str| format!("{place}: invalid type: {found}, {expected}");
        comes_to(&[
            (line("-1"), &*message("integer `-1`")),
            (line("1.0"), &*message("floating point `1.0`")),
            (line("1e3"), &*message("floating point `1000.0`")),
            (
                line("18446744073709551616"),
                &*message("floating point `1.8446744073709552e+19`"),
            ),
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
        let long = format!(
            "{place}: `{}`: a name has at most 64 characters, and this has 65",
            "a".repeat(65)
        );
        let is_user = matches!(
            place,
            "principal" | "principal.user" | "credential.key.owner"
        );
        let use_these = if is_user {
            "use letters, digits, `-`, `_` and, not first, `.`"
        } else {
            "use letters, digits, `-` and `_`"
        };
        let blank = format!("{place}: `a b`: a name may not have ' ' at byte 1; {use_these}");
        comes_to(&[
            (
                with([(pointer, json!(""))]),
                &*format!("{place}: ``: a name has at least one character"),
            ),
            (with([(pointer, json!("a b"))]), &*blank),
            (with([(pointer, json!("a".repeat(65)))]), &*long),
        ]);
    }
    comes_to(&[(
        with([("/principal/profile", json!("9lives"))]),
        "principal.profile: `9lives`: a name may not have '9' at byte 0; use letters and, not first, digits, `-`, `_` and `.`",
    )]);
}

#[test]
fn unknown_and_repeated_fields_are_refused() {
    let line = "expected one of `id`, `release`, `scoped_keys`, `now`, `principal`, `credential`, `method`, `target`, \
                `path`, `tenant`";
    let principal =
        "expected one of `user`, `account`, `enabled`, `scope`, `group`, `tenant`, `profile`";
    let credential = "expected one of `type`, `subject`, `iat`, `exp`, `technique`, `key`";
    let key = "expected one of `id`, `owner`, `kind`, `state`, `created_at`, `expires_at`";
    comes_to(&[
        (
            with([("/tenants", json!(1))]),
            &*format!("unknown field `tenants`, {line}"),
        ),
        (
            with([("/a\nb\u{7}\u{2028}", json!(1))]),
            &*format!("unknown field `a\\nb\\u{{7}}\\u{{2028}}`, {line}"),
        ),
        (
            with([("/Now", json!(1))]),
            &*format!("unknown field `Now`, {line}"),
        ),
        (
            with([("/principal/role", json!(1))]),
            &*format!("principal: unknown field `role`, {principal}"),
        ),
        (
            with([("/credential/secret", json!(1))]),
            &*format!("credential: unknown field `secret`, {credential}"),
        ),
        (
            with([("/credential/key/a.b", json!(1))]),
            &*format!("credential.key: unknown field `a.b`, {key}"),
        ),
    ]);
    let text = request().to_string();
    let twice = |field: &str, again: &str| text.replacen(field, &format!("{again},{field}"), 1);
    comes_to(&[
        (twice("\"now\"", "\"now\":1"), "duplicate field `now`"),
        (twice("\"now\"", "\"n\\u006fw\":1"), "duplicate field `now`"),
        (
            twice("\"tenant\":null}", "\"tenant\":null"),
            "duplicate field `tenant`",
        ),
        (
            twice("\"user\":", "\"user\":\"u\""),
            "principal: duplicate field `user`",
        ),
        (
            twice("\"type\":", "\"type\":\"none\""),
            "credential: duplicate field `type`",
        ),
        (
            twice("\"owner\"", "\"owner\":\"u\""),
            "credential.key: duplicate field `owner`",
        ),
        (
            twice("\"id\":\"r1\"", "\"id\":\"r0\""),
            "duplicate field `id`",
        ),
    ]);
    // Nobody knows which of two ids the sender looks for.
    assert_eq!(
        answers(&[twice("\"id\":\"r1\"", "\"id\":\"r0\"")])[0]["id"],
        Value::Null
    );
}

#[test]
fn a_value_of_another_type_is_refused() {
    comes_to(&[
        (json!([]), "invalid type: sequence, expected an object"),
        (
            json!("r1"),
            "invalid type: string \"r1\", expected an object",
        ),
        (Value::Null, "invalid type: null, expected an object"),
        (
            json!(["r1", "5.5.0", false, 1, null, null, "GET", "/", null, null]),
            "invalid type: sequence, expected an object",
        ),
        (
            with([(
                "/principal",
                json!(["u", "local", true, "root", null, null, "user"]),
            )]),
            "principal: invalid type: sequence, expected a name in the directory, an object or null",
        ),
        (
            with([("/credential", json!(["none"]))]),
            "credential: invalid type: sequence, expected an object",
        ),
        (
            with([("/credential", json!("k1"))]),
            "credential: invalid type: string \"k1\", expected an object",
        ),
        (
            with([("/credential/key", json!(["k1"]))]),
            "credential.key: invalid type: sequence, expected a name in the directory, an object or null",
        ),
        (
            with([("/scoped_keys", json!("yes"))]),
            "scoped_keys: invalid type: string \"yes\", expected a boolean",
        ),
        (
            with([("/principal/enabled", json!(1))]),
            "principal.enabled: invalid type: integer `1`, expected a boolean",
        ),
        (
            with([("/release", json!(5.5))]),
            "release: invalid type: floating point `5.5`, expected a string",
        ),
        (
            with([("/release", Value::Null)]),
            "release: invalid type: null, expected a string",
        ),
        (
            with([("/now", Value::Null)]),
            "now: invalid type: null, expected whole seconds since the epoch, 0 to 18446744073709551615",
        ),
        (
            with([("/method", Value::Null)]),
            "method: invalid type: null, expected a string",
        ),
        (
            with([("/target", json!(1))]),
            "target: invalid type: integer `1`, expected a string",
        ),
    ]);
}

#[test]
fn the_id_is_echoed_as_far_as_it_can_be_read() {
    for (line, id) in [
        (r#"{"id":"a","#, json!("a")),
        (r#"{"x":[{"id":"inner"}],"id":7,"now":"#, json!(7)),
        (
            r#"{"\u0069d":"escaped \u0061"} trailing"#,
            json!("escaped a"),
        ),
        // Not read to its end, behind the fault, twice, or no id at all.
        (r#"{"id":"a"#, Value::Null),
        (r#"{"now":nonsense,"id":"a"}"#, Value::Null),
        (r#"{"id":"a","\u0069d":"a"}"#, Value::Null),
        (r#"{"id":{"id":"a"}}"#, Value::Null),
        (r#"[{"id":"a"}]"#, Value::Null),
        (r#"{"principal":{"id":"a"}}"#, Value::Null),
    ] {
        let answer = &answers(&[line])[0];
        assert_eq!(
            (&answer["id"], answer["error"].is_string()),
            (&id, true),
            "{line}"
        );
    }
}
