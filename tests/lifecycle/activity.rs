//! Activity records: one line each, the same every time, with nothing in it
//! that does not belong there.

use std::sync::Arc;

use portcullis::directory::{Act, ActivityRecord, CurrentPassword, NewKey, SecondFactor};
use portcullis::{Credential, Deployment, Directory, Engine, Policy, VerifiedKey, VerifiedToken};
use proptest::prelude::*;

use crate::world::{self, api_key, engine, seconds};

fn line(record: &ActivityRecord) -> String {
    serde_json::to_string(record).unwrap()
}

/// The record of one request.
fn of_request(
    directory: &Directory,
    credential: &Credential<'_>,
    target: (&str, &str),
    tenant: Option<&str>,
) -> String {
    let engine = engine(true);
    let principal = directory.principal(credential, seconds(1_000));
    let endpoint = engine.endpoint(target.0, target.1);
    let tenant = directory.tenant(tenant);
    let decision = engine.authorize(&principal, endpoint, tenant);
    line(&ActivityRecord::of_decision(
        engine,
        &principal,
        endpoint,
        tenant,
        &decision,
        seconds(1_000),
    ))
}

fn directory() -> Directory {
    let mut directory = world::directory();
    directory.add_key(api_key("k", "tuser", 0), "key").unwrap();
    directory
}

#[test]
fn one_line_for_each_act() {
    let mut directory = directory();
    let act = |actor| Act::new(engine(true), actor, seconds(1_000));
    let new = NewKey {
        id: "n".parse().unwrap(),
        name: "SECRET NAME",
        expires_at: None,
    };
    let user = world::profile("user");
    let records = [
        directory.create_key(&act("tuser"), new).unwrap(),
        directory.list_keys(&act("padmin"), "tuser", 9).unwrap().1,
        directory.revoke_key(&act("padmin"), "n").unwrap(),
        directory
            .revoke_keys(&act("tuser"), "tuser")
            .unwrap()
            .remove(0),
        directory
            .purge_keys(engine(true), seconds(1_000), 0)
            .unwrap()
            .remove(0),
        directory
            .change_email(&act("tuser"), "tuser", Some("secret@example.com"))
            .unwrap(),
        directory.edit_details(&act("padmin"), "tuser").unwrap(),
        directory
            .change_password(
                &act("tuser"),
                "tuser",
                CurrentPassword::Verified,
                "S3cret!!",
            )
            .unwrap(),
        directory
            .choose_second_factor(&act("tuser"), SecondFactor::Optional, true)
            .unwrap(),
        directory
            .choose_second_factor(&act("tuser"), SecondFactor::Optional, false)
            .unwrap(),
        directory
            .change_access(&act("padmin"), "tuser", &world::scope("group/one"), &user)
            .unwrap(),
        directory.disable_account(&act("padmin"), "tuser").unwrap(),
        directory.enable_account(&act("padmin"), "tuser").unwrap(),
        directory.delete_account(&act("padmin"), "tuser").unwrap(),
    ];
    let digest = world::policy().digest();
    let lines: Vec<String> = records.iter().map(line).collect();
    let expected = [
        (r#""tuser""#, "create_key", r#""n""#),
        (r#""padmin""#, "list_keys", "null"),
        (r#""padmin""#, "revoke_key", r#""n""#),
        (r#""tuser""#, "revoke_key", r#""k""#),
        ("null", "purge_key", r#""k""#),
        (r#""tuser""#, "change_email", "null"),
        (r#""padmin""#, "edit_details", "null"),
        (r#""tuser""#, "change_password", "null"),
        (r#""tuser""#, "enable_second_factor", "null"),
        (r#""tuser""#, "disable_second_factor", "null"),
        (r#""padmin""#, "change_access", "null"),
        (r#""padmin""#, "disable_account", "null"),
        (r#""padmin""#, "enable_account", "null"),
        (r#""padmin""#, "delete_account", "null"),
    ];
    for ((line, record), (actor, operation, key)) in lines.iter().zip(&records).zip(expected) {
        let expected = format!(
            r#"{{"time":1000,"actor":{actor},"operation":"{operation}","account":"tuser","key":{key},"method":null,"endpoint":null,"decision":"allow","reason":null,"tenant":null,"release":"5.5.0","policy":"{digest}"}}"#
        );
        assert_eq!(*line, expected);
        assert_eq!(record.operation.code(), operation);
        assert!(
            !line.to_lowercase().contains("secret") && !line.contains('\n') && !line.contains('@')
        );
    }
}

#[test]
fn an_act_that_is_refused_is_on_record_with_its_code() {
    let mut directory = directory();
    let digest = world::policy().digest();
    let act = |actor| Act::new(engine(true), actor, seconds(1_000));
    let new = |id: &str| NewKey {
        id: id.parse().unwrap(),
        name: "SECRET NAME",
        expires_at: None,
    };
    let lines = [
        directory.create_key(&act("tuser"), new("k")).unwrap_err(),
        directory
            .create_key(&act("stranger"), new("n"))
            .unwrap_err(),
        directory.revoke_key(&act("other"), "k").unwrap_err(),
        directory.revoke_key(&act("other"), "SECRET").unwrap_err(),
        directory.revoke_keys(&act("puser"), "tuser").unwrap_err(),
        directory.list_keys(&act("root"), "SECRET", 9).unwrap_err(),
        directory.delete_account(&act("root"), "root").unwrap_err(),
        directory
            .change_email(&act("tuser"), "tuser", Some("SECRET"))
            .unwrap_err(),
        directory
            .choose_second_factor(&act("tuser"), SecondFactor::Off, true)
            .unwrap_err(),
    ];
    let expected = [
        (
            r#""tuser","operation":"create_key","account":"tuser","key":"k""#,
            "key_id_taken",
        ),
        (
            r#"null,"operation":"create_key","account":null,"key":null"#,
            "unknown_actor",
        ),
        (
            r#""other","operation":"revoke_key","account":"tuser","key":"k""#,
            "unknown_key",
        ),
        (
            r#""other","operation":"revoke_key","account":null,"key":null"#,
            "unknown_key",
        ),
        (
            r#""puser","operation":"revoke_key","account":"tuser","key":null"#,
            "not_administrative",
        ),
        (
            r#""root","operation":"list_keys","account":null,"key":null"#,
            "unknown_account",
        ),
        (
            r#""root","operation":"delete_account","account":"root","key":null"#,
            "own_account",
        ),
        (
            r#""tuser","operation":"change_email","account":"tuser","key":null"#,
            "malformed_email",
        ),
        (
            r#""tuser","operation":"enable_second_factor","account":"tuser","key":null"#,
            "second_factor_off",
        ),
    ];
    for (refused, (begin, code)) in lines.iter().zip(expected) {
        let expected = format!(
            r#"{{"time":1000,"actor":{begin},"method":null,"endpoint":null,"decision":"deny","reason":"{code}","tenant":null,"release":"5.5.0","policy":"{digest}"}}"#
        );
        assert_eq!(line(&refused.record), expected);
        assert_eq!(refused.refusal.code(), code);
    }
}

#[test]
fn a_decision_is_recorded_with_what_it_was_about() {
    let directory = directory();
    let digest = world::policy().digest();
    let fresh = |subject| {
        Credential::Token(VerifiedToken::new(
            "k",
            Some(subject),
            Some(seconds(1_000)),
            None,
        ))
    };
    let tail = format!(r#""release":"5.5.0","policy":"{digest}"}}"#);
    let path = "/connect/api/v1/cases";
    for (credential, target, tenant, expected) in [
        (
            fresh("tuser"),
            ("GET", path),
            Some("alpha"),
            r#""actor":"tuser","operation":"request","account":null,"key":"k","method":"GET","endpoint":"/cases","decision":"allow","reason":null,"tenant":"alpha","#,
        ),
        (
            fresh("tuser"),
            ("GET", path),
            Some("gamma"),
            r#""actor":"tuser","operation":"request","account":null,"key":"k","method":"GET","endpoint":"/cases","decision":"deny","reason":"tenant_out_of_scope","tenant":"gamma","#,
        ),
        // Text of the caller's own is not repeated, wherever it stands.
        (
            fresh("tuser"),
            ("GET", path),
            Some("ann@example.com"),
            r#""actor":"tuser","operation":"request","account":null,"key":"k","method":"GET","endpoint":"/cases","decision":"deny","reason":"tenant_out_of_scope","tenant":null,"#,
        ),
        (
            fresh("tuser"),
            ("GET", "/connect/api/v1/reports/ann@example.com"),
            None,
            r#""actor":"tuser","operation":"request","account":null,"key":"k","method":"GET","endpoint":"/reports/{id}","decision":"deny","reason":"privilege_missing","tenant":null,"#,
        ),
        (
            fresh("tuser"),
            ("STEAL", path),
            None,
            r#""actor":"tuser","operation":"request","account":null,"key":"k","method":null,"endpoint":"/cases","decision":"deny","reason":"method_not_listed","tenant":null,"#,
        ),
        (
            fresh("tuser"),
            ("GET", "/ann@example.com"),
            None,
            r#""actor":"tuser","operation":"request","account":null,"key":"k","method":null,"endpoint":null,"decision":"deny","reason":"unknown_endpoint","tenant":null,"#,
        ),
        // Whoever presents another's key is not its owner.
        (
            fresh("root"),
            ("GET", path),
            None,
            r#""actor":null,"operation":"request","account":null,"key":"k","method":"GET","endpoint":"/cases","decision":"deny","reason":"key_owner_mismatch","tenant":null,"#,
        ),
        (
            Credential::ApiKey(VerifiedKey::bearer("SECRET")),
            ("GET", path),
            None,
            r#""actor":null,"operation":"request","account":null,"key":null,"method":"GET","endpoint":"/cases","decision":"deny","reason":"unknown_key","tenant":null,"#,
        ),
    ] {
        let line = of_request(&directory, &credential, target, tenant);
        assert_eq!(line, format!(r#"{{"time":1000,{expected}{tail}"#));
        assert_eq!(
            line,
            of_request(&directory, &credential, target, tenant),
            "the same every time"
        );
    }
}

#[test]
fn a_record_names_the_release_and_the_policy_that_decided() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(portcullis::EMBEDDED_DIRECTORY, &policy).unwrap();
    let engine = Engine::new(policy.clone(), Deployment::new("5.4.0s".parse().unwrap())).unwrap();
    let now = seconds(1_764_000_000);
    let principal = directory.principal(&Credential::ApiKey(VerifiedKey::bearer("k1")), now);
    let endpoint = engine.endpoint("POST", "/connect/api/v1/access_token");
    let tenant = directory.tenant(None);
    let decision = engine.authorize(&principal, endpoint, tenant);
    let record = ActivityRecord::of_decision(&engine, &principal, endpoint, tenant, &decision, now);
    assert_eq!(
        (record.release, record.policy),
        ("5.4.0s".parse().unwrap(), policy.digest())
    );
    assert_eq!(
        record.reason.map(portcullis::Reason::code),
        Some("account_not_eligible")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_was_typed_is_in_a_record(
        typed in "[A-Z]{6}[a-z@./%]{0,6}[A-Z]{6}",
        place in 0..5usize,
    ) {
        let mut directory = directory();
        let path = format!("/connect/api/v1/reports/{typed}");
        let (key, user, target, tenant) = match place {
            0 => (typed.as_str(), "tuser", ("GET", "/connect/api/v1/cases"), None),
            1 => ("k", typed.as_str(), ("GET", "/connect/api/v1/cases"), None),
            2 => ("k", "tuser", (typed.as_str(), "/connect/api/v1/cases"), None),
            3 => ("k", "tuser", ("GET", path.as_str()), None),
            _ => ("k", "tuser", ("GET", "/connect/api/v1/cases"), Some(typed.as_str())),
        };
        let line = of_request(&directory, &Credential::ApiKey(VerifiedKey::basic(key, user)), target, tenant);
        prop_assert!(!line.contains(&typed), "{}", line);

        let act = Act::new(engine(true), "tuser", seconds(1_000));
        let new = NewKey { id: "n".parse().unwrap(), name: &typed, expires_at: None };
        let email = format!("{typed}@example.com");
        let mut lines = vec![line];
        lines.push(line_of(directory.create_key(&act, new)));
        lines.push(line_of(directory.change_email(&act, "tuser", Some(&email))));
        lines.push(line_of(directory.change_password(&act, "tuser", CurrentPassword::Verified, &typed)));
        lines.push(line_of(directory.revoke_key(&act, &typed)));
        lines.push(line_of(directory.edit_details(&act, &typed)));
        for line in lines {
            prop_assert!(!line.contains(&typed), "{}", line);
        }
    }
}

/// The record, or the refusal with its text: both end up in logs.
fn line_of(answer: Result<ActivityRecord, portcullis::directory::Refused>) -> String {
    answer.map_or_else(
        |refused| format!("{refused} {}", line(&refused.record)),
        |record| line(&record),
    )
}
