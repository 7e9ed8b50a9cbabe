//! Owners of keys who are not users: those who have not arrived yet, and those
//! who were removed.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::id::UserId;
use crate::time::UnixSeconds;

/// The owners of keys who are not users.
#[derive(Clone, Debug, Default)]
pub(super) struct Ownership {
    /// Owners who have not arrived yet.
    pub(super) strangers: BTreeMap<UserId, Stranger>,
    /// Names whose last owner was removed, and when.
    removed: BTreeMap<UserId, UnixSeconds>,
    /// The keys with several owners, by number, with all their owners.
    pub(super) contested: BTreeMap<u32, BTreeSet<UserId>>,
}

/// An owner who is known only by keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stranger {
    /// The number among the users, which has no record.
    pub(super) number: u32,
    pub(super) newest_key: u32,
}

impl Ownership {
    /// Notes that the user of a name was removed.
    pub(super) fn note_removal(&mut self, user: &UserId, at: UnixSeconds) {
        let noted = self.removed.entry(user.clone()).or_insert(at);
        *noted = at.max(*noted);
    }

    /// When the earlier user of a name was removed, if a key that was created
    /// at this instant was theirs. A key of the same second counts as theirs.
    pub(super) fn removal_after(
        &self,
        user: &UserId,
        created_at: UnixSeconds,
    ) -> Option<UnixSeconds> {
        self.removed
            .get(user)
            .copied()
            .filter(|at| created_at <= *at)
    }

    /// Every removal: the name, and the last instant.
    pub(super) fn removals(&self) -> impl Iterator<Item = (&UserId, UnixSeconds)> {
        self.removed.iter().map(|(user, at)| (user, *at))
    }

    /// Adds the removals of an earlier directory.
    pub(super) fn join_removals(&mut self, before: &Self) {
        for (user, at) in &before.removed {
            self.note_removal(user, *at);
        }
    }
}
