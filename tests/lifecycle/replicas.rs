//! Several replicas: what each knows of keys becomes one knowledge, whatever
//! happens to the messages.

use std::collections::BTreeSet;

use portcullis::Directory;
use portcullis::directory::{Act, KeyEntry, KeyStage, KeyStates, MergeError, Merged};
use proptest::prelude::*;

use crate::world::{self, api_key, engine, seconds};

/// Keys with their owners, who are one each but for a mistake. The last owner
/// is known to nobody.
const KEYS: [(&str, &str); 6] = [
    ("a", "tuser"),
    ("b", "tuser"),
    ("c", "padmin"),
    ("d", "root"),
    ("e", "gright"),
    ("f", "stranger"),
];

fn stage() -> impl Strategy<Value = KeyStage> {
    prop_oneof![
        Just(KeyStage::Active),
        prop::sample::select(vec![0, 1, 2, 600, u64::MAX])
            .prop_map(|at| KeyStage::Revoked(seconds(at))),
        Just(KeyStage::Purged),
    ]
}

/// An owner by mistake.
fn mistake() -> impl Strategy<Value = Option<&'static str>> {
    let owners = vec!["tuser", "padmin", "root", "aa", "zz"];
    prop::option::weighted(0.15, prop::sample::select(owners))
}

fn states() -> impl Strategy<Value = KeyStates> {
    let access = prop::option::of(prop::sample::select(vec![0, 3, 700, u64::MAX]));
    let entry = (0..KEYS.len(), mistake(), stage(), access);
    prop::collection::vec(entry, 0..8).prop_map(|entries| {
        let mut states = KeyStates::default();
        for (key, mistake, stage, access) in entries {
            let (key, owner) = KEYS[key];
            let owner = mistake.unwrap_or(owner);
            let _ = states.record(key.parse().unwrap(), owner.parse().unwrap(), stage);
            if let Some(at) = access {
                states.record_access(key, seconds(at));
            }
        }
        states
    })
}

fn joined(left: &KeyStates, right: &KeyStates) -> KeyStates {
    let mut both = left.clone();
    let merged = both.join(right);
    // A conflict is told where a set of owners grows, and only there.
    let contested = |states: &KeyStates| -> BTreeSet<(String, Vec<String>)> {
        let entries = states
            .iter()
            .map(|entry| (entry.key.to_string(), owners(&entry)));
        entries.filter(|(_, owners)| owners.len() > 1).collect()
    };
    let told: BTreeSet<_> = merged
        .conflicts
        .iter()
        .map(|told| {
            (
                told.key.to_string(),
                told.owners.iter().map(ToString::to_string).collect(),
            )
        })
        .collect();
    assert_eq!(told, &contested(&both) - &contested(left));
    let changed = both
        .iter()
        .filter(|entry| left.iter().all(|before| before != *entry));
    assert_eq!(merged.learned, changed.count());
    both
}

/// Everybody who has the key of an entry.
fn owners(entry: &KeyEntry<'_>) -> Vec<String> {
    entry.owners().map(ToString::to_string).collect()
}

/// How far a stage is.
fn rank(stage: KeyStage) -> (u8, u64) {
    match stage {
        KeyStage::Active => (0, 0),
        KeyStage::Revoked(at) => (1, u64::MAX - at.get()),
        KeyStage::Purged => (2, 0),
    }
}

/// No key of the first is further than in the second.
fn at_most(low: &KeyStates, high: &KeyStates) -> bool {
    low.iter().all(|low| {
        high.iter().any(|high| {
            let purged = high.stage == KeyStage::Purged;
            low.key == high.key
                && rank(low.stage) <= rank(high.stage)
                && (purged || low.last_access <= high.last_access)
                && owners(&low)
                    .iter()
                    .all(|owner| owners(&high).contains(owner))
        })
    })
}

/// What happens at one of three replicas.
#[derive(Clone, Copy, Debug)]
enum Event {
    Add {
        replica: usize,
        key: usize,
        mistake: Option<&'static str>,
    },
    Use {
        replica: usize,
        key: usize,
        at: u64,
    },
    Revoke {
        replica: usize,
        key: usize,
        at: u64,
    },
    Purge {
        replica: usize,
        now: u64,
    },
    Remove {
        replica: usize,
        owner: usize,
    },
    Succeed {
        replica: usize,
    },
    /// Everything that one knows reaches another, once or twice.
    Send {
        from: usize,
        to: usize,
        twice: bool,
    },
    /// One key's entry does, as a message of its own.
    SendOne {
        from: usize,
        to: usize,
        key: usize,
    },
    /// What one knew at some point, arriving late.
    Replay {
        message: usize,
        to: usize,
    },
}

fn events() -> impl Strategy<Value = Event> {
    let replica = || 0..3usize;
    let key = || 0..KEYS.len();
    let at = || prop::sample::select(vec![0, 1, 5, 600, u64::MAX]);
    prop_oneof![
        4 => (replica(), key(), mistake()).prop_map(|(replica, key, mistake)| Event::Add { replica, key, mistake }),
        2 => (replica(), key(), at()).prop_map(|(replica, key, at)| Event::Use { replica, key, at }),
        4 => (replica(), key(), at()).prop_map(|(replica, key, at)| Event::Revoke { replica, key, at }),
        1 => (replica(), at()).prop_map(|(replica, now)| Event::Purge { replica, now }),
        1 => (replica(), key()).prop_map(|(replica, owner)| Event::Remove { replica, owner }),
        1 => replica().prop_map(|replica| Event::Succeed { replica }),
        3 => (replica(), replica(), any::<bool>()).prop_map(|(from, to, twice)| Event::Send { from, to, twice }),
        2 => (replica(), replica(), key()).prop_map(|(from, to, key)| Event::SendOne { from, to, key }),
        2 => (0..8usize, replica()).prop_map(|(message, to)| Event::Replay { message, to }),
    ]
}

/// A message travels as text.
fn sent(states: &KeyStates) -> KeyStates {
    serde_json::from_str(&serde_json::to_string(states).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joining_is_commutative_associative_idempotent_and_monotone(a in states(), b in states(), c in states()) {
        prop_assert_eq!(joined(&a, &a), a.clone());
        prop_assert_eq!(joined(&a, &b), joined(&b, &a));
        prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
        prop_assert!(at_most(&a, &joined(&a, &b)));
        prop_assert_eq!(sent(&a), a);
    }

    #[test]
    fn a_directory_joins_as_states_do(a in states(), b in states()) {
        let (mut one, mut two) = (world::directory(), world::directory());
        let told = one.merge(&a).unwrap();
        prop_assert_eq!(told, KeyStates::default().join(&a));
        prop_assert_eq!(one.key_states(), a.clone());
        let told = one.merge(&b).unwrap();
        prop_assert_eq!(told, a.clone().join(&b));
        let _ = two.merge(&b).unwrap();
        let _ = two.merge(&a).unwrap();
        prop_assert_eq!(one.key_states(), joined(&a, &b));
        prop_assert_eq!(two.key_states(), joined(&a, &b));
        prop_assert_eq!(two.merge(&a), Ok(Merged::default()), "nothing is learned twice");
        for entry in two.key_states().iter() {
            let alone = two.key_state(entry.key.as_str());
            prop_assert_eq!(alone.iter().next(), Some(entry));
        }
        prop_assert!(two.key_state("none").is_empty());

        // What is known is joined without a copy; the rest as ever.
        let mut three = world::directory();
        for states in [&a, &b] {
            let known = three.key_states();
            let rest = three.merge_known(states);
            for entry in rest.iter() {
                let theirs = owners(&entry);
                let ours = known.iter().find(|own| own.key == entry.key).map(|own| owners(&own));
                prop_assert!(!ours.is_some_and(|ours| theirs.iter().all(|own| ours.contains(own))));
            }
            let _ = three.merge(&rest).unwrap();
        }
        prop_assert_eq!(three.key_states(), joined(&a, &b));
        prop_assert!(three.merge_known(&a).is_empty());
        prop_assert_eq!(three.key_states(), joined(&a, &b));
    }

    #[test]
    fn replicas_agree_once_they_have_heard_of_everything(history in prop::collection::vec(events(), 1..40)) {
        let mut replicas = [world::directory(), world::directory(), world::directory()];
        let mut mailbox = Vec::new();
        for event in history {
            let before: Vec<KeyStates> = replicas.iter().map(Directory::key_states).collect();
            match event {
                // Of an id that was given before nothing is added.
                Event::Add { replica, key, mistake } => {
                    let owner = mistake.unwrap_or(KEYS[key].1);
                    let _ = replicas[replica].add_key(api_key(KEYS[key].0, owner, 0), "key");
                }
                Event::Use { replica, key, at } => {
                    let _ = replicas[replica].record_access(KEYS[key].0, seconds(at));
                }
                Event::Revoke { replica, key, at } => {
                    let act = Act::new(engine(true), KEYS[key].1, seconds(at));
                    let _ = replicas[replica].revoke_key(&act, KEYS[key].0);
                }
                Event::Purge { replica, now } => {
                    let _ = replicas[replica].purge_keys(engine(true), seconds(now), 5);
                }
                Event::Remove { replica, owner } => {
                    let _ = replicas[replica].remove_user(&KEYS[owner].1.parse().unwrap(), seconds(9));
                }
                Event::Succeed { replica } => replicas[replica] = replicas[replica].successor(),
                Event::Send { from, to, twice } => {
                    let message = sent(&before[from]);
                    if twice {
                        let rest = replicas[to].merge_known(&message);
                        let _ = replicas[to].merge(&rest).unwrap();
                    }
                    let _ = replicas[to].merge(&message).unwrap();
                    mailbox.push(message);
                }
                Event::SendOne { from, to, key } => {
                    let message = replicas[from].key_state(KEYS[key].0);
                    let _ = replicas[to].merge(&sent(&message)).unwrap();
                    mailbox.push(message);
                }
                Event::Replay { message, to } => {
                    if let Some(message) = mailbox.get(message) {
                        let _ = replicas[to].merge(message).unwrap();
                    }
                }
            }
            for (before, replica) in before.iter().zip(&replicas) {
                prop_assert!(at_most(before, &replica.key_states()), "{:?} takes a key back", event);
            }
        }
        let all = replicas.iter().map(Directory::key_states).reduce(|all, own| joined(&all, &own)).unwrap();
        for round in [[0, 1, 2], [2, 1, 0]] {
            for (from, to) in round.iter().flat_map(|from| round.iter().map(move |to| (*from, *to))) {
                let message = replicas[from].key_states();
                let _ = replicas[to].merge(&message).unwrap();
            }
        }
        for replica in &replicas {
            prop_assert_eq!(replica.key_states(), all.clone());
            for entry in all.iter() {
                let usable = replica.key(entry.key.as_str()).is_some_and(|key| !key.state.is_revoked());
                prop_assert!(entry.stage == KeyStage::Active || !usable, "{:?}", entry);
                let listed = replica.key_listings(seconds(9)).any(|row| row.key == entry.key);
                prop_assert!(entry.stage != KeyStage::Purged || !listed, "{:?} is a row for ever", entry);
            }
        }
    }
}

#[test]
fn a_key_that_is_heard_of_before_it_arrives_is_revoked_when_it_does() {
    let mut directory = world::directory();
    let states = r#"[{"key":"late","owner":"tuser","state":"revoked","revoked_at":7}]"#;
    assert_eq!(
        directory
            .merge(&serde_json::from_str(states).unwrap())
            .unwrap()
            .learned,
        1
    );
    assert!(directory.key("late").is_none());
    directory
        .add_key(api_key("late", "tuser", 0), "key")
        .unwrap();
    assert_eq!(
        directory.key("late").unwrap().state.revoked_at(),
        Some(seconds(7))
    );
}

#[test]
fn what_is_revoked_while_a_directory_is_prepared_stays_revoked() {
    let act = Act::new(engine(true), "tuser", seconds(9));
    let mut directory = world::directory();
    for key in ["k1", "k2", "k3", "gone"] {
        directory.add_key(api_key(key, "tuser", 0), key).unwrap();
    }

    // A copy that is changed, then put in place.
    directory.revoke_key(&act, "k1").unwrap();
    let mut copy = directory.successor();
    copy.add_key(api_key("k4", "tuser", 0), "k4").unwrap();
    directory.revoke_key(&act, "k2").unwrap();
    copy.revoke_key(&act, "k3").unwrap();
    for key in ["k1", "k2", "k3"] {
        assert!(
            directory.key(key).unwrap().state.is_revoked()
                && copy.key(key).unwrap().state.is_revoked(),
            "{key}"
        );
    }
    // New keys of both are keys of their own.
    directory.add_key(api_key("k5", "tuser", 0), "k5").unwrap();
    directory.revoke_key(&act, "k5").unwrap();
    assert!(!copy.key("k4").unwrap().state.is_revoked());

    // One that is read anew, from records that know of no revocation.
    let mut read = world::directory();
    for key in ["k1", "k2", "k3", "k4", "new"] {
        read.add_key(api_key(key, "tuser", 0), key).unwrap();
    }
    let mut next = read.succeeding(&copy).unwrap().directory;
    for (key, revoked) in [
        ("k1", true),
        ("k2", true),
        ("k3", true),
        ("k4", false),
        ("new", false),
    ] {
        assert_eq!(next.key(key).unwrap().state.is_revoked(), revoked, "{key}");
    }
    copy.revoke_key(&act, "k4").unwrap();
    assert!(
        next.key("k4").unwrap().state.is_revoked(),
        "the old one is still in use"
    );
    copy.revoke_key(&act, "gone").unwrap();
    assert!(next.key("gone").is_none());
    next.add_key(api_key("gone", "tuser", 0), "gone").unwrap();
    assert!(
        next.key("gone").unwrap().state.is_revoked(),
        "revoked after it was dropped from the records"
    );
}

#[test]
fn a_directory_with_a_successor_of_its_own_does_not_succeed() {
    let before = world::directory();
    let mut newer = world::directory();
    newer.add_key(api_key("k", "tuser", 0), "k").unwrap();
    let copy = newer.successor();
    assert_eq!(newer.succeeding(&before).unwrap_err(), MergeError::Shared);
    drop(copy);
}

#[test]
fn purged_stays_purged_in_every_successor() {
    let act = Act::new(engine(true), "tuser", seconds(9));
    let mut directory = world::directory();
    directory.add_key(api_key("k", "tuser", 0), "k").unwrap();
    directory.revoke_key(&act, "k").unwrap();
    directory.purge_keys(engine(true), seconds(9), 0).unwrap();
    assert!(directory.successor().key("k").is_none());
    let mut read = world::directory();
    read.add_key(api_key("k", "tuser", 0), "k").unwrap();
    let mut next = read.succeeding(&directory).unwrap().directory;
    assert!(next.key("k").is_none());
    assert!(next.add_key(api_key("k", "tuser", 0), "k").is_err());
}

#[test]
fn what_newer_records_say_of_a_key_holds_in_both_directories() {
    let act = Act::new(engine(true), "tuser", seconds(9));
    let mut before = world::directory();
    let mut read = world::directory();
    for directory in [&mut before, &mut read] {
        directory.add_key(api_key("k", "tuser", 0), "k").unwrap();
    }
    before.record_access("k", seconds(4)).unwrap();
    read.record_access("k", seconds(7)).unwrap();
    read.revoke_key(&act, "k").unwrap();
    let next = read.succeeding(&before).unwrap().directory;
    for directory in [&before, &next] {
        assert!(directory.key("k").unwrap().state.is_revoked());
        let listing = directory.key_listings(seconds(9)).next().unwrap();
        assert_eq!(listing.last_access, Some(seconds(7)));
    }
}
