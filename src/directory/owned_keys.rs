//! The owners of keys, including keys that are known only by their state,
//! owners who have not arrived yet, and removed users.
//!
//! The keys of an owner form a chain, the newest first. Every key of a user, or
//! of an owner who is known only by keys, is in its owner's chain, so that an
//! act on all keys of an owner misses none. The keys of a removed user are in
//! no chain: all of them were revoked.

use alloc::collections::BTreeSet;

use crate::directory::Directory;
use crate::directory::key_states::OwnerConflict;
use crate::directory::ownership::Stranger;
use crate::directory::record::{KeyRecord, NO_KEY, Presence};
use crate::id::{KeyId, UserId};
use crate::time::UnixSeconds;

impl Directory {
    /// The removed users, by name, each with the last instant. The host stores
    /// them, or passes them to other replicas, which read them with
    /// [`Directory::record_removal`].
    pub fn removals(&self) -> impl Iterator<Item = (&UserId, UnixSeconds)> {
        self.owners.removals()
    }

    /// Records that the user of a name was removed at an instant, from the
    /// host's storage or from another replica. A present user of the name
    /// stays. Keys of the name that were created at that instant or before are
    /// revoked, including those whose records arrive later. Of several removals
    /// the last counts, so they may be recorded in any order and more than
    /// once.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, UnixSeconds};
    ///
    /// let policy = Policy::embedded()?;
    /// let mut directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// directory.remove_user(&"msp".parse()?, UnixSeconds::new(1_764_000_000))?;
    ///
    /// // Stored, and read after a restart.
    /// let mut restarted = Directory::from_yaml(directory.to_yaml()?, &policy)?;
    /// for (user, at) in directory.removals() {
    ///     restarted.record_removal(user, at);
    /// }
    /// assert!(restarted.removals().eq(directory.removals()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record_removal(&mut self, user: &UserId, at: UnixSeconds) {
        self.owners.note_removal(user, at);
        let Some(number) = self.users.find(user.as_bytes()) else {
            return;
        };
        for (key, record) in self.known_keys_of(number) {
            let is_older = record.is_listed() && record.created_at <= at;
            if let Some(cell) = self.cell_of(key).filter(|_| is_older) {
                let _first = cell.state.revoke_active(at);
            }
        }
    }

    /// The keys of an owner, by number, the newest first, without purged keys.
    pub(super) fn known_keys_of(&self, owner: u32) -> impl Iterator<Item = (u32, &KeyRecord)> {
        let newest = self.newest_key_of(owner).unwrap_or(NO_KEY);
        let known = |number: u32| self.keys.get(number).map(|(_, record)| (number, record));
        let older = move |(number, _): &(u32, _)| known(self.details.older(*number));
        let chain = core::iter::successors(known(newest), older);
        chain.filter(move |(_, record)| record.owner == owner && self.is_known(record))
    }

    /// Whether a key was not purged.
    pub(super) fn is_known(&self, record: &KeyRecord) -> bool {
        record.presence() != Presence::Purged && !self.cells.is_purged(record.cell())
    }

    fn newest_key_of(&self, owner: u32) -> Option<u32> {
        if let Some((_, user)) = self.users.get(owner) {
            return Some(user.newest_key);
        }
        let stranger = self.owners.strangers.get(self.users.name(owner)?)?;
        (stranger.number == owner).then_some(stranger.newest_key)
    }

    /// Adds a key at the head of its owner's chain.
    pub(super) fn link_key(&mut self, key: u32, owner: u32) {
        let older = self.newest_key_of(owner).unwrap_or(NO_KEY);
        if let Some(record) = self.keys.record_mut(key) {
            record.owner = owner;
            self.details.set_older(key, older);
        }
        if let Some(user) = self.users.record_mut(owner) {
            user.newest_key = key;
            return;
        }
        let name = self.users.name(owner);
        let stranger = name.and_then(|name| self.owners.strangers.get_mut(name));
        if let Some(stranger) = stranger.filter(|stranger| stranger.number == owner) {
            stranger.newest_key = key;
        }
    }

    /// Records a key of which only the id and the owner are known. It uses
    /// `cell` if given, otherwise a new cell. `None` if there is no room.
    pub(super) fn reserve_for(
        &mut self,
        key: &KeyId,
        owner: &UserId,
        cell: Option<u32>,
    ) -> Option<u32> {
        let known = self.users.find(owner.as_bytes());
        let known = known.or_else(|| self.owners.strangers.get(owner).map(|own| own.number));
        let number = match known {
            Some(number) => number,
            None => self.add_stranger(owner)?,
        };
        self.reserve_key(key, number, cell)
    }

    /// Takes an id that was never used. `None` if there is no room.
    pub(super) fn reserve_key(
        &mut self,
        key: &KeyId,
        owner: u32,
        cell: Option<u32>,
    ) -> Option<u32> {
        if self.keys.is_full(1) || (cell.is_none() && self.cells.is_full(1)) {
            return None;
        }
        let cell = cell.or_else(|| self.cells.add())?;
        let number = self
            .keys
            .insert(key.clone(), KeyRecord::reserved(owner, cell))?;
        self.link_key(number, owner);
        Some(number)
    }

    fn add_stranger(&mut self, owner: &UserId) -> Option<u32> {
        let number = self.users.insert_hole(owner.clone())?;
        let stranger = Stranger {
            number,
            newest_key: NO_KEY,
        };
        self.owners.strangers.insert(owner.clone(), stranger);
        Some(number)
    }

    /// Gives a new user the keys of that name that were known before.
    pub(super) fn adopt_keys(&mut self, user: u32) {
        if self.owners.strangers.is_empty() {
            return;
        }
        let name = self.users.name(user);
        let Some(stranger) = name.and_then(|name| self.owners.strangers.remove(name)) else {
            return;
        };
        let mut next = stranger.newest_key;
        while let Some(record) = self.keys.record_mut(next) {
            record.owner = user;
            next = self.details.older(next);
        }
        if let Some(record) = self.users.record_mut(user) {
            record.newest_key = stranger.newest_key;
        }
    }

    /// Revokes all keys of a name and records its removal, even if the name is
    /// unknown here. Keys that arrive later and were created at `now` or before
    /// belong to the removed user. Returns whether the name belonged to a user
    /// or to an owner known only by keys.
    pub(super) fn release_name(&mut self, user: &UserId, now: UnixSeconds) -> bool {
        self.owners.note_removal(user, now);
        let number = self.users.find(user.as_bytes());
        let stranger = self.owners.strangers.remove(user);
        let of_user = number.and_then(|number| self.newest_key_of(number));
        let Some(mut next) = of_user.or(stranger.map(|stranger| stranger.newest_key)) else {
            return false;
        };
        while let Some((_, record)) = self.keys.get(next) {
            if let Some(cell) = self.cells.get(record.cell()) {
                // An earlier revocation is kept.
                let _first = cell.state.revoke_active(now);
            }
            next = self.details.older(next);
        }
        true
    }

    /// The owners of the key of this number. Several if it is contested.
    pub(super) fn owners_of(&self, number: u32) -> impl Iterator<Item = &UserId> {
        let contested = self.owners.contested.get(&number);
        let only = self
            .keys
            .get(number)
            .and_then(|(_, record)| self.users.name(record.owner))
            .filter(|_| contested.is_none());
        contested.into_iter().flatten().chain(only)
    }

    /// Records an owner of the key of this number. If another user has it as
    /// well, it is revoked for both. Returns whether this is new.
    pub(super) fn claim(&mut self, number: u32, owner: &UserId) -> bool {
        let own = self
            .keys
            .get(number)
            .and_then(|(_, record)| self.users.name(record.owner));
        let Some(own) = own.filter(|own| *own != owner) else {
            return false;
        };
        let own = own.clone();
        let all = self.owners.contested.entry(number);
        let news = all
            .or_insert_with(|| BTreeSet::from([own]))
            .insert(owner.clone());
        if let Some(cell) = self.cell_of(number) {
            cell.state.revoke(UnixSeconds::new(0));
        }
        news
    }

    /// The conflict over a key of this number.
    pub(super) fn conflict(&self, number: u32) -> Option<OwnerConflict> {
        let (key, owners) = (self.keys.name(number)?, self.owners.contested.get(&number)?);
        Some(OwnerConflict {
            key: key.clone(),
            owners: owners.iter().cloned().collect(),
        })
    }
}
