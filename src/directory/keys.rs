//! Acts on keys: create, revoke, list, purge, and what goes with them.
//!
//! Each act is permitted, done and recorded, or refused with nothing changed.

use alloc::vec::Vec;

use crate::account::Account;
use crate::activity::{Activity, ActivityRecord};
use crate::administration::Administration;
use crate::claims::TokenClaims;
use crate::credential::{Credential, VerifiedKey};
use crate::directory::Directory;
use crate::directory::act::Act;
use crate::directory::cells::KeyCell;
use crate::directory::listing::KeyListing;
use crate::engine::Engine;
use crate::id::{KeyId, UserId};
use crate::key::KeyKind;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::text::{NameFault, judge_name};
use crate::time::UnixSeconds;

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
    /// The [`Refusal`], with nothing changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{Act, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, NewKey, Policy, Refusal, UnixSeconds};
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let mut directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
    /// let act = Act::new(&engine, "msp", UnixSeconds::new(1_764_000_000));
    ///
    /// let key = NewKey { id: "k7".parse()?, name: "nightly export", expires_at: None };
    /// let record = directory.create_key(&act, key.clone())?;
    /// assert_eq!(record.operation.code(), "create_key");
    /// assert_eq!(directory.create_key(&act, key), Err(Refusal::KeyIdTaken));
    ///
    /// directory.revoke_key(&act, "k7")?;
    /// assert!(matches!(directory.revoke_key(&act, "k7"), Err(Refusal::AlreadyRevoked { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_key(
        &mut self,
        act: &Act<'_>,
        new: NewKey<'_>,
    ) -> Result<ActivityRecord, Refusal> {
        let actor = self.actor(act)?;
        let rules = self.rules(act);
        rules.may_create_key(&actor, &actor.user)?;
        let kind = match act.engine.has_scoped_keys() {
            true => KeyKind::Scoped,
            false if rules.is_root_super_admin(&actor) => KeyKind::Legacy,
            false => return Err(Refusal::NotEligible),
        };
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
        if self.keys.find(id.as_str()).is_some() {
            return Err(Refusal::KeyIdTaken);
        }
        let owner = self
            .users
            .find(actor.user.as_str())
            .ok_or(Refusal::UnknownActor)?;
        let number = self
            .claim_key(&id, owner)
            .ok()
            .flatten()
            .ok_or(Refusal::TooMany)?;
        if let Some(record) = self.keys.record_mut(number) {
            (record.name, record.created_at, record.kind) = (name.into(), act.now, kind);
            record.set_expires_at(expires_at);
        }
        Ok(ActivityRecord {
            key: Some(id),
            ..about(act, &actor.user, Activity::CreateKey)
        })
    }

    /// Revokes one key, for ever. Takes `&self` and no lock: the very next
    /// decision on any thread sees it, also through a principal that was made
    /// before. Of several threads that revoke at once one gets the record.
    ///
    /// A clock that runs backwards is no ground to refuse: revoked is a state
    /// and not a date.
    ///
    /// # Errors
    ///
    /// The [`Refusal`]; [`Refusal::UnknownKey`] also for a key of an account
    /// that the actor cannot see.
    pub fn revoke_key(&self, act: &Act<'_>, key: &str) -> Result<ActivityRecord, Refusal> {
        let actor = self.actor(act)?;
        let found = self.listed(key);
        let owner = found.and_then(|(_, record)| self.account_at(record.owner));
        if let Err(refusal) = self.rules(act).may_manage_keys(&actor, owner.as_ref()) {
            let unseen = matches!(
                refusal,
                Refusal::NotAdministrative | Refusal::UnknownAccount
            );
            return Err(if unseen { Refusal::UnknownKey } else { refusal });
        }
        let ((id, record), owner) = found.zip(owner).ok_or(Refusal::UnknownKey)?;
        let cell = self.cells.get(record.cell).ok_or(Refusal::UnknownKey)?;
        cell.state
            .revoke_active(act.now)
            .map_err(|at| Refusal::AlreadyRevoked { at })?;
        Ok(revoked(act, &owner.user, id))
    }

    /// Revokes every key of an account that is not revoked yet, as
    /// [`Directory::revoke_key`] does, and gives a record for each, in the
    /// order in which they were added.
    ///
    /// # Errors
    ///
    /// The [`Refusal`]; [`Refusal::NothingToRevoke`] where there is none.
    pub fn revoke_keys(&self, act: &Act<'_>, owner: &str) -> Result<Vec<ActivityRecord>, Refusal> {
        let (owner, number) = self.owner_managed(act, owner)?;
        let mut records = Vec::new();
        for number in self.ordered_keys_of(number) {
            let done = self
                .cell_of(number)
                .is_some_and(|cell| cell.state.revoke_active(act.now).is_ok());
            let id = self.keys.name(number).filter(|_| done);
            records.extend(id.map(|id| revoked(act, &owner.user, id)));
        }
        if records.is_empty() {
            Err(Refusal::NothingToRevoke)
        } else {
            Ok(records)
        }
    }

    /// Lists the keys of an account in the order in which they were added,
    /// with the record of having done so. Revoked keys are shown until
    /// `retention` seconds after they were revoked.
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn list_keys(
        &self,
        act: &Act<'_>,
        owner: &str,
        retention: u64,
    ) -> Result<(Vec<KeyListing<'_>>, ActivityRecord), Refusal> {
        let (owner, number) = self.owner_managed(act, owner)?;
        let keys = self
            .ordered_keys_of(number)
            .into_iter()
            .filter_map(|number| self.listing(number, act.now));
        let keys = keys
            .filter(|listing| listing.is_retained(act.now, retention))
            .collect();
        Ok((keys, about(act, &owner.user, Activity::ListKeys)))
    }

    /// Forgets every key that was revoked `retention` seconds ago or earlier,
    /// and gives a record for each. The id stays taken for ever. What was
    /// denied as `key_revoked` is denied as `unknown_key` from then on.
    ///
    /// The host does so for itself, from time to time. Costs time in
    /// proportion to the number of keys.
    ///
    /// # Errors
    ///
    /// [`Refusal::NothingToPurge`] where there is none.
    pub fn purge_keys(
        &mut self,
        engine: &Engine,
        now: UnixSeconds,
        retention: u64,
    ) -> Result<Vec<ActivityRecord>, Refusal> {
        let over = |number: &u32| {
            self.listing(*number, now)
                .is_some_and(|key| !key.is_retained(now, retention))
        };
        let listed = self
            .keys
            .iter()
            .filter(|(_, _, record)| record.is_listed())
            .map(|(number, ..)| number);
        let over: Vec<u32> = listed.filter(over).collect();
        let mut records = Vec::with_capacity(over.len());
        for number in over {
            records.extend(self.listing(number, now).map(|key| ActivityRecord {
                account: Some(key.owner.clone()),
                key: Some(key.key.clone()),
                ..ActivityRecord::of_act(engine, Activity::PurgeKey, now)
            }));
            self.purge_key(number);
        }
        if records.is_empty() {
            Err(Refusal::NothingToPurge)
        } else {
            Ok(records)
        }
    }

    /// Notes that a key was used. Takes `&self` and no lock; the latest
    /// instant is kept.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownKey`], or [`Refusal::BeforeCreation`] for an instant
    /// at which the key did not exist yet.
    pub fn record_access(&self, key: &str, at: UnixSeconds) -> Result<(), Refusal> {
        let (_, record) = self.listed(key).ok_or(Refusal::UnknownKey)?;
        if at < record.created_at {
            return Err(Refusal::BeforeCreation);
        }
        let cell = self.cells.get(record.cell).ok_or(Refusal::UnknownKey)?;
        cell.access(at);
        Ok(())
    }

    /// The claims of an access token for a key, made at the instant `now` and
    /// good for 600 seconds. Call it where a decision has allowed the exchange
    /// of the key.
    ///
    /// # Errors
    ///
    /// The [`Reason`] that a decision would give, where the key or its owner's
    /// account does not stand.
    pub fn mint(&self, key: &str, now: UnixSeconds) -> Result<TokenClaims, Reason> {
        let credential = Credential::ApiKey(VerifiedKey::bearer(key));
        TokenClaims::mint(&self.principal(&credential, now), now)
    }

    /// Whoever acts, as they are now.
    pub(super) fn actor(&self, act: &Act<'_>) -> Result<Account, Refusal> {
        self.account(act.actor).ok_or(Refusal::UnknownActor)
    }

    /// The rules that an act goes by.
    pub(super) fn rules<'a>(&'a self, act: &Act<'a>) -> Administration<'a> {
        Administration::new(act.engine.policy(), &self.tenancy)
    }

    /// The account whose keys the actor may revoke and list, and its number.
    fn owner_managed(&self, act: &Act<'_>, owner: &str) -> Result<(Account, u32), Refusal> {
        let (actor, owner) = (self.actor(act)?, self.account(owner));
        self.rules(act).may_manage_keys(&actor, owner.as_ref())?;
        let owner = owner.ok_or(Refusal::UnknownAccount)?;
        let number = self
            .users
            .find(owner.user.as_str())
            .ok_or(Refusal::UnknownAccount)?;
        Ok((owner, number))
    }

    /// The keys of a user, by number, in order.
    fn ordered_keys_of(&self, user: u32) -> Vec<u32> {
        let mut keys: Vec<u32> = self.keys_of(user).map(|(number, _)| number).collect();
        keys.sort_unstable();
        keys
    }

    /// The cell of a key.
    pub(super) fn cell_of(&self, number: u32) -> Option<&KeyCell> {
        self.keys
            .get(number)
            .and_then(|(_, record)| self.cells.get(record.cell))
    }

    /// Forgets a key. Another directory may share its cell, so it is revoked
    /// as well.
    pub(super) fn purge_key(&mut self, number: u32) {
        if let Some(cell) = self.cell_of(number) {
            cell.state.revoke(UnixSeconds::new(u64::MAX));
        }
        if let Some(record) = self.keys.record_mut(number) {
            record.purge();
        }
    }
}

/// The record of an act on an account.
pub(super) fn about(act: &Act<'_>, account: &UserId, operation: Activity) -> ActivityRecord {
    let actor = if account.as_str() == act.actor {
        Some(account.clone())
    } else {
        act.actor.parse().ok()
    };
    ActivityRecord {
        actor,
        account: Some(account.clone()),
        ..ActivityRecord::of_act(act.engine, operation, act.now)
    }
}

fn revoked(act: &Act<'_>, owner: &UserId, key: &KeyId) -> ActivityRecord {
    ActivityRecord {
        key: Some(key.clone()),
        ..about(act, owner, Activity::RevokeKey)
    }
}
