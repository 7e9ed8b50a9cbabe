//! Access tokens of every wrong kind.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use portcullis::{Deployment, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, UnixSeconds};
use portcullis_host::signing_key::TokenFault;
use portcullis_host::{AccessTokens, SigningKey, VerifyingKeys};
use serde_json::{Value, json};

use crate::setting::{At, CASES, EXCHANGE, NOW, gate, live, request, secret, secrets, send};

const SHARED: &[u8] = b"a shared secret of at least 32 bytes";

fn shared() -> SigningKey {
    SigningKey::shared_secret("one", SHARED).unwrap()
}

fn tokens() -> AccessTokens {
    AccessTokens::new("gateway", "api", shared())
}

fn claims() -> Value {
    json!({ "iss": "gateway", "aud": "api", "sub": "msp", "key_id": "k1", "iat": NOW, "exp": NOW + 600 })
}

fn header() -> Header {
    Header {
        typ: Some("at+jwt".to_owned()),
        kid: Some("one".to_owned()),
        ..Header::new(Algorithm::HS256)
    }
}

fn signed(header: &Header, claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_secret(SHARED).unwrap()).unwrap()
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn verify(token: &str) -> Result<(), TokenFault> {
    tokens().verify(token, UnixSeconds::new(NOW)).map(|_| ())
}

/// The status of a request that presents this token at an instant; 200 if it is
/// allowed.
fn status(token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let gate = gate(&live()).tokens(tokens());
    match send(gate, request("GET", CASES, &[("authorization", &bearer)])) {
        Ok(_) => 200,
        Err(answer) => answer.status().as_u16(),
    }
}

#[test]
fn a_token_as_it_should_be_is_allowed() {
    let token = signed(&header(), &claims());
    assert_eq!(verify(&token), Ok(()));
    assert_eq!(status(&token), 200);
}

#[test]
fn a_wrong_token_is_no_credential() {
    let own = signed(&header(), &claims());
    let (head, rest) = own.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let other_key = {
        let key = EncodingKey::from_secret(b"another secret, of at least 32 bytes").unwrap();
        encode(&header(), &claims(), &key).unwrap()
    };
    let raw = |header: &Value| {
        use base64ct::{Base64UrlUnpadded, Encoding as _};
        let head = Base64UrlUnpadded::encode_string(header.to_string().as_bytes());
        format!("{head}.{payload}.{signature}")
    };
    let kind = |typ: Option<&str>| Header {
        typ: typ.map(str::to_owned),
        ..header()
    };
    let by = |kid: Option<&str>| Header {
        kid: kid.map(str::to_owned),
        ..header()
    };
    let critical = Header {
        crit: Some(vec!["exp".to_owned()]),
        ..header()
    };
    let hs512 = Header {
        typ: header().typ,
        kid: header().kid,
        ..Header::new(Algorithm::HS512)
    };
    let none = json!({ "alg": "none", "typ": "at+jwt", "kid": "one" });
    for (token, fault) in [
        (String::new(), TokenFault::Malformed),
        ("a.b.c".to_owned(), TokenFault::Malformed),
        (format!("{head}.{payload}"), TokenFault::Malformed),
        (format!("{own}.x"), TokenFault::Malformed),
        (format!("{head}.{payload}."), TokenFault::Signature),
        (raw(&none), TokenFault::Malformed),
        (
            raw(&json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "one" })),
            TokenFault::Algorithm,
        ),
        (signed(&hs512, &claims()), TokenFault::Algorithm),
        (signed(&kind(None), &claims()), TokenFault::Type),
        (signed(&kind(Some("JWT")), &claims()), TokenFault::Type),
        (
            signed(&kind(Some("portcullis-decision+jwt")), &claims()),
            TokenFault::Type,
        ),
        (signed(&by(None), &claims()), TokenFault::UnknownKey),
        (signed(&by(Some("two")), &claims()), TokenFault::UnknownKey),
        (signed(&critical, &claims()), TokenFault::Critical),
        (other_key, TokenFault::Signature),
        (
            signed(&header(), &with("iss", json!("other"))),
            TokenFault::Issuer,
        ),
        (signed(&header(), &without("iss")), TokenFault::Issuer),
        (
            signed(&header(), &with("aud", json!("other"))),
            TokenFault::Audience,
        ),
        (
            signed(&header(), &with("aud", json!([]))),
            TokenFault::Audience,
        ),
        (signed(&header(), &without("aud")), TokenFault::Audience),
        (signed(&header(), &without("key_id")), TokenFault::Claims),
        (
            signed(&header(), &with("admin", json!(true))),
            TokenFault::Claims,
        ),
        (
            signed(&header(), &with("iat", json!("now"))),
            TokenFault::Claims,
        ),
    ] {
        assert_eq!(verify(&token), Err(fault), "{token}");
        assert_eq!(status(&token), 401, "{token}");
    }
    let changed = format!(
        "{}{}",
        &own[..own.len() - 2],
        if own.ends_with("AA") { "BB" } else { "AA" }
    );
    assert_eq!(status(&changed), 401);
}

#[test]
fn time_is_judged_by_the_decision() {
    for (claims, expected) in [
        (with("iat", json!(NOW - 599)), 200),
        (with("iat", json!(NOW - 600)), 401),
        (with("exp", json!(NOW)), 401),
        (with("iat", json!(NOW + 1)), 401),
        (with("nbf", json!(NOW + 1)), 401),
        (without("iat"), 401),
        // It may say more than 600 seconds, and has no more.
        (with("exp", json!(NOW + 999_999)), 200),
    ] {
        assert_eq!(status(&signed(&header(), &claims)), expected, "{claims}");
    }
}

#[test]
fn leeway_forgives_a_fast_clock_and_makes_no_life_longer() {
    let tokens = || tokens().leeway(30);
    let read = |claims: &Value| tokens().verify(&signed(&header(), claims), UnixSeconds::new(NOW));
    let ahead = read(&with("iat", json!(NOW + 30))).unwrap();
    assert_eq!(ahead.issued_at, Some(UnixSeconds::new(NOW)));
    assert_eq!(ahead.expires_at, Some(UnixSeconds::new(NOW + 570)));
    // The end by age moves, too, where the token says nothing of an end.
    let endless = read(&without("exp")).unwrap();
    assert_eq!(endless.expires_at, Some(UnixSeconds::new(NOW + 570)));
    let late = read(&with("exp", json!(NOW + 999_999))).unwrap();
    assert_eq!(late.expires_at, Some(UnixSeconds::new(NOW + 570)));
    let further = read(&with("iat", json!(NOW + 31))).unwrap();
    assert_eq!(further.issued_at, Some(UnixSeconds::new(NOW + 31)));
}

#[test]
fn a_public_key_is_not_a_shared_secret() {
    let signing = SigningKey::generate().unwrap();
    let jwks: Value = serde_json::from_str(&signing_jwks(&signing)).unwrap();
    let tokens = AccessTokens::new("gateway", "api", signing);
    let public = jwks["keys"][0]["x"].as_str().unwrap();
    let header = Header {
        kid: jwks["keys"][0]["kid"].as_str().map(str::to_owned),
        ..header()
    };
    let forged = encode(
        &header,
        &claims(),
        &EncodingKey::from_secret(public.as_bytes()).unwrap(),
    );
    let read = tokens.verify(&forged.unwrap(), UnixSeconds::new(NOW));
    assert_eq!(read, Err(TokenFault::Algorithm));
}

fn signing_jwks(key: &SigningKey) -> String {
    VerifyingKeys::new([key.verifying()]).unwrap().to_jwks()
}

#[test]
fn a_replaced_key_goes_on_verifying() {
    let [old, new] = [(); 2].map(|()| SigningKey::generate().unwrap());
    let verifying = old.verifying();
    let before = AccessTokens::new("gateway", "api", old);
    let claims = live()
        .load()
        .directory()
        .mint("k1", UnixSeconds::new(NOW))
        .unwrap();
    let token = before.sign(&claims).unwrap();
    let after = AccessTokens::new("gateway", "api", new);
    assert_eq!(
        after.verify(&token, UnixSeconds::new(NOW)),
        Err(TokenFault::UnknownKey)
    );
    let after = after.accepting(verifying.clone()).unwrap();
    assert_eq!(after.verify(&token, UnixSeconds::new(NOW)), Ok(claims));
    assert!(after.accepting(verifying).is_err());
}

/// A token is remembered once it was verified. Time, key and user are judged anew.
#[test]
fn a_remembered_token_is_denied_when_its_time_or_its_key_is_over() {
    let (live, clock) = (live(), At::new(NOW));
    for key in [shared(), SigningKey::generate().unwrap()] {
        let tokens = std::sync::Arc::new(AccessTokens::new("gateway", "api", key));
        let minted = live.load().directory().mint("k1", UnixSeconds::new(NOW));
        let bearer = format!("Bearer {}", tokens.sign(&minted.unwrap()).unwrap());
        let status = |at: u64| {
            clock.set(at);
            let gate = gate(&live).tokens(tokens.clone()).clock(clock.clone());
            match send(gate, request("GET", CASES, &[("authorization", &bearer)])) {
                Ok(_) => 200,
                Err(answer) => answer.status().as_u16(),
            }
        };
        assert_eq!(status(NOW), 200);
        assert_eq!(status(NOW + 599), 200);
        assert_eq!(status(NOW + 600), 401);
        // The clock was set back, and before the time at which the token was made.
        assert_eq!(status(NOW + 1), 200);
        assert_eq!(status(NOW - 1), 401);
        assert_eq!(status(NOW), 200);
        let disabled = |enabled: bool| {
            let text = EMBEDDED_DIRECTORY.replacen("  msp: {", "  msp: { enabled: false,", 1);
            assert_ne!(text, EMBEDDED_DIRECTORY);
            let text = if enabled { EMBEDDED_DIRECTORY } else { &text };
            let deployment = Deployment::new("5.5.0".parse().unwrap());
            let done = live.reload_yaml(EMBEDDED_POLICY, text, deployment, secrets());
            done.unwrap();
        };
        disabled(false);
        assert_ne!(status(NOW), 200);
        disabled(true);
        assert_eq!(status(NOW), 200);
    }
    let tokens = std::sync::Arc::new(tokens());
    let token = signed(&header(), &claims());
    let bearer = format!("Bearer {token}");
    let allowed = || {
        let gate = gate(&live).tokens(tokens.clone());
        send(gate, request("GET", CASES, &[("authorization", &bearer)])).is_ok()
    };
    assert!(allowed() && allowed());
    live.revoke_key("msp", "k1", UnixSeconds::new(NOW)).unwrap();
    assert!(!allowed());
}

/// What is remembered is one text for one set of keys, issuer and audience.
#[test]
fn a_remembered_token_is_one_by_every_byte_of_it() {
    let tokens = tokens();
    let now = UnixSeconds::new(NOW);
    let token = signed(&header(), &claims());
    let first = tokens.verify(&token, now).unwrap();
    assert_eq!(tokens.verify(&token, now).unwrap(), first);
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        for _ in 0..2 {
            assert!(tokens.verify(&changed, now).is_err(), "{at}");
        }
    }
    for text in [
        format!("{token} "),
        format!("{token}="),
        token.to_uppercase(),
    ] {
        assert!(tokens.verify(&text, now).is_err(), "{text}");
    }
    let other = SigningKey::shared_secret("one", [8; 32]).unwrap();
    for (issuer, audience, key) in [
        ("other", "api", shared()),
        ("gateway", "other", shared()),
        ("gateway", "api", other),
    ] {
        let other = AccessTokens::new(issuer, audience, key);
        assert!(other.verify(&token, now).is_err(), "{issuer} {audience}");
    }
    assert_eq!(tokens.verify(&token, now).unwrap(), first);
}

#[test]
fn keys_that_cannot_be_used_are_refused() {
    for secret in [&b""[..], &[7; 31]] {
        assert!(SigningKey::shared_secret("one", secret).is_err());
    }
    assert!(SigningKey::from_pem("one", "not a key").is_err());
    let key = |x: &str, kid: Option<&str>| {
        let kid = kid.map_or(String::new(), |kid| format!(r#","kid":"{kid}""#));
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"{kid}}}"#)
    };
    let good = signing_jwks(&SigningKey::generate().unwrap());
    let set: Value = serde_json::from_str(&good).unwrap();
    let own = set["keys"][0]["x"].as_str().unwrap();
    let id = set["keys"][0]["kid"].as_str();
    let set_of = |x: &str, kid| format!(r#"{{"keys":[{}]}}"#, key(x, kid));
    for keys in [&good, &set_of(own, Some("one"))] {
        assert!(VerifyingKeys::from_jwks(keys).is_ok(), "{keys}");
    }
    for keys in [
        "not JSON".to_owned(),
        set_of(own, None),
        set_of("AA", Some("one")),
        set_of(&"!".repeat(43), Some("one")),
        r#"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"one"}]}"#.to_owned(),
        good.replace(r#""use":"sig""#, r#""use":"enc""#),
        good.replace(r#"{"keys":["#, &format!(r#"{{"keys":[{},"#, key(own, id))),
    ] {
        assert!(VerifyingKeys::from_jwks(&keys).is_err(), "{keys}");
    }
}

/// With such a key, one signature is valid for many texts, or for all of them. These
/// are all points of low order, and other spellings of some of them.
#[test]
fn a_public_key_of_low_order_is_refused() {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let with_ends = |middle: u8, ends: [u8; 2]| {
        let mut point = [middle; 32];
        [point[0], point[31]] = ends;
        point
    };
    let eighth = |text: &str| {
        let mut point = [0; 32];
        base16ct::lower::decode(text, &mut point).unwrap();
        point
    };
    let points = [
        with_ends(0, [0, 0]),
        with_ends(0, [0, 0x80]),
        with_ends(0, [1, 0]),
        with_ends(0, [1, 0x80]),
        with_ends(0xff, [0xec, 0x7f]),
        with_ends(0xff, [0xec, 0xff]),
        with_ends(0xff, [0xed, 0x7f]),
        with_ends(0xff, [0xed, 0xff]),
        with_ends(0xff, [0xee, 0x7f]),
        with_ends(0xff, [0xee, 0xff]),
        eighth("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        eighth("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
        eighth("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        eighth("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    ];
    for point in points {
        let x = Base64UrlUnpadded::encode_string(&point);
        let keys = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"one"}}]}}"#);
        assert!(VerifyingKeys::from_jwks(&keys).is_err(), "{point:02x?}");
    }
}

#[test]
fn a_key_is_exchanged_once_and_a_token_is_not() {
    let gate = || gate(&live()).tokens(tokens());
    let post = |bearer: &str| {
        let bearer = format!("Bearer {bearer}");
        send(
            gate(),
            request("POST", EXCHANGE, &[("authorization", &bearer)]),
        )
        .err()
        .unwrap()
    };
    assert_eq!(post(&secret("k1")).status(), 200);
    let token = signed(&header(), &claims());
    assert_eq!(post(&token).status(), 401);
    // A key by Bearer is for the exchange alone.
    let bearer = format!("Bearer {}", secret("k1"));
    let call = send(gate(), request("GET", CASES, &[("authorization", &bearer)]));
    assert_eq!(call.err().unwrap().status(), 401);
}
