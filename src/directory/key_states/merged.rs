//! The results of joining states: what is new, and conflicts.

use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::id::{KeyId, UserId};

/// One id that names the keys of several owners. It is revoked for all of
/// them.
///
/// Ids are not unique then: two replicas generated the same one, or a record
/// was written by hand. The owners need new keys with different ids, and the
/// generation of ids must be checked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OwnerConflict {
    /// The key.
    pub key: KeyId,
    /// Its owners, two or more, in the order of their names.
    pub owners: Vec<UserId>,
}

impl fmt::Display for OwnerConflict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "key `{}` belongs to ", self.key)?;
        for (place, owner) in self.owners.iter().enumerate() {
            let between = if place == 0 { "" } else { " and to " };
            write!(formatter, "{between}`{owner}`")?;
        }
        formatter.write_str(
            ", but an id is for one key: it is revoked for all of them; give them new keys",
        )
    }
}

/// The result of a merge.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use = "conflicts are keys that were revoked because two owners have one id; log them"]
#[non_exhaustive]
pub struct Merged {
    /// The number of keys of which something new was learned.
    pub learned: usize,
    /// The ids that have several owners, in the order of the ids. Each is
    /// reported when it is found, and again for each further owner.
    pub conflicts: Vec<OwnerConflict>,
}

/// Why directories cannot be merged.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum MergeError {
    /// The newer directory has a successor, which would no longer share the
    /// states of its keys.
    #[error("the newer directory already has a successor; merge with that one")]
    Shared,
    /// There are more keys or users than a directory can number.
    #[error("there are more keys or users than a directory can number")]
    TooMany,
}
