//! What a host stores, and what a restart makes of it.

use portcullis::directory::{KeyStates, UnwritableError};
use portcullis::{Account, AccountKind, ApiKey, Directory, KeyKind, KeyState, Scope};
use proptest::prelude::*;

use crate::world::{self, act, api_key, engine, furnished, new_key, seconds};

/// Names that some reader of YAML takes for something else.
const IDS: [&str; 12] = [
    "ann", "Ann", "true", "No", "null", "1", "0x1f", "1e5", "-", "--", "_", "y",
];
const TEXTS: [&str; 9] = [
    "nightly export",
    "a \"quoted\" \\ name",
    " # no comment: { a, b } ",
    "Käse 日本 🙂",
    "'",
    "- x",
    "*a &b !c |d >e %f @g",
    "007",
    "tab\tand more",
];
const EMAILS: [Option<&str>; 6] = [
    None,
    Some("a@example.com"),
    Some("{b}:\"#@example.com"),
    Some("*@x"),
    Some("C@EXAMPLE.COM"),
    Some("ä\\@ö"),
];

type Person = (usize, usize, usize, usize, bool, bool);
type Made = (usize, usize, usize, bool, u64, Option<u64>, Option<u64>);

/// A directory with whatever can be on record.
fn directory(tenants: usize, groups: &[u16], people: &[Person], keys: &[Made]) -> Directory {
    let mut directory = Directory::new(world::policy());
    let tenants: Vec<_> = IDS[..tenants]
        .iter()
        .map(|id| id.parse().unwrap())
        .collect();
    for tenant in &tenants {
        directory
            .add_tenant(portcullis::TenantId::clone(tenant))
            .unwrap();
    }
    for (group, chosen) in groups.iter().enumerate() {
        let members = tenants.iter().enumerate();
        let members = members
            .filter(|(bit, _)| chosen >> bit & 1 == 1)
            .map(|(_, own)| own.clone());
        directory
            .add_group(IDS[group].parse().unwrap(), members.collect())
            .unwrap();
    }
    for &(name, scope, profile, email, local, enabled) in people {
        let place = IDS[scope / 3 % IDS.len()];
        let user = Account {
            user: IDS[name].parse().unwrap(),
            kind: if local {
                AccountKind::Local
            } else {
                AccountKind::Sso
            },
            enabled,
            scope: Some(match scope % 3 {
                0 => Scope::Root,
                1 => Scope::Partner(place.parse().unwrap()),
                _ => Scope::Tenant(place.parse().unwrap()),
            }),
            profile: world::profile(world::PROFILES[profile].0),
        };
        // A name that is taken, or a place that is not there.
        if directory.add_user(&user).is_ok() {
            let _ = directory.update_email(&user.user, EMAILS[email]);
        }
    }
    for &(id, owner, name, legacy, created_at, expires_at, revoked_at) in keys {
        let key = ApiKey {
            id: IDS[id].parse().unwrap(),
            owner: IDS[owner].parse().unwrap(),
            kind: if legacy {
                KeyKind::Legacy
            } else {
                KeyKind::Scoped
            },
            created_at: seconds(created_at),
            expires_at: expires_at.map(seconds),
            state: revoked_at.map_or_else(KeyState::active, |at| KeyState::revoked(seconds(at))),
        };
        // One id with two owners is no document's.
        if directory.key(key.id.as_str()).is_none() {
            let _ = directory.add_key(key, TEXTS[name]);
        }
    }
    directory
}

fn instant() -> impl Strategy<Value = u64> {
    prop::sample::select(vec![0, 1, 1_764_000_000, u64::MAX - 1, u64::MAX])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_directory_that_was_written_loads_again_as_it_was(
        tenants in 0..IDS.len(),
        groups in prop::collection::vec(any::<u16>(), 0..4),
        people in prop::collection::vec(
            (0..IDS.len(), 0..36usize, 0..world::PROFILES.len(), 0..EMAILS.len(), any::<bool>(), any::<bool>()), 0..10),
        keys in prop::collection::vec(
            (0..IDS.len(), 0..IDS.len(), 0..TEXTS.len(), any::<bool>(), instant(),
             prop::option::of(instant()), prop::option::of(instant())), 0..12),
    ) {
        let before = directory(tenants, &groups, &people, &keys);
        let text = before.to_yaml().unwrap();
        let after = Directory::from_yaml(&text, world::policy()).unwrap();
        prop_assert_eq!(world::print(&after), world::print(&before));
        prop_assert_eq!(after.to_yaml().unwrap(), text);
        let rows = |directory: &Directory| format!("{:?}", directory.accounts().collect::<Vec<_>>());
        prop_assert_eq!(rows(&after), rows(&before));
    }
}

#[test]
fn ids_stay_taken_and_revocations_hold_after_a_restart() {
    // A key purged, a key revoked, the keys of a user who is gone, a key known
    // by its state only, an access, and a second factor.
    let mut directory = furnished();
    directory.revoke_key(&act("padmin"), "key-padmin").unwrap();
    directory
        .purge_keys(engine(true), seconds(world::NOW), 0)
        .unwrap();
    directory.revoke_key(&act("root"), "key-root").unwrap();
    directory.record_access("key-tuser", seconds(700)).unwrap();
    directory.delete_account(&act("root"), "gright").unwrap();
    let heard = r#"[{"key":"late","owner":"puser","state":"revoked","revoked_at":7}]"#;
    let heard: KeyStates = serde_json::from_str(heard).unwrap();
    assert_eq!(directory.merge(&heard).unwrap().learned, 1);
    directory
        .update_second_factor(&"tuser".parse().unwrap(), true)
        .unwrap();

    // What the host stores: the document, the states, the removals, and the
    // second factors.
    let document = directory.to_yaml().unwrap();
    let states = serde_json::to_string(&directory.key_states()).unwrap();
    let chosen: Vec<_> = directory
        .accounts()
        .filter(|listing| listing.second_factor)
        .map(|listing| listing.account.user)
        .collect();
    let removals: Vec<_> = directory
        .removals()
        .map(|(user, at)| (user.clone(), at))
        .collect();
    let before = world::print(&directory);
    drop(directory);

    // The restart.
    let mut directory = Directory::from_yaml(&document, world::policy()).unwrap();
    let states: KeyStates = serde_json::from_str(&states).unwrap();
    assert_eq!(directory.merge(&states).unwrap().conflicts, []);
    for (user, at) in &removals {
        directory.record_removal(user, *at);
    }
    for user in &chosen {
        directory.update_second_factor(user, true).unwrap();
    }

    // All is as it was, but for the row of the user who is gone.
    let gone = |line: &&str| !line.starts_with("key key-gright ");
    assert_eq!(
        world::print(&directory).lines().collect::<Vec<_>>(),
        before.lines().filter(gone).collect::<Vec<_>>()
    );
    for taken in ["key-padmin", "key-gright", "key-root", "key-tuser", "late"] {
        let refused = directory.create_key(&act("tuser"), new_key(taken, "key"));
        assert_eq!(
            refused.unwrap_err().refusal.code(),
            "key_id_taken",
            "{taken}"
        );
    }
    assert!(
        directory
            .add_key(api_key("key-padmin", "padmin", 0), "key")
            .is_err()
    );
    directory
        .add_key(api_key("late", "puser", 0), "key")
        .unwrap();
    assert!(directory.key("late").unwrap().state.is_revoked());
    // The next user of the name does not get the old key either.
    directory
        .add_user(&world::account("gright", "root", "super_admin"))
        .unwrap();
    directory
        .add_key(api_key("key-gright", "gright", 500), "key")
        .unwrap();
    assert!(directory.key("key-gright").unwrap().state.is_revoked());
    // Nor one that nobody has heard of.
    directory
        .add_key(api_key("unheard", "gright", 500), "key")
        .unwrap();
    assert!(directory.key("unheard").unwrap().state.is_revoked());
}

#[test]
fn what_no_document_can_hold_is_refused_by_name() {
    let user = || -> portcullis::UserId { "tuser".parse().unwrap() };
    let mut directory = furnished();
    directory.remove_tenant(&"alpha".parse().unwrap()).unwrap();
    let refused = UnwritableError::NoScope("tadmin".parse().unwrap());
    assert_eq!(directory.to_yaml(), Err(refused));

    let mut directory = furnished();
    let fewer = world::POLICY.replace("  right: { grants: [cases.view, reports.view] }\n", "");
    directory.bind(&portcullis::Policy::from_yaml(fewer).unwrap());
    let refused = directory.to_yaml().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "user `gright`: the policy has no profile `right`; use one of its profiles"
    );

    // No address and no name has a character that a document cannot hold.
    let mut directory = furnished();
    for odd in ['\u{fdd0}', '\u{ffff}', '\u{10fffe}'] {
        let (email, name) = (format!("a@b{odd}"), format!("a{odd}"));
        assert!(directory.update_email(&user(), Some(&email)).is_err());
        assert!(
            directory
                .add_key(api_key("odd", "tuser", 0), &name)
                .is_err()
        );
    }
    assert!(directory.to_yaml().is_ok());

    // More than a document may hold.
    let mut directory = world::directory();
    for key in 0..20_000 {
        directory
            .add_key(
                api_key(&format!("key-{key}"), "tuser", 1_764_000_000),
                "nightly export",
            )
            .unwrap();
    }
    assert_eq!(directory.to_yaml(), Err(UnwritableError::TooLarge));
}
