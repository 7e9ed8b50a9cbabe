//! The exchange of keys for tokens, and what is no credential.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::json;

use crate::setting::{CASES, EXCHANGE, Folder, KEYS, as_user, basic, bearer, claims, secret};

#[test]
fn a_key_becomes_a_token_that_is_accepted() {
    let folder = Folder::new();
    let server = folder.start();
    for authorization in [bearer(&secret("k1")), as_user("msp")] {
        let answer = server.ask("POST", EXCHANGE, &[("Authorization", &authorization)], "");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let body = answer.json();
        assert_eq!(
            (&body["token_type"], &body["expires_in"]),
            (&json!("Bearer"), &json!(600))
        );
        let token = body["access_token"].as_str().unwrap();
        let claims = claims(token);
        assert_eq!(
            (
                &claims["iss"],
                &claims["aud"],
                &claims["sub"],
                &claims["key_id"]
            ),
            (
                &json!("gateway"),
                &json!("api"),
                &json!("msp"),
                &json!("k1")
            )
        );
        let own = server.get(KEYS, &[("Authorization", &bearer(token))]);
        assert_eq!(own.status, 200, "{own:?}");
        // A token is not exchanged for another one.
        let again = server.ask("POST", EXCHANGE, &[("Authorization", &bearer(token))], "");
        assert_eq!(again.status, 401, "{again:?}");
    }
}

#[test]
fn what_is_not_one_valid_credential_is_answered_with_401() {
    let folder = Folder::new();
    let server = folder.start();
    let own = bearer(&secret("k1"));
    let refused: [&[(&str, &str)]; 8] = [
        &[],
        &[("Authorization", &own), ("Authorization", &own)],
        &[("Authorization", &own), ("authorization", "Bearer other")],
        &[("Authorization", "Bearer wrong")],
        &[("Authorization", "Bearer ")],
        &[("Authorization", "Basic !!!")],
        &[("Authorization", &basic("ann", &secret("k1")))],
        // Revoked.
        &[("Authorization", &bearer(&secret("k2")))],
    ];
    for headers in refused {
        let answer = server.ask("POST", EXCHANGE, headers, "");
        assert_eq!(answer.status, 401, "{headers:?}: {answer:?}");
        assert_eq!(answer.headers("www-authenticate").len(), 2, "{answer:?}");
        assert!(!answer.body.contains("access_token"), "{answer:?}");
        // The pages of the server ask the same.
        let listed = server.get(KEYS, headers);
        assert_eq!(listed.status, 401, "{headers:?}: {listed:?}");
        assert!(listed.json()["error"].is_string(), "{listed:?}");
    }
    let in_query = format!("{EXCHANGE}?access_token={}", secret("k1"));
    assert_eq!(server.ask("POST", &in_query, &[], "").status, 401);
    // Bytes above ASCII, which are no UTF-8.
    let bytes = [b"POST /connect/api/v1/access_token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \xff\xfe\r\n\r\n".as_slice()].concat();
    let answer = crate::setting::exchange_bytes(server.public, &bytes);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[test]
fn tokens_of_every_wrong_kind_are_no_credential() {
    let folder = Folder::new();
    let server = folder.start();
    let good = server.token("k1");
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("{good}");
    };
    let part =
        |value: &serde_json::Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let head =
        |alg: &str, kid: &str, typ: &str| part(&json!({ "alg": alg, "kid": kid, "typ": typ }));
    let of_ann = part(&json!({
        "iss": "gateway", "aud": "api", "sub": "ann", "key_id": "ann-key", "iat": claims(&good)["iat"],
    }));
    let wrong = [
        format!("{}.{payload}.", head("none", "one", "at+jwt")),
        format!("{}.{payload}.", head("None", "one", "at+jwt")),
        format!("{}.{payload}.{signature}", head("none", "one", "at+jwt")),
        format!("{}.{payload}.{signature}", head("HS256", "one", "at+jwt")),
        format!("{}.{payload}.{signature}", head("EdDSA", "two", "at+jwt")),
        format!("{}.{payload}.{signature}", head("EdDSA", "one", "JWT")),
        format!(
            "{}.{payload}.{signature}",
            head("EdDSA", "one", "portcullis-decision+jwt")
        ),
        format!("{header}.{of_ann}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{good}."),
        format!("{good}A"),
    ];
    for token in &wrong {
        let answer = server.get(KEYS, &[("Authorization", &bearer(token))]);
        assert_eq!(answer.status, 401, "{token}: {answer:?}");
    }
    // A signed decision is not an access token, though the same key signed it.
    let headers = [
        ("Authorization", &*as_user("msp")),
        ("X-Original-Method", "GET"),
        ("X-Original-URI", CASES),
    ];
    let decision = server.inside("/nginx", &headers);
    let decision = decision.header("portcullis-decision");
    let answer = server.get(KEYS, &[("Authorization", &bearer(decision))]);
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(
        server
            .get(KEYS, &[("Authorization", &bearer(&good))])
            .status,
        200
    );
}

#[test]
fn only_the_exchange_of_the_policy_is_served_here() {
    let folder = Folder::new();
    let server = folder.start();
    let own = as_user("msp");
    let headers = [("Authorization", &*own)];
    // The rest of the API is behind a proxy.
    for target in [
        CASES,
        "/",
        "/connect/api/v1/access_token/",
        "/connect/api/v1//access_token",
        "/healthz",
        "/metrics",
    ] {
        assert_eq!(server.get(target, &headers).status, 404, "{target}");
    }
    let other_method = server.get(EXCHANGE, &headers);
    assert_eq!(
        (other_method.status, other_method.header("allow")),
        (405, "POST")
    );
    let absolute = server.ask("POST", &format!("http://localhost{EXCHANGE}"), &headers, "");
    assert_eq!(absolute.status, 400, "{absolute:?}");
}
