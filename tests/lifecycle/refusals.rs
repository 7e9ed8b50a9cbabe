//! Bad input: each is refused by name, and nothing is changed.

use portcullis::directory::{Act, CurrentPassword, NewKey, Refusal, SecondFactor};
use portcullis::{Account, AccountKind, Credential, Directory, Tenant, VerifiedKey};

use crate::world::{self, NOW, account, act, engine, furnished as directory, new_key, seconds};

/// What is to be refused, and how.
type Attempt = (
    &'static str,
    Box<dyn Fn(&mut Directory) -> Result<(), Refusal>>,
    Refusal,
);

fn attempt<T, E: Into<Refusal>>(
    what: &'static str,
    run: impl Fn(&mut Directory) -> Result<T, E> + 'static,
    refusal: Refusal,
) -> Attempt {
    (
        what,
        Box::new(move |directory| run(directory).map(|_| ()).map_err(Into::into)),
        refusal,
    )
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
            "name with a control",
            |d| d.create_key(&act("tuser"), new_key("k", "a\nb")),
            Refusal::MalformedName,
        ),
        attempt(
            "id given before",
            |d| d.create_key(&act("tuser"), new_key("key-root", "key")),
            Refusal::KeyIdTaken,
        ),
        attempt(
            "one key more than a user may have",
            |d| d.may_create_key_of(&act("tuser"), &new_key("k", "key"), 1),
            Refusal::TooManyKeys { most: 1 },
        ),
        attempt(
            "no key at all, and no name",
            |d| d.may_create_key_of(&act("tuser"), &new_key("k", ""), 0),
            Refusal::BlankName,
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
            Refusal::Password(portcullis::directory::judge_password("short").unwrap_err()),
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
        directory
            .revoke_keys(&act("padmin"), "tuser")
            .map_err(Refusal::from),
        Err(Refusal::ActorDisabled)
    );
    assert_eq!(
        directory
            .revoke_key(&act("padmin"), "key-padmin")
            .map_err(Refusal::from),
        Err(Refusal::ActorDisabled)
    );
    assert_eq!(
        directory
            .create_key(&act("tuser"), new_key("k", "key"))
            .map_err(Refusal::from),
        Err(Refusal::SsoAccount)
    );
    // An administrator whose group is gone is outside of everything.
    assert_eq!(
        directory
            .revoke_keys(&act("other"), "gright")
            .map_err(Refusal::from),
        Err(Refusal::UnknownAccount)
    );
    assert_eq!(
        directory
            .revoke_key(&act("other"), "key-gright")
            .map_err(Refusal::from),
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
            directory
                .revoke_key(&again, "key-tuser")
                .map_err(Refusal::from),
            Err(Refusal::AlreadyRevoked { at: seconds(NOW) })
        );
        assert_eq!(
            directory.revoke_keys(&again, "tuser"),
            Ok(vec![]),
            "nothing is left to revoke"
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
fn a_limit_of_keys_counts_every_key_until_it_is_purged() {
    let mut directory = directory();
    let act = act("tuser");
    let judge = |directory: &Directory, most| {
        let judged = directory.may_create_key_of(&act, &new_key("k2", "key"), most);
        judged.map_err(Refusal::from)
    };
    // There is one; those of other users do not count.
    assert_eq!(judge(&directory, 2), Ok(()));
    directory.create_key(&act, new_key("k1", "key")).unwrap();
    directory.revoke_key(&act, "k1").unwrap();
    assert_eq!(judge(&directory, 2), Err(Refusal::TooManyKeys { most: 2 }));
    assert_eq!(judge(&directory, 3), Ok(()));
    let purged = directory.purge_keys(engine(true), seconds(NOW), 0).unwrap();
    assert_eq!(purged.len(), 1);
    assert_eq!(judge(&directory, 2), Ok(()));
}

#[test]
fn unknown_and_invisible_are_one_refusal_for_every_act_and_actor() {
    for (actor, ..) in world::USERS {
        let mut directory = directory();
        // `gright` exists and cannot be seen from elsewhere; `nobody` does not.
        let unseen = ["gright", "nobody"].map(|other| {
            [
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
            ]
            .map(|answer| answer.map_err(Refusal::from))
        });
        let sees = ["root", "root2", "rootclone", "rootsec", "other", "gright"].contains(&actor);
        assert_eq!(unseen[0] == unseen[1], !sees, "{actor}: {unseen:?}");
    }
}

/// The question whether a key may be created has the answer of the act itself, and
/// the same record for the log.
#[test]
fn whether_a_key_may_be_created_is_what_creating_it_says() {
    let mut directory = directory();
    directory.disable_account(&act("root"), "other").unwrap();
    let mut refusals = Vec::new();
    for actor in ["root", "padmin", "tuser", "other", "nobody", ""] {
        for scoped_keys in [true, false] {
            for (id, name) in [
                ("k", "key"),
                ("key-root", "key"),
                ("key-root", ""),
                ("k", "a\u{1b}"),
            ] {
                let act = Act::new(engine(scoped_keys), actor, seconds(NOW));
                let before = world::print(&directory);
                let may = directory.may_create_key(&act, &new_key(id, name));
                assert_eq!(world::print(&directory), before, "nothing is changed");
                let mut copy = self::directory();
                copy.disable_account(&self::act("root"), "other").unwrap();
                let done = copy.create_key(&act, new_key(id, name));
                assert_eq!(may, done.map(|_| ()), "{actor} {scoped_keys} {id} {name:?}");
                refusals.extend(may.err().map(|refused| {
                    let code = refused.refusal.code();
                    (code, refused.record.key.map(|key| key.to_string()))
                }));
            }
        }
    }
    for (code, key) in [
        ("key_id_taken", Some("key-root")),
        ("blank_name", Some("key-root")),
        ("malformed_name", None),
        ("actor_disabled", None),
        ("unknown_actor", None),
        ("not_eligible", None),
    ] {
        assert!(
            refusals.contains(&(code, key.map(ToOwned::to_owned))),
            "{code} {key:?} of {refusals:?}"
        );
    }
}
