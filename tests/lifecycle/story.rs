//! The example tells what it says, and its log holds what happened.

#[path = "../../examples/lifecycle.rs"]
mod example;

#[test]
fn the_token_is_fresh_and_the_call_is_denied() {
    let told = example::story().unwrap();
    assert_eq!(
        told[..6],
        [
            "created `k-4f1c`",
            "exchange: allow /access_token, not tenant data",
            r#"token: {"sub":"msp","key_id":"k-4f1c","iat":1764000010,"exp":1764000610}"#,
            "call: allow /cases, tenants alpha beta",
            "call: deny key_revoked (401, authentication): the API key has been revoked",
            "list: `nightly export` is revoked, last used 1764000020",
        ]
    );
    let log: Vec<serde_json::Value> = told[6..]
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let column = |name: &str| -> Vec<String> {
        log.iter()
            .map(|line| line[name].as_str().unwrap_or("-").to_string())
            .collect()
    };
    assert_eq!(
        column("operation"),
        [
            "create_key",
            "request",
            "request",
            "revoke_key",
            "request",
            "list_keys"
        ]
    );
    assert_eq!(
        column("actor"),
        ["msp", "msp", "msp", "partner-platform-admin", "msp", "msp"]
    );
    assert_eq!(
        column("key"),
        ["k-4f1c", "k-4f1c", "k-4f1c", "k-4f1c", "k-4f1c", "-"]
    );
    assert_eq!(
        column("endpoint"),
        ["-", "/access_token", "/cases", "-", "/cases", "-"]
    );
    assert_eq!(column("reason"), ["-", "-", "-", "-", "key_revoked", "-"]);
}
