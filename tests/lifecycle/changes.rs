//! What changes, and from when on: accounts, tenants, keys and their ids.

use std::sync::Arc;

use portcullis::VerifiedKey;
use portcullis::directory::{Act, DirectoryError, Refusal};
use portcullis::{
    Account, ApiKey, Credential, Deployment, Directory, Engine, KeyState, Policy, Reason, Tenant,
};

use crate::world::{
    self, NOW, account, act, api_key, engine, furnished as directory, new_key, seconds,
};

#[test]
fn purging_changes_no_decision_but_its_reason() {
    let mut directory = directory();
    directory.revoke_key(&act("padmin"), "key-padmin").unwrap();
    directory
        .revoke_key(
            &Act::new(engine(true), "tuser", seconds(NOW + 500)),
            "key-tuser",
        )
        .unwrap();
    let decide = |directory: &Directory| {
        ["tuser", "padmin", "root", "gright"].map(|owner| {
            let key = format!("key-{owner}");
            let principal = directory.principal(
                &Credential::ApiKey(VerifiedKey::basic(&key, owner)),
                seconds(NOW),
            );
            let endpoint = engine(true).endpoint("GET", "/connect/api/v1/cases");
            engine(true)
                .authorize(&principal, endpoint, Tenant::NOT_NAMED)
                .reason()
                .map(Reason::code)
        })
    };
    assert_eq!(
        decide(&directory),
        [Some("key_revoked"), Some("key_revoked"), None, None]
    );
    let listed = |directory: &Directory, now: u64| {
        directory
            .list_keys(
                &Act::new(engine(true), "padmin", seconds(now)),
                "padmin",
                600,
            )
            .unwrap()
            .0
            .len()
    };
    assert_eq!(
        (listed(&directory, NOW + 599), listed(&directory, NOW + 600)),
        (1, 0),
        "purged or not"
    );
    assert_eq!(
        directory.purge_keys(engine(true), seconds(NOW + 599), 600),
        Ok(vec![]),
        "nothing is old enough"
    );
    let purged = directory
        .purge_keys(engine(true), seconds(NOW + 600), 600)
        .unwrap();
    assert_eq!(purged.len(), 1, "exactly those that are over");
    assert_eq!(
        decide(&directory),
        [Some("key_revoked"), Some("unknown_key"), None, None]
    );
}

#[test]
fn what_a_host_adds_is_checked_too() {
    let mut directory = directory();
    directory
        .add_user(&account("extra", "root", "user"))
        .unwrap();
    let extra = || -> portcullis::UserId { "extra".parse().unwrap() };
    let before = world::print(&directory);
    let error = |result: Result<(), DirectoryError>| result.unwrap_err().to_string();
    assert_eq!(
        error(directory.add_user(&account("tuser", "root", "user"))),
        "there is a user `tuser` already; change that user"
    );
    assert_eq!(
        error(directory.add_user(&account("new", "group/none", "user"))),
        "user `new`: there is no such group or tenant as in the scope; add it first"
    );
    assert_eq!(
        error(directory.add_user(&Account {
            scope: None,
            ..account("new", "root", "user")
        })),
        "user `new`: there is no such group or tenant as in the scope; add it first"
    );
    assert_eq!(
        error(directory.update_user(&account("extra", "root", "none"))),
        "user `extra`: the policy has no profile `none`; use one of its profiles, or bind the newer policy"
    );
    assert_eq!(
        error(directory.update_user(&account("nobody", "root", "user"))),
        "there is no user `nobody`; add them first"
    );
    assert_eq!(
        error(directory.update_email(&extra(), Some("TUSER@EXAMPLE.COM"))),
        "user `extra`: `tuser` has this e-mail address, where case does not matter; change one"
    );
    assert_eq!(
        error(directory.update_email(&extra(), Some("nowhere"))),
        "user `extra`: this is not an e-mail address; write one such as `name@example.com`"
    );
    assert_eq!(
        error(directory.add_key(api_key("k", "nobody", 0), "key")),
        "key `k`: there is no user `nobody`; add them first"
    );
    assert_eq!(
        error(directory.add_key(api_key("k", "tuser", 0), "\u{200b} ")),
        "key `k`: the name of the key is blank; say what the key is for"
    );
    assert_eq!(
        error(directory.add_key(api_key("key-tuser", "tuser", 0), "key")),
        "key `key-tuser`: the id was used before, and no id is used twice; generate another one"
    );
    assert!(
        directory
            .remove_user(&"nobody".parse().unwrap(), seconds(0))
            .is_err()
    );
    assert_eq!(world::print(&directory), before);
}

#[test]
fn what_an_account_is_now_decides_the_next_call() {
    let mut directory = directory();
    let reason = |directory: &Directory, owner: &str, tenant: Option<&str>| {
        let key = format!("key-{owner}");
        let principal = directory.principal(
            &Credential::ApiKey(VerifiedKey::basic(&key, owner)),
            seconds(NOW),
        );
        let endpoint = engine(true).endpoint("GET", "/connect/api/v1/cases");
        let decision = engine(true).authorize(&principal, endpoint, directory.tenant(tenant));
        decision.reason().map(Reason::code)
    };
    assert_eq!(reason(&directory, "padmin", Some("beta")), None);
    directory
        .set_group(&"one".parse().unwrap(), vec!["alpha".parse().unwrap()])
        .unwrap();
    assert_eq!(
        reason(&directory, "padmin", Some("beta")),
        Some("tenant_out_of_scope")
    );
    directory
        .set_group(&"one".parse().unwrap(), vec![])
        .unwrap();
    assert_eq!(reason(&directory, "padmin", None), Some("empty_scope"));
    directory
        .change_access(
            &act("root"),
            "padmin",
            &world::scope("tenant/beta"),
            &world::profile("user"),
        )
        .unwrap();
    assert_eq!(reason(&directory, "padmin", Some("beta")), None);
    directory
        .change_access(
            &act("root"),
            "padmin",
            &world::scope("root"),
            &world::profile("lead"),
        )
        .unwrap();
    assert_eq!(
        reason(&directory, "padmin", None),
        Some("privilege_missing")
    );

    // A removed tenant leaves its users nowhere, and its name to another.
    let alpha = directory.tenant(Some("alpha"));
    directory.remove_tenant(&"alpha".parse().unwrap()).unwrap();
    assert_eq!(
        reason(&directory, "tuser", None),
        Some("inconsistent_principal")
    );
    directory.add_tenant("alpha".parse().unwrap()).unwrap();
    assert_eq!(
        reason(&directory, "tuser", None),
        Some("inconsistent_principal")
    );
    assert_ne!(
        directory.tenant(Some("alpha")),
        alpha,
        "what was resolved before is not the new one"
    );
    let principal = directory.principal(
        &Credential::ApiKey(VerifiedKey::basic("key-root", "root")),
        seconds(NOW),
    );
    let endpoint = engine(true).endpoint("GET", "/connect/api/v1/cases");
    assert_eq!(
        engine(true).authorize(&principal, endpoint, alpha).reason(),
        Some(Reason::TenantOutOfScope)
    );
}

#[test]
fn a_user_who_comes_back_has_none_of_the_keys_of_before() {
    let mut directory = directory();
    let key = ApiKey {
        state: KeyState::active(),
        ..directory.key("key-tuser").unwrap()
    };
    directory
        .remove_user(&"tuser".parse().unwrap(), seconds(NOW))
        .unwrap();
    directory
        .add_user(&account("tuser", "root", "super_admin"))
        .unwrap();
    assert!(directory.key("key-tuser").unwrap().state.is_revoked());
    assert_eq!(
        directory
            .list_keys(&act("tuser"), "tuser", 9_999)
            .unwrap()
            .0,
        []
    );
    assert!(directory.add_key(key, "key").is_err());
    assert_eq!(
        directory.mint("key-tuser", seconds(NOW)),
        Err(Reason::KeyRevoked)
    );
}

#[test]
fn a_newer_policy_is_bound_before_its_profiles_are_given() {
    let newer = world::POLICY.replace("  left: {", "  newest: { grants: [cases.view] }\n  left: {");
    let newer = Policy::from_yaml(newer).unwrap();
    let mut directory = directory();
    let newest = account("extra", "root", "newest");
    assert!(matches!(
        directory.add_user(&newest),
        Err(DirectoryError::UnknownProfile { .. })
    ));
    directory.bind(&newer);
    directory.add_user(&newest).unwrap();
    assert_eq!(directory.account("extra").unwrap(), newest);
}

#[test]
fn an_id_is_never_given_twice() {
    let mut directory = directory();
    directory.revoke_key(&act("tuser"), "key-tuser").unwrap();
    directory.purge_keys(engine(true), seconds(NOW), 0).unwrap();
    let before = world::print(&directory);
    for actor in ["tuser", "root"] {
        assert_eq!(
            directory
                .create_key(&act(actor), new_key("key-tuser", "key"))
                .map_err(Refusal::from),
            Err(Refusal::KeyIdTaken)
        );
        let error = directory
            .add_key(api_key("key-tuser", actor, 0), "key")
            .unwrap_err();
        assert_eq!(
            error,
            DirectoryError::KeyIdTaken("key-tuser".parse().unwrap())
        );
    }
    assert_eq!(
        directory
            .revoke_key(&act("tuser"), "key-tuser")
            .map_err(Refusal::from),
        Err(Refusal::UnknownKey)
    );
    assert_eq!(world::print(&directory), before);
    // Byte for byte: in another case it is another id.
    assert!(
        directory
            .create_key(&act("tuser"), new_key("KEY-tuser", "key"))
            .is_ok()
    );
}

#[test]
fn a_profile_that_only_a_newer_policy_has_can_be_given_under_it() {
    let newer = world::POLICY.replace(
        "\nendpoints:",
        "\n  editor: { grants: [cases.edit] }\nendpoints:",
    );
    let newer = Arc::new(Policy::from_yaml(newer).unwrap());
    let deployment = Deployment::new("5.5.0".parse().unwrap());
    let newer = Engine::new(newer, deployment).unwrap();
    let mut directory = directory();
    let give = |directory: &mut Directory, engine| {
        let act = Act::new(engine, "padmin", seconds(NOW));
        let (scope, profile) = (world::scope("tenant/alpha"), world::profile("editor"));
        directory
            .change_access(&act, "tuser", &scope, &profile)
            .map(drop)
    };
    let refused = give(&mut directory, engine(true)).unwrap_err();
    assert_eq!(refused.refusal.code(), "beyond_own_access");
    let refused = give(&mut directory, &newer).unwrap_err();
    assert_eq!(refused.refusal, Refusal::OtherPolicy);
    directory.bind(newer.policy());
    give(&mut directory, &newer).unwrap();
    let refused = give(&mut directory, engine(true)).unwrap_err();
    assert_eq!(refused.refusal, Refusal::OtherPolicy, "no longer its own");

    let decide = |directory: &Directory, engine: &Engine, method| {
        let key = Credential::ApiKey(VerifiedKey::basic("key-tuser", "tuser"));
        let principal = directory.principal(&key, seconds(NOW));
        let endpoint = engine.endpoint(method, "/connect/api/v1/cases");
        let decision = engine.authorize(&principal, endpoint, Tenant::NOT_NAMED);
        decision.reason().map(Reason::code)
    };
    assert_eq!(decide(&directory, &newer, "PUT"), None);
    assert_eq!(decide(&directory, &newer, "GET"), Some("privilege_missing"));
    assert_eq!(
        decide(&directory, engine(true), "PUT"),
        Some("stale_resolution")
    );
}

#[test]
fn every_act_is_refused_with_an_engine_of_another_policy() {
    // The same text, read once more: a profile's number may mean another one.
    let other = Arc::new(Policy::from_yaml(world::POLICY).unwrap());
    let other = Engine::new(other, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    let act = Act::new(&other, "root", seconds(NOW));
    let mut directory = directory();
    let before = world::print(&directory);
    let (scope, user) = (world::scope("tenant/alpha"), world::profile("user"));
    let current = portcullis::directory::CurrentPassword::Verified;
    let optional = portcullis::directory::SecondFactor::Optional;
    let refused = [
        directory.create_key(&act, new_key("k", "key")).map(drop),
        directory.revoke_key(&act, "key-root").map(drop),
        directory.revoke_keys(&act, "tuser").map(drop),
        directory.list_keys(&act, "root", 9).map(drop),
        directory.purge_keys(&other, seconds(NOW), 0).map(drop),
        directory
            .change_access(&act, "tuser", &scope, &user)
            .map(drop),
        directory.edit_details(&act, "root").map(drop),
        directory.change_email(&act, "root", None).map(drop),
        directory.enable_account(&act, "tuser").map(drop),
        directory.disable_account(&act, "tuser").map(drop),
        directory.delete_account(&act, "tuser").map(drop),
        directory
            .change_password(&act, "root", current, "Passw0rd!")
            .map(drop),
        directory
            .choose_second_factor(&act, optional, true)
            .map(drop),
    ];
    for refused in refused {
        let refused = refused.unwrap_err();
        assert_eq!(refused.refusal, Refusal::OtherPolicy);
        assert_eq!(refused.record.code(), Some("other_policy"));
    }
    assert_eq!(world::print(&directory), before);
    directory.bind(other.policy());
    directory.revoke_key(&act, "key-root").unwrap();
    let next = directory.successor();
    next.revoke_keys(&act, "tuser").unwrap();
}
