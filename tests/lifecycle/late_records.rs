//! Revocations that overtake the record of a key, or outlive it.

use portcullis::directory::{Act, Merged};
use portcullis::{Credential, Directory, Reason, Tenant, VerifiedKey};

use crate::world::{self, account, api_key, engine, seconds};

/// How a call with the key's own secret is denied; none where it is allowed.
fn denied(directory: &Directory, key: &str, owner: &str) -> Option<&'static str> {
    let credential = Credential::ApiKey(VerifiedKey::basic(key, owner));
    let principal = directory.principal(&credential, seconds(2_000));
    let cases = engine(true).endpoint("GET", "/connect/api/v1/cases");
    engine(true)
        .authorize(&principal, cases, Tenant::NOT_NAMED)
        .reason()
        .map(Reason::code)
}

/// A reading of the host's records with these keys of `tuser`.
fn reading(keys: &[&str]) -> Directory {
    let mut directory = world::directory();
    for key in keys {
        directory.add_key(api_key(key, "tuser", 0), "key").unwrap();
    }
    directory
}

/// Joins a message.
fn merge(directory: &mut Directory, message: &str) -> Merged {
    directory
        .merge(&serde_json::from_str(message).unwrap())
        .unwrap()
}

/// The act of an administrator.
fn act(now: u64) -> Act<'static> {
    Act::new(engine(true), "root", seconds(now))
}

#[test]
fn revoking_all_keys_reaches_one_that_is_no_longer_listed() {
    let d0 = reading(&["k9"]);
    let d1 = reading(&[]).succeeding(&d0).unwrap().directory;
    let records = d1.revoke_keys(&act(1_000), "tuser").unwrap();
    assert_eq!(records[0].key.as_ref().unwrap().as_str(), "k9");
    let d2 = reading(&["k9"]).succeeding(&d1).unwrap().directory;
    assert_eq!(denied(&d2, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn deleting_an_account_reaches_a_key_that_is_no_longer_listed() {
    let d0 = reading(&["k9"]);
    let mut d1 = reading(&[]).succeeding(&d0).unwrap().directory;
    d1.delete_account(&act(1_000), "tuser").unwrap();
    let d2 = reading(&["k9"]).succeeding(&d1).unwrap().directory;
    assert_eq!(denied(&d2, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn a_key_known_by_its_state_does_not_come_back_for_the_next_user_of_the_name() {
    let b = reading(&["k9"]);
    let mut a = reading(&[]);
    assert_eq!(a.merge(&b.key_states()).unwrap().learned, 1);
    a.delete_account(&act(1_000), "tuser").unwrap();
    a.add_user(&account("tuser", "root", "super_admin"))
        .unwrap();
    a.add_key(api_key("k9", "tuser", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn a_key_never_heard_of_does_not_come_back_for_the_next_user_of_the_name() {
    let mut a = reading(&[]);
    a.delete_account(&act(1_000), "tuser").unwrap();
    a.add_user(&account("tuser", "root", "super_admin"))
        .unwrap();
    a.add_key(api_key("k9", "tuser", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn one_key_is_revoked_by_its_owner_before_its_record_arrives() {
    let mut a = reading(&[]);
    assert_eq!(a.merge(&reading(&["k9"]).key_states()).unwrap().learned, 1);
    let own = Act::new(engine(true), "tuser", seconds(1_000));
    a.revoke_key(&own, "k9").unwrap();
    a.add_key(api_key("k9", "tuser", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn the_key_of_a_user_who_arrives_later_is_reached_as_well() {
    let mut a = reading(&[]);
    let states = r#"[{"key":"k9","owner":"new","state":"active"}]"#;
    assert_eq!(merge(&mut a, states).learned, 1);
    a.add_user(&account("new", "root", "super_admin")).unwrap();
    let own = Act::new(engine(true), "new", seconds(1_000));
    assert_eq!(a.revoke_keys(&own, "new").unwrap().len(), 1);
    a.add_key(api_key("k9", "new", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "new"), Some("key_revoked"));
}

#[test]
fn a_user_who_arrives_gets_only_the_keys_of_their_own_name() {
    let mut a = reading(&[]);
    let states = r#"[{"key":"k9","owner":"new","state":"active"}]"#;
    assert_eq!(merge(&mut a, states).learned, 1);
    a.add_user(&account("first", "root", "super_admin"))
        .unwrap();
    let own = |user| Act::new(engine(true), user, seconds(1_000));
    assert!(a.revoke_keys(&own("first"), "first").unwrap().is_empty());
    a.add_user(&account("new", "root", "super_admin")).unwrap();
    assert_eq!(a.revoke_keys(&own("new"), "new").unwrap().len(), 1);
}

#[test]
fn a_purge_that_is_merged_leaves_no_row_in_an_older_successor() {
    let mut d0 = reading(&["k9"]);
    let older = d0.successor();
    let purged = r#"[{"key":"k9","owner":"tuser","state":"purged"}]"#;
    assert_eq!(merge(&mut d0, purged).learned, 1);
    assert_eq!(d0.key_listings(seconds(2_000)).count(), 0);
    assert_eq!(older.key_listings(seconds(2_000)).count(), 0);
    assert_eq!(older.key_states(), d0.key_states());
    assert!(older.key("k9").is_none() && older.keys().next().is_none());
    let used = older.record_access("k9", seconds(2_000));
    assert_eq!(used, Err(portcullis::directory::Refusal::UnknownKey));
    assert_eq!(
        denied(&older, "k9", "tuser"),
        Some("key_revoked"),
        "until it is put in place"
    );
    assert_eq!(
        denied(&older.successor(), "k9", "tuser"),
        Some("unknown_key")
    );
    // Nor does it come back: the id is taken, and nothing is purged twice.
    let mut older = older;
    assert_eq!(merge(&mut older, purged).learned, 0);
    assert_eq!(
        older.purge_keys(engine(true), seconds(2_000), 0),
        Ok(vec![])
    );
    assert!(older.add_key(api_key("k9", "tuser", 0), "key").is_err());
    assert_eq!(denied(&older, "k9", "tuser"), Some("unknown_key"));
}

#[test]
fn an_id_purged_in_one_successor_is_not_given_again_in_another() {
    let mut d0 = reading(&["k9"]);
    let mut d1 = reading(&[]).succeeding(&d0).unwrap().directory;
    assert_eq!(
        merge(
            &mut d0,
            r#"[{"key":"k9","owner":"tuser","state":"purged"}]"#
        )
        .learned,
        1
    );
    assert!(d1.add_key(api_key("k9", "tuser", 0), "key").is_err());
    let next = reading(&["k9"]).succeeding(&d1).unwrap().directory;
    assert_eq!(denied(&next, "k9", "tuser"), Some("unknown_key"));
    assert_eq!(next.key_listings(seconds(2_000)).count(), 0);
}

#[test]
fn removing_a_user_of_whom_only_keys_are_known_revokes_them() {
    let mut a = reading(&[]);
    let states = r#"[{"key":"k9","owner":"new","state":"active"}]"#;
    assert_eq!(merge(&mut a, states).learned, 1);
    a.remove_user(&"new".parse().unwrap(), seconds(1_000))
        .unwrap();
    assert!(
        a.remove_user(&"new".parse().unwrap(), seconds(1_000))
            .is_err()
    );
    a.add_user(&account("new", "root", "super_admin")).unwrap();
    a.add_key(api_key("k9", "new", 2_000), "key").unwrap();
    assert_eq!(denied(&a, "k9", "new"), Some("key_revoked"));
}

#[test]
fn a_key_is_the_removed_users_up_to_the_second_of_the_removal() {
    for (created, expected) in [
        (999, Some("key_revoked")),
        (1_000, Some("key_revoked")),
        (1_001, None),
    ] {
        let mut a = reading(&[]);
        a.delete_account(&act(1_000), "tuser").unwrap();
        a.add_user(&account("tuser", "root", "super_admin"))
            .unwrap();
        // In the directory itself, and in one that is read anew.
        let mut next = reading(&[]);
        next.add_key(api_key("k9", "tuser", created), "key")
            .unwrap();
        let mut next = next.succeeding(&a).unwrap().directory;
        assert_eq!(denied(&next, "k9", "tuser"), expected, "{created}");
        next.add_key(api_key("k8", "tuser", created), "key")
            .unwrap();
        assert_eq!(denied(&next, "k8", "tuser"), expected, "{created}");
        a.add_key(api_key("k9", "tuser", created), "key").unwrap();
        assert_eq!(denied(&a, "k9", "tuser"), expected, "{created}");
    }
    // Who makes a key of their own is there: it is theirs at any clock.
    let mut a = reading(&[]);
    a.delete_account(&act(1_000), "tuser").unwrap();
    a.add_user(&account("tuser", "root", "super_admin"))
        .unwrap();
    let own = Act::new(engine(true), "tuser", seconds(1_000));
    a.create_key(&own, world::new_key("k9", "key")).unwrap();
    assert_eq!(denied(&a, "k9", "tuser"), None);
    let next = reading(&["k9"]).succeeding(&a).unwrap().directory;
    assert_eq!(denied(&next, "k9", "tuser"), None);
}

#[test]
fn a_removal_keeps_the_first_instant_of_a_revocation() {
    let mut a = reading(&["k9"]);
    a.revoke_keys(&act(1_000), "tuser").unwrap();
    a.remove_user(&"tuser".parse().unwrap(), seconds(5))
        .unwrap();
    assert_eq!(
        a.key("k9").unwrap().state.revoked_at(),
        Some(seconds(1_000))
    );
}

#[test]
fn one_id_with_two_owners_stops_no_reload() {
    let before = reading(&["k1", "m"]);
    before.revoke_key(&act(1_000), "k1").unwrap();
    let read = || {
        let mut newer = reading(&["k1"]);
        newer.add_key(api_key("m", "padmin", 0), "key").unwrap();
        newer
    };
    let next = read().succeeding(&before).unwrap();
    assert_eq!(next.conflicts.len(), 1);
    let owners: Vec<&str> = next.conflicts[0]
        .owners
        .iter()
        .map(|own| own.as_str())
        .collect();
    assert_eq!(owners, ["padmin", "tuser"]);
    assert_eq!(denied(&before, "m", "tuser"), Some("key_revoked"));
    for directory in [&next.directory, &before] {
        assert_eq!(denied(directory, "k1", "tuser"), Some("key_revoked"));
    }
    // Every later reload goes through, and tells nothing that was told.
    let last = read().succeeding(&next.directory).unwrap();
    assert_eq!(last.conflicts, []);
    assert_eq!(denied(&last.directory, "m", "padmin"), Some("key_revoked"));
    assert_eq!(last.directory.key_states(), next.directory.key_states());
}

#[test]
fn one_id_with_two_owners_stops_no_other_revocation() {
    let mut a = reading(&["k1", "m"]);
    let message = r#"[{"key":"k1","owner":"tuser","state":"revoked","revoked_at":7},
                      {"key":"m","owner":"padmin","state":"active"}]"#;
    let merged = merge(&mut a, message);
    assert_eq!(merged.learned, 2);
    assert_eq!(
        merged
            .conflicts
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        [
            "key `m` belongs to `padmin` and to `tuser`, but an id is for one key: it is revoked for all of them; give them new keys"
        ]
    );
    assert_eq!(merge(&mut a, message), Merged::default(), "it is told once");
    assert_eq!(a.key("m").unwrap().state.revoked_at(), Some(seconds(0)));
    // The other side learns of it, too, and both know the same then.
    let mut b = world::directory();
    b.add_key(api_key("m", "padmin", 0), "key").unwrap();
    assert_eq!(
        b.merge(&a.key_states()).unwrap().conflicts,
        merged.conflicts
    );
    assert_eq!(denied(&b, "m", "padmin"), Some("key_revoked"));
    assert_eq!(b.key_states(), a.key_states());
    assert_eq!(denied(&a, "k1", "tuser"), Some("key_revoked"));
    assert_eq!(denied(&a, "m", "tuser"), Some("key_revoked"));
}

#[test]
fn a_removal_counts_where_the_user_is_not_there() {
    let mut b = reading(&[]);
    let new = "new".parse().unwrap();
    assert!(b.remove_user(&new, seconds(100)).is_err());
    assert!(b.remove_user(&new, seconds(1_000)).is_err());
    b.add_user(&account("new", "root", "super_admin")).unwrap();
    b.add_key(api_key("k9", "new", 500), "key").unwrap();
    assert_eq!(denied(&b, "k9", "new"), Some("key_revoked"));
    b.add_key(api_key("own", "new", 1_001), "key").unwrap();
    assert_eq!(denied(&b, "own", "new"), None);
}

#[test]
fn removals_survive_a_restart() {
    let mut a = reading(&["k9"]);
    a.remove_user(&"tuser".parse().unwrap(), seconds(1_000))
        .unwrap();
    a.add_user(&account("tuser", "root", "super_admin"))
        .unwrap();
    a.add_key(api_key("own", "tuser", 1_001), "key").unwrap();
    // Read from what was stored; of k9 nothing but its record comes later.
    let mut restarted = Directory::from_yaml(a.to_yaml().unwrap(), world::policy()).unwrap();
    for (user, at) in a.removals() {
        restarted.record_removal(user, at);
    }
    restarted
        .add_key(api_key("k9", "tuser", 500), "key")
        .unwrap();
    assert_eq!(denied(&restarted, "k9", "tuser"), Some("key_revoked"));
    assert_eq!(denied(&restarted, "own", "tuser"), None);
    assert!(restarted.removals().eq(a.removals()));
}

#[test]
fn a_removal_that_is_learned_revokes_the_keys_that_are_there() {
    let mut a = reading(&["k9"]);
    a.add_key(api_key("own", "tuser", 1_001), "key").unwrap();
    a.record_removal(&"tuser".parse().unwrap(), seconds(1_000));
    a.record_removal(&"tuser".parse().unwrap(), seconds(10));
    assert_eq!(denied(&a, "k9", "tuser"), Some("key_revoked"));
    assert_eq!(denied(&a, "own", "tuser"), None);
    assert_eq!(a.removals().count(), 1);
}

#[test]
fn one_id_with_two_owners_is_revoked_in_whatever_order_it_arrives() {
    let state = r#"[{"key":"k9","owner":"tuser","state":"active"}]"#;
    let bring = |directory: &mut Directory, owner: &str| {
        let added = directory.add_key(api_key("k9", owner, 0), "key");
        added.unwrap_err().to_string()
    };
    let mut first = reading(&[]);
    first.add_key(api_key("k9", "puser", 0), "key").unwrap();
    assert_eq!(merge(&mut first, state).conflicts.len(), 1);
    let mut second = reading(&[]);
    assert_eq!(merge(&mut second, state).learned, 1);
    assert_eq!(
        bring(&mut second, "puser"),
        "key `k9` belongs to `puser` and to `tuser`, but an id is for one key: it is revoked \
         for all of them; give them new keys"
    );
    let mut third = reading(&["k9"]);
    bring(&mut third, "puser");
    for directory in [&first, &second, &third] {
        assert_eq!(directory.key_states(), first.key_states());
        assert!(directory.key_states().stage("k9").is_some());
    }
    assert_eq!(denied(&third, "k9", "tuser"), Some("key_revoked"));
    second.add_key(api_key("k9", "tuser", 0), "key").unwrap();
    assert_eq!(denied(&second, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn a_revocation_on_record_holds_for_a_key_that_is_there() {
    let mut directory = reading(&["k9"]);
    let mut key = api_key("k9", "tuser", 0);
    key.state = portcullis::KeyState::revoked(seconds(7));
    assert!(directory.add_key(key, "key").is_err());
    assert_eq!(denied(&directory, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn a_removal_in_a_new_reading_reaches_the_keys_in_force() {
    let in_force = reading(&["k9"]);
    let mut next = reading(&[]);
    next.remove_user(&"tuser".parse().unwrap(), seconds(1_000))
        .unwrap();
    let next = next.succeeding(&in_force).unwrap().directory;
    for directory in [&in_force, &next] {
        let stage = directory.key_states().stage("k9");
        assert_eq!(
            stage,
            Some(portcullis::directory::KeyStage::Revoked(seconds(1_000)))
        );
    }
    assert_eq!(denied(&in_force, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn a_purge_that_a_new_reading_heard_of_is_one_in_force() {
    let in_force = reading(&["k9"]);
    let mut next = reading(&["k9"]);
    let purged = r#"[{"key":"k9","owner":"tuser","state":"purged"}]"#;
    assert_eq!(merge(&mut next, purged).learned, 1);
    let next = next.succeeding(&in_force).unwrap().directory;
    for directory in [&in_force, &next] {
        let stage = directory.key_states().stage("k9");
        assert_eq!(stage, Some(portcullis::directory::KeyStage::Purged));
    }
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn whatever_name_a_key_is_given_can_be_stored() {
    let mut directory = reading(&[]);
    let mut taken = 0_u32;
    for character in (0..=0x10_ffff).filter_map(char::from_u32) {
        let id = format!("k{taken}");
        let name = format!("a{character}b");
        taken += u32::from(directory.add_key(api_key(&id, "tuser", 0), &name).is_ok());
        // A document has a bound: by the thousand.
        if taken % 1_000 == 999 {
            assert!(directory.to_yaml().is_ok(), "up to {character:?}");
            (directory, taken) = (reading(&[]), 0);
        }
    }
    assert!(directory.to_yaml().is_ok());
}
