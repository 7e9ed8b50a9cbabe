//! The snapshot in force, and how it changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use portcullis::directory::{KeyStage, Refusal};
use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Reason, UnixSeconds};
use portcullis_host::{Change, CreateKeyError, Live, ReloadError, RevokeError, Secret};

use serde_json::json;

use crate::setting::{CASES, NOW, basic, gate, live, request, secret, secrets, send, snapshot_of};

fn now() -> UnixSeconds {
    UnixSeconds::new(NOW)
}

fn reload(live: &Live, policy: &str, directory: &str, release: &str) -> Result<(), ReloadError> {
    let deployment = Deployment::new(release.parse().unwrap());
    live.reload_yaml(policy, directory, deployment, secrets())
        .map(|_| ())
}

/// The status of a request with the key `k1`.
fn status(live: &Arc<Live>) -> u16 {
    let own = basic("msp", &secret("k1"));
    match send(
        gate(live),
        request("GET", CASES, &[("authorization", &own)]),
    ) {
        Ok(_) => 200,
        Err(answer) => answer.status().as_u16(),
    }
}

#[test]
fn a_revocation_is_in_force_at_once_and_no_reload_loses_it() {
    let live = live();
    assert_eq!(status(&live), 200);
    // Somebody decides by the snapshot from before.
    let before = live.load();
    live.revoke_key("msp", "k1", now()).unwrap();
    assert!(before.directory().key("k1").unwrap().state.is_revoked());
    assert_eq!(status(&live), 401);
    reload(&live, EMBEDDED_POLICY, EMBEDDED_DIRECTORY, "5.5.0").unwrap();
    assert_eq!(status(&live), 401);
}

#[test]
fn what_is_faulty_changes_nothing() {
    let live = live();
    let digest = live.load().engine().policy().digest();
    let without_msp = EMBEDDED_DIRECTORY.replace("owner: msp,", "owner: nobody,");
    for (policy, directory, release) in [
        ("version: 2", EMBEDDED_DIRECTORY, "5.5.0"),
        (EMBEDDED_POLICY, &without_msp, "5.5.0"),
        (EMBEDDED_POLICY, EMBEDDED_DIRECTORY, "9.9.9"),
    ] {
        assert!(reload(&live, policy, directory, release).is_err());
        assert_eq!(live.load().engine().policy().digest(), digest);
        assert_eq!(
            live.load().engine().deployment().release().to_string(),
            "5.5.0"
        );
        assert_eq!(status(&live), 200);
    }
}

#[test]
fn a_new_release_is_in_force_with_the_next_request() {
    let live = live();
    assert_eq!(status(&live), 200);
    // From 5.5.0s on, keys by Basic are refused.
    reload(&live, EMBEDDED_POLICY, EMBEDDED_DIRECTORY, "5.5.0s").unwrap();
    assert_eq!(status(&live), 401);
}

#[test]
fn a_created_key_works_at_once_for_its_owner_alone() {
    let live = live();
    let created = live.create_key("msp", "nightly", None, now()).unwrap();
    assert!(Secret::is_well_formed(created.secret.reveal()));
    assert_eq!(created.record.operation.code(), "create_key");
    let ask = |user: &str| {
        let own = basic(user, created.secret.reveal());
        send(
            gate(&live),
            request("GET", CASES, &[("authorization", &own)]),
        )
    };
    assert_eq!(ask("msp").unwrap().allowed.key.as_ref(), Some(&created.key));
    assert!(ask("ann").is_err());
    live.revoke_keys("msp", "msp", now()).unwrap();
    assert!(ask("msp").is_err());
    assert_eq!(status(&live), 401);
}

#[test]
fn who_may_not_creates_and_revokes_nothing() {
    let live = live();
    let keys = live.load().directory().keys().count();
    let refused = live.create_key("nobody", "x", None, now()).unwrap_err();
    assert!(matches!(refused, CreateKeyError::Refused(_)), "{refused}");
    let refused = live.revoke_key("tenant-user", "k1", now()).unwrap_err();
    let RevokeError::Refused(refused) = refused else {
        panic!("{refused}");
    };
    assert_eq!(refused.refusal, Refusal::UnknownKey);
    assert_eq!(live.load().directory().keys().count(), keys);
    assert_eq!(live.load().secrets().len(), secrets().len());
    assert_eq!(status(&live), 200);
}

#[test]
fn subscribers_see_every_snapshot() {
    let (live, seen) = (live(), Arc::new(AtomicUsize::new(0)));
    let count = seen.clone();
    let revoked = Arc::new(AtomicUsize::new(0));
    let count_revoked = revoked.clone();
    live.subscribe(move |change| match change {
        Change::Snapshot(snapshot) => {
            assert!(snapshot.directory().key("k1").is_some());
            count.fetch_add(1, Ordering::SeqCst);
        }
        Change::States(states) => {
            assert_eq!(states.stage("k1"), Some(KeyStage::Revoked(now())));
            count_revoked.fetch_add(1, Ordering::SeqCst);
        }
        _ => panic!("{change:?}"),
    });
    reload(&live, EMBEDDED_POLICY, EMBEDDED_DIRECTORY, "5.5.0").unwrap();
    live.create_key("msp", "nightly", None, now()).unwrap();
    assert!(reload(&live, "version: 2", EMBEDDED_DIRECTORY, "5.5.0").is_err());
    assert_eq!(seen.load(Ordering::SeqCst), 2);
    live.revoke_key("msp", "k1", now()).unwrap();
    assert!(live.revoke_key("msp", "k1", now()).is_err());
    assert_eq!(revoked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_user_has_only_so_many_keys() {
    let snapshot = snapshot_of(EMBEDDED_POLICY, "5.5.0", EMBEDDED_DIRECTORY);
    let own = snapshot.directory().keys();
    let own = own.filter(|(_, owner)| owner.as_str() == "msp").count();
    let live = Live::new(snapshot).most_keys(own + 1);
    let first = live.create_key("msp", "one", None, now()).unwrap().key;
    let refused = live.create_key("msp", "two", None, now()).unwrap_err();
    let CreateKeyError::Refused(refused) = refused else {
        panic!("{refused}");
    };
    assert_eq!(refused.refusal, Refusal::TooManyKeys { most: own + 1 });
    let record = serde_json::to_value(&refused.record).unwrap();
    let fields = ["actor", "operation", "account", "key", "decision", "reason"];
    let expected = json!(["msp", "create_key", "msp", null, "deny", "too_many_keys"]);
    assert_eq!(json!(fields.map(|name| &record[name])), expected);
    // A revoked key counts until it is purged.
    live.revoke_key("msp", first.as_str(), now()).unwrap();
    assert!(live.create_key("msp", "two", None, now()).is_err());
    let later = UnixSeconds::new(NOW + 10);
    assert!(!live.purge_keys(later, 10).unwrap().is_empty());
    assert!(live.load().directory().key(first.as_str()).is_none());
    live.create_key("msp", "two", None, now()).unwrap();
}

/// A user who may not create a key costs no copy of the directory.
#[test]
fn a_refused_act_copies_nothing() {
    let live = live();
    let before = Arc::as_ptr(&live.load());
    for actor in ["nobody", "single-sign-on"] {
        assert!(live.create_key(actor, "x", None, now()).is_err());
    }
    assert!(live.create_key("msp", " ", None, now()).is_err());
    assert_eq!(Arc::as_ptr(&live.load()), before);
}

/// Keys are created on one thread, documents reloaded on another and keys revoked
/// on a third; no revocation is lost and no created key forgotten as an id.
#[test]
fn writers_on_several_threads_lose_nothing() {
    let live = live();
    let created = thread::scope(|scope| {
        let create = scope.spawn(|| {
            let create = |_| live.create_key("msp", "one", None, now()).unwrap().key;
            (0..30).map(create).collect::<Vec<_>>()
        });
        scope.spawn(|| {
            for _ in 0..10 {
                // The documents know nothing of the new keys, so they end here.
                reload(&live, EMBEDDED_POLICY, EMBEDDED_DIRECTORY, "5.5.0").unwrap();
            }
        });
        scope.spawn(|| live.revoke_key("msp", "k1", now()).unwrap());
        create.join().unwrap()
    });
    assert_eq!(status(&live), 401);
    let known: Vec<String> = {
        let snapshot = live.load();
        let keys = snapshot.directory().key_states();
        keys.iter().map(|entry| entry.key.to_string()).collect()
    };
    for key in created {
        assert!(known.contains(&key.to_string()), "{key}");
    }
}

/// 5.5.0 allows the request, and 5.4.0 is for root users with Super Admin alone. A
/// request that mixed the two would be denied for another reason.
#[test]
fn one_request_is_judged_by_one_snapshot() {
    let live = live();
    let own = basic("msp", &secret("k1"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for release in ["5.4.0", "5.5.0"].into_iter().cycle().take(20) {
                reload(&live, EMBEDDED_POLICY, EMBEDDED_DIRECTORY, release).unwrap();
            }
        });
        for _ in 0..500 {
            let request = request("GET", CASES, &[("authorization", &own)]);
            if let Err(answer) = send(gate(&live), request) {
                let body = std::str::from_utf8(answer.body()).unwrap().to_owned();
                assert!(body.contains(Reason::AccountNotEligible.text()), "{body}");
            }
        }
    });
}

/// A host that puts another directory in place in `change` loses no revocation.
#[test]
fn a_directory_put_in_place_by_a_change_knows_what_was_revoked() {
    let live = live();
    live.revoke_key("msp", "k1", now()).unwrap();
    live.change(|engine, directory, _| {
        *directory = Directory::from_yaml(EMBEDDED_DIRECTORY, engine.policy())?;
        Ok::<_, portcullis::Faults>(())
    })
    .unwrap();
    assert_eq!(status(&live), 401);
}

#[test]
fn what_is_read_while_nobody_writes_uses_the_engine_again() {
    let live = live();
    live.revoke_key("msp", "k1", now()).unwrap();
    live.reload_with(|before| {
        let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, before.engine().policy());
        let directory = directory.map_err(ReloadError::Directory)?;
        Ok::<_, ReloadError>((before.engine().clone(), directory, before.secrets().clone()))
    })
    .unwrap();
    assert_eq!(status(&live), 401);
    assert_eq!(live.load().secrets().len(), secrets().len());
}
