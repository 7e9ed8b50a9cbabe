//! Several directories of one platform: successors in one process, replicas in
//! several processes.

use alloc::vec::Vec;
use core::mem;

use crate::directory::Directory;
use crate::directory::key_states::{
    KeyEntry, KeyStage, KeyStates, MergeError, Merged, OwnerConflict,
};
use crate::directory::record::{KeyRecord, Presence};
use crate::time::UnixSeconds;

/// A directory that replaces the one in force; see [`Directory::succeeding`].
#[derive(Debug)]
#[must_use = "conflicts are keys that were revoked because two owners have one id; log them"]
#[non_exhaustive]
pub struct Succession {
    /// The new directory.
    pub directory: Directory,
    /// The ids that have several owners, in the order of the directory in
    /// force. They are revoked in both.
    pub conflicts: Vec<OwnerConflict>,
}

impl Directory {
    /// A copy that can be changed and then replace this one.
    ///
    /// Both share the state of every key: a key that is revoked or purged in
    /// one of them is so in both, at any time. The accounts are copied, and
    /// neither directory sees changes of the other. So make changes one after
    /// another, each to the newest directory.
    ///
    /// A tenant that this directory resolved is stale for the copy. Takes time
    /// and memory in proportion to the number of users and keys.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds};
    /// use portcullis::directory::Act;
    ///
    /// let policy = std::sync::Arc::new(Policy::embedded()?);
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
    ///
    /// let mut next = directory.successor();
    /// next.add_tenant("epsilon".parse()?)?;
    /// // Meanwhile the directory in force is used on.
    /// directory.revoke_key(&Act::new(&engine, "msp", UnixSeconds::new(1_764_000_000)), "k1")?;
    /// assert!(next.key("k1").is_some_and(|key| key.state.is_revoked()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn successor(&self) -> Self {
        let mut next = Self {
            tenancy: self.tenancy.fork(),
            policy: self.policy,
            profiles: self.profiles.clone(),
            bound: self.bound.clone(),
            users: self.users.clone(),
            emails: self.emails.clone(),
            keys: self.keys.clone(),
            details: self.details.clone(),
            cells: self.cells.share(),
            owners: self.owners.clone(),
        };
        next.forget_purged();
        next
    }

    /// Makes a directory that was read or built anew the successor of the one
    /// in force. The states of both are joined, and then shared as in
    /// [`Directory::successor`].
    ///
    /// Everything that only the directory in force knows is kept: the id of a
    /// key that no longer exists cannot be used again, its revocation stays in
    /// effect if the key returns, and the next user of a removed user's name
    /// does not get that user's keys.
    ///
    /// If an id has different owners in the two directories, it is revoked in
    /// both and reported. Everything else is joined.
    ///
    /// # Errors
    ///
    /// [`MergeError`]. The directory in force is not changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds};
    /// use portcullis::directory::Act;
    ///
    /// let policy = std::sync::Arc::new(Policy::embedded()?);
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let engine = Engine::new(policy.clone(), Deployment::new("5.5.0".parse()?))?;
    /// directory.revoke_key(&Act::new(&engine, "msp", UnixSeconds::new(1_764_000_000)), "k1")?;
    ///
    /// // The document still calls the key active.
    /// let next = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?.succeeding(&directory)?;
    /// assert!(next.conflicts.is_empty());
    /// assert!(next.directory.key("k1").is_some_and(|key| key.state.is_revoked()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn succeeding(mut self, before: &Self) -> Result<Succession, MergeError> {
        if self.cells.is_shared() {
            return Err(MergeError::Shared);
        }
        let new = before
            .keys
            .iter()
            .filter(|(_, key, _)| self.keys.find(key.as_bytes()).is_none())
            .count();
        let full = self.keys.is_full(new) || self.users.is_full(new);
        if full || before.cells.is_full(self.keys.len()) {
            return Err(MergeError::TooMany);
        }
        self.share_cells_of(before)?;
        self.revoke_removed(before);
        self.owners.join_removals(&before.owners);
        let mut conflicts = Vec::new();
        for (there, key, record) in before.keys.iter() {
            let owner = before.users.name(record.owner).ok_or(MergeError::TooMany)?;
            let number = match self.keys.find(key.as_bytes()) {
                Some(number) => number,
                None => self
                    .reserve_for(key, owner, Some(record.cell()))
                    .ok_or(MergeError::TooMany)?,
            };
            for owner in before.owners_of(there) {
                self.claim(number, owner);
            }
            // A conflict that was reported before is not reported again.
            let conflict = self.conflict(number);
            conflicts.extend(conflict.filter(|all| before.conflict(there).as_ref() != Some(all)));
        }
        self.forget_purged();
        Ok(Succession {
            directory: self,
            conflicts,
        })
    }

    /// Gives every key the cell that an earlier directory has for it, and joins
    /// what was known here. Other keys get a new cell.
    fn share_cells_of(&mut self, before: &Self) -> Result<(), MergeError> {
        let own = mem::replace(&mut self.cells, before.cells.share());
        for (_, key, record) in self.keys.entries_mut() {
            let known = before
                .keys
                .find(key.as_bytes())
                .and_then(|number| before.keys.get(number))
                .map(|(_, record)| record);
            let number = known
                .map(KeyRecord::cell)
                .or_else(|| self.cells.add())
                .ok_or(MergeError::TooMany)?;
            let was = record.cell();
            record.set_cell(number);
            let (Some(shared), Some(cell)) = (self.cells.get(number), own.get(was)) else {
                continue;
            };
            shared.join(cell);
            if own.is_purged(was) {
                self.cells.purge(number);
            }
            // The record of the key arrives only now: see `add_key`.
            let arrives = record.is_listed() && known.is_none_or(|known| !known.is_listed());
            let removed = self
                .users
                .name(record.owner)
                .filter(|_| arrives)
                .and_then(|owner| before.owners.removal_after(owner, record.created_at));
            if let Some(at) = removed {
                let _first = shared.state.revoke_active(at);
            }
        }
        Ok(())
    }

    /// Revokes the keys of an earlier directory whose owners were removed here.
    fn revoke_removed(&self, before: &Self) {
        for (_, _, record) in before.keys.iter().filter(|(_, _, own)| own.is_listed()) {
            let owner = before.users.name(record.owner);
            let removed =
                owner.and_then(|owner| self.owners.removal_after(owner, record.created_at));
            if let (Some(at), Some(cell)) = (removed, self.cells.get(record.cell())) {
                let _first = cell.state.revoke_active(at);
            }
        }
    }

    /// Purges keys that another directory with the same cells has purged.
    fn forget_purged(&mut self) {
        for (number, _, record) in self.keys.entries_mut() {
            if record.presence() != Presence::Purged && self.cells.is_purged(record.cell()) {
                record.purge();
                self.details.set_name(number, "");
            }
        }
    }

    /// The states of all keys, for other replicas and for storage: see
    /// [`KeyStates`]. For a change of one key, [`Directory::key_state`] is
    /// enough.
    pub fn key_states(&self) -> KeyStates {
        let mut states = KeyStates::default();
        for (number, ..) in self.keys.iter() {
            self.tell(number, &mut states);
        }
        states
    }

    /// The state of one key. Empty if the id was never used.
    pub fn key_state(&self, key: &str) -> KeyStates {
        let mut states = KeyStates::default();
        if let Some(number) = self.keys.find(key.as_bytes()) {
            self.tell(number, &mut states);
        }
        states
    }

    fn tell(&self, number: u32, states: &mut KeyStates) {
        let Some((key, record)) = self.keys.get(number) else {
            return;
        };
        let (stage, last_access) = self.known(record);
        for owner in self.owners_of(number) {
            // A conflict was reported when it was found.
            let _known = states.record(key.clone(), owner.clone(), stage);
        }
        if let Some(at) = last_access {
            states.record_access(key.as_str(), at);
        }
    }

    /// Joins the states of another replica.
    ///
    /// A join is commutative, associative and idempotent, and a key never goes
    /// back: messages may arrive late, twice and in any order. The state of a
    /// key that is not here yet is kept, so that the key is already revoked
    /// when [`Directory::add_key`] adds it. If an id has different owners here
    /// and there, it is revoked and reported. Everything else is joined.
    ///
    /// # Errors
    ///
    /// [`MergeError::TooMany`]. Everything is joined for which there was room.
    pub fn merge(&mut self, states: &KeyStates) -> Result<Merged, MergeError> {
        let mut merged = Merged::default();
        let mut full = false;
        for entry in states.iter() {
            let known = self.keys.find(entry.key.as_bytes());
            let reserved = known.or_else(|| self.reserve_for(entry.key, entry.owner, None));
            let Some(number) = reserved else {
                full = true;
                continue;
            };
            let (learned, contested) = self.learn(number, &entry);
            merged.learned += usize::from(learned || known.is_none());
            merged
                .conflicts
                .extend(self.conflict(number).filter(|_| contested));
        }
        if full {
            Err(MergeError::TooMany)
        } else {
            Ok(merged)
        }
    }

    /// Joins what another replica knows of the keys that are here, and gives the
    /// rest: keys that are not here yet, and ids that have another owner there. The
    /// rest is for [`Directory::merge`].
    ///
    /// Takes `&self` and no lock, as revoking does: the next decision sees it.
    /// What was purged is revoked at once, and forgotten by the next successor.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
    /// use portcullis::directory::KeyStates;
    ///
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &Policy::embedded()?)?;
    /// let heard: KeyStates = serde_json::from_str(
    ///     r#"[{"key":"k1","owner":"msp","state":"revoked","revoked_at":1764000000},
    ///         {"key":"new","owner":"msp","state":"active"}]"#,
    /// )?;
    /// let rest = directory.merge_known(&heard);
    /// assert!(directory.key("k1").is_some_and(|key| key.state.is_revoked()));
    /// assert_eq!(rest.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["new"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "the rest is not known to this directory yet; merge it into a successor"]
    pub fn merge_known(&self, states: &KeyStates) -> KeyStates {
        let mut rest = KeyStates::default();
        for entry in states.iter() {
            let found = self.keys.find(entry.key.as_bytes());
            let is_owned = |number: &u32| {
                let mut owners = entry.owners();
                owners.all(|owner| self.owners_of(*number).any(|own| own == owner))
            };
            let known = found
                .filter(is_owned)
                .and_then(|number| Some((number, self.cell_of(number)?)));
            let Some((number, cell)) = known else {
                for owner in entry.owners() {
                    // Reported by whoever merges the rest.
                    let _conflict = rest.record(entry.key.clone(), owner.clone(), entry.stage);
                }
                if let Some(at) = entry.last_access {
                    rest.record_access(entry.key.as_str(), at);
                }
                continue;
            };
            match entry.stage {
                KeyStage::Active => {}
                KeyStage::Revoked(at) => cell.state.revoke(at),
                KeyStage::Purged => {
                    let record = self.keys.get(number).map(|(_, record)| record.cell());
                    let _first = record.is_some_and(|cell| self.cells.purge(cell));
                }
            }
            if let Some(at) = entry.last_access {
                cell.access(at);
            }
        }
        rest
    }

    /// Joins the state of one key from elsewhere. Returns whether something was
    /// new, and whether the key has another owner as well.
    fn learn(&mut self, number: u32, entry: &KeyEntry<'_>) -> (bool, bool) {
        let before = self.keys.get(number).map(|(_, record)| self.known(record));
        let mut contested = false;
        for owner in entry.owners() {
            contested |= self.claim(number, owner);
        }
        match entry.stage {
            KeyStage::Active => {}
            KeyStage::Revoked(at) => {
                if let Some(cell) = self.cell_of(number) {
                    cell.state.revoke(at);
                }
            }
            KeyStage::Purged => {
                self.purge_key(number);
            }
        }
        if let (Some(at), Some(cell)) = (entry.last_access, self.cell_of(number)) {
            cell.access(at);
        }
        let after = self.keys.get(number).map(|(_, record)| self.known(record));
        (contested || before != after, contested)
    }

    /// The stage of a key and its last access. A purged key has no last access.
    fn known(&self, record: &KeyRecord) -> (KeyStage, Option<UnixSeconds>) {
        let cell = self
            .cells
            .get(record.cell())
            .filter(|_| self.is_known(record));
        let Some(cell) = cell else {
            return (KeyStage::Purged, None);
        };
        let stage = cell
            .state
            .revoked_at()
            .map_or(KeyStage::Active, KeyStage::Revoked);
        (stage, cell.last_access())
    }
}
