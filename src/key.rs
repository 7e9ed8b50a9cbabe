//! API keys and their state. A key is known only by its public
//! identifier; its secret is not here.

use core::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::id::{KeyId, UserId};
use crate::time::UnixSeconds;

/// Which of the two kinds of key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Created by its owner and limited by the owner's scope and privileges.
    Scoped,
    /// The older platform token, of root users with Super Admin only.
    Legacy,
}

impl KeyKind {
    /// The word that documents and requests use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scoped => "scoped",
            Self::Legacy => "legacy",
        }
    }
}

/// Whether a key is active or revoked. Revoked is for ever.
///
/// Revoking takes `&self` and no lock. Each decision reads the state, so the
/// next decision on any thread sees a revocation, even with a principal that
/// was created before.
///
/// A state is not `Clone`, because a copy would not see a revocation of the
/// original.
///
/// ```
/// use portcullis::{KeyState, UnixSeconds};
///
/// let state = KeyState::active();
/// state.revoke(UnixSeconds::new(1_764_000_000));
/// state.revoke(UnixSeconds::new(1_999_999_999)); // changes nothing
/// assert_eq!(state.revoked_at(), Some(UnixSeconds::new(1_764_000_000)));
/// ```
#[derive(Debug)]
pub struct KeyState(AtomicU64);

/// The stored instant of a key that has not been revoked.
const ACTIVE: u64 = u64::MAX;

impl KeyState {
    /// An active key.
    pub const fn active() -> Self {
        Self(AtomicU64::new(ACTIVE))
    }

    /// A key that was revoked at an instant.
    pub const fn revoked(at: UnixSeconds) -> Self {
        Self(AtomicU64::new(recorded(at)))
    }

    /// Revokes the key. Of several revocations the earliest instant is kept.
    ///
    /// The key is revoked at once and at every instant, even if `at` is in the
    /// future. `u64::MAX` is recorded as the instant before it.
    pub fn revoke(&self, at: UnixSeconds) {
        self.0.fetch_min(recorded(at), Ordering::AcqRel);
    }

    /// Revokes the key if it is active. Of several threads that do this at the
    /// same time, exactly one succeeds.
    ///
    /// # Errors
    ///
    /// The earlier instant, if the key was revoked already. Nothing is changed.
    pub fn revoke_active(&self, at: UnixSeconds) -> Result<(), UnixSeconds> {
        match self
            .0
            .compare_exchange(ACTIVE, recorded(at), Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => Ok(()),
            Err(earlier) => Err(UnixSeconds::new(earlier)),
        }
    }

    /// Whether the key has been revoked.
    #[inline]
    pub fn is_revoked(&self) -> bool {
        self.0.load(Ordering::Acquire) != ACTIVE
    }

    /// When the key was revoked, if it was.
    pub fn revoked_at(&self) -> Option<UnixSeconds> {
        Some(self.0.load(Ordering::Acquire))
            .filter(|at| *at != ACTIVE)
            .map(UnixSeconds::new)
    }
}

const fn recorded(at: UnixSeconds) -> u64 {
    if at.get() == ACTIVE {
        ACTIVE - 1
    } else {
        at.get()
    }
}

/// One API key, as described by a host that stores its own keys.
#[derive(Debug)]
pub struct ApiKey {
    /// The key's public identifier.
    pub id: KeyId,
    /// The one user to whom it belongs.
    pub owner: UserId,
    /// Its kind.
    pub kind: KeyKind,
    /// From when on it is valid.
    pub created_at: UnixSeconds,
    /// From when on it is no longer valid, if it expires at all.
    pub expires_at: Option<UnixSeconds>,
    /// Whether it is active or revoked. Each decision reads it.
    pub state: KeyState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_revocation_is_kept() {
        let state = KeyState::active();
        assert!(!state.is_revoked() && state.revoked_at().is_none());
        state.revoke(UnixSeconds::new(20));
        state.revoke(UnixSeconds::new(30));
        state.revoke(UnixSeconds::new(10));
        assert_eq!(state.revoked_at(), Some(UnixSeconds::new(10)));
    }

    #[test]
    fn an_active_key_is_revoked_once() {
        let state = KeyState::active();
        assert_eq!(state.revoke_active(UnixSeconds::new(u64::MAX)), Ok(()));
        assert_eq!(
            state.revoke_active(UnixSeconds::new(5)),
            Err(UnixSeconds::new(u64::MAX - 1))
        );
        assert_eq!(state.revoked_at(), Some(UnixSeconds::new(u64::MAX - 1)));
    }

    #[test]
    fn a_revocation_at_the_last_instant_still_holds() {
        let state = KeyState::active();
        state.revoke(UnixSeconds::new(u64::MAX));
        assert!(state.is_revoked());
        assert!(KeyState::revoked(UnixSeconds::new(u64::MAX)).is_revoked());
        assert!(KeyState::revoked(UnixSeconds::new(0)).is_revoked());
    }
}
