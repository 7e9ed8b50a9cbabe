//! Where users and keys are kept beyond the life of the process.
//!
//! A [`Store`] keeps what [`Live`](crate::Live) has in force. Its methods block, so
//! call what writes from a thread that may wait. No store holds a secret: of each
//! it has the SHA-256.

mod assembled;
mod error;
mod files;
mod identity;
mod ledger;
#[cfg(feature = "sqlite")]
mod sqlite;
mod states;
mod stored_key;

use std::fmt;

use portcullis::directory::{ActivityRecord, KeyStates};
use portcullis::{Directory, KeyId, Policy, UserId};

use crate::secret::SecretDigest;

pub use crate::store::error::StoreError;
pub use crate::store::files::Files;
#[cfg(feature = "sqlite")]
pub use crate::store::sqlite::Sqlite;
pub use crate::store::stored_key::StoredKey;

pub(crate) use crate::store::assembled::{Assembled, add_key};
pub(crate) use crate::store::identity::Identity;
pub(crate) use crate::store::ledger::Ledger;
pub(crate) use crate::store::states::{add, ended, states_of, whole};

/// Keeps users, keys, their states and records of activity.
///
/// Several processes may share one store. What one of them appends, the others
/// learn by [`Store::news`].
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Reads everything. The profiles of the users must be those of the policy.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn load(&self, policy: &Policy) -> Result<Stored, StoreError>;

    /// What has changed after a point in the history of the store.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn news(&self, since: Sequence) -> Result<News, StoreError>;

    /// Joins states of keys, so that no state goes back. They are on the disk when
    /// this returns.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then it is not known whether the states are kept.
    fn append_states(&self, states: &KeyStates) -> Result<(), StoreError>;

    /// Adds a key that was created. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// [`StoreError::KeyTaken`] where the id was given before. After any other
    /// error the store may have the key; nobody has its secret.
    fn add_key(&self, key: &StoredKey) -> Result<(), StoreError>;

    /// Keeps when keys were last used. If the machine fails soon after, this may be
    /// lost.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn keep_accesses(&self, states: &KeyStates) -> Result<(), StoreError>;

    /// Adds records of activity. They survive the end of the process; if the
    /// machine fails soon after, they may be lost.
    ///
    /// # Errors
    ///
    /// [`StoreError`]. They are then given to it once more.
    fn append_activity(&self, records: &[ActivityRecord]) -> Result<(), StoreError>;

    /// The latest records of what a user did, at most so many, the newest first.
    /// Each is a line of JSON without its end.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn activity_of(&self, actor: &UserId, most: usize) -> Result<Vec<String>, StoreError>;
}

/// A point in the history of a store. Only the store can say what comes after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Sequence {
    /// Changes with every change of users, tenants and groups, and of keys that the
    /// operator writes.
    pub directory: u64,
    /// Grows with every state and key that is appended.
    pub entries: u64,
    /// By this the store notices that it has another history, such as that of a
    /// backup.
    pub history: u64,
}

impl Sequence {
    /// The point that a store of your own is at.
    pub const fn new(directory: u64, entries: u64, history: u64) -> Self {
        Self {
            directory,
            entries,
            history,
        }
    }
}

/// Everything that a store has.
#[derive(Debug)]
pub struct Stored {
    /// The point at which it was read.
    pub sequence: Sequence,
    /// Users, tenants, groups, and the keys that the operator writes.
    pub directory: Directory,
    /// The digests of the secrets of those keys.
    pub digests: Vec<(SecretDigest, KeyId)>,
    /// The keys that were added, whatever their state.
    pub keys: Vec<StoredKey>,
    /// The states of keys.
    pub states: KeyStates,
}

/// What has changed in a store.
#[derive(Debug)]
pub struct News {
    /// The point that follows.
    pub sequence: Sequence,
    /// Whether the store must be loaded again, because users, tenants or groups
    /// changed, or because it has another history.
    pub is_reload_needed: bool,
    /// The keys that were added.
    pub keys: Vec<StoredKey>,
    /// The states that were appended.
    pub states: KeyStates,
}
