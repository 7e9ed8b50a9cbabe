//! The states of keys that replicas exchange, and how two of them are joined.

mod merged;

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use core::iter;
use core::mem;
use core::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::id::{KeyId, UserId};
use crate::key::KeyState;
use crate::time::UnixSeconds;
use crate::util::spelled::{Object, spelled};

pub use crate::directory::key_states::merged::{MergeError, Merged, OwnerConflict};

/// The stage of a key's life. A key never goes back.
///
/// The order is *active*, then *revoked* (an earlier revocation is further),
/// then *purged*.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyStage {
    /// Not revoked; it may have expired.
    Active,
    /// Revoked at an instant, for ever.
    Revoked(UnixSeconds),
    /// Only its name is kept, which is never given to another key.
    Purged,
}

impl KeyStage {
    /// The earliest stage of a key with two owners: revoked since the first
    /// instant. It is unknown since when it was wrong, and its row must not
    /// stay in lists for ever.
    pub(crate) const CONTESTED: Self = Self::Revoked(UnixSeconds::new(0));

    /// The further of two stages. Of two revocations the earlier counts.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Purged, _) | (_, Self::Purged) => Self::Purged,
            (Self::Revoked(one), Self::Revoked(two)) => Self::Revoked(one.min(two)),
            (Self::Revoked(at), Self::Active) | (Self::Active, Self::Revoked(at)) => {
                Self::Revoked(at)
            }
            (Self::Active, Self::Active) => Self::Active,
        }
    }

    /// The stage as a key's record can store it: see [`KeyState::revoke`].
    fn recorded(self) -> Self {
        match self {
            Self::Revoked(at) => Self::Revoked(KeyState::revoked(at).revoked_at().unwrap_or(at)),
            Self::Active | Self::Purged => self,
        }
    }
}

/// What replicas send each other about keys: the owner of each key, its stage,
/// and when it was last used.
///
/// Joining is commutative, associative and idempotent, and a key only goes
/// further. So messages may arrive late, twice, in any order, or in parts:
/// replicas that have joined all of them know the same. Keys are in the order
/// of their names.
///
/// One id names one key. If two owners have the same id, nobody knows whose
/// secret is whose. Then the key is revoked for all of them, and an
/// [`OwnerConflict`] reports it. Everything else is joined as usual.
///
/// Serialises as a list,
/// `[{"key":…,"owner":…,"state":"revoked","revoked_at":…,"last_access":…}]`,
/// in which a key has a row for each owner. `last_access` is left out if there
/// was none. If a list names a key twice, the rows are joined while it is read.
/// The format must describe itself, as JSON does: a format that writes objects
/// as bare lists of values is refused.
///
/// # Examples
///
/// ```
/// use portcullis::UnixSeconds;
/// use portcullis::directory::{KeyStage, KeyStates};
///
/// let mut here = KeyStates::default();
/// assert!(here.record("k1".parse()?, "ann".parse()?, KeyStage::Active).is_none());
///
/// let there: KeyStates =
///     serde_json::from_str(r#"[{"key":"k1","owner":"ann","state":"revoked","revoked_at":1764000000}]"#)?;
/// assert_eq!(here.join(&there).learned, 1);
/// assert_eq!(here.join(&there).learned, 0); // arrives once more and changes nothing
/// assert_eq!(here.stage("k1"), Some(KeyStage::Revoked(UnixSeconds::new(1_764_000_000))));
///
/// let conflict = here.record("k1".parse()?, "bob".parse()?, KeyStage::Active).unwrap();
/// assert_eq!(
///     conflict.to_string(),
///     "key `k1` belongs to `ann` and to `bob`, but an id is for one key: it is revoked for all of them; give them new keys"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyStates(BTreeMap<KeyId, Known>);

/// What is known of one key.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Known {
    /// Of several owners the first by name.
    owner: UserId,
    /// The others who have a key of this id.
    others: BTreeSet<UserId>,
    stage: KeyStage,
    last_access: Option<UnixSeconds>,
}

impl Known {
    /// Adds another owner. Returns whether it is new, which makes the key
    /// contested.
    fn claim(&mut self, mut other: UserId) -> bool {
        if self.owner == other || self.others.contains(&other) {
            return false;
        }
        if other < self.owner {
            mem::swap(&mut self.owner, &mut other);
        }
        self.others.insert(other);
        self.reach(KeyStage::CONTESTED);
        true
    }

    fn reach(&mut self, stage: KeyStage) {
        self.stage = self.stage.join(stage);
        self.access(None);
    }

    /// Joins an access. For a purged key no access is kept.
    fn access(&mut self, at: Option<UnixSeconds>) {
        self.last_access = match self.stage {
            KeyStage::Purged => None,
            KeyStage::Active | KeyStage::Revoked(_) => self.last_access.max(at),
        };
    }

    fn entry<'s>(&'s self, key: &'s KeyId) -> KeyEntry<'s> {
        KeyEntry {
            key,
            owner: &self.owner,
            others: &self.others,
            stage: self.stage,
            last_access: self.last_access,
        }
    }
}

/// One key of [`KeyStates`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct KeyEntry<'s> {
    /// The key.
    pub key: &'s KeyId,
    /// The owner; of several the first by name.
    pub owner: &'s UserId,
    others: &'s BTreeSet<UserId>,
    /// Its stage.
    pub stage: KeyStage,
    /// When it was last used, if it was.
    pub last_access: Option<UnixSeconds>,
}

impl<'s> KeyEntry<'s> {
    /// The owners of keys with this id, in the order of their names. Several if
    /// the id is contested.
    pub fn owners(&self) -> impl Iterator<Item = &'s UserId> + use<'s> {
        iter::once(self.owner).chain(self.others)
    }
}

impl KeyStates {
    /// Joins the state of one key. Returns the conflict if another user has
    /// this key as well.
    #[must_use = "a conflict is a key that was revoked because two owners have one id; log it"]
    pub fn record(&mut self, key: KeyId, owner: UserId, stage: KeyStage) -> Option<OwnerConflict> {
        let known = self.0.entry(key.clone()).or_insert_with(|| Known {
            owner: owner.clone(),
            others: BTreeSet::new(),
            stage: KeyStage::Active,
            last_access: None,
        });
        known.reach(stage.recorded());
        known.claim(owner).then(|| {
            let owners = known.entry(&key).owners().cloned().collect();
            OwnerConflict { key, owners }
        })
    }

    /// Joins an access of a key. The latest instant is kept. Does nothing if
    /// the key is unknown or purged.
    pub fn record_access(&mut self, key: &str, at: UnixSeconds) {
        if let Some(known) = self.0.get_mut(key) {
            known.access(Some(at.min(UnixSeconds::new(u64::MAX - 1))));
        }
    }

    /// Joins the states of another replica.
    pub fn join(&mut self, other: &Self) -> Merged {
        let mut merged = Merged::default();
        for entry in other.iter() {
            let before = self.0.get(entry.key).cloned();
            let mut news = false;
            for owner in entry.owners() {
                let conflict = self.record(entry.key.clone(), owner.clone(), entry.stage);
                news |= conflict.is_some();
            }
            let Some(known) = self.0.get_mut(entry.key) else {
                continue;
            };
            known.access(entry.last_access);
            merged.learned += usize::from(before.as_ref() != Some(known));
            if news {
                merged.conflicts.push(OwnerConflict {
                    key: entry.key.clone(),
                    owners: known.entry(entry.key).owners().cloned().collect(),
                });
            }
        }
        merged
    }

    /// The stage of a key, if it is known.
    pub fn stage(&self, key: &str) -> Option<KeyStage> {
        self.0.get(key).map(|known| known.stage)
    }

    /// Every key with what is known of it, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = KeyEntry<'_>> {
        self.0.iter().map(|(key, known)| known.entry(key))
    }

    /// How many keys are known.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One key of a list, as it is written.
#[derive(Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(deserialize_with = "spelled")]
    key: KeyId,
    #[serde(deserialize_with = "spelled")]
    owner: UserId,
    #[serde(deserialize_with = "spelled")]
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<UnixSeconds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_access: Option<UnixSeconds>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Active,
    Revoked,
    Purged,
}

impl FromStr for State {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "active" => Ok(Self::Active),
            "revoked" => Ok(Self::Revoked),
            "purged" => Ok(Self::Purged),
            _ => Err("a key is `active`, `revoked` or `purged`"),
        }
    }
}

impl Serialize for KeyStates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self
            .iter()
            .flat_map(|entry| entry.owners().map(move |owner| (entry, owner)));
        serializer.collect_seq(rows.map(|(entry, owner)| {
            let (state, revoked_at) = match entry.stage {
                KeyStage::Active => (State::Active, None),
                KeyStage::Revoked(at) => (State::Revoked, Some(at)),
                KeyStage::Purged => (State::Purged, None),
            };
            Written {
                key: entry.key.clone(),
                owner: owner.clone(),
                state,
                revoked_at,
                last_access: entry.last_access,
            }
        }))
    }
}

impl<'de> Deserialize<'de> for KeyStates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = KeyStates;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of keys with their owners and states")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<KeyStates, A::Error> {
        let mut states = KeyStates::default();
        while let Some(Object(Written {
            key,
            owner,
            state,
            revoked_at,
            last_access,
        })) = list.next_element()?
        {
            let stage = match (state, revoked_at) {
                (State::Active, None) => KeyStage::Active,
                (State::Revoked, Some(at)) => KeyStage::Revoked(at),
                (State::Purged, None) => KeyStage::Purged,
                (State::Revoked, None) => {
                    return Err(A::Error::custom(format_args!(
                        "key `{key}` is revoked; add its `revoked_at`"
                    )));
                }
                (State::Active | State::Purged, Some(_)) => {
                    return Err(A::Error::custom(format_args!(
                        "key `{key}` is not revoked; remove its `revoked_at`"
                    )));
                }
            };
            let used = last_access.map(|at| (key.clone(), at));
            // The key keeps its owners, so the conflict is reported when the
            // list is joined.
            let _of_this_list = states.record(key, owner, stage);
            if let Some((key, at)) = used {
                states.record_access(key.as_str(), at);
            }
        }
        Ok(states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use std::string::ToString;

    fn stages() -> Vec<KeyStage> {
        let revoked = [0, 1, 600, u64::MAX - 1].map(|at| KeyStage::Revoked(UnixSeconds::new(at)));
        [KeyStage::Active, KeyStage::Purged]
            .into_iter()
            .chain(revoked)
            .collect()
    }

    #[test]
    fn the_join_is_a_semilattice() {
        for a in stages() {
            assert_eq!(a.join(a), a);
            for b in stages() {
                assert_eq!(a.join(b), b.join(a));
                for c in stages() {
                    assert_eq!(a.join(b).join(c), a.join(b.join(c)));
                }
            }
        }
    }

    #[test]
    fn a_contested_id_is_revoked_for_both_and_the_rest_is_joined() {
        let states = |list: &str| serde_json::from_str::<KeyStates>(list).unwrap();
        let mut here = states(r#"[{"key":"b","owner":"u","state":"active"}]"#);
        let there = states(
            r#"[{"key":"a","owner":"u","state":"purged"},{"key":"b","owner":"v","state":"active"}]"#,
        );
        let merged = here.join(&there);
        assert_eq!((merged.learned, merged.conflicts.len()), (2, 1));
        let rows = r#"[{"key":"a","owner":"u","state":"purged"},{"key":"b","owner":"u","state":"revoked","revoked_at":0},{"key":"b","owner":"v","state":"revoked","revoked_at":0}]"#;
        assert_eq!(serde_json::to_string(&here).unwrap(), rows);
        assert_eq!(states(rows), here, "the conflict travels");
        assert_eq!(here.join(&there), Merged::default(), "and is told once");
        let mut third = states(r#"[{"key":"b","owner":"t","state":"purged"}]"#);
        let merged = third.join(&here);
        assert_eq!(
            merged.conflicts[0].to_string(),
            "key `b` belongs to `t` and to `u` and to `v`, but an id is for one key: it is revoked for all of them; give them new keys"
        );
        assert_eq!(third.stage("b"), Some(KeyStage::Purged));
    }

    #[test]
    fn the_last_access_travels_and_the_latest_is_kept() {
        let states = |list: &str| serde_json::from_str::<KeyStates>(list).unwrap();
        let mut here = states(r#"[{"key":"k","owner":"u","state":"active","last_access":7}]"#);
        let later = states(
            r#"[{"key":"k","owner":"u","state":"revoked","revoked_at":9,"last_access":18446744073709551615}]"#,
        );
        let mut back = later.clone();
        assert_eq!(
            (here.join(&later).learned, back.join(&here).learned),
            (1, 0)
        );
        assert_eq!(here, back);
        assert_eq!(
            serde_json::to_string(&here).unwrap(),
            r#"[{"key":"k","owner":"u","state":"revoked","revoked_at":9,"last_access":18446744073709551614}]"#
        );
        // For a purged key nothing is kept, in any order.
        let purged = states(r#"[{"key":"k","owner":"u","state":"purged","last_access":3}]"#);
        let _ = here.join(&purged);
        let mut other = purged.clone();
        let _ = other.join(&later);
        assert_eq!((&here, &other), (&purged, &purged));
        assert_eq!(purged.iter().next().unwrap().last_access, None);
        here.record_access("unknown", UnixSeconds::new(1));
        assert_eq!(here.len(), 1);
    }

    #[test]
    fn lists_are_read_strictly_and_joined() {
        let read =
            |list: &str| serde_json::from_str::<KeyStates>(list).map_err(|error| error.to_string());
        let twice = r#"[{"key":"a","owner":"u","state":"revoked","revoked_at":7},
                        {"key":"a","owner":"u","state":"revoked","revoked_at":5}]"#;
        let states = read(twice).unwrap();
        assert_eq!(
            states.stage("a"),
            Some(KeyStage::Revoked(UnixSeconds::new(5)))
        );
        assert_eq!((states.len(), states.is_empty()), (1, false));
        let none = read("[]").unwrap();
        assert_eq!((none.len(), none.is_empty()), (0, true));
        let told = read("7").unwrap_err();
        assert!(told.contains("expected a list of keys with"), "{told}");
        let written = r#"[{"key":"a","owner":"u","state":"revoked","revoked_at":5}]"#;
        assert_eq!(serde_json::to_string(&states).unwrap(), written);
        for wrong in [
            r#"[{"key":"a","owner":"u","state":"revoked"}]"#,
            r#"[{"key":"a","owner":"u","state":"active","revoked_at":5}]"#,
            r#"[{"key":"a b","owner":"u","state":"active"}]"#,
            r#"[{"key":"a","owner":"u","state":"gone"}]"#,
            r#"[{"key":"a","owner":"u","state":"active","name":"x"}]"#,
            r#"[{"key":"a","key":"a","owner":"u","state":"active"}]"#,
            r#"[{"key":"a","owner":"u","state":"active","last_access":null,"last_access":1}]"#,
            r#"[{"key":"a","owner":"u","state":"active","last_access":"1"}]"#,
            r#"[{"key":"a","owner":"u","state":"revoked","revoked_at":-1}]"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_instant_is_recorded_as_a_key_records_it() {
        let mut states = KeyStates::default();
        let last = KeyStage::Revoked(UnixSeconds::new(u64::MAX));
        assert_eq!(
            states.record("k".parse().unwrap(), "u".parse().unwrap(), last),
            None
        );
        assert_eq!(
            states.stage("k"),
            Some(KeyStage::Revoked(UnixSeconds::new(u64::MAX - 1)))
        );
    }
}
