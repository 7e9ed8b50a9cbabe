//! The facts about users and keys that decisions need.
//!
//! A name and its record together have 64 bytes and begin at a line of memory,
//! so that a request reads one line for each. Other facts are elsewhere: e-mail
//! addresses in `emails`, names of keys and the order of an owner's keys in
//! `details`.

use core::num::NonZeroU32;

use crate::account::AccountKind;
use crate::directory::cells::MOST_CELLS;
use crate::id::{KeyId, UserId};
use crate::key::KeyKind;
use crate::tenancy::ResolvedScope;
use crate::time::UnixSeconds;
use crate::util::table::{Line, Table};

/// No key. It ends a user's chain of keys.
pub(super) const NO_KEY: u32 = u32::MAX;

/// The users of a directory.
pub(super) type Users = Table<UserId, UserRecord, Line>;

/// The keys of a directory.
pub(super) type Keys = Table<KeyId, KeyRecord, Line>;

/// One user.
#[derive(Clone, Debug)]
pub(super) struct UserRecord {
    /// The position in the directory's list of profiles.
    pub(super) profile: u32,
    /// The user's newest key. Each key has the previous one.
    pub(super) newest_key: u32,
    /// The number of the group or tenant, if the level has one.
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
    /// A user without keys and a second factor.
    pub(super) fn new(
        scope: ResolvedScope,
        profile: u32,
        kind: AccountKind,
        enabled: bool,
    ) -> Self {
        let mut record = Self {
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

/// How much a directory knows of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    /// Everything.
    Listed,
    /// Its id, owner and state, from another replica or an earlier directory.
    /// Requests do not find it.
    Reserved,
    /// Only its id and owner, for ever.
    Purged,
}

/// One key. It is `Clone` because its state is not in it.
#[derive(Clone, Debug)]
pub(super) struct KeyRecord {
    pub(super) created_at: UnixSeconds,
    /// Its end, if it expires.
    end: UnixSeconds,
    /// The number of the owner among the users.
    pub(super) owner: u32,
    rest: Packed,
}

impl KeyRecord {
    /// A key of which only the owner is known.
    pub(super) fn reserved(owner: u32, cell: u32) -> Self {
        Self {
            created_at: UnixSeconds::new(0),
            end: UnixSeconds::new(0),
            owner,
            rest: Packed::new(Presence::Reserved, 0, cell),
        }
    }

    /// Lists a key, with the facts of its record.
    pub(super) fn list(
        &mut self,
        kind: KeyKind,
        created_at: UnixSeconds,
        expires_at: Option<UnixSeconds>,
    ) {
        let legacy = match kind {
            KeyKind::Scoped => 0,
            KeyKind::Legacy => Packed::LEGACY,
        };
        let expires = expires_at.map_or(0, |_| Packed::EXPIRES);
        *self = Self {
            created_at,
            end: expires_at.unwrap_or(UnixSeconds::new(0)),
            owner: self.owner,
            rest: Packed::new(Presence::Listed, legacy | expires, self.cell()),
        };
    }

    /// The first instant at which the key is no longer valid, if it expires.
    #[inline]
    pub(super) fn expires_at(&self) -> Option<UnixSeconds> {
        self.rest.has(Packed::EXPIRES).then_some(self.end)
    }

    #[inline]
    pub(super) fn kind(&self) -> KeyKind {
        if self.rest.has(Packed::LEGACY) {
            KeyKind::Legacy
        } else {
            KeyKind::Scoped
        }
    }

    #[inline]
    pub(super) fn presence(&self) -> Presence {
        self.rest.presence()
    }

    #[inline]
    pub(super) fn is_listed(&self) -> bool {
        self.presence() == Presence::Listed
    }

    /// The number of the key's cell.
    #[inline]
    pub(super) fn cell(&self) -> u32 {
        self.rest.cell()
    }

    pub(super) fn set_cell(&mut self, cell: u32) {
        self.rest = Packed::new(self.presence(), self.rest.marks(), cell);
    }

    /// Forgets everything except the owner.
    pub(super) fn purge(&mut self) {
        *self = Self {
            rest: Packed::new(Presence::Purged, 0, self.cell()),
            ..Self::reserved(self.owner, self.cell())
        };
    }
}

/// The number of a key's cell, two flags and the presence, as one word. It is
/// never zero, so that an optional record needs no more room than a record.
#[derive(Clone, Copy, Debug)]
struct Packed(NonZeroU32);

impl Packed {
    /// The bits of the presence.
    const PRESENCE: u32 = 0b11;
    const LISTED: NonZeroU32 = NonZeroU32::MIN;
    const RESERVED: NonZeroU32 = Self::LISTED.saturating_add(1);
    const PURGED: NonZeroU32 = Self::RESERVED.saturating_add(1);
    /// Set if the key expires.
    const EXPIRES: u32 = 1 << 2;
    /// Set for a legacy key.
    const LEGACY: u32 = 1 << 3;
    /// The first bit of the number of the cell.
    const CELL: u32 = 4;

    fn new(presence: Presence, marks: u32, cell: u32) -> Self {
        let presence = match presence {
            Presence::Listed => Self::LISTED,
            Presence::Reserved => Self::RESERVED,
            Presence::Purged => Self::PURGED,
        };
        // INVARIANT: cells have smaller numbers. A key without a cell cannot be
        // used.
        let cell = cell.min(MOST_CELLS - 1);
        Self(presence | marks | cell << Self::CELL)
    }

    #[inline]
    const fn has(self, mark: u32) -> bool {
        self.0.get() & mark != 0
    }

    const fn marks(self) -> u32 {
        self.0.get() & (Self::EXPIRES | Self::LEGACY)
    }

    #[inline]
    const fn presence(self) -> Presence {
        let presence = self.0.get() & Self::PRESENCE;
        if presence == Self::LISTED.get() {
            Presence::Listed
        } else if presence == Self::RESERVED.get() {
            Presence::Reserved
        } else {
            Presence::Purged
        }
    }

    #[inline]
    const fn cell(self) -> u32 {
        self.0.get() >> Self::CELL
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::util::table::Entry;

    #[test]
    fn an_entry_is_one_line_of_memory() {
        type User = Entry<UserId, UserRecord, Line>;
        type Key = Entry<KeyId, KeyRecord, Line>;
        assert_eq!((size_of::<User>(), align_of::<User>()), (64, 64));
        assert_eq!((size_of::<Key>(), align_of::<Key>()), (64, 64));
    }

    #[test]
    fn a_record_of_a_key_keeps_everything_at_both_ends() {
        let ends = [0, 1, u64::MAX].map(UnixSeconds::new);
        let mut expiries = std::vec![None];
        expiries.extend(ends.map(Some));
        for cell in [0, 1, 0x5555_5555 % MOST_CELLS, MOST_CELLS - 1] {
            for other in [0, 1, MOST_CELLS - 1] {
                for kind in [KeyKind::Scoped, KeyKind::Legacy] {
                    for (created_at, expires_at) in ends
                        .iter()
                        .flat_map(|at| expiries.iter().map(move |end| (*at, *end)))
                    {
                        let mut record = KeyRecord::reserved(7, cell);
                        assert_eq!(record.presence(), Presence::Reserved);
                        assert_eq!((record.cell(), record.expires_at()), (cell, None));
                        record.list(kind, created_at, expires_at);
                        record.set_cell(other);
                        assert!(record.is_listed());
                        assert_eq!((record.owner, record.cell()), (7, other));
                        assert_eq!((record.kind(), record.created_at), (kind, created_at));
                        assert_eq!(record.expires_at(), expires_at);
                        record.purge();
                        assert_eq!(record.presence(), Presence::Purged);
                        assert_eq!((record.owner, record.cell()), (7, other));
                        assert_eq!(
                            (record.kind(), record.expires_at()),
                            (KeyKind::Scoped, None)
                        );
                    }
                }
            }
        }
    }
}
