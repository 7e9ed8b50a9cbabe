//! The states of keys as they travel between replicas, and how two of them
//! become one.

use alloc::collections::BTreeMap;
use core::fmt;
use core::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::id::{KeyId, UserId};
use crate::key::KeyState;
use crate::spelled::{Object, spelled, word};
use crate::time::UnixSeconds;

/// How far a key has come in its life. There is no way back.
///
/// The order is *active*, then *revoked* (and the earlier the further), then
/// *purged*.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyStage {
    /// Not revoked; it may have expired.
    Active,
    /// Revoked at an instant, for ever.
    Revoked(UnixSeconds),
    /// Forgotten but for its name, which is never given to another key.
    Purged,
}

impl KeyStage {
    /// The further of two stages: what two replicas that know one each agree
    /// on. Of two revocations the earlier counts.
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

    /// The stage as a key's record can hold it: see [`KeyState::revoke`].
    fn recorded(self) -> Self {
        match self {
            Self::Revoked(at) => Self::Revoked(KeyState::revoked(at).revoked_at().unwrap_or(at)),
            Self::Active | Self::Purged => self,
        }
    }
}

/// What replicas tell each other about keys: of each key its owner and its
/// stage, and nothing else.
///
/// Joining is commutative, associative and idempotent, and it only ever takes
/// a key further. So a message may arrive late, twice, in any order, and as a
/// part of the whole: whoever has joined all of them knows the same. The
/// order is that of the keys' names.
///
/// Serialises as a list, `[{"key":…,"owner":…,"state":"revoked","revoked_at":…}]`;
/// a list that names a key twice is joined while it is read.
///
/// # Examples
///
/// ```
/// use portcullis::{KeyStage, KeyStates, UnixSeconds};
///
/// let mut here = KeyStates::default();
/// here.record("k1".parse()?, "ann".parse()?, KeyStage::Active)?;
///
/// let there: KeyStates =
///     serde_json::from_str(r#"[{"key":"k1","owner":"ann","state":"revoked","revoked_at":1764000000}]"#)?;
/// here.join(&there)?;
/// here.join(&there)?; // arrives once more and changes nothing
/// assert_eq!(here.stage("k1"), Some(KeyStage::Revoked(UnixSeconds::new(1_764_000_000))));
///
/// let refused = here.record("k1".parse()?, "bob".parse()?, KeyStage::Active).unwrap_err();
/// assert_eq!(refused.to_string(), "key `k1` belongs to `ann` here and to `bob` there; one id names one key");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyStates(BTreeMap<KeyId, (UserId, KeyStage)>);

/// Why states cannot be joined. Nothing was changed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum MergeError {
    /// One id names keys of two owners.
    #[error("key `{key}` belongs to `{here}` here and to `{there}` there; one id names one key")]
    TwoOwners {
        /// The key.
        key: KeyId,
        /// Whose it is here.
        here: UserId,
        /// Whose it is there.
        there: UserId,
    },
    /// The newer directory has a successor of its own, which would not share
    /// its keys' states any more.
    #[error("the newer directory has a successor of its own; let that one succeed")]
    Shared,
    /// There are more keys or users than 32 bits can number.
    #[error("a directory numbers its keys and users with 32 bits; there are more")]
    TooMany,
}

impl KeyStates {
    /// Joins what is known of one key.
    ///
    /// # Errors
    ///
    /// [`MergeError::TwoOwners`] where the key is known as another user's.
    pub fn record(&mut self, key: KeyId, owner: UserId, stage: KeyStage) -> Result<(), MergeError> {
        let stage = stage.recorded();
        match self.0.get_mut(&key) {
            None => {
                self.0.insert(key, (owner, stage));
            }
            Some((own, known)) if *own == owner => *known = known.join(stage),
            Some((own, _)) => {
                return Err(MergeError::TwoOwners {
                    key,
                    here: own.clone(),
                    there: owner,
                });
            }
        }
        Ok(())
    }

    /// Joins what is known elsewhere.
    ///
    /// # Errors
    ///
    /// [`MergeError::TwoOwners`] where both know a key as two users'. Then
    /// nothing is joined.
    pub fn join(&mut self, other: &Self) -> Result<(), MergeError> {
        for (key, owner, _) in other.iter() {
            if let Some((own, _)) = self.0.get(key).filter(|(own, _)| own != owner) {
                return Err(MergeError::TwoOwners {
                    key: key.clone(),
                    here: own.clone(),
                    there: owner.clone(),
                });
            }
        }
        other
            .iter()
            .try_for_each(|(key, owner, stage)| self.record(key.clone(), owner.clone(), stage))
    }

    /// The stage of a key, where it is known.
    pub fn stage(&self, key: &str) -> Option<KeyStage> {
        self.0.get(key).map(|(_, stage)| *stage)
    }

    /// Every key with its owner and stage, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&KeyId, &UserId, KeyStage)> {
        self.0
            .iter()
            .map(|(key, (owner, stage))| (key, owner, *stage))
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
    #[serde(deserialize_with = "word")]
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<UnixSeconds>,
}

#[derive(Clone, Copy, Serialize, serde::Deserialize)]
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
        serializer.collect_seq(self.iter().map(|(key, owner, stage)| {
            let (state, revoked_at) = match stage {
                KeyStage::Active => (State::Active, None),
                KeyStage::Revoked(at) => (State::Revoked, Some(at)),
                KeyStage::Purged => (State::Purged, None),
            };
            Written {
                key: key.clone(),
                owner: owner.clone(),
                state,
                revoked_at,
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
        })) = list.next_element()?
        {
            let stage = match (state, revoked_at) {
                (State::Active, None) => KeyStage::Active,
                (State::Revoked, Some(at)) => KeyStage::Revoked(at),
                (State::Purged, None) => KeyStage::Purged,
                (State::Revoked, None) => {
                    return Err(A::Error::custom(format_args!(
                        "key `{key}` is revoked; give its `revoked_at`"
                    )));
                }
                (State::Active | State::Purged, Some(_)) => {
                    return Err(A::Error::custom(format_args!(
                        "key `{key}` is not revoked; drop its `revoked_at`"
                    )));
                }
            };
            states.record(key, owner, stage).map_err(A::Error::custom)?;
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
    fn a_refused_join_changes_nothing() {
        let states = |list: &str| serde_json::from_str::<KeyStates>(list).unwrap();
        let mut here = states(r#"[{"key":"b","owner":"u","state":"active"}]"#);
        let there = states(
            r#"[{"key":"a","owner":"u","state":"purged"},{"key":"b","owner":"v","state":"purged"}]"#,
        );
        let before = here.clone();
        assert!(matches!(
            here.join(&there),
            Err(MergeError::TwoOwners { .. })
        ));
        assert_eq!(here, before);
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
            r#"[{"key":"a","owner":"u","state":"active"},{"key":"a","owner":"v","state":"active"}]"#,
            r#"[{"key":"a","owner":"u","state":"revoked","revoked_at":-1}]"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_instant_is_recorded_as_a_key_records_it() {
        let mut states = KeyStates::default();
        let last = KeyStage::Revoked(UnixSeconds::new(u64::MAX));
        states
            .record("k".parse().unwrap(), "u".parse().unwrap(), last)
            .unwrap();
        assert_eq!(
            states.stage("k"),
            Some(KeyStage::Revoked(UnixSeconds::new(u64::MAX - 1)))
        );
    }
}
