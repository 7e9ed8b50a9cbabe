//! Several replicas on which a name changes hands, while records and messages
//! of its keys come late, twice, or by way of a directory that is read anew.
//!
//! Two things must hold. What was revoked anywhere is allowed nowhere, once
//! every replica has heard of everything. And whoever has a name now is never
//! reached by a key that was made before the last one was removed.

use std::collections::BTreeSet;

use portcullis::directory::{Act, KeyStates};
use portcullis::{ApiKey, Credential, Directory, KeyKind, KeyState, Reason, Tenant, VerifiedKey};
use proptest::prelude::*;

use crate::world::{self, account, engine, new_key, seconds};

const NAME: &str = "heir";
const REPLICAS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Event {
    Create(usize),
    /// The record of a key arrives, whenever it was made.
    Arrive(usize, usize),
    Revoke(usize, usize),
    RevokeAll(usize),
    /// The host removes the user, or an administrator deletes the account.
    Remove(usize, bool),
    /// Somebody else is given the name.
    Add(usize),
    /// What one replica knows of the account reaches another.
    Account(usize, usize),
    Merge(usize, usize),
    Replay(usize, usize),
    Purge(usize),
    Succeed(usize),
    /// Everything is read anew, with the records of these keys.
    Reload(usize, u16),
}

fn events() -> impl Strategy<Value = Event> {
    let (one, key) = (|| 0..REPLICAS, || 0..12usize);
    prop_oneof![
        5 => one().prop_map(Event::Create),
        5 => (one(), key()).prop_map(|(at, key)| Event::Arrive(at, key)),
        3 => (one(), key()).prop_map(|(at, key)| Event::Revoke(at, key)),
        2 => one().prop_map(Event::RevokeAll),
        2 => (one(), any::<bool>()).prop_map(|(at, act)| Event::Remove(at, act)),
        3 => one().prop_map(Event::Add),
        3 => (one(), one()).prop_map(|(from, to)| Event::Account(from, to)),
        4 => (one(), one()).prop_map(|(from, to)| Event::Merge(from, to)),
        2 => (key(), one()).prop_map(|(message, to)| Event::Replay(message, to)),
        1 => one().prop_map(Event::Purge),
        1 => one().prop_map(Event::Succeed),
        3 => (one(), any::<u16>()).prop_map(|(at, keys)| Event::Reload(at, keys)),
    ]
}

/// A key, as whoever made it has it on record.
struct Made {
    id: String,
    at: u64,
}

impl Made {
    fn record(&self) -> ApiKey {
        ApiKey {
            id: self.id.parse().unwrap(),
            owner: NAME.parse().unwrap(),
            kind: KeyKind::Scoped,
            created_at: seconds(self.at),
            expires_at: None,
            state: KeyState::active(),
        }
    }
}

/// One replica, and who has the name there.
struct Replica {
    directory: Directory,
    /// The how-manieth user of the name.
    life: Option<u32>,
    /// When the last one was removed here.
    removed: Option<u64>,
}

struct Platform {
    replicas: Vec<Replica>,
    made: Vec<Made>,
    lives: u32,
    now: u64,
    messages: Vec<KeyStates>,
    revoked: BTreeSet<String>,
}

impl Platform {
    fn new() -> Self {
        let replica = || Replica {
            directory: world::directory(),
            life: None,
            removed: None,
        };
        Self {
            replicas: (0..REPLICAS).map(|_| replica()).collect(),
            made: Vec::new(),
            lives: 0,
            now: 1_000,
            messages: Vec::new(),
            revoked: BTreeSet::new(),
        }
    }

    fn remove(&mut self, at: usize, by_act: bool) {
        let replica = &mut self.replicas[at];
        if replica.life.take().is_none() {
            return;
        }
        let known = replica.directory.key_states();
        let own = known.iter().filter(|entry| entry.owner.as_str() == NAME);
        self.revoked.extend(own.map(|entry| entry.key.to_string()));
        if by_act {
            let act = Act::new(engine(true), "root", seconds(self.now));
            replica.directory.delete_account(&act, NAME).unwrap();
        } else {
            let name = NAME.parse().unwrap();
            replica
                .directory
                .remove_user(&name, seconds(self.now))
                .unwrap();
        }
        replica.removed = Some(self.now);
    }

    fn add(&mut self, at: usize, life: u32) {
        let replica = &mut self.replicas[at];
        let user = account(NAME, "root", "super_admin");
        replica.directory.add_user(&user).unwrap();
        replica.life = Some(life);
    }

    fn happen(&mut self, event: Event) {
        self.now += 1;
        let act = Act::new(engine(true), NAME, seconds(self.now));
        match event {
            Event::Create(at) => {
                let id = format!("k{}", self.made.len());
                let done = self.replicas[at]
                    .directory
                    .create_key(&act, new_key(&id, "key"));
                assert_eq!(done.is_ok(), self.replicas[at].life.is_some());
                if done.is_ok() {
                    self.made.push(Made { id, at: self.now });
                }
            }
            Event::Arrive(at, key) => {
                if let Some(made) = self.made.get(key) {
                    // It may be here already, or its owner may not.
                    let _ = self.replicas[at].directory.add_key(made.record(), "key");
                }
            }
            Event::Revoke(at, key) => {
                if let Some(made) = self.made.get(key) {
                    let done = self.replicas[at].directory.revoke_key(&act, &made.id);
                    self.revoked.extend(done.ok().map(|_| made.id.clone()));
                }
            }
            Event::RevokeAll(at) => {
                let records = self.replicas[at].directory.revoke_keys(&act, NAME);
                let ids = records.unwrap_or_default();
                self.revoked.extend(
                    ids.iter()
                        .map(|record| record.key.as_ref().unwrap().to_string()),
                );
                let states = self.replicas[at].directory.key_states();
                let left = states
                    .iter()
                    .any(|entry| entry.stage == portcullis::directory::KeyStage::Active);
                assert!(
                    self.replicas[at].life.is_none() || !left,
                    "one is not reached"
                );
            }
            Event::Remove(at, by_act) => self.remove(at, by_act),
            Event::Add(at) => {
                if self.replicas[at].life.is_none() {
                    self.lives += 1;
                    self.add(at, self.lives);
                }
            }
            Event::Account(from, to) => {
                if let Some(life) = self.replicas[from].life
                    && self.replicas[to].life.is_none_or(|own| own < life)
                {
                    self.remove(to, false);
                    self.add(to, life);
                }
            }
            Event::Merge(from, to) => {
                let message = self.replicas[from].directory.key_states();
                let merged = self.replicas[to].directory.merge(&message).unwrap();
                assert_eq!(merged.conflicts, []);
                self.messages.push(message);
            }
            Event::Replay(message, to) => {
                if let Some(message) = self.messages.get(message) {
                    let _ = self.replicas[to].directory.merge(message).unwrap();
                }
            }
            Event::Purge(at) => {
                let directory = &mut self.replicas[at].directory;
                directory
                    .purge_keys(engine(true), seconds(self.now), 3)
                    .unwrap();
            }
            Event::Succeed(at) => {
                let replica = &mut self.replicas[at];
                replica.directory = replica.directory.successor();
            }
            Event::Reload(at, keys) => {
                let replica = &mut self.replicas[at];
                let mut read = world::directory();
                if replica.life.is_some() {
                    read.add_user(&account(NAME, "root", "super_admin"))
                        .unwrap();
                    let chosen = self.made.iter().enumerate();
                    for (_, made) in chosen.filter(|(bit, _)| keys >> (bit % 16) & 1 == 1) {
                        read.add_key(made.record(), "key").unwrap();
                    }
                }
                let next = read.succeeding(&replica.directory).unwrap();
                assert_eq!(next.conflicts, []);
                replica.directory = next.directory;
            }
        }
    }

    fn is_allowed(&self, at: usize, key: &str) -> bool {
        let credential = Credential::ApiKey(VerifiedKey::basic(key, NAME));
        let principal = self.replicas[at]
            .directory
            .principal(&credential, seconds(self.now));
        let cases = engine(true).endpoint("GET", "/connect/api/v1/cases");
        let decision = engine(true).authorize(&principal, cases, Tenant::NOT_NAMED);
        decision.reason().map(Reason::code).is_none()
    }

    /// No key from before the last removal works for whoever has the name now.
    fn names_are_kept_apart(&self) {
        for (at, replica) in self.replicas.iter().enumerate() {
            let old = |made: &&Made| replica.removed.is_some_and(|removed| made.at <= removed);
            for made in self.made.iter().filter(old) {
                assert!(!self.is_allowed(at, &made.id), "{} on {at}", made.id);
            }
        }
    }

    fn exchange_everything(&mut self) {
        for _ in 0..2 {
            for (from, to) in (0..REPLICAS).flat_map(|from| (0..REPLICAS).map(move |to| (from, to)))
            {
                self.happen(Event::Merge(from, to));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_revoked_anywhere_is_allowed_nowhere_and_no_name_inherits_keys(
        history in prop::collection::vec(events(), 1..48),
    ) {
        let mut platform = Platform::new();
        for event in history {
            platform.happen(event);
            platform.names_are_kept_apart();
        }
        platform.exchange_everything();
        // Every record arrives everywhere, last of all.
        for at in 0..REPLICAS {
            for key in 0..platform.made.len() {
                platform.happen(Event::Arrive(at, key));
            }
        }
        platform.names_are_kept_apart();
        for key in &platform.revoked {
            for at in 0..REPLICAS {
                prop_assert!(!platform.is_allowed(at, key), "{} was revoked and works on {}", key, at);
            }
        }
        // A removal that a record met on one replica is told the others.
        platform.exchange_everything();
        let told: Vec<KeyStates> = platform.replicas.iter().map(|own| own.directory.key_states()).collect();
        prop_assert!(told.iter().all(|own| *own == told[0]));
    }
}
