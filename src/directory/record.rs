//! What a directory keeps of a user and of a key.

use alloc::boxed::Box;

use crate::account::AccountKind;
use crate::key::KeyKind;
use crate::tenancy::ResolvedScope;
use crate::time::UnixSeconds;

/// No key: the end of a user's chain of keys.
pub(super) const NO_KEY: u32 = u32::MAX;

/// One user. At a million of them every byte is a megabyte.
#[derive(Clone, Debug)]
pub(super) struct UserRecord {
    pub(super) email: Option<Box<str>>,
    /// The position in the directory's list of profiles.
    pub(super) profile: u32,
    /// The user's newest key; each key knows the one before it.
    pub(super) newest_key: u32,
    /// The number of the group or tenant, where the level has one.
    place: u32,
    level: Level,
    pub(super) kind: AccountKind,
    pub(super) enabled: bool,
    /// Whether the user chose to use a second factor.
    pub(super) second_factor: bool,
}

/// A scope without its number, which is separate to save padding.
#[derive(Clone, Copy, Debug)]
enum Level {
    Root,
    Partner,
    Tenant,
    Nowhere,
}

impl UserRecord {
    /// A user without an address, keys and a second factor.
    pub(super) fn new(
        scope: ResolvedScope,
        profile: u32,
        kind: AccountKind,
        enabled: bool,
    ) -> Self {
        let mut record = Self {
            email: None,
            profile,
            newest_key: NO_KEY,
            place: 0,
            level: Level::Nowhere,
            kind,
            enabled,
            second_factor: false,
        };
        record.set_scope(scope);
        record
    }

    #[inline]
    pub(super) fn scope(&self) -> ResolvedScope {
        match self.level {
            Level::Root => ResolvedScope::Root,
            Level::Partner => ResolvedScope::Partner(self.place),
            Level::Tenant => ResolvedScope::Tenant(self.place),
            Level::Nowhere => ResolvedScope::Nowhere,
        }
    }

    pub(super) fn set_scope(&mut self, scope: ResolvedScope) {
        (self.level, self.place) = match scope {
            ResolvedScope::Root => (Level::Root, 0),
            ResolvedScope::Partner(group) => (Level::Partner, group),
            ResolvedScope::Tenant(tenant) => (Level::Tenant, tenant),
            ResolvedScope::Nowhere => (Level::Nowhere, 0),
        };
    }
}

/// What a directory has of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    /// All of it.
    Listed,
    /// Its id, owner and state, from another replica or an earlier directory.
    /// Requests do not find it.
    Reserved,
    /// Its id and owner, for good.
    Purged,
}

/// One key. It is `Clone` because its state is not in it.
#[derive(Clone, Debug)]
pub(super) struct KeyRecord {
    pub(super) name: Box<str>,
    pub(super) created_at: UnixSeconds,
    /// Counts where `expires` says so.
    end: UnixSeconds,
    /// The number of the owner among the users.
    pub(super) owner: u32,
    /// The owner's key before this one.
    pub(super) older: u32,
    /// The number of the key's cell.
    pub(super) cell: u32,
    expires: bool,
    pub(super) kind: KeyKind,
    pub(super) presence: Presence,
}

impl KeyRecord {
    /// A key of which nothing is known but whose it is.
    pub(super) fn reserved(owner: u32, cell: u32) -> Self {
        Self {
            name: Box::default(),
            created_at: UnixSeconds::new(0),
            end: UnixSeconds::new(0),
            owner,
            older: NO_KEY,
            cell,
            expires: false,
            kind: KeyKind::Scoped,
            presence: Presence::Reserved,
        }
    }

    /// From when on the key is no longer valid, if it expires at all.
    #[inline]
    pub(super) fn expires_at(&self) -> Option<UnixSeconds> {
        self.expires.then_some(self.end)
    }

    pub(super) fn set_expires_at(&mut self, end: Option<UnixSeconds>) {
        self.expires = end.is_some();
        self.end = end.unwrap_or(UnixSeconds::new(0));
    }

    #[inline]
    pub(super) fn is_listed(&self) -> bool {
        self.presence == Presence::Listed
    }

    /// Forgets everything but whose key it was. The chain of the owner's keys
    /// goes on through it.
    pub(super) fn purge(&mut self) {
        *self = Self {
            older: self.older,
            presence: Presence::Purged,
            ..Self::reserved(self.owner, self.cell)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{KeyId, UserId};

    #[test]
    fn records_are_small() {
        assert_eq!(size_of::<(UserId, Option<UserRecord>)>(), 72);
        assert_eq!(size_of::<(KeyId, Option<KeyRecord>)>(), 88);
    }
}
