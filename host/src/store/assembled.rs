//! What a store has, as a directory and secrets.

use std::collections::BTreeSet;

use portcullis::directory::{DirectoryError, KeyStage, KeyStates, OwnerConflict};
use portcullis::{Directory, KeyId, UnixSeconds, UserId};

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
    /// Keys that were created, of owners who are no users, with their owners.
    ownerless: BTreeSet<(KeyId, UserId)>,
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
        let mut ownerless = BTreeSet::new();
        for key in &keys {
            conflicts.extend(add_key(&mut directory, &mut secrets, key)?);
            if directory.account(key.owner.as_str()).is_none() {
                ownerless.insert((key.id.clone(), key.owner.clone()));
            }
            // Its record says as much. A conflict is reported by the directory.
            let _conflict = states.record(key.id.clone(), key.owner.clone(), KeyStage::Active);
        }
        // After the keys, so that they are listed in their order.
        conflicts.extend(directory.merge(&states)?.conflicts);
        Ok(Self {
            sequence,
            directory,
            secrets,
            conflicts,
            states,
            ownerless,
        })
    }

    /// Revokes the keys whose owners are no longer users, those of a directory
    /// before among them: whoever is given the name next has no key of theirs.
    pub(crate) fn revoke_ownerless(
        &mut self,
        before: Option<&Directory>,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let mut ownerless = std::mem::take(&mut self.ownerless);
        if let Some(before) = before {
            let gone = |owner: &UserId| self.directory.account(owner.as_str()).is_none();
            let keys = before.keys().filter(|(_, owner)| gone(owner));
            ownerless.extend(keys.map(|(key, owner)| (key.clone(), owner.clone())));
        }
        let mut revoked = KeyStates::default();
        for (key, owner) in ownerless {
            let known = self.directory.key_state(key.as_str());
            match known.stage(key.as_str()) {
                Some(KeyStage::Revoked(_) | KeyStage::Purged) => {}
                Some(KeyStage::Active) | None => {
                    tracing::warn!(%key, %owner, "revoked: the owner is no longer a user");
                    let _first = revoked.record(key, owner, KeyStage::Revoked(now));
                }
            }
        }
        self.conflicts
            .extend(self.directory.merge(&revoked)?.conflicts);
        Ok(())
    }
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
