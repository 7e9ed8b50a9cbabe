//! The exchange of a key for a token, and the life of that token.

use std::sync::Arc;

use portcullis::UnixSeconds;
use portcullis_host::{AccessTokens, Gate, Live, SigningKey};
use serde_json::Value;

use crate::setting::{At, CASES, EXCHANGE, NOW, live, refused, request, secret, send};

fn tokens() -> AccessTokens {
    let key = SigningKey::shared_secret("one", [7; 32]).unwrap();
    AccessTokens::new("gateway", "api", key)
}

fn at(live: &Arc<Live>, seconds: u64) -> Gate {
    Gate::new(live.clone())
        .clock(At::new(seconds))
        .tokens(tokens())
}

fn exchange(live: &Arc<Live>) -> Value {
    let bearer = format!("Bearer {}", secret("k1"));
    let answer = refused(
        at(live, NOW),
        request("POST", EXCHANGE, &[("authorization", &bearer)]),
    );
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["content-type"], "application/json");
    serde_json::from_slice(answer.body()).unwrap()
}

#[test]
fn a_key_becomes_a_token_of_600_seconds() {
    let live = live();
    let answer = exchange(&live);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 600);
    assert_eq!(answer.as_object().unwrap().len(), 3);
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let call = |seconds| {
        let request = request("GET", CASES, &[("authorization", &bearer)]);
        send(at(&live, seconds), request).map(|seen| seen.allowed.key.unwrap().to_string())
    };
    assert_eq!(call(NOW + 599).unwrap(), "k1");
    assert_eq!(call(NOW + 600).unwrap_err().status(), 401);
}

#[test]
fn a_token_ends_with_its_key() {
    let live = live();
    let answer = exchange(&live);
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    live.revoke_key("msp", "k1", UnixSeconds::new(NOW + 1))
        .unwrap();
    let again = request("GET", CASES, &[("authorization", &bearer)]);
    assert_eq!(refused(at(&live, NOW + 2), again).status(), 401);
}

#[test]
fn without_tokens_the_exchange_is_the_handlers() {
    let bearer = format!("Bearer {}", secret("k1"));
    let gate = Gate::new(live()).clock(At::new(NOW));
    let seen = send(
        gate,
        request("POST", EXCHANGE, &[("authorization", &bearer)]),
    );
    assert_eq!(seen.unwrap().allowed.endpoint, "/access_token");
}
