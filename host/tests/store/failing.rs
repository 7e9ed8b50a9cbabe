//! Stores that fail, are locked, or are taken away.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::directory::{ActivityRecord, KeyStates};
use portcullis::{Policy, UnixSeconds, UserId};
use portcullis_host::store::{News, Sequence, Store, StoreError, Stored, StoredKey};
use portcullis_host::{CreateKeyError, Live, RefreshError, RevokeError};

use crate::setting::{Kind, NOW, Place, is_revoked, now, places, start, works};

/// A store that can be made to fail.
#[derive(Debug)]
struct Failing {
    inner: Arc<dyn Store>,
    fails: AtomicBool,
}

impl Failing {
    fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        let fails = AtomicBool::new(false);
        Arc::new(Self { inner, fails })
    }

    fn set(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    fn inner(&self) -> Result<&dyn Store, StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::Io {
                path: PathBuf::from("store"),
                error: io::Error::other("the disk is gone"),
            });
        }
        Ok(&*self.inner)
    }
}

impl Store for Failing {
    fn load(&self, policy: &Policy) -> Result<Stored, StoreError> {
        self.inner()?.load(policy)
    }

    fn news(&self, since: Sequence) -> Result<News, StoreError> {
        self.inner()?.news(since)
    }

    fn append_states(&self, states: &KeyStates) -> Result<(), StoreError> {
        self.inner()?.append_states(states)
    }

    fn add_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.inner()?.add_key(key)
    }

    fn keep_accesses(&self, states: &KeyStates) -> Result<(), StoreError> {
        self.inner()?.keep_accesses(states)
    }

    fn append_activity(&self, records: &[ActivityRecord]) -> Result<(), StoreError> {
        self.inner()?.append_activity(records)
    }

    fn activity_of(&self, actor: &UserId, most: usize) -> Result<Vec<String>, StoreError> {
        self.inner()?.activity_of(actor, most)
    }
}

/// The error of a revocation that is in force and not stored.
fn not_durable(live: &Live, key: &str) -> StoreError {
    let refused = live.revoke_key("msp", key, now()).unwrap_err();
    let RevokeError::NotDurable { error, .. } = refused else {
        panic!("{refused}");
    };
    assert!(is_revoked(live, key));
    error
}

#[test]
fn a_revocation_that_cannot_be_stored_is_in_force_and_not_acknowledged() {
    for place in places() {
        let store = Failing::new(place.open());
        let live = start(store.clone());
        let own = live.create_key("msp", "one", None, now()).unwrap().key;
        store.set(true);
        not_durable(&live, "k1");
        assert_eq!(live.unstored(), 1);
        // Whoever tries again does not hear that all is well.
        not_durable(&live, "k1");
        let all = live.revoke_keys("msp", "msp", now()).unwrap_err();
        let RevokeError::NotDurable { records, .. } = all else {
            panic!("{all}");
        };
        assert!(
            records
                .iter()
                .any(|record| record.key.as_ref() == Some(&own))
        );
        let none = live.revoke_keys("msp", "msp", now()).unwrap_err();
        assert!(matches!(none, RevokeError::NotDurable { records, .. } if records.is_empty()));
        assert!(live.unstored() > 1);
        assert!(
            !is_revoked(&place.start(), own.as_str()),
            "a restart would lose it"
        );

        store.set(false);
        live.refresh(now()).unwrap();
        assert_eq!(live.unstored(), 0);
        let again = place.start();
        assert!(is_revoked(&again, "k1") && is_revoked(&again, own.as_str()));
        // Now it is as ever: revoked before.
        let refused = live.revoke_key("msp", "k1", now()).unwrap_err();
        assert!(matches!(refused, RevokeError::Refused(_)), "{refused}");
    }
}

#[test]
fn a_key_that_cannot_be_stored_does_not_exist() {
    for place in places() {
        let store = Failing::new(place.open());
        let live = start(store.clone());
        let count = || live.load().directory().keys().count();
        let before = count();
        store.set(true);
        let error = live.create_key("msp", "one", None, now()).unwrap_err();
        assert!(matches!(error, CreateKeyError::NotStored(_)), "{error}");
        assert_eq!(count(), before);
        store.set(false);
        live.create_key("msp", "one", None, now()).unwrap();
        assert_eq!(count(), before + 1);
    }
}

#[test]
fn without_the_word_of_the_store_the_snapshot_grows_old() {
    for place in places() {
        let store = Failing::new(place.open());
        let live = start(store.clone());
        store.set(true);
        let later = UnixSeconds::new(NOW + 61);
        assert!(matches!(live.refresh(later), Err(RefreshError::Store(_))));
        assert_eq!(live.age(later), Some(61));
        assert!(live.is_too_old(later));
        store.set(false);
        live.refresh(later).unwrap();
        assert!(!live.is_too_old(later));
    }
}

/// Holds the lock of a store until it is dropped.
fn locked(place: &Place) -> Box<dyn std::any::Any> {
    let path = place.kind.file(place.path());
    match place.kind {
        Kind::Files => {
            let file = fs::File::open(path).unwrap();
            file.lock().unwrap();
            Box::new(file)
        }
        #[cfg(feature = "sqlite")]
        Kind::Sqlite => {
            let database = rusqlite::Connection::open(path).unwrap();
            database.execute_batch("BEGIN IMMEDIATE").unwrap();
            Box::new(database)
        }
    }
}

#[test]
fn a_locked_store_is_read_and_a_revocation_waits_and_then_fails() {
    for place in places() {
        let live = place.start();
        let lock = locked(&place);
        let error = not_durable(&live, "k1");
        assert!(matches!(error, StoreError::Busy { .. }), "{error}");
        let error = live.create_key("msp", "one", None, now()).unwrap_err();
        assert!(matches!(
            error,
            CreateKeyError::NotStored(StoreError::Busy { .. })
        ));
        // What another process says is heard; what this one has to say is not.
        let later = UnixSeconds::new(NOW + 50);
        assert!(matches!(
            live.refresh(later),
            Err(RefreshError::NotStored(_))
        ));
        assert_eq!(live.age(later), Some(0));
        drop(lock);
        live.refresh(later).unwrap();
        assert!(is_revoked(&place.start(), "k1"));
    }
}

#[test]
fn a_store_that_is_removed_while_it_is_used_acknowledges_nothing() {
    for place in places() {
        for way in ["removed", "replaced"] {
            let folder = tempfile::tempdir().unwrap();
            place.kind.create(folder.path());
            let store = place.kind.open(folder.path()).unwrap();
            let live = start(store);
            let path = place.kind.file(folder.path());
            let away = folder.path().join("away");
            fs::rename(&path, &away).unwrap();
            if way == "replaced" {
                fs::copy(&away, &path).unwrap();
            }
            let error = live.revoke_key("msp", "k1", now());
            let later = UnixSeconds::new(NOW + 61);
            if way == "replaced" && place.kind == Kind::Files {
                // The journal is opened for each line, so it is in the new file.
                error.unwrap();
                assert!(is_revoked(
                    &start(place.kind.open(folder.path()).unwrap()),
                    "k1"
                ));
                continue;
            }
            let error = error.unwrap_err();
            let RevokeError::NotDurable { error, .. } = error else {
                panic!("{error}");
            };
            assert!(matches!(error, StoreError::Missing { .. }), "{error}");
            assert!(is_revoked(&live, "k1"));
            assert!(live.create_key("msp", "one", None, now()).is_err());
            assert!(live.refresh(later).is_err());
            assert!(live.is_too_old(later), "{way}");
            if way == "removed" {
                assert!(place.kind.open(folder.path()).is_err());
                // Put back, it is used again, and given what it lacks.
                fs::rename(&away, &path).unwrap();
                live.refresh(later).unwrap();
                drop(live);
                assert!(is_revoked(
                    &start(place.kind.open(folder.path()).unwrap()),
                    "k1"
                ));
            }
        }
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn a_write_ahead_log_that_is_removed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    Kind::Sqlite.create(folder.path());
    let live = start(Kind::Sqlite.open(folder.path()).unwrap());
    live.revoke_key("msp", "k1", now()).unwrap();
    fs::remove_file(folder.path().join("store.db-wal")).unwrap();
    let error = live.create_key("msp", "one", None, now()).unwrap_err();
    assert!(matches!(
        error,
        CreateKeyError::NotStored(StoreError::Missing { .. })
    ));
    assert!(live.refresh(now()).is_err());
}

/// A backup that was put in place lacks a revocation. The process gives it back.
#[test]
fn a_backup_in_the_place_of_the_journal_brings_no_key_back() {
    let folder = tempfile::tempdir().unwrap();
    Kind::Files.create(folder.path());
    let live = start(Kind::Files.open(folder.path()).unwrap());
    let created = live.create_key("msp", "one", None, now()).unwrap();
    let journal = folder.path().join("journal");
    let backup = fs::read(&journal).unwrap();
    live.revoke_key("msp", "k1", now()).unwrap();
    live.revoke_key("msp", created.key.as_str(), now()).unwrap();
    fs::write(&journal, &backup).unwrap();
    live.refresh(now()).unwrap();
    assert!(is_revoked(&live, "k1"));
    let again = start(Kind::Files.open(folder.path()).unwrap());
    assert!(is_revoked(&again, "k1"));
    assert!(!works(&again, "msp", created.secret.reveal()));
}
