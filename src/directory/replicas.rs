//! Several directories of one platform: successors in one process, replicas in
//! several.

use alloc::vec::Vec;
use core::mem;

use crate::directory::Directory;
use crate::directory::key_states::{
    KeyEntry, KeyStage, KeyStates, MergeError, Merged, OwnerConflict,
};
use crate::directory::record::{KeyRecord, Presence};
use crate::time::UnixSeconds;

/// A directory that takes over from the one in force; see
/// [`Directory::succeeding`].
#[derive(Debug)]
#[must_use = "conflicts are keys that were revoked because two owners have one id; log them"]
#[non_exhaustive]
pub struct Succession {
    /// The directory to be put in place.
    pub directory: Directory,
    /// The ids that turned out to have several owners, in the order in which
    /// the directory in force knows them. They are revoked in both.
    pub conflicts: Vec<OwnerConflict>,
}

impl Directory {
    /// A copy that can be changed and then put in the place of this one.
    ///
    /// Both share the state of every key: whatever is revoked or purged in
    /// either of them, before or after the copy is put in place, is so in
    /// both. The accounts are copied; a change to one directory's is not seen
    /// by the other, so changes are to be made one after another, each to the
    /// newest.
    ///
    /// A tenant that this directory resolved is stale with the copy. Costs
    /// time and memory in proportion to the number of users and keys.
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
    /// in force: the states of both are joined, and from then on shared as in
    /// [`Directory::successor`].
    ///
    /// What only the directory in force knows stays known: the id of a key
    /// that is no longer there is still taken, its revocation holds if the
    /// key comes back, and a name whose user was removed does not bring that
    /// user's keys to the next one.
    ///
    /// An id that has one owner here and another in the directory in force is
    /// revoked in both, and reported; everything else is joined.
    ///
    /// # Errors
    ///
    /// [`MergeError`]; the directory in force stays as it is.
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
            // One that was known and reported before is not news.
            let conflict = self.conflict(number);
            conflicts.extend(conflict.filter(|all| before.conflict(there).as_ref() != Some(all)));
        }
        self.forget_purged();
        Ok(Succession {
            directory: self,
            conflicts,
        })
    }

    /// Gives every key the cell that an earlier directory has for it, with all
    /// that was known here, or a new one beside those.
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
            // The record of a key that arrives only now: see `add_key`.
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

    /// Forgets keys that another hand has purged.
    fn forget_purged(&mut self) {
        for (number, _, record) in self.keys.entries_mut() {
            if record.presence() != Presence::Purged && self.cells.is_purged(record.cell()) {
                record.purge();
                self.details.set_name(number, "");
            }
        }
    }

    /// What this directory knows of every key's state, for other replicas, and
    /// to be stored: see [`KeyStates`]. A change of one key is told by
    /// [`Directory::key_state`] alone.
    pub fn key_states(&self) -> KeyStates {
        let mut states = KeyStates::default();
        for (number, ..) in self.keys.iter() {
            self.tell(number, &mut states);
        }
        states
    }

    /// What this directory knows of one key's state; nothing where the id was
    /// never given.
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
            // A conflict was reported when it was learned.
            let _known = states.record(key.clone(), owner.clone(), stage);
        }
        if let Some(at) = last_access {
            states.record_access(key.as_str(), at);
        }
    }

    /// Joins what another replica knows of keys.
    ///
    /// A join is commutative, associative and idempotent, and never takes a
    /// key back: messages may come late, twice and in any order. A key that is
    /// not here yet is remembered, so that it is already revoked when
    /// [`Directory::add_key`] brings it. An id that has one owner here and
    /// another there is revoked, and reported; it stops nothing else.
    ///
    /// # Errors
    ///
    /// [`MergeError::TooMany`], with everything joined for which there was
    /// room.
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

    /// Joins what is known of one key elsewhere: whether something was learned,
    /// and whether the key turned out to be somebody else's as well.
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

    /// The stage of a key and its last access. Of a purged one nothing else is
    /// known.
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
