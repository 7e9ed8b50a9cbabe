//! What a directory knows of owners beside its users: owners who have not
//! arrived yet, and owners who are gone.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::id::UserId;
use crate::time::UnixSeconds;

/// What a directory knows of owners beside its users.
#[derive(Clone, Debug, Default)]
pub(super) struct Ownership {
    /// Owners who are no users, as yet.
    pub(super) strangers: BTreeMap<UserId, Stranger>,
    /// Names whose last owner was removed, and when.
    removed: BTreeMap<UserId, UnixSeconds>,
    /// By number, the keys that several owners have, with all of them.
    pub(super) contested: BTreeMap<u32, BTreeSet<UserId>>,
}

/// An owner of whom only keys are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stranger {
    /// The number among the users, which has no record.
    pub(super) number: u32,
    pub(super) newest_key: u32,
}

impl Ownership {
    /// Notes that whoever had a name was removed.
    pub(super) fn note_removal(&mut self, user: &UserId, at: UnixSeconds) {
        let noted = self.removed.entry(user.clone()).or_insert(at);
        *noted = at.max(*noted);
    }

    /// When whoever had a name before was removed, if a key that was created
    /// at this instant was theirs: made in the same second it counts as theirs.
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

    /// Takes over the removals that an earlier directory knows of.
    pub(super) fn join_removals(&mut self, before: &Self) {
        for (user, at) in &before.removed {
            self.note_removal(user, *at);
        }
    }
}
