//! Revocations that overtake the record of a key, or outlive it.

use portcullis::{Act, Credential, Directory, Reason, Tenant, VerifiedKey};

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

/// The act of an administrator.
fn act(now: u64) -> Act<'static> {
    Act::new(engine(true), "root", seconds(now))
}

#[test]
fn revoking_all_keys_reaches_one_that_is_no_longer_listed() {
    let d0 = reading(&["k9"]);
    let d1 = reading(&[]).succeeding(&d0).unwrap();
    let _ = d1.revoke_keys(&act(1_000), "tuser");
    let d2 = reading(&["k9"]).succeeding(&d1).unwrap();
    assert_eq!(denied(&d2, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn deleting_an_account_reaches_a_key_that_is_no_longer_listed() {
    let d0 = reading(&["k9"]);
    let mut d1 = reading(&[]).succeeding(&d0).unwrap();
    d1.delete_account(&act(1_000), "tuser").unwrap();
    let d2 = reading(&["k9"]).succeeding(&d1).unwrap();
    assert_eq!(denied(&d2, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn a_key_known_by_its_state_does_not_come_back_for_the_next_user_of_the_name() {
    let b = reading(&["k9"]);
    let mut a = reading(&[]);
    a.merge(&b.key_states()).unwrap();
    a.delete_account(&act(1_000), "tuser").unwrap();
    a.add_user(&account("tuser", "root", "super_admin")).unwrap();
    a.add_key(api_key("k9", "tuser", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn a_key_never_heard_of_does_not_come_back_for_the_next_user_of_the_name() {
    let mut a = reading(&[]);
    a.delete_account(&act(1_000), "tuser").unwrap();
    a.add_user(&account("tuser", "root", "super_admin")).unwrap();
    a.add_key(api_key("k9", "tuser", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn one_key_is_revoked_by_its_owner_before_its_record_arrives() {
    let mut a = reading(&[]);
    a.merge(&reading(&["k9"]).key_states()).unwrap();
    let own = Act::new(engine(true), "tuser", seconds(1_000));
    let _ = a.revoke_key(&own, "k9");
    a.add_key(api_key("k9", "tuser", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "tuser"), Some("key_revoked"));
}

#[test]
fn the_key_of_a_user_who_arrives_later_is_reached_as_well() {
    let mut a = reading(&[]);
    let states = r#"[{"key":"k9","owner":"new","state":"active"}]"#;
    a.merge(&serde_json::from_str(states).unwrap()).unwrap();
    a.add_user(&account("new", "root", "super_admin")).unwrap();
    let _ = a.revoke_keys(&act(1_000), "new");
    let own = Act::new(engine(true), "new", seconds(1_000));
    let _ = a.revoke_keys(&own, "new");
    a.add_key(api_key("k9", "new", 0), "key").unwrap();
    assert_eq!(denied(&a, "k9", "new"), Some("key_revoked"));
}

#[test]
fn a_purge_that_is_merged_leaves_no_row_in_an_older_successor() {
    let mut d0 = reading(&["k9"]);
    let older = d0.successor();
    let purged = r#"[{"key":"k9","owner":"tuser","state":"purged"}]"#;
    d0.merge(&serde_json::from_str(purged).unwrap()).unwrap();
    assert_eq!(d0.key_listings(seconds(2_000)).count(), 0);
    assert_eq!(older.key_listings(seconds(2_000)).count(), 0);
    assert_eq!(older.key_states(), d0.key_states());
}

#[test]
fn one_id_with_two_owners_stops_no_other_revocation() {
    let mut a = reading(&["k1", "m"]);
    let message = r#"[{"key":"k1","owner":"tuser","state":"revoked","revoked_at":7},
                      {"key":"m","owner":"padmin","state":"active"}]"#;
    let _ = a.merge(&serde_json::from_str(message).unwrap());
    assert_eq!(denied(&a, "k1", "tuser"), Some("key_revoked"));
    assert_eq!(denied(&a, "m", "tuser"), Some("key_revoked"));
}
