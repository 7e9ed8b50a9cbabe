//! The difference between two directories: what was done to users, keys, tenants
//! and groups.

mod accounts;
mod keys;
mod moves;
mod tenancy;

use alloc::vec::Vec;

use crate::audit::change::Effect;
use crate::audit::diff::Diff;
use crate::audit::directory_diff::accounts::facts;
use crate::audit::directory_diff::moves::Moves;
use crate::directory::Directory;
use crate::id::UserId;
use crate::time::UnixSeconds;
use crate::util::hash::Set;

pub use crate::audit::directory_diff::accounts::UserFact;
pub use crate::audit::directory_diff::moves::Effects;
pub use crate::audit::directory_diff::tenancy::TenancyFact;

/// What was done between two directories, even if nobody reaches more by it
/// today: a user without a key who gets a higher profile is listed. What each
/// user reaches is in [`Impact`](super::Impact).
///
/// Two directories with different [digests](Directory::digest) always differ in
/// something that is listed.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::audit::{Diff, DirectoryDiff, Effect};
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, UnixSeconds};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let before = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let old = "group: one, profile: user";
/// let promoted = EMBEDDED_DIRECTORY.replace(old, "group: one, profile: security_admin");
/// let after = Directory::from_yaml(&promoted, &policy)?;
/// let now = UnixSeconds::new(1_764_000_000);
///
/// let diff = Diff::of_policies(&policy, &policy);
/// let changed = DirectoryDiff::between(&diff, [(&before, now), (&after, now)]);
/// let [user] = changed.users() else { panic!() };
/// assert_eq!(user.user.as_str(), "partner-user");
/// assert!(changed.has(Effect::Widens) && !changed.has(Effect::Narrows));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DirectoryDiff {
    users: Vec<UserChange>,
    tenancy: Vec<TenancyFact>,
}

/// What was done to one user, and to the keys of the user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UserChange {
    /// The user.
    pub user: UserId,
    /// What was done: the account first, then the keys in the order of the
    /// directories.
    pub facts: Vec<UserFact>,
}

impl DirectoryDiff {
    /// Compares two directories, each with the instant for which its keys are
    /// judged. The difference of the policies says what a move to another profile or
    /// scope means.
    pub fn between(diff: &Diff, directories: [(&Directory, UnixSeconds); 2]) -> Self {
        let [(first, _), (second, _)] = directories;
        let mut moves = Moves::of(diff, [first, second]);
        let mut keys = keys::facts(directories);
        let all: Set<&UserId> = first.users().chain(second.users()).collect();
        let change = |user: &UserId| {
            let accounts = [first, second].map(|own| own.account(user.as_str()));
            let mut all = facts(accounts, &mut moves);
            all.extend(keys.swap_remove(user).unwrap_or_default());
            (!all.is_empty()).then(|| UserChange {
                user: user.clone(),
                facts: all,
            })
        };
        Self {
            users: all.into_iter().filter_map(change).collect(),
            tenancy: tenancy::facts([first.tenancy(), second.tenancy()]),
        }
    }

    /// The users to whom something was done: those of the first directory in its
    /// order, then those that only the second has.
    pub fn users(&self) -> &[UserChange] {
        &self.users
    }

    /// What was done to tenants and groups.
    pub fn tenancy(&self) -> &[TenancyFact] {
        &self.tenancy
    }

    /// Whether nothing was done.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.tenancy.is_empty()
    }

    /// Whether something that was done has this effect. Something new widens: a
    /// user, a key that is or will be valid, a tenant, a tenant in a group.
    /// Something that is gone narrows.
    pub fn has(&self, effect: Effect) -> bool {
        let mut users = self.users.iter().flat_map(|change| &change.facts);
        users.any(|fact| fact.has(effect)) || self.tenancy.iter().any(|fact| fact.has(effect))
    }
}
