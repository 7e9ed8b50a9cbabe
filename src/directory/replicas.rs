//! Several directories of one platform: successors in one process, replicas in
//! several.

use alloc::collections::BTreeMap;
use core::mem;

use crate::directory::Directory;
use crate::directory::record::{KeyRecord, Presence};
use crate::id::{KeyId, UserId};
use crate::key_states::{KeyStage, KeyStates, MergeError};

impl Directory {
    /// A copy that can be changed and then put in the place of this one.
    ///
    /// Both share the state of every key: whatever is revoked in either of
    /// them, before or after the copy is put in place, is revoked in both. The
    /// accounts are copied; a change to one directory's is not seen by the
    /// other, so changes are to be made one after another, each to the newest.
    ///
    /// A tenant that this directory resolved is stale with the copy. Costs
    /// time and memory in proportion to the number of users and keys.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Act, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds};
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
        Self {
            tenancy: self.tenancy.fork(),
            profiles: self.profiles.clone(),
            bound: self.bound.clone(),
            users: self.users.clone(),
            emails: self.emails.clone(),
            keys: self.keys.clone(),
            cells: self.cells.share(),
        }
    }

    /// Makes a directory that was read or built anew the successor of the one
    /// in force: the states of both are joined, and from then on shared as in
    /// [`Directory::successor`].
    ///
    /// What only the directory in force knows stays known: the id of a key
    /// that is no longer there is still taken, and its revocation holds if the
    /// key comes back.
    ///
    /// # Errors
    ///
    /// [`MergeError`]; the directory in force stays as it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Act, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds};
    ///
    /// let policy = std::sync::Arc::new(Policy::embedded()?);
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let engine = Engine::new(policy.clone(), Deployment::new("5.5.0".parse()?))?;
    /// directory.revoke_key(&Act::new(&engine, "msp", UnixSeconds::new(1_764_000_000)), "k1")?;
    ///
    /// // The document still calls the key active.
    /// let next = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?.succeeding(&directory)?;
    /// assert!(next.key("k1").is_some_and(|key| key.state.is_revoked()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn succeeding(mut self, before: &Self) -> Result<Self, MergeError> {
        if self.cells.is_shared() {
            return Err(MergeError::Shared);
        }
        self.admits(before.owned_keys())?;
        let own = mem::replace(&mut self.cells, before.cells.share());
        if self.cells.is_full(self.keys.len()) {
            return Err(MergeError::TooMany);
        }
        for (key, record) in self.keys.entries_mut() {
            let known = before
                .keys
                .find(key.as_str())
                .and_then(|number| before.keys.get(number));
            let shared = known
                .map(|(_, record)| record.cell)
                .or_else(|| self.cells.add());
            let shared = shared.ok_or(MergeError::TooMany)?;
            if let (Some(shared), Some(own)) = (self.cells.get(shared), own.get(record.cell)) {
                shared.join(own);
            }
            record.cell = shared;
        }
        let mut strangers = BTreeMap::new();
        for (_, key, record) in before.keys.iter() {
            let known = self.keys.find(key.as_str());
            let owner = before.users.name(record.owner).ok_or(MergeError::TooMany)?;
            let number = match known {
                Some(number) => number,
                None => self
                    .reserve_at(key, owner, record.cell, &mut strangers)
                    .ok_or(MergeError::TooMany)?,
            };
            if record.presence == Presence::Purged {
                self.purge_key(number);
            }
        }
        Ok(self)
    }

    /// What this directory knows of every key's state, for other replicas. A
    /// change of one key is told by its own entry alone: see [`KeyStates`].
    pub fn key_states(&self) -> KeyStates {
        let mut states = KeyStates::default();
        for (_, key, record) in self.keys.iter() {
            if let Some((owner, stage)) = self.users.name(record.owner).zip(self.stage(record)) {
                // INVARIANT: a table names a key once, so nothing is refused.
                let _first_and_only = states.record(key.clone(), owner.clone(), stage);
            }
        }
        states
    }

    /// Joins what another replica knows of keys, and gives the number of keys
    /// of which something new was learned.
    ///
    /// A join is commutative, associative and idempotent, and never takes a
    /// key back: messages may come late, twice and in any order. A key that is
    /// not here yet is remembered, so that it is already revoked when
    /// [`Directory::add_key`] brings it.
    ///
    /// # Errors
    ///
    /// [`MergeError`], with nothing joined.
    pub fn merge(&mut self, states: &KeyStates) -> Result<usize, MergeError> {
        self.admits(states.iter().map(|(key, owner, _)| (key, owner)))?;
        let mut learned = 0;
        let mut strangers = BTreeMap::new();
        for (key, owner, stage) in states.iter() {
            let known = self.keys.find(key.as_str());
            let before = known
                .and_then(|number| self.keys.get(number))
                .and_then(|(_, record)| self.stage(record));
            if before.is_some_and(|before| before.join(stage) == before) {
                continue;
            }
            learned += 1;
            let number = if let Some(number) = known {
                number
            } else {
                let cell = self.cells.add().ok_or(MergeError::TooMany)?;
                self.reserve_at(key, owner, cell, &mut strangers)
                    .ok_or(MergeError::TooMany)?
            };
            match stage {
                KeyStage::Active => {}
                KeyStage::Revoked(at) => {
                    if let Some(cell) = self.cell_of(number) {
                        cell.state.revoke(at);
                    }
                }
                KeyStage::Purged => self.purge_key(number),
            }
        }
        Ok(learned)
    }

    /// Whether keys of these owners can be joined: nobody else's here, and
    /// room for those that are not here.
    fn admits<'k>(
        &self,
        keys: impl Iterator<Item = (&'k KeyId, &'k UserId)>,
    ) -> Result<(), MergeError> {
        let mut new = 0;
        for (key, owner) in keys {
            let known = self
                .keys
                .find(key.as_str())
                .and_then(|number| self.keys.get(number));
            match known.and_then(|(_, record)| self.users.name(record.owner)) {
                None => new += 1,
                Some(here) if here == owner => {}
                Some(here) => {
                    let (key, here, there) = (key.clone(), here.clone(), owner.clone());
                    return Err(MergeError::TwoOwners { key, here, there });
                }
            }
        }
        let full = self.keys.is_full(new) || self.users.is_full(new) || self.cells.is_full(new);
        if full {
            Err(MergeError::TooMany)
        } else {
            Ok(())
        }
    }

    /// Remembers a key of which only this is known. An owner who is no user
    /// here is given a number without a record, one for all their keys.
    fn reserve_at(
        &mut self,
        key: &KeyId,
        owner: &UserId,
        cell: u32,
        strangers: &mut BTreeMap<UserId, u32>,
    ) -> Option<u32> {
        let known = self
            .users
            .find(owner.as_str())
            .or_else(|| strangers.get(owner).copied());
        let owner = if let Some(number) = known {
            number
        } else {
            let number = self.users.insert_hole(owner.clone())?;
            strangers.insert(owner.clone(), number);
            number
        };
        self.keys
            .insert(key.clone(), KeyRecord::reserved(owner, cell))
    }

    /// Every id that was ever given, with the owner.
    fn owned_keys(&self) -> impl Iterator<Item = (&KeyId, &UserId)> {
        self.keys
            .iter()
            .filter_map(|(_, key, record)| Some((key, self.users.name(record.owner)?)))
    }

    fn stage(&self, record: &KeyRecord) -> Option<KeyStage> {
        let revoked_at = self.cells.get(record.cell)?.state.revoked_at();
        Some(match (record.presence, revoked_at) {
            (Presence::Purged, _) => KeyStage::Purged,
            (Presence::Listed | Presence::Reserved, Some(at)) => KeyStage::Revoked(at),
            (Presence::Listed | Presence::Reserved, None) => KeyStage::Active,
        })
    }
}
