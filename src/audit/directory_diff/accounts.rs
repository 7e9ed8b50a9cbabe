//! What was done to an account and its keys.

use alloc::vec::Vec;

use crate::account::{Account, AccountKind};
use crate::audit::change::Effect;
use crate::audit::directory_diff::moves::{Effects, Moves};
use crate::directory::KeyStatus;
use crate::id::{KeyId, ProfileId};
use crate::key::KeyKind;
use crate::scope::Scope;
use crate::time::UnixSeconds;

/// One thing that was done to a user.
///
/// If a key has another owner or kind than before, the old one is removed and
/// the new one is made.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UserFact {
    /// The user is new.
    Added(Account),
    /// The user is gone.
    Removed(Account),
    /// The user has another profile or scope. A scope is `None` if its tenant
    /// or group is gone.
    Moved {
        /// The profile and scope before.
        before: (ProfileId, Option<Scope>),
        /// The profile and scope now.
        after: (ProfileId, Option<Scope>),
        /// What the move means with any valid key: for requests and for
        /// administration.
        effects: Effects,
    },
    /// The account is enabled now, or disabled.
    Enabled(bool),
    /// The user signs in in another way now. Users of single sign-on have no
    /// API access.
    Kind(AccountKind),
    /// The user has a key that is new.
    KeyMade {
        /// The key.
        key: KeyId,
        /// Its kind.
        kind: KeyKind,
        /// Its status now.
        status: KeyStatus,
        /// When it ends, if it does.
        expires_at: Option<UnixSeconds>,
    },
    /// A key is gone.
    KeyRemoved {
        /// The key.
        key: KeyId,
        /// Its kind.
        kind: KeyKind,
        /// Its status before.
        status: KeyStatus,
    },
    /// A key has another status: it was revoked, it expired, or its time began.
    KeyStatus {
        /// The key.
        key: KeyId,
        /// Its status before.
        before: KeyStatus,
        /// Its status now.
        after: KeyStatus,
    },
    /// A key has another beginning or end.
    KeyLifetime {
        /// The key.
        key: KeyId,
        /// The beginning and the end before.
        before: (UnixSeconds, Option<UnixSeconds>),
        /// The beginning and the end now.
        after: (UnixSeconds, Option<UnixSeconds>),
    },
}

impl UserFact {
    /// Whether it has this effect. A move can have both.
    pub fn has(&self, effect: Effect) -> bool {
        let is = |widens: bool, narrows: bool| match effect {
            Effect::Widens => widens,
            Effect::Narrows => narrows,
            Effect::Neither => false,
        };
        match self {
            Self::Added(_) | Self::Kind(AccountKind::Local) => is(true, false),
            Self::Removed(_) | Self::Kind(AccountKind::Sso) => is(false, true),
            Self::Moved { effects, .. } => is(effects.widens, effects.narrows),
            Self::Enabled(enabled) => is(*enabled, !*enabled),
            Self::KeyMade { status, .. } => is(rank(*status) > 0, false),
            Self::KeyRemoved { status, .. } => is(false, rank(*status) > 0),
            Self::KeyStatus { before, after, .. } => {
                is(rank(*after) > rank(*before), rank(*after) < rank(*before))
            }
            Self::KeyLifetime { before, after, .. } => {
                // No end is after every end.
                let end = |own: &(UnixSeconds, Option<UnixSeconds>)| (own.1.is_none(), own.1);
                is(
                    after.0 < before.0 || end(after) > end(before),
                    after.0 > before.0 || end(after) < end(before),
                )
            }
        }
    }
}

/// How far a key is from being usable: 0 means never.
fn rank(status: KeyStatus) -> u8 {
    match status {
        KeyStatus::Revoked | KeyStatus::Expired => 0,
        KeyStatus::NotYetValid => 1,
        KeyStatus::Active => 2,
    }
}

/// What was done to an account.
pub(super) fn facts([before, after]: [Option<Account>; 2], moves: &mut Moves<'_>) -> Vec<UserFact> {
    let (before, after) = match (before, after) {
        (None, None) => return Vec::new(),
        (None, Some(account)) => return Vec::from([UserFact::Added(account)]),
        (Some(account), None) => return Vec::from([UserFact::Removed(account)]),
        (Some(before), Some(after)) => (before, after),
    };
    let mut facts = Vec::new();
    let [was, is] = [&before, &after].map(|own| (own.profile.clone(), own.scope.clone()));
    if was != is {
        facts.push(UserFact::Moved {
            effects: moves.effects(&before, &after),
            before: was,
            after: is,
        });
    }
    if before.enabled != after.enabled {
        facts.push(UserFact::Enabled(after.enabled));
    }
    if before.kind != after.kind {
        facts.push(UserFact::Kind(after.kind));
    }
    facts
}
