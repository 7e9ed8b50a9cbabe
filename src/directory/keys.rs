//! Acts on keys: create, revoke, list, purge, and what goes with them.
//!
//! Each act is permitted, done and recorded, or refused with nothing changed.

use alloc::vec::Vec;

use crate::account::Account;
use crate::credential::{Credential, VerifiedKey};
use crate::directory::Directory;
use crate::directory::act::Act;
use crate::directory::activity::{Activity, ActivityRecord, Refused};
use crate::directory::answer::{about, revoked};
use crate::directory::cells::KeyCell;
use crate::directory::listing::KeyListing;
use crate::directory::record::KeyRecord;
use crate::directory::refusal::Refusal;
use crate::engine::Engine;
use crate::id::{KeyId, UserId};
use crate::reason::Reason;
use crate::time::UnixSeconds;
use crate::token::claims::TokenClaims;
use crate::util::text::{NameFault, judge_name};

/// A key that a user wants to have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewKey<'n> {
    /// Its id, made by the host: one that was never given before. Those of a
    /// random generator with 128 bits never were.
    pub id: KeyId,
    /// What the owner calls it: 1 to 128 characters, something to be seen among
    /// them, and no control, invisible character or mark of direction.
    pub name: &'n str,
    /// From when on it is no longer valid, if it expires at all.
    pub expires_at: Option<UnixSeconds>,
}

impl Directory {
    /// Creates a key for the user who acts: nobody creates one for another.
    ///
    /// The key is scoped where scoped keys exist, else legacy, which only root
    /// users with Super Admin create. The secret is the host's to make, to
    /// show once and to keep as a digest.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds};
    /// use portcullis::directory::{Act, NewKey, Refusal};
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let mut directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
    /// let act = Act::new(&engine, "msp", UnixSeconds::new(1_764_000_000));
    ///
    /// let key = NewKey { id: "k7".parse()?, name: "nightly export", expires_at: None };
    /// let record = directory.create_key(&act, key.clone())?;
    /// assert_eq!(record.operation.code(), "create_key");
    /// let refused = directory.create_key(&act, key).unwrap_err();
    /// assert_eq!(refused.refusal, Refusal::KeyIdTaken);
    /// assert_eq!(refused.record.code(), Some("key_id_taken")); // for the log
    ///
    /// directory.revoke_key(&act, "k7")?;
    /// let refused = directory.revoke_key(&act, "k7").unwrap_err();
    /// assert!(matches!(refused.refusal, Refusal::AlreadyRevoked { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_key(
        &mut self,
        act: &Act<'_>,
        new: NewKey<'_>,
    ) -> Result<ActivityRecord, Refused> {
        let id = new.id.clone();
        match self.enter_key(act, new) {
            Ok(owner) => Ok(ActivityRecord {
                key: Some(id),
                ..about(act, &owner, Activity::CreateKey)
            }),
            Err(refusal) => {
                let mut refused = self.refused(act, Activity::CreateKey, act.actor, refusal);
                // An id that the directory knows; any other names no key.
                let known = self.keys.find(id.as_bytes()).is_some();
                refused.record.key = Some(id).filter(|_| known);
                Err(refused)
            }
        }
    }

    fn enter_key(&mut self, act: &Act<'_>, new: NewKey<'_>) -> Result<UserId, Refusal> {
        let actor = self.actor(act)?;
        let kind = self.rules(act).may_create_key(&actor, &actor.user)?;
        let NewKey {
            id,
            name,
            expires_at,
        } = new;
        match judge_name(name) {
            Ok(()) => {}
            Err(NameFault::Blank) => return Err(Refusal::BlankName),
            Err(NameFault::Malformed) => return Err(Refusal::MalformedName),
        }
        if expires_at.is_some_and(|end| end <= act.now) {
            return Err(Refusal::ExpiresTooEarly);
        }
        // Also an id that is only reserved was given before.
        if self.keys.find(id.as_bytes()).is_some() {
            return Err(Refusal::KeyIdTaken);
        }
        let owner = self
            .users
            .find(actor.user.as_bytes())
            .ok_or(Refusal::UnknownActor)?;
        let number = self
            .claim_key(&id, owner)
            .ok()
            .flatten()
            .ok_or(Refusal::TooMany)?;
        self.list_key(number, name, kind, act.now, expires_at);
        Ok(actor.user)
    }

    /// Revokes one key, for ever. Takes `&self` and no lock: the very next
    /// decision on any thread sees it, also through a principal that was made
    /// before. Of several threads that revoke at once one gets the record.
    ///
    /// Also a key that is known by its state only, because its record has not
    /// arrived or is no longer listed, is revoked; its record finds it so.
    ///
    /// A clock that runs backwards is no ground to refuse: revoked is a state
    /// and not a date.
    ///
    /// # Errors
    ///
    /// [`Refused`]; as [`Refusal::UnknownKey`] also for a key of an account
    /// that the actor cannot see.
    pub fn revoke_key(&self, act: &Act<'_>, key: &str) -> Result<ActivityRecord, Refused> {
        self.revoke_one(act, key)
            .map_err(|refusal| self.refused_key(act, Activity::RevokeKey, key, refusal))
    }

    fn revoke_one(&self, act: &Act<'_>, key: &str) -> Result<ActivityRecord, Refusal> {
        let actor = self.actor(act)?;
        let found = self
            .keys
            .find(key.as_bytes())
            .and_then(|key| self.keys.get(key));
        let found = found.filter(|(_, record)| self.is_known(record));
        let owner = found.and_then(|(_, record)| self.account_at(record.owner));
        if let Err(refusal) = self.rules(act).may_manage_keys(&actor, owner.as_ref()) {
            let unseen = matches!(
                refusal,
                Refusal::NotAdministrative | Refusal::UnknownAccount
            );
            return Err(if unseen { Refusal::UnknownKey } else { refusal });
        }
        let ((id, record), owner) = found.zip(owner).ok_or(Refusal::UnknownKey)?;
        let cell = self.cells.get(record.cell()).ok_or(Refusal::UnknownKey)?;
        cell.state
            .revoke_active(act.now)
            .map_err(|at| Refusal::AlreadyRevoked { at })?;
        Ok(revoked(act, &owner.user, id))
    }

    /// Revokes every key of an account that is not revoked yet, as
    /// [`Directory::revoke_key`] does, and gives a record for each, in the
    /// order in which they became known. There may be none.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn revoke_keys(&self, act: &Act<'_>, owner: &str) -> Result<Vec<ActivityRecord>, Refused> {
        let (owner, number) = self
            .owner_managed(act, owner)
            .map_err(|refusal| self.refused(act, Activity::RevokeKey, owner, refusal))?;
        let mut records = Vec::new();
        for number in in_order(self.known_keys_of(number)) {
            let done = self
                .cell_of(number)
                .is_some_and(|cell| cell.state.revoke_active(act.now).is_ok());
            let id = self.keys.name(number).filter(|_| done);
            records.extend(id.map(|id| revoked(act, &owner.user, id)));
        }
        Ok(records)
    }

    /// Lists the keys of an account in the order in which they were added,
    /// with the record of having done so. Revoked keys are shown until
    /// `retention` seconds after they were revoked.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn list_keys(
        &self,
        act: &Act<'_>,
        owner: &str,
        retention: u64,
    ) -> Result<(Vec<KeyListing<'_>>, ActivityRecord), Refused> {
        let (owner, number) = self
            .owner_managed(act, owner)
            .map_err(|refusal| self.refused(act, Activity::ListKeys, owner, refusal))?;
        let keys = in_order(self.keys_of(number))
            .into_iter()
            .filter_map(|number| self.listing(number, act.now));
        let keys = keys
            .filter(|listing| listing.is_retained(act.now, retention))
            .collect();
        Ok((keys, about(act, &owner.user, Activity::ListKeys)))
    }

    /// Forgets every key that was revoked `retention` seconds ago or earlier,
    /// and gives a record for each; there may be none. The id stays taken for
    /// ever. What was denied as `key_revoked` is denied as `unknown_key` from
    /// then on.
    ///
    /// The host does so for itself, from time to time. Costs time in
    /// proportion to the number of keys. A key that a successor has purged
    /// already is forgotten without another record.
    ///
    /// # Errors
    ///
    /// [`Refused`] as [`Refusal::OtherPolicy`], with nothing changed.
    pub fn purge_keys(
        &mut self,
        engine: &Engine,
        now: UnixSeconds,
        retention: u64,
    ) -> Result<Vec<ActivityRecord>, Refused> {
        let record = ActivityRecord::of_act(engine, Activity::PurgeKey, now);
        if let Err(refusal) = self.bound_to(engine) {
            return Err(Refused::new(refusal, record));
        }
        let over = |(number, _, listed): (u32, &KeyId, &KeyRecord)| {
            let over = self.cells.is_purged(listed.cell())
                || self
                    .listing(number, now)
                    .is_some_and(|key| !key.is_retained(now, retention));
            (listed.is_listed() && over).then_some(number)
        };
        let over: Vec<u32> = self.keys.iter().filter_map(over).collect();
        let mut records = Vec::with_capacity(over.len());
        for number in over {
            let purged = self.listing(number, now).map(|key| ActivityRecord {
                account: Some(key.owner.clone()),
                key: Some(key.key.clone()),
                ..record.clone()
            });
            if self.purge_key(number) {
                records.extend(purged);
            }
        }
        Ok(records)
    }

    /// Notes that a key was used. Takes `&self` and no lock; the latest
    /// instant is kept.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownKey`], or [`Refusal::BeforeCreation`] for an instant
    /// at which the key did not exist yet.
    pub fn record_access(&self, key: &str, at: UnixSeconds) -> Result<(), Refusal> {
        let shown = self.listed(key).filter(|(_, record)| self.is_shown(record));
        let (_, record) = shown.ok_or(Refusal::UnknownKey)?;
        if at < record.created_at {
            return Err(Refusal::BeforeCreation);
        }
        let cell = self.cells.get(record.cell()).ok_or(Refusal::UnknownKey)?;
        cell.access(at);
        Ok(())
    }

    /// The claims of an access token for a key, made at the instant `now` and
    /// good for 600 seconds, or until the end in the key's record where that is
    /// earlier. Call it where a decision has allowed the exchange of the key.
    ///
    /// It takes no credential. For a key that says itself when it ends, call
    /// [`TokenClaims::mint`] with the principal of the request instead.
    ///
    /// # Errors
    ///
    /// The [`Reason`] that a decision would give, where the key or its owner's
    /// account does not stand.
    pub fn mint(&self, key: &str, now: UnixSeconds) -> Result<TokenClaims, Reason> {
        let credential = Credential::ApiKey(VerifiedKey::bearer(key));
        TokenClaims::mint(&self.principal(&credential, now), now)
    }

    /// The account whose keys the actor may revoke and list, and its number.
    fn owner_managed(&self, act: &Act<'_>, owner: &str) -> Result<(Account, u32), Refusal> {
        let (actor, owner) = (self.actor(act)?, self.account(owner));
        self.rules(act).may_manage_keys(&actor, owner.as_ref())?;
        let owner = owner.ok_or(Refusal::UnknownAccount)?;
        let number = self
            .users
            .find(owner.user.as_bytes())
            .ok_or(Refusal::UnknownAccount)?;
        Ok((owner, number))
    }

    /// The cell of a key.
    pub(super) fn cell_of(&self, number: u32) -> Option<&KeyCell> {
        self.keys
            .get(number)
            .and_then(|(_, record)| self.cells.get(record.cell()))
    }

    /// Forgets a key, and whether this is news: another directory may share
    /// its cell, and then it is purged there as well.
    pub(super) fn purge_key(&mut self, number: u32) -> bool {
        let Some(record) = self.keys.record_mut(number) else {
            return false;
        };
        record.purge();
        let cell = record.cell();
        self.details.set_name(number, "");
        self.cells.purge(cell)
    }
}

/// The numbers of keys in the order in which they became known.
fn in_order<'d>(keys: impl Iterator<Item = (u32, &'d KeyRecord)>) -> Vec<u32> {
    let mut keys: Vec<u32> = keys.map(|(number, _)| number).collect();
    keys.sort_unstable();
    keys
}
