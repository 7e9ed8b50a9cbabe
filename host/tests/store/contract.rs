//! What every store promises.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use portcullis::directory::{KeyStage, KeyStates, Refusal};
use portcullis::{Directory, EMBEDDED_DIRECTORY, KeyKind, Policy, UnixSeconds};
use portcullis_host::store::{StoreError, StoredKey};
use portcullis_host::{Change, Live, RefreshError, RevokeError};

use crate::setting::{
    Kind, NOW, Operation, SECRET, engine, is_revoked, now, places, refresh, start, works,
};

#[test]
fn a_store_gives_back_the_directory() {
    let policy = Policy::embedded().unwrap();
    let document = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    for place in places() {
        let live = place.start();
        assert!(works(&live, "msp", SECRET), "{:?}", place.kind);
        let snapshot = live.load();
        let directory = snapshot.directory();
        assert_eq!(directory.digest(), document.digest());
        assert_eq!(directory.to_yaml().unwrap(), document.to_yaml().unwrap());
        assert_eq!(live.unstored(), 0);
    }
}

#[test]
fn what_was_acknowledged_holds_after_a_restart() {
    for place in places() {
        let live = place.start();
        live.revoke_key("msp", "k1", now()).unwrap();
        let created = live.create_key("msp", "nightly \"export\"\n".trim(), None, now());
        let created = created.unwrap();
        let end = Some(UnixSeconds::new(NOW + 600));
        let short = live.create_key("msp", "short", end, now()).unwrap();
        let revoked = live.create_key("tenant-user", "one", None, now()).unwrap();
        assert!(
            !live
                .revoke_keys("tenant-user", "tenant-user", now())
                .unwrap()
                .is_empty()
        );
        drop(live);

        let live = place.start();
        assert!(is_revoked(&live, "k1") && is_revoked(&live, revoked.key.as_str()));
        assert!(!works(&live, "msp", SECRET));
        assert!(works(&live, "msp", created.secret.reveal()));
        assert!(!works(&live, "ann", created.secret.reveal()));
        assert!(!works(&live, "tenant-user", revoked.secret.reveal()));
        let snapshot = live.load();
        let found = snapshot.directory().key(short.key.as_str()).unwrap();
        assert_eq!((found.created_at, found.expires_at), (now(), end));
        let name = |key: &str| {
            let mut all = snapshot.directory().key_listings(now());
            all.find(|listing| listing.key.as_str() == key)
                .unwrap()
                .name
        };
        assert_eq!(name(created.key.as_str()), "nightly \"export\"");
        let at = snapshot.directory().key("k1").unwrap().state.revoked_at();
        assert_eq!(at, Some(now()));
    }
}

#[test]
fn another_process_learns_what_was_revoked_and_created() {
    for place in places() {
        let (one, other) = (place.start(), place.start());
        let heard = Arc::new(AtomicUsize::new(0));
        let count = heard.clone();
        other.subscribe(move |change| {
            if let Change::States(states) = change {
                let is_k1 = states.stage("k1") == Some(KeyStage::Revoked(now()));
                count.fetch_add(usize::from(is_k1), Ordering::SeqCst);
            }
        });
        one.revoke_key("msp", "k1", now()).unwrap();
        let created = one.create_key("msp", "one", None, now()).unwrap();
        assert!(!is_revoked(&other, "k1"));
        // Somebody decides by the snapshot from before.
        let before = other.load();
        let later = UnixSeconds::new(NOW + 50);
        assert_eq!(other.age(later), Some(50));
        other.refresh(later).unwrap();
        assert_eq!(other.age(later), Some(0));
        assert!(is_revoked(&other, "k1"));
        assert!(before.directory().key("k1").unwrap().state.is_revoked());
        assert!(works(&other, "msp", created.secret.reveal()));
        assert_eq!(heard.load(Ordering::SeqCst), 1);

        // What is heard again is no change, and its own word is none to the first.
        let (ours, theirs) = (Arc::as_ptr(&one.load()), Arc::as_ptr(&other.load()));
        for live in [&one, &other] {
            live.refresh(later).unwrap();
        }
        assert_eq!(Arc::as_ptr(&one.load()), ours, "{:?}", place.kind);
        assert_eq!(Arc::as_ptr(&other.load()), theirs);
        assert_eq!(heard.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn users_that_an_operator_changes_are_read() {
    for place in places() {
        let live = place.start();
        let created = live.create_key("tenant-user", "one", None, now()).unwrap();
        live.revoke_key("msp", "k1", now()).unwrap();
        assert!(works(&live, "tenant-user", created.secret.reveal()));
        place.kind.operate(place.path(), Operation::Disable);
        refresh(&live);
        assert!(!works(&live, "tenant-user", created.secret.reveal()));
        assert!(is_revoked(&live, "k1"));
    }
}

#[test]
fn a_faulty_directory_changes_nothing_and_revocations_are_learned_all_the_same() {
    for place in places() {
        let (one, other) = (place.start(), place.start());
        place.kind.operate(place.path(), Operation::Break);
        one.revoke_key("msp", "k1", now()).unwrap();
        let created = one.create_key("msp", "one", None, now()).unwrap();
        let later = UnixSeconds::new(NOW + 50);
        // The first time it is not known whether the operator is still writing.
        let _ = other.refresh(later);
        let error = other.refresh(later).unwrap_err();
        assert!(matches!(error, RefreshError::Store(_)), "{error}");
        assert!(error.to_string().contains("directory"), "{error}");
        assert_eq!(other.age(later), Some(0), "the store was heard from");
        assert!(is_revoked(&other, "k1"));
        assert!(works(&other, "msp", created.secret.reveal()));
        // It is tried again as long as it is faulty, and then read.
        other.refresh(later).unwrap_err();
        place.kind.operate(place.path(), Operation::Repair);
        refresh(&other);
        assert!(is_revoked(&other, "k1"));
    }
}

/// Whoever is given the name of a user who is gone does not have the keys.
#[test]
fn the_keys_of_a_user_who_is_gone_are_revoked_for_good() {
    for place in places() {
        for is_running in [true, false] {
            let live = place.start();
            let Ok(created) = live.create_key("tenant-user", "one", None, now()) else {
                panic!("{:?}", place.kind);
            };
            let secret = created.secret.reveal();
            assert!(works(&live, "tenant-user", secret));
            if !is_running {
                drop(live);
                place.kind.operate(place.path(), Operation::Remove);
                let live = place.start();
                assert!(!works(&live, "tenant-user", secret));
                drop(live);
                place.kind.operate(place.path(), Operation::Return);
                let live = place.start();
                assert!(!works(&live, "tenant-user", secret), "{:?}", place.kind);
                break;
            }
            place.kind.operate(place.path(), Operation::Remove);
            refresh(&live);
            assert!(!works(&live, "tenant-user", secret));
            place.kind.operate(place.path(), Operation::Return);
            refresh(&live);
            assert!(live.load().directory().account("tenant-user").is_some());
            assert!(!works(&live, "tenant-user", secret));
            let again = place.start();
            assert!(!works(&again, "tenant-user", secret));
        }
    }
}

#[test]
fn a_key_is_revoked_once_and_the_store_hears_of_it_once() {
    for place in places() {
        let live = place.start();
        live.revoke_key("msp", "k1", now()).unwrap();
        let store = live.store().unwrap();
        let before = store.load(engine().policy()).unwrap().sequence;
        let later = UnixSeconds::new(NOW + 1);
        let refused = live.revoke_key("msp", "k1", later).unwrap_err();
        let RevokeError::Refused(refused) = refused else {
            panic!("{refused}");
        };
        assert_eq!(refused.refusal, Refusal::AlreadyRevoked { at: now() });
        assert_eq!(store.load(engine().policy()).unwrap().sequence, before);
    }
}

/// Nobody has to wait until a process has heard of a key.
#[test]
fn keys_that_another_process_created_just_now_are_revoked() {
    for place in places() {
        let (one, other) = (place.start(), place.start());
        let [first, second] =
            ["one", "two"].map(|name| one.create_key("msp", name, None, now()).unwrap());
        other.revoke_key("msp", first.key.as_str(), now()).unwrap();
        let records = other.revoke_keys("msp", "msp", now()).unwrap();
        let keys: Vec<_> = records
            .into_iter()
            .filter_map(|record| record.key)
            .collect();
        assert!(keys.contains(&second.key) && !keys.contains(&first.key));
        let again = place.start();
        for created in [first, second] {
            assert!(is_revoked(&other, created.key.as_str()));
            assert!(is_revoked(&again, created.key.as_str()));
        }
        let unknown = other.revoke_key("msp", "never", now()).unwrap_err();
        assert!(matches!(unknown, RevokeError::Refused(_)), "{unknown}");
    }
}

#[test]
fn states_never_go_back() {
    for place in places() {
        let store = place.open();
        let states = |text: &str| serde_json::from_str::<KeyStates>(text).unwrap();
        let revoked = r#"[{"key":"k1","owner":"msp","state":"revoked","revoked_at":5}]"#;
        let later = r#"[{"key":"k1","owner":"msp","state":"revoked","revoked_at":9}]"#;
        let active = r#"[{"key":"k1","owner":"msp","state":"active"}]"#;
        let purged = r#"[{"key":"k1","owner":"msp","state":"purged"}]"#;
        let contested = r#"[{"key":"k2","owner":"a","state":"active"},{"key":"k2","owner":"b","state":"active"}]"#;
        let stage = |key: &str| {
            let stored = place.open().load(engine().policy()).unwrap();
            stored.states.stage(key)
        };
        for (text, expected) in [
            (later, KeyStage::Revoked(UnixSeconds::new(9))),
            (revoked, KeyStage::Revoked(UnixSeconds::new(5))),
            (later, KeyStage::Revoked(UnixSeconds::new(5))),
            (active, KeyStage::Revoked(UnixSeconds::new(5))),
            (purged, KeyStage::Purged),
            (revoked, KeyStage::Purged),
        ] {
            store.append_states(&states(text)).unwrap();
            assert_eq!(stage("k1"), Some(expected), "{text}");
        }
        store.append_states(&states(contested)).unwrap();
        assert_eq!(stage("k2"), Some(KeyStage::Revoked(UnixSeconds::new(0))));
    }
}

/// A key of `tenant-user` as a store keeps it.
fn key(id: &str) -> StoredKey {
    StoredKey {
        id: id.parse().unwrap(),
        owner: "tenant-user".parse().unwrap(),
        name: "another".to_owned(),
        kind: KeyKind::Scoped,
        created_at: now(),
        expires_at: None,
        digests: Vec::new(),
    }
}

#[test]
fn an_id_is_given_once() {
    for place in places() {
        let (one, other) = (place.start(), place.start());
        let created = one.create_key("msp", "one", None, now()).unwrap();
        // The state of a key that was created where this store is not shared.
        let text = r#"[{"key":"k7","owner":"msp","state":"active"}]"#;
        let states = serde_json::from_str(text).unwrap();
        other.store().unwrap().append_states(&states).unwrap();
        let (ours, theirs) = (one.store().unwrap(), other.store().unwrap());
        for store in [ours, theirs, &place.open()] {
            for id in [created.key.as_str(), "k7"] {
                let taken = store.add_key(&key(id)).unwrap_err();
                assert!(matches!(taken, StoreError::KeyTaken(_)), "{taken}");
            }
        }
        theirs.add_key(&key("k8")).unwrap();
        assert!(ours.add_key(&key("k8")).is_err());
        ours.add_key(&key("k9")).unwrap();
        other.refresh(now()).unwrap();
        assert!(works(&other, "msp", created.secret.reveal()));
    }
}

/// Among many keys a new one costs as much as the first.
#[test]
#[cfg(target_os = "linux")]
fn a_key_is_added_without_reading_all_keys() {
    let read = || {
        let text = fs::read_to_string("/proc/thread-self/io").unwrap();
        let bytes = text.lines().find_map(|line| line.strip_prefix("rchar: "));
        bytes.unwrap().parse::<u64>().unwrap()
    };
    for place in places() {
        let store = place.open();
        for number in 0..400 {
            store.add_key(&key(&format!("key-{number}"))).unwrap();
        }
        let before = read();
        store.add_key(&key("another")).unwrap();
        let bytes = read() - before;
        assert!(bytes < 16 << 10, "{:?}: {bytes} bytes", place.kind);
    }
}

#[test]
fn a_purged_key_is_forgotten_and_its_id_is_not() {
    for place in places() {
        let (live, other) = (place.start(), place.start());
        let created = live
            .create_key("msp", "secret project", None, now())
            .unwrap();
        let id = created.key.as_str();
        other.refresh(now()).unwrap();
        live.revoke_key("msp", id, now()).unwrap();
        let later = UnixSeconds::new(NOW + 100);
        assert!(
            live.purge_keys(later, 101)
                .unwrap()
                .iter()
                .all(|record| { record.key.as_ref().map(|key| key.as_str()) != Some(id) })
        );
        let records = live.purge_keys(later, 100).unwrap();
        assert!(
            records
                .iter()
                .any(|record| record.key.as_ref() == Some(&created.key))
        );
        refresh(&other);
        for live in [&live, &other, &place.start()] {
            assert!(live.load().directory().key(id).is_none());
            let states = live.load().directory().key_state(id);
            assert_eq!(states.stage(id), Some(KeyStage::Purged));
            assert!(!works(live, "msp", created.secret.reveal()));
        }
    }
}

#[test]
fn the_last_access_is_kept() {
    for place in places() {
        let live = place.start();
        let used = UnixSeconds::new(NOW + 3);
        live.load().directory().record_access("k1", used).unwrap();
        live.keep_accesses().unwrap();
        drop(live);
        let live = place.start();
        let states = live.load().directory().key_state("k1");
        let entry = states.iter().next().unwrap();
        assert_eq!(entry.last_access, Some(used), "{:?}", place.kind);
    }
}

#[test]
fn a_policy_is_replaced_and_revocations_hold() {
    for place in places() {
        let live = place.start();
        let created = live.create_key("msp", "one", None, now()).unwrap();
        live.revoke_key("msp", "k1", now()).unwrap();
        live.reload_engine(engine(), now()).unwrap();
        assert!(is_revoked(&live, "k1"));
        assert!(works(&live, "msp", created.secret.reveal()));
    }
}

#[test]
fn states_from_elsewhere_are_in_force_and_stored() {
    for place in places() {
        let live = place.start();
        let heard = r#"[{"key":"k1","owner":"msp","state":"revoked","revoked_at":7},
                        {"key":"late","owner":"msp","state":"revoked","revoked_at":7}]"#;
        let heard: KeyStates = serde_json::from_str(heard).unwrap();
        assert_eq!(live.learn(&heard).unwrap().learned, 2);
        assert_eq!(live.learn(&heard).unwrap().learned, 0);
        assert!(is_revoked(&live, "k1"));
        drop(live);
        let live = place.start();
        assert!(is_revoked(&live, "k1"));
        let late = live.load().directory().key_state("late");
        assert_eq!(
            late.stage("late"),
            Some(KeyStage::Revoked(UnixSeconds::new(7)))
        );
    }
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn no_store_holds_a_secret() {
    for place in places() {
        let live = place.start();
        let created = live.create_key("msp", "one", None, now()).unwrap();
        live.keep_accesses().unwrap();
        let secret = created.secret.reveal().as_bytes();
        let holds = |path: &PathBuf, part: &[u8]| {
            let text = fs::read(path).unwrap();
            text.windows(part.len()).any(|own| own == part)
        };
        let files = all_files(place.path());
        let key = created.key.as_str().as_bytes();
        assert!(
            files.iter().any(|path| holds(path, key)),
            "the key is there"
        );
        for path in &files {
            assert!(!holds(path, secret), "{}", path.display());
            assert!(!holds(path, SECRET.as_bytes()), "{}", path.display());
        }
    }
}

/// Two processes, each with threads that create, revoke and refresh.
#[test]
fn processes_that_write_at_once_lose_nothing() {
    for place in places() {
        let open = || {
            let patience = Duration::from_secs(30);
            start(place.kind.open_for(place.path(), patience).unwrap())
        };
        let lives = [open(), open()];
        let work = |live: &Live| {
            let one = |number: usize| {
                let created = live.create_key("msp", "one", None, now()).unwrap();
                let is_revoked = number.is_multiple_of(2);
                if is_revoked {
                    live.revoke_key("msp", created.key.as_str(), now()).unwrap();
                }
                (created.key.to_string(), created.secret, is_revoked)
            };
            (0..10).map(one).collect::<Vec<_>>()
        };
        let all: Vec<_> = thread::scope(|scope| {
            let mut threads = Vec::new();
            for live in &lives {
                scope.spawn(|| (0..20).for_each(|_| live.refresh(now()).unwrap()));
                threads.extend([(); 2].map(|()| scope.spawn(|| work(live))));
            }
            let done = threads.into_iter().map(|thread| thread.join().unwrap());
            done.flatten().collect()
        });
        let again = place.start();
        for live in lives.iter().chain([&again]) {
            live.refresh(now()).unwrap();
            for (id, secret, revoked) in &all {
                assert_eq!(is_revoked(live, id), *revoked, "{:?}: {id}", place.kind);
                assert_eq!(works(live, "msp", secret.reveal()), !revoked);
            }
        }
        let ids: BTreeSet<&String> = all.iter().map(|(id, ..)| id).collect();
        assert_eq!(ids.len(), all.len());
    }
}

#[test]
fn a_store_is_made_once_and_opened_only_where_it_is() {
    for place in places() {
        let folder = tempfile::tempdir().unwrap();
        let missing = place.kind.open(folder.path()).unwrap_err();
        assert!(
            matches!(missing, StoreError::NotCreated { .. }),
            "{missing}"
        );
        assert!(
            missing
                .to_string()
                .contains("there is no store; create one")
        );
        let path = place.kind.file(place.path());
        let before = fs::read(&path).unwrap();
        let exists = place.kind.create_again(place.path());
        assert!(matches!(exists, StoreError::Exists { .. }), "{exists}");
        assert_eq!(fs::read(&path).unwrap(), before);
        start(place.open());
        if place.kind != Kind::Files {
            // The log of a store that was removed is not read into a new one.
            let log = folder.path().join("store.db-wal");
            fs::write(log, "").unwrap();
            let exists = place.kind.create_again(folder.path());
            assert!(matches!(exists, StoreError::Exists { .. }), "{exists}");
        }
    }
}
