//! What a request presents, in every combination: keys beside records, names
//! beside users, claims beside what libraries write; and the names of keys.

use std::collections::BTreeSet;

use portcullis::credential::Technique;
use portcullis::directory::{DirectoryError, KeyStates, Refusal};
use portcullis::engine::Verdict;
use portcullis::token::{KeyPayload, TokenClaims};
use portcullis::{
    ApiKey, Credential, Deployment, Directory, Engine, Policy, Principal, Reason, Tenant,
};
use portcullis::{VerifiedKey, VerifiedToken};
use proptest::prelude::*;
use serde::de::DeserializeOwned;

use crate::world::{self, NOW, account, act, api_key, engine, new_key, policy, seconds};

fn decided(principal: &Principal<'_>) -> Option<Reason> {
    let endpoint = engine(true).endpoint("GET", "/connect/api/v1/cases");
    engine(true)
        .authorize(principal, endpoint, Tenant::NOT_NAMED)
        .reason()
}

fn token<'c>(key: &'c str, user: &'c str) -> Credential<'c> {
    Credential::Token(VerifiedToken::new(
        key,
        Some(user),
        Some(seconds(NOW)),
        None,
    ))
}

/// Every way in which a key, or a token made from it, is presented for a user.
fn presentations<'c>(key: &'c str, user: &'c str) -> Vec<Credential<'c>> {
    vec![
        token(key, user),
        Credential::ApiKey(VerifiedKey::basic(key, user)),
        Credential::ApiKey(VerifiedKey::bearer(key)),
        Credential::ApiKey(VerifiedKey::presented(key, Technique::Bearer, Some(user))),
    ]
}

#[test]
fn the_account_of_another_user_is_refused() {
    let directory = world::directory();
    let record = api_key("k", "tuser", 0);
    let mut allowed = 0;
    for credential in presentations("k", "tuser") {
        let decided_for = |user| {
            let account = account(user, "root", "super_admin");
            let (tenancy, now) = (directory.tenancy(), seconds(NOW));
            let principal = Principal::new(
                policy(),
                tenancy,
                Some(&account),
                &credential,
                Some(&record),
                now,
            );
            decided(&principal)
        };
        allowed += usize::from(decided_for("tuser").is_none());
        assert_eq!(decided_for("root"), Some(Reason::KeyOwnerMismatch));
    }
    assert!(allowed > 0);
}

#[test]
fn the_record_of_another_key_is_no_record() {
    let directory = world::directory();
    let ann = account("tuser", "tenant/alpha", "user");
    let ids = ["k", "K", "k1", "k-1", "another"];
    let mut allowed = 0;
    for presented in ids {
        for recorded in ids {
            let record: ApiKey = api_key(recorded, "tuser", 0);
            for credential in presentations(presented, "tuser") {
                let principal = Principal::new(
                    policy(),
                    directory.tenancy(),
                    Some(&ann),
                    &credential,
                    Some(&record),
                    seconds(NOW),
                );
                let reason = decided(&principal);
                if presented == recorded {
                    assert_eq!(principal.key().unwrap().as_str(), recorded);
                    assert_ne!(reason, Some(Reason::UnknownKey));
                    allowed += usize::from(reason.is_none());
                } else {
                    // Neither decided by nor logged with the other's record.
                    assert_eq!(reason, Some(Reason::UnknownKey), "{credential:?}");
                    assert!(principal.key().is_none());
                    assert!(TokenClaims::mint(&principal, seconds(NOW)).is_err());
                    // Its revocation says nothing here either.
                    record.state.revoke(seconds(NOW));
                    assert_eq!(decided(&principal), Some(Reason::UnknownKey));
                }
            }
        }
    }
    // A token, and the key by Basic.
    assert_eq!(allowed, 2 * ids.len());
}

/// Users with addresses that some folding or other takes for one, and a user
/// who is called as another's address begins.
fn with_emails() -> Directory {
    let mut directory = world::directory();
    for (user, email) in [
        ("tuser", "Οδυσσεύς@example.com"),
        ("puser", "straße@example.com"),
        ("padmin", "tuser@example.com"),
        ("rootsec", "ſam@example.com"),
        ("root2", "root@example.com"),
    ] {
        directory
            .update_email(&user.parse().unwrap(), Some(email))
            .unwrap();
    }
    for (user, ..) in world::USERS {
        directory
            .add_key(api_key(&format!("key-{user}"), user, 0), "key")
            .unwrap();
    }
    directory
}

/// As the rule says it: upper-cased, then lower-cased.
fn fold(text: &str) -> String {
    text.to_uppercase().to_lowercase()
}

#[test]
fn by_basic_the_owner_is_named_by_id_or_by_address_and_nobody_else() {
    let directory = with_emails();
    let mut names: BTreeSet<String> = world::USERS.map(|(user, ..)| user.to_owned()).into();
    for user in directory.users() {
        let Some(email) = directory.email(user.as_str()) else {
            continue;
        };
        let forms = [email.to_owned(), email.to_uppercase(), email.to_lowercase()];
        names.extend(forms);
        names.extend([fold(email), format!("{email}x"), format!(" {email}")]);
    }
    names.extend(
        [
            "",
            "@",
            "TUSER",
            "STRASSE@EXAMPLE.COM",
            "strasse@example.com",
            "SAM@example.com",
            "οδυσσευσ@example.com",
            "οδυσσεύσ@example.com",
            "example.com",
        ]
        .map(str::to_owned),
    );
    let mut by_address = 0;
    for (owner, ..) in world::USERS {
        let key = format!("key-{owner}");
        let email = directory.email(owner).map(fold);
        for name in &names {
            let own_id = name == owner;
            let own_address = email.as_ref() == Some(&fold(name));
            by_address += usize::from(own_address);
            let mismatch = |credential: &Credential<'_>| {
                let principal = directory.principal(credential, seconds(NOW));
                decided(&principal) == Some(Reason::KeyOwnerMismatch)
            };
            let basic = Credential::ApiKey(VerifiedKey::basic(&key, name));
            assert_eq!(mismatch(&basic), !(own_id || own_address), "{owner} {name}");
            // A token's subject, and a bearer's, is an id.
            let bearer = VerifiedKey::presented(&key, Technique::Bearer, Some(name));
            assert_eq!(mismatch(&Credential::ApiKey(bearer)), !own_id, "{name}");
            assert_eq!(mismatch(&token(&key, name)), !own_id, "{owner} {name}");
            // The look-up finds the same.
            let found = directory.user_by_email(name).map(ToString::to_string);
            assert_eq!(
                found.as_deref() == Some(owner),
                own_address,
                "{owner} {name}"
            );
        }
    }
    assert!(by_address >= 15, "only {by_address}");
    // An address is gone with its user, and with a change.
    let mut directory = with_emails();
    let tuser = "tuser".parse().unwrap();
    directory.update_email(&tuser, None).unwrap();
    assert_eq!(directory.user_by_email("Οδυσσεύς@example.com"), None);
    directory
        .remove_user(&"puser".parse().unwrap(), seconds(NOW))
        .unwrap();
    assert_eq!(directory.user_by_email("strasse@example.com"), None);
    let basic = Credential::ApiKey(VerifiedKey::basic("key-puser", "straße@example.com"));
    assert!(decided(&directory.principal(&basic, seconds(NOW))).is_some());
}

/// More requests than are read ahead at once, in several sizes: known keys, an
/// unknown one, a revoked one, tokens, and nothing at all.
#[test]
fn many_principals_are_those_that_are_looked_up_one_by_one() {
    let mut directory = world::directory();
    let ids: Vec<(String, &str)> = (world::USERS.iter())
        .map(|(user, ..)| (format!("key-{user}"), *user))
        .collect();
    for (id, owner) in &ids {
        directory.add_key(api_key(id, owner, 0), "key").unwrap();
    }
    directory.revoke_key(&act("tuser"), "key-tuser").unwrap();
    let mut credentials = vec![
        Credential::missing(),
        Credential::ApiKey(VerifiedKey::bearer("unknown")),
        token("unknown", "tuser"),
        token("key-root", "tuser"),
    ];
    for (id, owner) in &ids {
        credentials.extend(presentations(id, owner));
    }
    assert!(credentials.len() > 64, "{}", credentials.len());
    let now = seconds(NOW);
    for size in [0, 1, 15, 16, 17, credentials.len()] {
        let credentials = &credentials[..size];
        let together: Vec<Principal<'_>> = directory.principals(credentials, now).collect();
        assert_eq!(together.len(), size);
        for (own, credential) in together.iter().zip(credentials) {
            let alone = directory.principal(credential, now);
            assert_eq!(own.user(), alone.user(), "{credential:?}");
            assert_eq!(own.key(), alone.key(), "{credential:?}");
            assert_eq!(decided(own), decided(&alone), "{credential:?}");
            assert_eq!(format!("{own:?}"), format!("{alone:?}"));
        }
    }
    let reasons: BTreeSet<Option<Reason>> = directory
        .principals(&credentials, now)
        .map(|principal| decided(&principal))
        .collect();
    for expected in [
        None,
        Some(Reason::NoCredential),
        Some(Reason::UnknownKey),
        Some(Reason::KeyRevoked),
        Some(Reason::KeyOwnerMismatch),
    ] {
        assert!(reasons.contains(&expected), "{expected:?} of {reasons:?}");
    }
}

#[test]
fn an_endpoint_of_another_policy_is_stale_before_anything_is_asked_of_the_principal() {
    // Another policy of the very same text.
    let other = std::sync::Arc::new(Policy::from_yaml(world::POLICY).unwrap());
    let mut directory = world::directory();
    let foreign = |release: &str| {
        Engine::new(other.clone(), Deployment::new(release.parse().unwrap())).unwrap()
    };
    for (user, ..) in world::USERS {
        directory
            .add_key(api_key(&format!("key-{user}"), user, 0), "key")
            .unwrap();
    }
    for (release, scoped_keys) in [("5.4.0", false), ("5.5.0", true)] {
        let (own, foreign) = (engine(scoped_keys), foreign(release));
        for (user, ..) in world::USERS {
            let key = format!("key-{user}");
            let token = token(&key, user);
            let principal = directory.principal(&token, seconds(NOW));
            for path in ["/connect/api/v1/cases", "/connect/api/v1/reports/7"] {
                for named in [None, Some("alpha"), Some("gamma"), Some("nowhere")] {
                    let endpoint = foreign.endpoint("GET", path);
                    let tenant = directory.tenant(named);
                    let decision = own.authorize(&principal, endpoint, tenant);
                    let stale = Some(Reason::StaleResolution);
                    assert_eq!(
                        decision.reason(),
                        stale,
                        "{release} {user} {path} {named:?}"
                    );
                    let told = own.explain(&principal, endpoint, tenant);
                    let eleventh = Verdict::Refused(Reason::StaleResolution);
                    assert_eq!(told.answers()[10].verdict, eleventh);
                    assert_eq!(told.decision().reason(), stale);
                }
            }
        }
    }
}

#[test]
fn an_address_in_another_case_is_taken() {
    for (one, other, same) in [
        ("σίσυφος@x", "ΣΊΣΥΦΟΣ@x", true),
        ("σίσυφος@x", "σίσυφοσ@x", true),
        ("ſ@x", "s@x", true),
        ("ſ@x", "S@x", true),
        ("ß@x", "SS@x", true),
        ("ß@x", "ss@x", true),
        ("\u{212a}@x", "k@x", true),
        ("ﬁ@x", "FI@x", true),
        ("i@x", "ı@x", true),
        ("é@x", "e@x", false),
        ("s@x", "z@x", false),
    ] {
        let mut directory = world::directory();
        let mut give =
            |user: &str, email| directory.update_email(&user.parse().unwrap(), Some(email));
        give("tuser", one).unwrap();
        let taken = matches!(give("puser", other), Err(DirectoryError::EmailTaken { .. }));
        assert_eq!(taken, same, "{one} {other}");
        // A document says the same.
        let text = format!(
            "version: 1\ntenants: []\ngroups: {{}}\nkeys: {{}}\nusers:\n  a: {{ scope: root, profile: user, email: \"{one}\" }}\n  b: {{ scope: root, profile: user, email: \"{other}\" }}\n"
        );
        assert_eq!(
            Directory::from_yaml(text, policy()).is_err(),
            same,
            "{one} {other}"
        );
    }
}

#[test]
fn a_key_has_a_name_that_can_be_seen_wherever_it_comes_from() {
    let long = "x".repeat(129);
    let megabytes = "y".repeat(2 << 20);
    let mut malformed: Vec<String> = vec![long, megabytes];
    for hidden in [
        '\u{0}',
        '\u{7}',
        '\n',
        '\t',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{ad}',
        '\u{61c}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{2028}',
        '\u{202a}',
        '\u{202e}',
        '\u{2066}',
        '\u{feff}',
        '\u{fe0f}',
        '\u{e0041}',
        '\u{3164}',
    ] {
        malformed.extend([
            format!("a{hidden}"),
            format!("{hidden}a"),
            format!("a{hidden}b"),
        ]);
    }
    let blank = [
        "",
        " ",
        "\u{a0}",
        "\u{2800}",
        "\u{3164}",
        "\u{ffa0}\u{115f}",
        "\u{2800} \u{200b}",
        "\n",
    ];
    let good = [
        "a",
        "nightly export",
        "日本\u{3000}語",
        "e\u{301}",
        "\u{2800}a",
    ];
    let cases = malformed
        .iter()
        .map(|name| (name.as_str(), Some(false)))
        .chain(blank.map(|name| (name, Some(true))))
        .chain(good.map(|name| (name, None)));
    for (name, fault) in cases {
        let shown = name.get(..20).unwrap_or(name);
        let mut directory = world::directory();
        let added = directory.add_key(api_key("k", "tuser", 0), name);
        let id = "k".parse().unwrap();
        let expected = match fault {
            Some(true) => Err(DirectoryError::BlankName(id)),
            Some(false) => Err(DirectoryError::MalformedName(id)),
            None => Ok(()),
        };
        assert_eq!(added, expected, "{shown:?}");
        let new = portcullis::directory::NewKey {
            name,
            ..new_key("k2", "key")
        };
        let created = directory.create_key(&act("tuser"), new);
        let created = created.err().map(|refused| refused.refusal);
        let expected = match fault {
            Some(true) => Some(Refusal::BlankName),
            Some(false) => Some(Refusal::MalformedName),
            None => None,
        };
        assert_eq!(created, expected, "{shown:?}");
        if name.len() > 1 << 20 {
            continue;
        }
        let quoted = serde_json::to_string(name).unwrap();
        let text = format!(
            "version: 1\ntenants: []\ngroups: {{}}\nusers: {{ a: {{ scope: root, profile: user }} }}\nkeys:\n  k: {{ owner: a, name: {quoted}, created_at: 0 }}\n"
        );
        let read = Directory::from_yaml(text, policy());
        assert_eq!(read.is_err(), fault.is_some(), "{shown:?}");
    }
}

/// Every way to write some object of a document as the list of its values.
fn with_lists(value: &serde_json::Value) -> Vec<serde_json::Value> {
    use serde_json::Value;
    let mut written = Vec::new();
    match value {
        Value::Object(fields) => {
            written.push(Value::Array(fields.values().cloned().collect()));
            for (name, inner) in fields {
                for changed in with_lists(inner) {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), changed);
                    written.push(Value::Object(fields));
                }
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                for changed in with_lists(inner) {
                    let mut items = items.clone();
                    items[at] = changed;
                    written.push(Value::Array(items));
                }
            }
        }
        Value::String(word) => {
            written.push(Value::Object(
                [(word.clone(), Value::Null)].into_iter().collect(),
            ));
            written.push(Value::Array(vec![value.clone()]));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    written
}

fn no_list_for_an_object<T: DeserializeOwned>(text: &str) {
    assert!(serde_json::from_str::<T>(text).is_ok(), "{text}");
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let all = with_lists(&value);
    assert!(all.len() > 3, "{text}");
    for other in all {
        let other = other.to_string();
        assert!(serde_json::from_str::<T>(&other).is_err(), "{other}");
    }
}

#[test]
fn no_list_is_taken_for_an_object_nor_an_object_for_a_word() {
    // The fields stand in the order in which serde would take them.
    for list in [
        r#"["tuser","k",1000,1600]"#,
        r#"["tuser","k",1000,1600,null,null,null,null]"#,
    ] {
        assert!(serde_json::from_str::<TokenClaims>(list).is_err(), "{list}");
    }
    for list in [
        r#"[["e914ed","u","o",2],1]"#,
        r#"{"api_key":["e914ed","u","o",2],"iat":1}"#,
        r#"[{"key_id":"e914ed","user_id":"u","org_id":"o","exp":2},1]"#,
    ] {
        assert!(serde_json::from_str::<KeyPayload>(list).is_err(), "{list}");
    }
    for list in [
        r#"[["k","ann","active",null]]"#,
        r#"[["k","ann","revoked",5]]"#,
    ] {
        assert!(serde_json::from_str::<KeyStates>(list).is_err(), "{list}");
    }
    no_list_for_an_object::<TokenClaims>(r#"{"sub":"tuser","key_id":"k","iat":1,"exp":2,"nbf":1}"#);
    no_list_for_an_object::<KeyPayload>(
        r#"{"api_key":{"key_id":"e914ed","user_id":"u","org_id":"o","exp":2},"iat":1}"#,
    );
    no_list_for_an_object::<KeyStates>(
        r#"[{"key":"k","owner":"ann","state":"revoked","revoked_at":5},{"key":"l","owner":"ann","state":"active"}]"#,
    );
}

#[test]
fn claims_that_libraries_add_are_read_and_nbf_is_honoured() {
    let mut directory = world::directory();
    directory.add_key(api_key("k", "tuser", 0), "key").unwrap();
    let read = |more: &str| {
        let text = format!(r#"{{"sub":"tuser","key_id":"k","iat":{NOW}{more}}}"#);
        serde_json::from_str::<TokenClaims>(&text)
    };
    for (more, reason) in [
        ("", None),
        (r#","iss":"https://issuer""#, None),
        (r#","aud":"api""#, None),
        (r#","aud":["api","other"],"jti":"1f""#, None),
        (r#","aud":[],"iss":"","jti":"""#, None),
        (r#","nbf":0"#, None),
        (r#","nbf":999"#, None),
        (r#","nbf":1000"#, None),
        (r#","nbf":1001"#, Some(Reason::TokenNotYetValid)),
        (
            r#","nbf":18446744073709551615"#,
            Some(Reason::TokenNotYetValid),
        ),
    ] {
        let claims = read(more).unwrap();
        let principal = directory.principal(&claims.verified(), seconds(NOW));
        assert_eq!(decided(&principal), reason, "{more}");
    }
    for wrong in [
        r#","iss":1"#,
        r#","iss":["a"]"#,
        r#","aud":1"#,
        r#","aud":[1]"#,
        r#","aud":{"a":1}"#,
        r#","jti":7"#,
        r#","nbf":null"#,
        r#","iss":null"#,
        r#","aud":null"#,
        r#","jti":null"#,
        r#","aud":[null]"#,
        r#","nbf":"1""#,
        r#","nbf":1.5"#,
        r#","nbf":-1"#,
        r#","nbf":1,"nbf":1"#,
        r#","iss":"a","iss":"a""#,
        r#","azp":"x""#,
        r#","scope":"root""#,
        r#","tenant":"alpha""#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn of_two_ends_of_a_key_the_earlier_counts() {
    let payload = |exp: u64| {
        let text = format!(
            r#"{{"api_key":{{"key_id":"k","user_id":"tuser","org_id":"o","exp":{exp}}},"iat":1}}"#
        );
        serde_json::from_str::<KeyPayload>(&text).unwrap()
    };
    let instants = [0, 1, NOW - 1, NOW, NOW + 1, u64::MAX];
    for recorded in instants.map(Some).into_iter().chain([None]) {
        let mut directory = world::directory();
        let key = ApiKey {
            expires_at: recorded.map(seconds),
            ..api_key("k", "tuser", 0)
        };
        directory.add_key(key, "key").unwrap();
        for own in instants {
            let payload = payload(own);
            let principal = directory.principal(&payload.verified(), seconds(NOW));
            let over = recorded.unwrap_or(u64::MAX).min(own) <= NOW;
            let expired = decided(&principal) == Some(Reason::KeyExpired);
            assert_eq!(expired, over, "{recorded:?} {own}");
            let minted = TokenClaims::mint(&principal, seconds(NOW));
            assert_eq!(minted.is_err(), over, "{recorded:?} {own}");
            // A token is good for no longer than the key.
            let end = recorded.unwrap_or(u64::MAX).min(own).min(NOW + 600);
            if let Ok(claims) = minted {
                assert_eq!(claims.expires_at, Some(seconds(end)));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_addresses_are_one_exactly_by_the_rule(one in "[a-zA-ZßſςσΣKıİéﬁ]{1,4}", other in "[a-zA-ZßſςσΣKıİéﬁ]{1,4}") {
        let (one, other) = (format!("{one}@x"), format!("{other}@x"));
        let mut directory = world::directory();
        directory.update_email(&"tuser".parse().unwrap(), Some(&one)).unwrap();
        let taken = directory.update_email(&"puser".parse().unwrap(), Some(&other)).is_err();
        prop_assert_eq!(taken, fold(&one) == fold(&other));
    }
}
