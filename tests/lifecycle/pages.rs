//! What the vendor's two pages say about keys and accounts, sentence by
//! sentence, for every user of the world.

use portcullis::directory::{Act, CurrentPassword, KeyStatus, NewKey, Refusal, SecondFactor};
use portcullis::token::TokenClaims;
use portcullis::{Account, AccountKind, Credential, KeyKind, Tenant, VerifiedKey};

use crate::world::{self, NOW, USERS, act, engine, furnished, new_key, seconds};

#[test]
fn everybody_creates_a_key_of_their_own_whatever_their_scope_and_privileges() {
    for (user, ..) in USERS {
        let mut directory = world::directory();
        let record = directory
            .create_key(&act(user), new_key("k", "export"))
            .unwrap();
        assert_eq!(record.operation.code(), "create_key");
        assert_eq!(record.actor.unwrap().as_str(), user);
        let key = directory.key("k").unwrap();
        assert_eq!((key.owner.as_str(), key.kind), (user, KeyKind::Scoped));
        assert_eq!((key.created_at, key.expires_at), (seconds(NOW), None));
        assert!(!key.state.is_revoked());
    }
}

#[test]
fn before_scoped_keys_only_root_with_super_admin_creates_one_and_it_is_a_legacy_key() {
    for (user, scope, profile) in USERS {
        let mut directory = world::directory();
        let act = Act::new(engine(false), user, seconds(NOW));
        let answer = directory.create_key(&act, new_key("k", "export"));
        if (scope, profile) == ("root", "super_admin") {
            assert!(answer.is_ok(), "{user}");
            assert_eq!(directory.key("k").unwrap().kind, KeyKind::Legacy);
        } else {
            assert_eq!(answer.unwrap_err().refusal, Refusal::NotEligible, "{user}");
            assert!(directory.key("k").is_none(), "{user}");
        }
    }
}

#[test]
fn a_key_may_end_and_a_listed_key_has_a_name_a_status_and_a_last_access() {
    let mut directory = world::directory();
    let ending = NewKey {
        expires_at: Some(seconds(NOW + 100)),
        ..new_key("k", "export")
    };
    directory.create_key(&act("tuser"), ending).unwrap();
    directory
        .create_key(&act("tuser"), new_key("l", "report"))
        .unwrap();
    directory.record_access("k", seconds(NOW + 7)).unwrap();
    directory.revoke_key(&act("tuser"), "l").unwrap();
    let listed = |now: u64| -> Vec<_> {
        let act = Act::new(engine(true), "tuser", seconds(now));
        let (listings, _) = directory.list_keys(&act, "tuser", 600).unwrap();
        listings
            .into_iter()
            .map(|listing| {
                (
                    listing.name.to_string(),
                    listing.status,
                    listing.last_access,
                )
            })
            .collect()
    };
    let access = Some(seconds(NOW + 7));
    let export = |status| ("export".to_string(), status, access);
    let report = ("report".to_string(), KeyStatus::Revoked, None);
    assert_eq!(
        listed(NOW + 99),
        [export(KeyStatus::Active), report.clone()]
    );
    assert_eq!(listed(NOW + 100), [export(KeyStatus::Expired), report]);
    // A few days later, as many as the host says, it is no longer listed.
    assert_eq!(listed(NOW + 600), [export(KeyStatus::Expired)]);
}

#[test]
fn a_lost_key_is_revoked_and_a_new_one_takes_its_place() {
    let mut directory = furnished();
    let reason = |directory: &portcullis::Directory, key: &str| {
        let credential = Credential::ApiKey(VerifiedKey::basic(key, "tuser"));
        let principal = directory.principal(&credential, seconds(NOW));
        let cases = engine(true).endpoint("GET", "/connect/api/v1/cases");
        engine(true)
            .authorize(&principal, cases, Tenant::NOT_NAMED)
            .reason()
            .map(portcullis::Reason::code)
    };
    assert_eq!(reason(&directory, "key-tuser"), None);
    directory.revoke_key(&act("tuser"), "key-tuser").unwrap();
    directory
        .create_key(&act("tuser"), new_key("next", "key"))
        .unwrap();
    assert_eq!(reason(&directory, "key-tuser"), Some("key_revoked"));
    assert_eq!(reason(&directory, "next"), None);
}

#[test]
fn a_key_makes_token_after_token_and_no_token_outlives_ten_minutes() {
    let directory = furnished();
    let taken = |claims: &TokenClaims, now: u64| {
        let principal = directory.principal(&claims.verified(), seconds(now));
        let cases = engine(true).endpoint("GET", "/connect/api/v1/cases");
        engine(true)
            .authorize(&principal, cases, Tenant::NOT_NAMED)
            .reason()
            .is_none()
    };
    for made in [NOW, NOW + 599, NOW + 600, NOW + 1_000_000] {
        let claims = directory.mint("key-tuser", seconds(made)).unwrap();
        assert!(taken(&claims, made) && taken(&claims, made + 599));
        assert!(!taken(&claims, made + 600));
    }
}

#[test]
fn one_edits_ones_own_details_and_no_act_changes_a_user_name() {
    let mut directory = furnished();
    let names = |directory: &portcullis::Directory| -> Vec<String> {
        directory.users().map(ToString::to_string).collect()
    };
    let before = names(&directory);
    let own = act("tuser");
    let user = world::profile("user");
    directory.edit_details(&own, "tuser").unwrap();
    directory
        .change_email(&own, "tuser", Some("new@example.com"))
        .unwrap();
    directory
        .change_access(&own, "tuser", &world::scope("tenant/alpha"), &user)
        .unwrap();
    directory
        .choose_second_factor(&own, SecondFactor::Optional, true)
        .unwrap();
    directory
        .change_password(&own, "tuser", CurrentPassword::Verified, "Passw0rd!")
        .unwrap();
    // And an administrator, with all that there is.
    let above = act("padmin");
    directory.edit_details(&above, "tuser").unwrap();
    directory
        .change_email(&above, "tuser", Some("other@example.com"))
        .unwrap();
    directory
        .change_access(&above, "tuser", &world::scope("group/one"), &user)
        .unwrap();
    directory.disable_account(&above, "tuser").unwrap();
    directory.enable_account(&above, "tuser").unwrap();
    assert_eq!(names(&directory), before);
    assert_eq!(directory.email("tuser"), Some("other@example.com"));
}

#[test]
fn a_second_factor_is_chosen_under_single_sign_on_too() {
    let mut directory = furnished();
    let sso = Account {
        kind: AccountKind::Sso,
        ..directory.account("tuser").unwrap()
    };
    directory.update_user(&sso).unwrap();
    for choice in [true, false] {
        directory
            .choose_second_factor(&act("tuser"), SecondFactor::Optional, choice)
            .unwrap();
        assert_eq!(directory.second_factor("tuser"), Some(choice));
    }
    assert_eq!(
        directory
            .choose_second_factor(&act("tuser"), SecondFactor::Mandatory, false)
            .unwrap_err()
            .refusal,
        Refusal::SecondFactorMandatory
    );
}
