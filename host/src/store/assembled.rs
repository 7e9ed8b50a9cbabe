//! What a store has, as a directory and secrets.

use portcullis::Directory;
use portcullis::directory::{DirectoryError, KeyStage, KeyStates, OwnerConflict};

use crate::secrets::Secrets;
use crate::store::{Sequence, StoreError, Stored, StoredKey};

/// A directory with everything that the store has.
pub(crate) struct Assembled {
    pub(crate) sequence: Sequence,
    pub(crate) directory: Directory,
    pub(crate) secrets: Secrets,
    pub(crate) conflicts: Vec<OwnerConflict>,
    /// The states that the store is known to have.
    pub(crate) states: KeyStates,
}

impl Assembled {
    pub(crate) fn new(stored: Stored) -> Result<Self, StoreError> {
        let Stored {
            sequence,
            mut directory,
            digests,
            keys,
            mut states,
        } = stored;
        let mut secrets = Secrets::default();
        for (digest, key) in digests {
            secrets.insert(digest, key);
        }
        let mut conflicts = Vec::new();
        for key in &keys {
            conflicts.extend(add_key(&mut directory, &mut secrets, key)?);
            // Its record says as much. A conflict is reported by the directory.
            let _conflict = states.record(key.id.clone(), key.owner.clone(), KeyStage::Active);
        }
        // After the keys, so that they are listed in their order.
        conflicts.extend(directory.merge(&states)?.conflicts);
        let refused = keys
            .iter()
            .filter(|key| is_refused(&directory, key))
            .count();
        if refused > 0 {
            tracing::warn!(
                keys = refused,
                "refused: their owners are not users; revoke keys before their owner is removed"
            );
        }
        Ok(Self {
            sequence,
            directory,
            secrets,
            conflicts,
            states,
        })
    }
}

/// Whether a key that nobody revoked does not work because its owner is not a user.
fn is_refused(directory: &Directory, key: &StoredKey) -> bool {
    let id = key.id.as_str();
    let is_missing = directory.account(key.owner.as_str()).is_none();
    is_missing && directory.key_state(id).stage(id) == Some(KeyStage::Active)
}

/// Adds a key that was created. Where it cannot be listed its id stays taken.
pub(crate) fn add_key(
    directory: &mut Directory,
    secrets: &mut Secrets,
    key: &StoredKey,
) -> Result<Option<OwnerConflict>, StoreError> {
    for digest in &key.digests {
        secrets.insert(*digest, key.id.clone());
    }
    match directory.add_key(key.to_key(), &key.name) {
        // It is there, or it was purged.
        Ok(()) | Err(DirectoryError::KeyIdTaken(_)) => Ok(None),
        Err(DirectoryError::Contested(conflict)) => Ok(Some(conflict)),
        Err(DirectoryError::UnknownOwner { key, owner }) => {
            let mut taken = KeyStates::default();
            let _first = taken.record(key, owner, KeyStage::Active);
            Ok(directory.merge(&taken)?.conflicts.pop())
        }
        Err(error) => Err(error.into()),
    }
}
