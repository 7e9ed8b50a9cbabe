//! Words, JSON and debug texts that hosts store and compare: they are stable,
//! and none of them tells what does not belong in a log.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::credential::Technique;
use portcullis::directory::judge_password;
use portcullis::directory::{
    Activity, ActivityRecord, KeyFinding, KeyStatus, PasswordFault, Refusal,
};
use portcullis::document::positions_of;
use portcullis::fault::{Code, Position, Severity};
use portcullis::privilege::Privilege;
use portcullis::release::Train;
use portcullis::scope::ScopeLevel;
use portcullis::token::{CompactToken, TokenClaims};
use portcullis::{
    Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Engine,
};
use portcullis::{
    KeyKind, Method, Policy, Reason, Release, UnixSeconds, VerifiedKey, VerifiedToken,
};

/// 24 November 2025, as the example directory has it.
const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

fn world() -> (Engine, Directory) {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let deployment = Deployment::new("5.5.0".parse().unwrap());
    (Engine::new(policy, deployment).unwrap(), directory)
}

fn json(value: impl serde::Serialize) -> String {
    serde_json::to_string(&value).unwrap()
}

#[test]
fn words_of_documents_are_those_of_json() {
    for (kind, word) in [(KeyKind::Scoped, "scoped"), (KeyKind::Legacy, "legacy")] {
        assert_eq!((kind.as_str(), json(kind)), (word, json(word)));
    }
    for (technique, word) in [(Technique::Basic, "basic"), (Technique::Bearer, "bearer")] {
        assert_eq!((technique.as_str(), json(technique)), (word, json(word)));
    }
    for (status, word) in [
        (KeyStatus::Active, "active"),
        (KeyStatus::NotYetValid, "not_yet_valid"),
        (KeyStatus::Expired, "expired"),
        (KeyStatus::Revoked, "revoked"),
    ] {
        assert_eq!((status.as_str(), json(status)), (word, json(word)));
    }
    let levels = ScopeLevel::ALL.map(|level| (level.as_str(), level.to_string()));
    let words = ["root", "partner", "tenant"].map(|word| (word, word.to_string()));
    assert_eq!(levels, words);
    let privilege: Privilege = "cases.view".parse().unwrap();
    assert_eq!(json(&privilege), r#""cases.view""#);
    let held = BTreeSet::from([privilege]);
    assert!(held.contains("cases.view") && !held.contains("cases.edit"));
    let refusal = Refusal::AlreadyRevoked {
        at: UnixSeconds::from(7),
    };
    assert_eq!(json(refusal), r#""already_revoked""#);
    assert_eq!(Refusal::TooMany.code(), "too_many");
    let too_many = Refusal::TooManyKeys { most: 7 };
    assert_eq!(json(&too_many), r#""too_many_keys""#);
    assert_eq!(
        too_many.to_string(),
        "a user has at most 7 keys; have revoked ones purged, or raise the limit"
    );
}

#[test]
fn a_finding_about_a_key_has_the_code_and_the_text_of_its_reason() {
    let long_lived = KeyFinding::LongLived;
    assert_eq!(json(long_lived), r#""long_lived""#);
    assert_eq!(
        long_lived.text(),
        "the key lives longer than a year; replace it by one that ends earlier"
    );
    for (finding, text) in [
        (
            KeyFinding::LegacySuperAdmin,
            "the legacy key has the whole platform; replace it by a scoped key",
        ),
        (
            KeyFinding::Endless,
            "the key never expires; replace it by one that does",
        ),
        (
            KeyFinding::NotYetValid,
            "the key is not valid yet; check that it is meant to start later",
        ),
        (KeyFinding::NeverUsed, "the key was never used; revoke it"),
    ] {
        assert_eq!(finding.text(), text);
    }
    let ranked = [
        KeyFinding::LegacySuperAdmin,
        KeyFinding::Endless,
        KeyFinding::Unusable(Reason::AccountDisabled),
        KeyFinding::Unusable(Reason::SsoAccount),
        KeyFinding::Unusable(Reason::InconsistentPrincipal),
        KeyFinding::Unusable(Reason::AccountNotEligible),
        KeyFinding::Unusable(Reason::KeyKindRefused),
        KeyFinding::NotYetValid,
        KeyFinding::LongLived,
        KeyFinding::NeverUsed,
    ];
    assert_eq!(ranked.map(KeyFinding::code), KeyFinding::CODES);
    assert!(ranked.map(KeyFinding::rank).is_sorted());
    let unusable = KeyFinding::Unusable(Reason::AccountDisabled);
    assert_eq!(json(unusable), r#""account_disabled""#);
    assert_eq!(unusable.text(), Reason::AccountDisabled.text());
}

#[test]
fn everything_wrong_with_a_password_is_said_at_once() {
    let short = judge_password("\u{7}").unwrap_err();
    assert_eq!(
        short.to_string(),
        "the new password is not accepted: use at least 8 characters, \
         add an upper-case letter `A` to `Z`, add a lower-case letter `a` to `z`, add a digit, \
         add a special character such as `@` or `!`, leave out invisible characters"
    );
    assert_eq!(
        format!("{short:?}"),
        "{TooShort, NoUpperCase, NoLowerCase, NoDigit, NoSpecial, Invisible}"
    );
    let long = judge_password(&"aB3!".repeat(65)).unwrap_err();
    assert_eq!(
        long.to_string(),
        "the new password is not accepted: use at most 256 characters"
    );
    let codes: BTreeSet<&str> = PasswordFault::ALL
        .iter()
        .map(|fault| fault.code())
        .collect();
    assert_eq!(codes.len(), PasswordFault::ALL.len());
}

#[test]
fn the_part_of_a_token_that_is_damaged_is_named() {
    for (text, said) in [
        (
            "YQ..YQ",
            "the payload is empty; only signed tokens are accepted",
        ),
        (
            "YQ.YQ.",
            "the signature is empty; only signed tokens are accepted",
        ),
        ("YQ.YR.YQ", "the payload is not base64url without padding"),
        ("Y=.YQ.YQ", "the header is not base64url without padding"),
    ] {
        let error = CompactToken::parse(text).unwrap_err();
        assert_eq!(error.to_string(), said, "{text}");
    }
}

#[test]
fn debug_texts_tell_sizes_and_digests_and_no_names() {
    let (engine, directory) = world();
    let digest = engine.policy().digest();
    assert_eq!(
        format!("{:?}", engine.policy()),
        format!("Policy {{ digest: Digest({digest}), .. }}")
    );
    let hexadecimal: String = digest
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(digest.to_string(), hexadecimal);

    let (users, keys) = (directory.users().len(), directory.keys().count());
    assert_eq!(
        format!("{directory:?}"),
        format!("Directory {{ tenants: 4, groups: 3, users: {users}, keys: {keys}, .. }}")
    );
    let tenancy = format!("{:?}", directory.tenancy());
    assert!(tenancy.contains("Table { entries: 4, .. }"), "{tenancy}");
    assert!(!tenancy.contains("alpha"), "{tenancy}");
    let group = directory.tenancy().groups().next().unwrap().1;
    assert_eq!(
        format!("{group:?}"),
        r#"{TenantId("alpha"), TenantId("beta")}"#
    );
    let [alpha, gamma] = ["alpha", "gamma"].map(|name| name.parse().unwrap());
    assert!(group.contains(&alpha) && !group.contains(&gamma));
    assert!(group.into_iter().eq(group.iter()));
    let sizes = directory.tenancy().groups();
    let sizes: Vec<_> = sizes.map(|(_, set)| (set.len(), set.is_empty())).collect();
    assert_eq!(sizes, [(2, false), (1, false), (0, true)]);
}

#[test]
fn a_decision_tells_its_confinement_and_its_parameters() {
    let (engine, directory) = world();
    let until = NOW.saturating_add(600);
    let token = VerifiedToken::new("k1", Some("msp"), Some(NOW), Some(until));
    let principal = directory.principal(&Credential::Token(token), NOW);
    assert_eq!(principal.user().map(|user| user.as_str()), Some("msp"));
    assert_eq!(principal.key().map(|key| key.as_str()), Some("k1"));
    let tenant = directory.tenant(None);
    let endpoint = engine.endpoint("GET", "/connect/api/v1/cases/a%2D17");
    let decision = engine.authorize(&principal, endpoint, tenant);
    let Decision::Allow(allowance) = decision else {
        panic!("{decision}");
    };
    assert_eq!(decision.confinement(), Some(allowance.confinement()));
    let parameters = allowance.parameters();
    assert!(!parameters.is_empty());
    assert_eq!(parameters.value("id").unwrap().to_string(), "a-17");
    assert_eq!(parameters.value("other"), None);
    assert_eq!(format!("{parameters:?}"), r#"{"id": "a-17"}"#);

    let nobody = directory.principal(&Credential::missing(), NOW);
    assert_eq!((nobody.user(), nobody.key()), (None, None));
    let denied = engine.authorize(&nobody, endpoint, tenant);
    assert_eq!(denied.confinement(), None);
    let record = ActivityRecord::of_decision(&engine, &nobody, endpoint, tenant, &denied, NOW);
    assert_eq!(record.operation.code(), Activity::Request.code());
    assert_eq!(Activity::Request.code(), "request");
}

#[test]
fn a_token_is_made_from_a_key_and_from_nothing_else() {
    let (_, directory) = world();
    let key = directory.principal(&Credential::ApiKey(VerifiedKey::bearer("k1")), NOW);
    let claims = TokenClaims::mint(&key, NOW).unwrap();
    let until = Some(NOW.saturating_add(600));
    assert_eq!((claims.issued_at, claims.expires_at), (Some(NOW), until));
    let token = VerifiedToken::new("k1", Some("msp"), claims.issued_at, claims.expires_at);
    let token = directory.principal(&Credential::Token(token), NOW);
    let refused = TokenClaims::mint(&token, NOW).unwrap_err();
    assert_eq!(refused, Reason::TechniqueRefused);
    let nobody = directory.principal(&Credential::missing(), NOW);
    let refused = TokenClaims::mint(&nobody, NOW).unwrap_err();
    assert_eq!(refused, Reason::NoCredential);
}

#[test]
fn a_fault_as_json_has_its_place_and_the_way_out() {
    let text = EMBEDDED_POLICY.replacen("\nprofiles:", "\nprofile:", 1);
    let faults = Policy::from_yaml(&text).unwrap_err();
    let fault = faults
        .iter()
        .find(|fault| fault.code() == "unknown_field")
        .unwrap();
    assert_eq!(fault.suggestion(), Some("profiles"));
    let Position { line, column } = fault.position();
    assert_eq!(
        json(fault),
        format!(
            r#"{{"code":"unknown_field","line":{line},"column":{column},"path":"profile","text":"unknown field `profile`; correct or remove it","suggestion":"profiles"}}"#
        )
    );
    let code = Code::find(fault.code()).unwrap();
    assert_eq!(code.meaning, "a field that is not known at this place");
    assert_eq!(fault.explanation(), code);
    assert_eq!(fault.severity(), Severity::Error);
    assert_eq!(Code::find("unheard_of"), None);
}

#[test]
fn paths_of_a_document_have_their_places_in_whatever_order_they_are_asked() {
    let text = "version: 1\nreleases:\n  \"5.5.0\": { restricted: [/a, /b] }\n";
    let at = |line, column| Position { line, column };
    assert_eq!(
        positions_of(
            text,
            &["releases.\"5.5.0\".restricted[1]", "version", "releases"]
        ),
        [at(3, 31), at(1, 1), at(2, 1)]
    );
    // What is left out has the place of its map.
    assert_eq!(positions_of(text, &["releases.\"5.4.0\""]), [at(2, 1)]);
    for nothing in ["", "a: [", "\u{0}", "a: &b 1"] {
        assert_eq!(positions_of(nothing, &["version"]), [], "{nothing:?}");
    }
}

#[test]
fn a_release_tells_its_train() {
    let train = |text: &str| text.parse::<Release>().unwrap().train();
    assert_eq!(train("5.5.0"), Train::PLAIN);
    assert_eq!(train("5.5.0s").to_string(), "s");
    assert_eq!(train("2025.11lts").as_str(), "lts");
    assert_eq!(format!("{:?}", train("5.5.0s")), "Train(\"s\")");
}

#[test]
fn a_requirement_prints_who_may_call() {
    let text = "version: 1\nbase_path: /api\nprivileges: [a.see, b.see]\n\
                profiles:\n  super_admin: { builtin: true, all: true }\nendpoints:\n  \
                - { path: /a, methods: { GET: public, PUT: null, POST: a.see, DELETE: [b.see, a.see] }, tenant: none }\n\
                releases:\n  \"1.0.0\": { access: scoped, restricted: [] }\n";
    let policy = Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}"));
    let entry = &policy.endpoints()[0];
    let printed = [Method::Get, Method::Put, Method::Post, Method::Delete]
        .map(|method| policy.requirement(entry, method).unwrap().to_string());
    assert_eq!(
        printed,
        ["no credential", "no privilege", "a.see", "a.see and b.see"]
    );
}

/// An account without a scope, whose group is gone, is part of the digest.
#[test]
fn the_digest_of_a_directory_has_accounts_without_a_scope() {
    let (engine, before) = world();
    let load = || Directory::from_yaml(EMBEDDED_DIRECTORY, engine.policy()).unwrap();
    let without = |group: &str| {
        let mut directory = load();
        directory.remove_group(&group.parse().unwrap()).unwrap();
        directory.digest()
    };
    assert_eq!(load().digest(), before.digest());
    assert_eq!(without("one"), without("one"));
    assert_ne!(without("one"), before.digest());
    let mut again = load();
    again.remove_group(&"two".parse().unwrap()).unwrap();
    let removed = again.digest();
    // A group of the same name is another group: the account stays without a scope.
    let tenants = vec!["gamma".parse().unwrap()];
    again.add_group("two".parse().unwrap(), tenants).unwrap();
    let without_scope = again.accounts().filter(|own| own.account.scope.is_none());
    assert_eq!(without_scope.count(), 1);
    assert_ne!(again.digest(), before.digest());
    assert_ne!(again.digest(), removed);
}
