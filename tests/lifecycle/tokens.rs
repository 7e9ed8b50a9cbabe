//! Tokens and the payload of keys: minted, read and judged.

use portcullis::credential::TOKEN_LIFETIME_SECONDS;
use portcullis::directory::KeyStates;
use portcullis::token::{CompactToken, CompactTokenError, KeyPayload, TokenClaims, TokenPart};
use portcullis::{Credential, Directory, Reason, Tenant, VerifiedToken};
use proptest::prelude::*;
use serde::de::value::SeqDeserializer;
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use crate::world::{self, api_key, engine, seconds};

/// The sample key of "Configuring API Authentication", with its damaged
/// header.
const SAMPLE: &str = "eyJhbGciOiJNisI1NiIsInR5cCI6IkpXVCJ9.eyJhcGlfa2V5Ijp7ImtleV9pZCI6ImU5MTRlZCIsInVzZXJfaWQiOiJjN2JkMDI3ZGEzMjc0MDU1YTZkODQ5YTk5N2QxYmUwOCIsIm9yZ19pZCI6IjQ5MGI2MDk2Yjk5ZTQ1ZDY4NTdjOTdjNDA4YjQzMTE4IiwiZXhwIjo0ODk3NzI0MzY3fSwiaWF0IjoxNzQ0MTI0MzY3fQ.ReZlP7DQB4w1UyVw3X1hwppFM4T3lZBxZviHfnVj2Sk";

fn directory() -> Directory {
    let mut directory = world::directory();
    directory
        .add_key(api_key("k", "tuser", 1_000), "key")
        .unwrap();
    directory
}

fn reason(directory: &Directory, credential: &Credential<'_>, now: u64) -> Option<Reason> {
    let engine = engine(true);
    let principal = directory.principal(credential, seconds(now));
    engine
        .authorize(
            &principal,
            engine.endpoint("GET", "/connect/api/v1/cases"),
            Tenant::NOT_NAMED,
        )
        .reason()
}

#[test]
fn the_damaged_sample_is_a_typed_error_and_its_payload_a_typed_value() {
    let whole = CompactToken::parse(SAMPLE).unwrap_err();
    assert_eq!(
        whole,
        CompactTokenError::NotText {
            part: TokenPart::Header
        }
    );
    assert_eq!(
        whole.to_string(),
        "the header is not UTF-8 text; the token is damaged, copy it again"
    );

    // The same payload beneath an undamaged header.
    let (_, rest) = SAMPLE.split_once('.').unwrap();
    let mended =
        CompactToken::parse(&format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{rest}")).unwrap();
    assert_eq!(mended.header(), r#"{"alg":"HS256","typ":"JWT"}"#);
    let payload: KeyPayload = serde_json::from_str(mended.payload()).unwrap();
    assert_eq!(payload.key.as_str(), "e914ed");
    assert_eq!(payload.user.as_str(), "c7bd027da3274055a6d849a997d1be08");
    assert_eq!(&*payload.organization, "490b6096b99e45d6857c97c408b43118");
    assert_eq!(
        (payload.issued_at, payload.expires_at),
        (seconds(1_744_124_367), seconds(4_897_724_367))
    );
    // A hundred years of 365 days.
    assert_eq!(
        payload.expires_at.since(payload.issued_at),
        Some(36_500 * 86_400)
    );
}

#[test]
fn payloads_are_read_strictly() {
    let good = r#"{"api_key":{"key_id":"e914ed","user_id":"u","org_id":"o","exp":2},"iat":1}"#;
    let read =
        |text: &str| serde_json::from_str::<KeyPayload>(text).map_err(|error| error.to_string());
    assert!(read(good).is_ok());
    for (from, to) in [
        (r#""iat":1"#, r#""iat":1,"exp":9"#),
        (r#""iat":1"#, r#""iat":1,"iat":1"#),
        (r#","iat":1"#, ""),
        (r#""iat":1"#, r#""iat":-1"#),
        (r#""iat":1"#, r#""iat":1.5"#),
        (r#""iat":1"#, r#""iat":"1""#),
        (r#""iat":1"#, r#""iat":null"#),
        (r#""iat":1"#, r#""iat":18446744073709551616"#),
        (r#""exp":2"#, r#""exp":2,"admin":true"#),
        (r#","exp":2"#, ""),
        ("e914ed", ""),
        ("e914ed", "e914 ed"),
        ("e914ed", "../k"),
        (r#""user_id":"u""#, r#""user_id":7"#),
        (r#""user_id":"u""#, r#""user_id":"u","user_id":"root""#),
        (r#""org_id":"o""#, r#""org_id":"o\u0000""#),
    ] {
        assert_ne!(good.replace(from, to), good);
        assert!(read(&good.replace(from, to)).is_err(), "{to}");
    }
    assert!(read("").is_err() && read("[]").is_err() && read("null").is_err());
}

#[test]
fn a_payload_presents_its_key_with_its_user() {
    let directory = directory();
    let payload = |user: &str| {
        let text = format!(
            r#"{{"api_key":{{"key_id":"k","user_id":"{user}","org_id":"o","exp":2001}},"iat":1}}"#
        );
        serde_json::from_str::<KeyPayload>(&text).unwrap()
    };
    // An ordinary endpoint takes no key as a bearer; the standing comes first.
    assert_eq!(
        reason(&directory, &payload("tuser").verified(), 2_000),
        Some(Reason::TechniqueRefused)
    );
    assert_eq!(
        reason(&directory, &payload("root").verified(), 2_000),
        Some(Reason::KeyOwnerMismatch)
    );
}

#[test]
fn a_token_is_good_for_ten_minutes_and_as_long_as_its_key() {
    let directory = directory();
    let claims = directory.mint("k", seconds(2_000)).unwrap();
    assert_eq!(
        serde_json::to_string(&claims).unwrap(),
        r#"{"sub":"tuser","key_id":"k","iat":2000,"exp":2600}"#
    );
    let back: TokenClaims = serde_json::from_str(&serde_json::to_string(&claims).unwrap()).unwrap();
    assert_eq!(back, claims);
    for (now, expected) in [
        (1_999, Some(Reason::TokenNotYetValid)),
        (2_000, None),
        (2_599, None),
        (2_600, Some(Reason::TokenExpired)),
        (u64::MAX, Some(Reason::TokenExpired)),
    ] {
        assert_eq!(
            reason(&directory, &claims.verified(), now),
            expected,
            "{now}"
        );
    }
    directory
        .revoke_key(
            &portcullis::directory::Act::new(engine(true), "tuser", seconds(2_001)),
            "k",
        )
        .unwrap();
    assert_eq!(
        reason(&directory, &claims.verified(), 2_002),
        Some(Reason::KeyRevoked)
    );
}

#[test]
fn what_does_not_stand_mints_no_token() {
    let mut directory = directory();
    let expiring = portcullis::ApiKey {
        expires_at: Some(seconds(3_000)),
        ..api_key("e", "tuser", 1_000)
    };
    directory.add_key(expiring, "key").unwrap();
    assert_eq!(
        directory.mint("nokey", seconds(2_000)),
        Err(Reason::UnknownKey)
    );
    assert_eq!(directory.mint("K", seconds(2_000)), Err(Reason::UnknownKey));
    assert_eq!(
        directory.mint("k", seconds(999)),
        Err(Reason::KeyNotYetValid)
    );
    assert_eq!(directory.mint("e", seconds(3_000)), Err(Reason::KeyExpired));
    // At the end of time the claims saturate.
    let last = directory.mint("k", seconds(u64::MAX)).unwrap();
    assert_eq!(last.expires_at, Some(seconds(u64::MAX)));
    // A token makes no token.
    let token = Credential::Token(VerifiedToken::new(
        "k",
        Some("tuser"),
        Some(seconds(2_000)),
        None,
    ));
    let principal = directory.principal(&token, seconds(2_000));
    assert_eq!(
        TokenClaims::mint(&principal, seconds(2_000)),
        Err(Reason::TechniqueRefused)
    );
    let nobody = portcullis::Principal::anonymous();
    assert_eq!(
        TokenClaims::mint(&nobody, seconds(2_000)),
        Err(Reason::NoCredential)
    );
    directory
        .disable_account(
            &portcullis::directory::Act::new(engine(true), "tadmin", seconds(0)),
            "tuser",
        )
        .unwrap();
    assert_eq!(
        directory.mint("k", seconds(2_000)),
        Err(Reason::AccountDisabled)
    );
}

#[test]
fn claims_that_lack_something_are_read_and_refused_by_the_decision() {
    let directory = directory();
    let judge = |text: &str| {
        reason(
            &directory,
            &serde_json::from_str::<TokenClaims>(text)
                .unwrap()
                .verified(),
            2_000,
        )
    };
    assert_eq!(judge(r#"{"sub":"tuser","key_id":"k","iat":2000}"#), None);
    assert_eq!(
        judge(r#"{"sub":"tuser","key_id":"k","exp":2600}"#),
        Some(Reason::TokenMalformed)
    );
    assert_eq!(
        judge(r#"{"sub":"tuser","key_id":"k","iat":null}"#),
        Some(Reason::TokenMalformed)
    );
    assert_eq!(
        judge(r#"{"sub":"tuser","key_id":"k","iat":999}"#),
        Some(Reason::TokenMalformed)
    );
    assert_eq!(
        judge(r#"{"key_id":"k","iat":2000}"#),
        Some(Reason::KeyOwnerMismatch)
    );
    assert_eq!(
        judge(r#"{"sub":"root","key_id":"k","iat":2000}"#),
        Some(Reason::KeyOwnerMismatch)
    );
    assert_eq!(
        judge(r#"{"sub":"tuser","key_id":"k","iat":1500,"exp":2000}"#),
        Some(Reason::TokenExpired)
    );
    assert_eq!(
        judge(r#"{"sub":"tuser","key_id":"k","iat":1400,"exp":9999}"#),
        Some(Reason::TokenExpired)
    );
    for wrong in [
        r#"{"sub":"tuser","iat":2000}"#,
        r#"{"sub":"tuser","key_id":"k","iat":2000,"iat":1}"#,
        r#"{"sub":"tuser","key_id":"k","iat":2000,"scope":"root"}"#,
        r#"{"sub":"tu ser","key_id":"k","iat":2000}"#,
        r#"{"sub":["tuser"],"key_id":"k","iat":2000}"#,
    ] {
        assert!(
            serde_json::from_str::<TokenClaims>(wrong).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn a_token_ends_with_the_key_that_says_itself_when_it_ends() {
    let mut directory = world::directory();
    let recorded = portcullis::ApiKey {
        expires_at: Some(seconds(3_000)),
        ..api_key("k", "tuser", 0)
    };
    directory.add_key(recorded, "key").unwrap();
    for (own, now, end) in [
        (1_000, 999, 1_000),
        (1_000, 400, 1_000),
        (1_000, 399, 999),
        (9_999, 2_999, 3_000),
        (9_999, 2_000, 2_600),
        (2_999, 2_998, 2_999),
    ] {
        let key = portcullis::VerifiedKey::bearer("k").expiring(seconds(own));
        let principal = directory.principal(&Credential::ApiKey(key), seconds(now));
        let claims = TokenClaims::mint(&principal, seconds(now)).unwrap();
        assert_eq!(claims.expires_at, Some(seconds(end)), "{own} {now}");
        let token = claims.verified();
        assert_eq!(reason(&directory, &token, end - 1), None, "{own} {now}");
        let over = reason(&directory, &token, end);
        assert!(
            matches!(over, Some(Reason::TokenExpired | Reason::KeyExpired)),
            "{own} {now}"
        );
    }
    // By its id alone a key goes by its record.
    let claims = directory.mint("k", seconds(2_999)).unwrap();
    assert_eq!(claims.expires_at, Some(seconds(3_000)));
}

/// A value as a format that is not for people gives it.
struct Compact(Value);

impl<'de> Deserializer<'de> for Compact {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_any(visitor)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map struct enum
        identifier ignored_any
    }
}

impl IntoDeserializer<'_, serde_json::Error> for Compact {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[test]
fn a_format_that_is_not_for_people_is_read_by_the_same_rules() {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let claims = |text: &str| TokenClaims::deserialize(Compact(value(text)));
    assert!(claims(r#"{"sub":"tuser","key_id":"k","iat":1000,"exp":1600}"#).is_ok());
    assert!(claims(r#"["tuser","k",1000,1600,null,null,null,null]"#).is_err());
    let payload = |text: &str| KeyPayload::deserialize(Compact(value(text)));
    assert!(
        payload(r#"{"api_key":{"key_id":"k","user_id":"u","org_id":"o","exp":2},"iat":1}"#).is_ok()
    );
    assert!(payload(r#"[{"key_id":"k","user_id":"u","org_id":"o","exp":2},1]"#).is_err());
    let states = |row: &str| {
        let rows = [Compact(value(row))].into_iter();
        KeyStates::deserialize(SeqDeserializer::<_, serde_json::Error>::new(rows))
    };
    assert!(states(r#"{"key":"k","owner":"ann","state":"revoked","revoked_at":5}"#).is_ok());
    assert!(states(r#"["k","ann","revoked",5,null]"#).is_err());
}

fn instants() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..4_000u64, (u64::MAX - 4_000)..=u64::MAX]
}

fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<String> = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let bits = bits.concat();
    let value = |six: &[u8]| {
        usize::from_str_radix(&format!("{:0<6}", std::str::from_utf8(six).unwrap()), 2).unwrap()
    };
    bits.as_bytes()
        .chunks(6)
        .map(|six| char::from(ALPHABET[value(six)]))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pair_of_instants_panics_and_none_is_allowed_that_is_too_old(
        created in instants(),
        expires in prop::option::of(instants()),
        issued in prop::option::of(instants()),
        end in prop::option::of(instants()),
        now in instants(),
        later in instants(),
    ) {
        let mut directory = world::directory();
        let key = portcullis::ApiKey { expires_at: expires.map(seconds), ..api_key("k", "tuser", created) };
        directory.add_key(key, "key").unwrap();
        let claims = TokenClaims {
            subject: Some("tuser".parse().unwrap()),
            key: "k".parse().unwrap(),
            issued_at: issued.map(seconds),
            expires_at: end.map(seconds),
            not_before: None,
        };
        if reason(&directory, &claims.verified(), now).is_none() {
            let issued = issued.unwrap();
            prop_assert!(issued <= now && now - issued < TOKEN_LIFETIME_SECONDS && created <= issued);
            prop_assert!(end.is_none_or(|end| now < end) && expires.is_none_or(|end| now < end));
        }
        // What is minted is taken at once, and never for longer than its key.
        if let Ok(minted) = directory.mint("k", seconds(now)) {
            prop_assert_eq!(reason(&directory, &minted.verified(), now).is_none(), now < u64::MAX);
            let allowed = reason(&directory, &minted.verified(), later).is_none();
            prop_assert!(!allowed || (later >= now && later - now < 600 && expires.is_none_or(|end| later < end)));
        }
        let act = portcullis::directory::Act::new(engine(true), "tuser", seconds(later));
        directory.revoke_key(&act, "k").unwrap();
        prop_assert!(reason(&directory, &claims.verified(), now).is_some());
        prop_assert!(directory.record_access("k", seconds(now)).is_ok() == (now >= created));
    }

    #[test]
    fn whatever_was_encoded_is_decoded(header in "\\PC{1,40}", payload in "\\PC{1,40}", signature in any::<[u8; 3]>()) {
        let text = [header.as_bytes(), payload.as_bytes(), &signature].map(encode).join(".");
        let token = CompactToken::parse(&text).unwrap();
        prop_assert_eq!((token.header(), token.payload()), (header.as_str(), payload.as_str()));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "[A-Za-z0-9_=.{}\":, \\-\u{e4}]{0,60}", junk in any::<String>()) {
        for text in [&text, &junk] {
            let _ = CompactToken::parse(text);
            let _ = serde_json::from_str::<KeyPayload>(text);
            let _ = serde_json::from_str::<TokenClaims>(text);
            let _ = portcullis::directory::judge_password(text);
        }
    }
}
