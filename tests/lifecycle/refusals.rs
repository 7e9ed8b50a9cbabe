//! Bad input: each is refused by name, and nothing is changed.

use portcullis::{
    Account, AccountKind, Act, ApiKey, Credential, CurrentPassword, Directory, DirectoryError,
    KeyState, NewKey, Policy, Refusal, SecondFactor, Tenant, VerifiedKey,
};

use crate::world::{self, account, api_key, engine, seconds};

const NOW: u64 = 1_000;

fn act(actor: &str) -> Act<'_> {
    Act::new(engine(true), actor, seconds(NOW))
}

fn directory() -> Directory {
    let mut directory = world::directory();
    for owner in ["tuser", "padmin", "root", "gright"] {
        directory
            .add_key(api_key(&format!("key-{owner}"), owner, 500), "key")
            .unwrap();
    }
    directory
        .update_email(&"tuser".parse().unwrap(), Some("tuser@example.com"))
        .unwrap();
    directory
}

/// What is to be refused, and how.
type Attempt = (
    &'static str,
    Box<dyn Fn(&mut Directory) -> Result<(), Refusal>>,
    Refusal,
);

fn attempt<T>(
    what: &'static str,
    run: impl Fn(&mut Directory) -> Result<T, Refusal> + 'static,
    refusal: Refusal,
) -> Attempt {
    (
        what,
        Box::new(move |directory| run(directory).map(|_| ())),
        refusal,
    )
}

fn new_key(id: &str, name: &'static str) -> NewKey<'static> {
    NewKey {
        id: id.parse().unwrap(),
        name,
        expires_at: None,
    }
}

#[test]
fn each_bad_input_is_its_own_refusal_and_changes_nothing() {
    let attempts = vec![
        attempt(
            "unknown actor",
            |d| d.create_key(&act("nobody"), new_key("k", "key")),
            Refusal::UnknownActor,
        ),
        attempt(
            "actor in another case",
            |d| d.create_key(&act("Tuser"), new_key("k", "key")),
            Refusal::UnknownActor,
        ),
        attempt(
            "actor without a name",
            |d| d.revoke_keys(&act(""), "tuser"),
            Refusal::UnknownActor,
        ),
        attempt(
            "unknown owner",
            |d| d.revoke_keys(&act("root"), "nobody"),
            Refusal::UnknownAccount,
        ),
        attempt(
            "owner in another case",
            |d| d.revoke_keys(&act("root"), "TUSER"),
            Refusal::UnknownAccount,
        ),
        attempt(
            "owner with a blank",
            |d| d.revoke_keys(&act("root"), "tuser "),
            Refusal::UnknownAccount,
        ),
        attempt(
            "unknown key",
            |d| d.revoke_key(&act("root"), "none"),
            Refusal::UnknownKey,
        ),
        attempt(
            "key in another case",
            |d| d.revoke_key(&act("tuser"), "KEY-tuser"),
            Refusal::UnknownKey,
        ),
        attempt(
            "another tenant's key",
            |d| d.revoke_key(&act("padmin"), "key-gright"),
            Refusal::UnknownKey,
        ),
        attempt(
            "key of an equal",
            |d| d.revoke_key(&act("padmin2"), "key-padmin"),
            Refusal::NotBelow,
        ),
        attempt(
            "blank name",
            |d| d.create_key(&act("tuser"), new_key("k", " \t\u{a0}")),
            Refusal::BlankName,
        ),
        attempt(
            "no name",
            |d| d.create_key(&act("tuser"), new_key("k", "")),
            Refusal::BlankName,
        ),
        attempt(
            "invisible name",
            |d| d.create_key(&act("tuser"), new_key("k", "\u{200b}")),
            Refusal::BlankName,
        ),
        attempt(
            "id given before",
            |d| d.create_key(&act("tuser"), new_key("key-root", "key")),
            Refusal::KeyIdTaken,
        ),
        attempt(
            "over when it begins",
            |d| {
                d.create_key(
                    &act("tuser"),
                    NewKey {
                        expires_at: Some(seconds(NOW)),
                        ..new_key("k", "key")
                    },
                )
            },
            Refusal::ExpiresTooEarly,
        ),
        attempt(
            "before scoped keys",
            |d| {
                d.create_key(
                    &Act::new(engine(false), "rootclone", seconds(NOW)),
                    new_key("k", "key"),
                )
            },
            Refusal::NotEligible,
        ),
        attempt(
            "purge of nothing",
            |d| d.purge_keys(engine(true), seconds(u64::MAX), 0),
            Refusal::NothingToPurge,
        ),
        attempt(
            "nothing to revoke",
            |d| d.revoke_keys(&act("tadmin"), "tadmin"),
            Refusal::NothingToRevoke,
        ),
        attempt(
            "clock before creation",
            |d| d.record_access("key-tuser", seconds(499)),
            Refusal::BeforeCreation,
        ),
        attempt(
            "access of no key",
            |d| d.record_access("none", seconds(NOW)),
            Refusal::UnknownKey,
        ),
        attempt(
            "administrator of an empty group",
            |d| d.revoke_keys(&act("lonely"), "tuser"),
            Refusal::UnknownAccount,
        ),
        attempt(
            "not an administrator",
            |d| d.delete_account(&act("puser"), "tuser"),
            Refusal::NotAdministrative,
        ),
        attempt(
            "oneself",
            |d| d.delete_account(&act("root"), "root"),
            Refusal::OwnAccount,
        ),
        attempt(
            "oneself",
            |d| d.disable_account(&act("root"), "root"),
            Refusal::OwnAccount,
        ),
        attempt(
            "address in use, in another case",
            |d| d.change_email(&act("tadmin"), "tadmin", Some("TUser@Example.COM")),
            Refusal::EmailTaken,
        ),
        attempt(
            "no address",
            |d| d.change_email(&act("tuser"), "tuser", Some("@")),
            Refusal::MalformedEmail,
        ),
        attempt(
            "no address",
            |d| d.change_email(&act("tuser"), "tuser", Some("a b@c")),
            Refusal::MalformedEmail,
        ),
        attempt(
            "no address",
            |d| d.change_email(&act("tuser"), "tuser", Some("a@c\u{200b}")),
            Refusal::MalformedEmail,
        ),
        attempt(
            "another's password",
            |d| {
                d.change_password(
                    &act("root"),
                    "tuser",
                    CurrentPassword::Verified,
                    "Passw0rd!",
                )
            },
            Refusal::NotOwner,
        ),
        attempt(
            "a password without the current one",
            |d| {
                d.change_password(
                    &act("tuser"),
                    "tuser",
                    CurrentPassword::Unverified,
                    "Passw0rd!",
                )
            },
            Refusal::CurrentPasswordUnverified,
        ),
        attempt(
            "a weak password",
            |d| d.change_password(&act("tuser"), "tuser", CurrentPassword::Verified, "short"),
            Refusal::Password(portcullis::judge_password("short").unwrap_err()),
        ),
        attempt(
            "a second factor where there is none",
            |d| d.choose_second_factor(&act("tuser"), SecondFactor::Off, true),
            Refusal::SecondFactorOff,
        ),
        attempt(
            "none where it is mandatory",
            |d| d.choose_second_factor(&act("tuser"), SecondFactor::Mandatory, false),
            Refusal::SecondFactorMandatory,
        ),
    ];
    for (what, run, expected) in attempts {
        let mut directory = directory();
        let before = world::print(&directory);
        assert_eq!(run(&mut directory), Err(expected), "{what}");
        assert_eq!(world::print(&directory), before, "{what}");
    }
}

#[test]
fn disabled_single_sign_on_and_misplaced_actors() {
    let mut directory = directory();
    directory.disable_account(&act("root"), "padmin").unwrap();
    let sso = Account {
        kind: AccountKind::Sso,
        ..account("tuser", "tenant/alpha", "user")
    };
    directory.update_user(&sso).unwrap();
    directory.remove_group(&"two".parse().unwrap()).unwrap();
    let before = world::print(&directory);
    assert_eq!(
        directory.revoke_keys(&act("padmin"), "tuser"),
        Err(Refusal::ActorDisabled)
    );
    assert_eq!(
        directory.revoke_key(&act("padmin"), "key-padmin"),
        Err(Refusal::ActorDisabled)
    );
    assert_eq!(
        directory.create_key(&act("tuser"), new_key("k", "key")),
        Err(Refusal::SsoAccount)
    );
    // An administrator whose group is gone is outside of everything.
    assert_eq!(
        directory.revoke_keys(&act("other"), "gright"),
        Err(Refusal::UnknownAccount)
    );
    assert_eq!(
        directory.revoke_key(&act("other"), "key-gright"),
        Err(Refusal::UnknownKey)
    );
    assert_eq!(world::print(&directory), before);
    // Their own keys they may still revoke.
    assert_eq!(
        directory
            .revoke_key(&act("tuser"), "key-tuser")
            .map(|record| record.time),
        Ok(seconds(NOW))
    );
}

#[test]
fn revoking_twice_keeps_the_first_instant_wherever_the_clock_goes() {
    let directory = directory();
    directory.revoke_key(&act("tuser"), "key-tuser").unwrap();
    for now in [0, NOW - 1, NOW, NOW + 1, u64::MAX] {
        let again = Act::new(engine(true), "tuser", seconds(now));
        let before = world::print(&directory);
        assert_eq!(
            directory.revoke_key(&again, "key-tuser"),
            Err(Refusal::AlreadyRevoked { at: seconds(NOW) })
        );
        assert_eq!(
            directory.revoke_keys(&again, "tuser"),
            Err(Refusal::NothingToRevoke)
        );
        assert_eq!(world::print(&directory), before);
    }
}

#[test]
fn a_clock_that_runs_backwards_does_not_stop_a_revocation() {
    // To refuse would leave an exposed key active.
    for (now, recorded) in [(0, 0), (499, 499), (u64::MAX, u64::MAX - 1)] {
        let directory = directory();
        let act = Act::new(engine(true), "tuser", seconds(now));
        directory.revoke_key(&act, "key-tuser").unwrap();
        assert_eq!(
            directory.key("key-tuser").unwrap().state.revoked_at(),
            Some(seconds(recorded))
        );
        for then in [0, 499, NOW, u64::MAX] {
            let credential = Credential::ApiKey(VerifiedKey::basic("key-tuser", "tuser"));
            let principal = directory.principal(&credential, seconds(then));
            let endpoint = engine(true).endpoint("GET", "/connect/api/v1/cases");
            let reason = engine(true)
                .authorize(&principal, endpoint, Tenant::NOT_NAMED)
                .reason();
            assert_eq!(reason, Some(portcullis::Reason::KeyRevoked), "{now} {then}");
        }
    }
}

#[test]
fn unknown_and_invisible_are_one_refusal_for_every_act_and_actor() {
    for (actor, ..) in world::USERS {
        let mut directory = directory();
        // `gright` exists and cannot be seen from elsewhere; `nobody` does not.
        let unseen = ["gright", "nobody"].map(|other| {
            let acts = [
                directory.revoke_keys(&act(actor), other).map(|_| ()),
                directory
                    .revoke_key(&act(actor), &format!("key-{other}"))
                    .map(|_| ()),
                directory.list_keys(&act(actor), other, 9).map(|_| ()),
                directory
                    .change_access(
                        &act(actor),
                        other,
                        &world::scope("root"),
                        &world::profile("user"),
                    )
                    .map(|_| ()),
                directory.change_email(&act(actor), other, None).map(|_| ()),
                directory
                    .change_email(&act(actor), other, Some("tuser@example.com"))
                    .map(|_| ()),
                directory.edit_details(&act(actor), other).map(|_| ()),
                directory.disable_account(&act(actor), other).map(|_| ()),
                directory.delete_account(&act(actor), other).map(|_| ()),
                directory
                    .change_password(&act(actor), other, CurrentPassword::Verified, "Passw0rd!")
                    .map(|_| ()),
            ];
            acts
        });
        let sees = ["root", "root2", "rootclone", "rootsec", "other", "gright"].contains(&actor);
        assert_eq!(unseen[0] == unseen[1], !sees, "{actor}: {unseen:?}");
    }
}

#[test]
fn an_id_is_never_given_twice() {
    let mut directory = directory();
    directory.revoke_key(&act("tuser"), "key-tuser").unwrap();
    directory.purge_keys(engine(true), seconds(NOW), 0).unwrap();
    let before = world::print(&directory);
    for actor in ["tuser", "root"] {
        assert_eq!(
            directory.create_key(&act(actor), new_key("key-tuser", "key")),
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
        directory.revoke_key(&act("tuser"), "key-tuser"),
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
                .map(|reason| reason.code())
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
        Err(Refusal::NothingToPurge)
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
        "there is a user `tuser` already; change that one"
    );
    assert_eq!(
        error(directory.add_user(&account("new", "group/none", "user"))),
        "user `new`: the scope names no group or tenant that there is; add it first"
    );
    assert_eq!(
        error(directory.add_user(&Account {
            scope: None,
            ..account("new", "root", "user")
        })),
        "user `new`: the scope names no group or tenant that there is; add it first"
    );
    assert_eq!(
        error(directory.update_user(&account("extra", "root", "none"))),
        "user `extra`: the policy has no profile `none`; give one that it has, or bind the newer policy"
    );
    assert_eq!(
        error(directory.update_user(&account("nobody", "root", "user"))),
        "there is no user `nobody`; add them first"
    );
    assert_eq!(
        error(directory.update_email(&extra(), Some("TUSER@EXAMPLE.COM"))),
        "user `extra`: `tuser` has this e-mail address, upper and lower case being the same; change one"
    );
    assert_eq!(
        error(directory.update_email(&extra(), Some("nowhere"))),
        "user `extra`: this is no e-mail address; write one such as `name@example.com`"
    );
    assert_eq!(
        error(directory.add_key(api_key("k", "nobody", 0), "key")),
        "key `k`: there is no user `nobody`; add them first"
    );
    assert_eq!(
        error(directory.add_key(api_key("k", "tuser", 0), "\u{200b} ")),
        "key `k`: a key has a name, and a blank one is none; name what the key is for"
    );
    assert_eq!(
        error(directory.add_key(api_key("key-tuser", "tuser", 0), "key")),
        "key `key-tuser`: the id was given before, and ids are never given twice; make another one"
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
        decision.reason().map(|reason| reason.code())
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
        Some(portcullis::Reason::TenantOutOfScope)
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
        Err(portcullis::Reason::KeyRevoked)
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
