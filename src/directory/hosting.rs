//! A directory as its host builds and changes it.
//!
//! The host makes these changes itself, from its own records, without
//! permission of a user. Acts of users are in `keys` and `accounts`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::account::Account;
use crate::directory::Directory;
use crate::directory::cells::Cells;
use crate::directory::details::Details;
use crate::directory::emails::{Emails, is_email};
use crate::directory::error::DirectoryError;
use crate::directory::key_states::OwnerConflict;
use crate::directory::ownership::Ownership;
use crate::directory::record::{KeyRecord, Presence, UserRecord};
use crate::id::{GroupId, KeyId, ProfileId, TenantId, UserId};
use crate::key::{ApiKey, KeyKind};
use crate::policy::Policy;
use crate::tenancy::{ResolvedScope, Tenancy, TenancyError};
use crate::time::UnixSeconds;
use crate::util::hash::Set;
use crate::util::table::Table;
use crate::util::text::{NameFault, judge_name};

impl Directory {
    /// A directory without users, keys and tenants, bound to a policy.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Account, AccountKind, ApiKey, Directory, KeyKind, KeyState, Policy, Scope, UnixSeconds};
    ///
    /// let policy = Policy::embedded()?;
    /// let mut directory = Directory::new(&policy);
    /// directory.add_tenant("alpha".parse()?)?;
    /// directory.add_user(&Account {
    ///     user: "collector".parse()?,
    ///     kind: AccountKind::Local,
    ///     enabled: true,
    ///     scope: Some(Scope::Tenant("alpha".parse()?)),
    ///     profile: "user".parse()?,
    /// })?;
    /// let key = ApiKey {
    ///     id: "k7".parse()?,
    ///     owner: "collector".parse()?,
    ///     kind: KeyKind::Scoped,
    ///     created_at: UnixSeconds::new(1_763_000_000),
    ///     expires_at: None,
    ///     state: KeyState::active(),
    /// };
    /// directory.add_key(key, "nightly export")?;
    /// assert_eq!(directory.users().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(policy: &Policy) -> Self {
        let mut directory = Self {
            tenancy: Tenancy::default(),
            policy: policy.stamp(),
            profiles: Set::default(),
            bound: Vec::new(),
            users: Table::default(),
            emails: Emails::default(),
            keys: Table::default(),
            details: Details::default(),
            cells: Cells::default(),
            owners: Ownership::default(),
        };
        directory.bind(policy);
        directory
    }

    /// Makes room for more users and keys, so that no memory is wasted while
    /// they are added one by one.
    pub fn reserve(&mut self, users: usize, keys: usize) {
        self.users.reserve(users);
        self.emails.reserve(users);
        self.keys.reserve(keys);
        self.details.reserve(keys);
    }

    /// Adds a tenant that is in no group.
    ///
    /// # Errors
    ///
    /// [`TenancyError`], with nothing changed.
    pub fn add_tenant(&mut self, tenant: TenantId) -> Result<(), TenancyError> {
        self.tenancy.add_tenant(tenant)
    }

    /// Removes a tenant, also from its groups. Its users stay, but without a
    /// scope until they get one: every decision about them is
    /// `inconsistent_principal`, even if a tenant of the same name is added.
    ///
    /// # Errors
    ///
    /// [`TenancyError::UnknownTenant`].
    pub fn remove_tenant(&mut self, tenant: &TenantId) -> Result<(), TenancyError> {
        self.tenancy.remove_tenant(tenant)?;
        self.drop_lost_scopes();
        Ok(())
    }

    /// Adds a group of these tenants. The list may be empty.
    ///
    /// # Errors
    ///
    /// [`TenancyError`], with nothing changed.
    pub fn add_group(
        &mut self,
        group: GroupId,
        tenants: Vec<TenantId>,
    ) -> Result<(), TenancyError> {
        self.tenancy.add_group(group, tenants)
    }

    /// Replaces the tenants of a group. The next decision about its partners
    /// uses them.
    ///
    /// # Errors
    ///
    /// [`TenancyError`], with nothing changed.
    pub fn set_group(
        &mut self,
        group: &GroupId,
        tenants: Vec<TenantId>,
    ) -> Result<(), TenancyError> {
        self.tenancy.set_group(group, tenants)
    }

    /// Removes a group. Its partners stay, but without a scope until they get
    /// one, as in [`Directory::remove_tenant`].
    ///
    /// # Errors
    ///
    /// [`TenancyError::UnknownGroup`].
    pub fn remove_group(&mut self, group: &GroupId) -> Result<(), TenancyError> {
        self.tenancy.remove_group(group)?;
        self.drop_lost_scopes();
        Ok(())
    }

    /// Adds a user without an e-mail address and without keys.
    ///
    /// # Errors
    ///
    /// [`DirectoryError`], with nothing changed.
    pub fn add_user(&mut self, account: &Account) -> Result<(), DirectoryError> {
        self.enter_user(account).map(|_| ())
    }

    /// Replaces the account of a user. The next decision uses it.
    ///
    /// # Errors
    ///
    /// [`DirectoryError`], with nothing changed.
    pub fn update_user(&mut self, account: &Account) -> Result<(), DirectoryError> {
        let (scope, profile) = self.placed(account)?;
        let found = self
            .users
            .find(account.user.as_bytes())
            .and_then(|number| self.users.record_mut(number));
        let record = found.ok_or_else(|| DirectoryError::UnknownUser(account.user.clone()))?;
        record.set_scope(scope);
        (record.profile, record.kind, record.enabled) = (profile, account.kind, account.enabled);
        Ok(())
    }

    /// Gives a user an e-mail address, or removes it.
    ///
    /// # Errors
    ///
    /// [`DirectoryError`], with nothing changed.
    pub fn update_email(
        &mut self,
        user: &UserId,
        email: Option<&str>,
    ) -> Result<(), DirectoryError> {
        let number = self
            .users
            .find(user.as_bytes())
            .ok_or_else(|| DirectoryError::UnknownUser(user.clone()))?;
        if email.is_some_and(|email| !is_email(email)) {
            return Err(DirectoryError::MalformedEmail(user.clone()));
        }
        let other = email
            .and_then(|email| self.emails.find(email))
            .filter(|other| *other != number);
        if let Some(other) = other.and_then(|other| self.users.name(other)) {
            return Err(DirectoryError::EmailTaken {
                user: user.clone(),
                other: other.clone(),
            });
        }
        self.emails.set(number, email.map(Box::from));
        Ok(())
    }

    /// Sets whether a user chose to use a second factor, from the host's
    /// records.
    ///
    /// # Errors
    ///
    /// [`DirectoryError::UnknownUser`].
    pub fn update_second_factor(
        &mut self,
        user: &UserId,
        choice: bool,
    ) -> Result<(), DirectoryError> {
        let number = self.users.find(user.as_bytes());
        let record = number.and_then(|number| self.users.record_mut(number));
        record
            .map(|record| record.second_factor = choice)
            .ok_or_else(|| DirectoryError::UnknownUser(user.clone()))
    }

    /// Removes a user and revokes all their keys at the instant `now`,
    /// including those that are known only by their states. Another user with
    /// other keys can have the name: the record of a key that arrives later and
    /// was created at `now` or before belongs to the removed user, and is
    /// revoked.
    ///
    /// Other replicas do not learn this by themselves. Remove the user there as
    /// well, or pass on [`Directory::removals`], before another user gets the
    /// name.
    ///
    /// # Errors
    ///
    /// [`DirectoryError::UnknownUser`], if the user is unknown and no key of
    /// theirs is known. The removal is recorded nevertheless, for keys that
    /// arrive later.
    pub fn remove_user(&mut self, user: &UserId, now: UnixSeconds) -> Result<(), DirectoryError> {
        if !self.release_name(user, now) {
            return Err(DirectoryError::UnknownUser(user.clone()));
        }
        if let Some(number) = self.users.find(user.as_bytes()) {
            self.emails.set(number, None);
            self.users.take(user.as_bytes());
        }
        Ok(())
    }

    /// Adds a key from the host's records, in any state. An earlier revocation
    /// from another replica or an earlier directory stays in effect. So does
    /// the removal of an earlier user of the owner's name, see
    /// [`Directory::remove_user`].
    ///
    /// # Errors
    ///
    /// [`DirectoryError`]. Nothing is changed except that keys may be revoked:
    /// a key that is known as another owner's is revoked for both
    /// ([`DirectoryError::Contested`]), and a revocation in the record also
    /// revokes a key that exists already.
    pub fn add_key(&mut self, key: ApiKey, name: &str) -> Result<(), DirectoryError> {
        let ApiKey {
            id,
            owner,
            kind,
            created_at,
            expires_at,
            state,
        } = key;
        match judge_name(name) {
            Ok(()) => {}
            Err(NameFault::Blank) => return Err(DirectoryError::BlankName(id)),
            Err(NameFault::Malformed) => return Err(DirectoryError::MalformedName(id)),
        }
        let Some(owner_number) = self.users.find(owner.as_bytes()) else {
            return Err(DirectoryError::UnknownOwner { key: id, owner });
        };
        if let Some(conflict) = self.contest(&id, &owner) {
            return Err(DirectoryError::Contested(conflict));
        }
        let Some(number) = self.claim_key(&id, owner_number)? else {
            let known = self.keys.find(id.as_bytes());
            let cell = known.and_then(|number| self.cell_of(number));
            if let (Some(cell), Some(at)) = (cell, state.revoked_at()) {
                cell.state.revoke(at);
            }
            return Err(DirectoryError::KeyIdTaken(id));
        };
        self.list_key(number, name, kind, created_at, expires_at);
        if let Some(cell) = self.cell_of(number) {
            if let Some(at) = state.revoked_at() {
                cell.state.revoke(at);
            }
            if let Some(at) = self.owners.removal_after(&owner, created_at) {
                let _first = cell.state.revoke_active(at);
            }
        }
        Ok(())
    }

    /// Revokes a key for both owners if it is known as another owner's. `None`
    /// if it is not.
    fn contest(&mut self, id: &KeyId, owner: &UserId) -> Option<OwnerConflict> {
        let number = self.keys.find(id.as_bytes())?;
        let (_, record) = self.keys.get(number)?;
        let known = self.users.name(record.owner)?;
        if known == owner || !self.is_known(record) {
            return None;
        }
        self.claim(number, owner);
        self.conflict(number)
    }

    /// Takes an id for a key of this owner and adds it to the owner's keys.
    /// `None` if the id was used before. The key is not listed yet.
    pub(super) fn claim_key(
        &mut self,
        id: &KeyId,
        owner: u32,
    ) -> Result<Option<u32>, DirectoryError> {
        let number = match self.keys.find(id.as_bytes()) {
            Some(number) => number,
            None => self
                .reserve_key(id, owner, None)
                .ok_or(DirectoryError::TooMany)?,
        };
        let same = |other: u32| self.users.name(other) == self.users.name(owner);
        let free = |record: &KeyRecord| {
            record.presence() == Presence::Reserved && self.is_known(record) && same(record.owner)
        };
        let found = self.keys.get(number).filter(|(_, record)| free(record));
        let Some((_, record)) = found else {
            return Ok(None);
        };
        // It is in the owner's chain already, or belonged to a removed owner.
        if record.owner != owner {
            self.link_key(number, owner);
        }
        Ok(Some(number))
    }

    /// Lists a key whose id was claimed.
    pub(super) fn list_key(
        &mut self,
        number: u32,
        name: &str,
        kind: KeyKind,
        created_at: UnixSeconds,
        expires_at: Option<UnixSeconds>,
    ) {
        if let Some(record) = self.keys.record_mut(number) {
            record.list(kind, created_at, expires_at);
            self.details.set_name(number, name);
        }
    }

    /// Adds a user and returns its number.
    pub(super) fn enter_user(&mut self, account: &Account) -> Result<u32, DirectoryError> {
        let (scope, profile) = self.placed(account)?;
        if self.users.is_full(1) {
            return Err(DirectoryError::TooMany);
        }
        let Account {
            user,
            kind,
            enabled,
            ..
        } = account;
        let record = UserRecord::new(scope, profile, *kind, *enabled);
        let number = self
            .users
            .insert(user.clone(), record)
            .ok_or_else(|| DirectoryError::RepeatedUser(user.clone()))?;
        self.adopt_keys(number);
        Ok(number)
    }

    /// The resolved scope of an account, and the position of its profile.
    fn placed(&self, account: &Account) -> Result<(ResolvedScope, u32), DirectoryError> {
        let scope = account
            .scope
            .as_ref()
            .map_or(ResolvedScope::Nowhere, |scope| self.tenancy.resolve(scope));
        if scope == ResolvedScope::Nowhere {
            return Err(DirectoryError::UnknownScope(account.user.clone()));
        }
        let profile = self.profile_number(&account.profile).ok_or_else(|| {
            DirectoryError::UnknownProfile {
                user: account.user.clone(),
                profile: account.profile.clone(),
            }
        })?;
        Ok((scope, profile))
    }

    /// Whether the policy that the directory is bound to has a profile.
    pub(super) fn knows_profile(&self, profile: &ProfileId) -> bool {
        self.profile_number(profile).is_some()
    }

    /// The position of a profile that the policy knows.
    fn profile_number(&self, profile: &ProfileId) -> Option<u32> {
        let number = self.profiles.get_index_of(profile)?;
        self.bound
            .get(number)
            .filter(|bound| bound.is_known())
            .and_then(|_| u32::try_from(number).ok())
    }

    /// Removes the scope of users whose group or tenant was removed.
    fn drop_lost_scopes(&mut self) {
        for (_, _, record) in self.users.entries_mut() {
            record.set_scope(self.tenancy.still(record.scope()));
        }
    }
}
