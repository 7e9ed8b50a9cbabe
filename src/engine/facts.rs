//! The parts of accounts and keys that decide a request.

use crate::account::{Account, AccountKind};
use crate::id::{KeyId, UserId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::policy::Policy;
use crate::profile::ProfileRef;
use crate::tenancy::{ResolvedScope, Tenancy};
use crate::time::UnixSeconds;

/// The parts of a key that decide a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFacts<'d> {
    pub(crate) id: &'d KeyId,
    pub(crate) owner: &'d UserId,
    pub(crate) kind: KeyKind,
    pub(crate) created_at: UnixSeconds,
    pub(crate) expires_at: Option<UnixSeconds>,
    pub(crate) state: &'d KeyState,
}

impl<'d> KeyFacts<'d> {
    /// From a host's record of a key.
    #[inline]
    pub(crate) fn of(key: &'d ApiKey) -> Self {
        Self {
            id: &key.id,
            owner: &key.owner,
            kind: key.kind,
            created_at: key.created_at,
            expires_at: key.expires_at,
            state: &key.state,
        }
    }
}

/// The parts of an account that decide a request, resolved by one policy and
/// tenancy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountFacts<'d> {
    /// The user. `None` if there is no account.
    pub(crate) user: Option<&'d UserId>,
    pub(crate) kind: AccountKind,
    pub(crate) enabled: bool,
    pub(crate) scope: ResolvedScope,
    pub(crate) profile: ProfileRef,
}

impl<'d> AccountFacts<'d> {
    /// If there is no account: not enabled, with unknown scope and profile.
    pub(crate) const NOBODY: Self = Self {
        user: None,
        kind: AccountKind::Local,
        enabled: false,
        scope: ResolvedScope::Nowhere,
        profile: ProfileRef::NOBODY,
    };

    /// From a host's record of an account. Its names are resolved.
    #[inline]
    pub(crate) fn of(account: &'d Account, policy: &Policy, tenancy: &Tenancy) -> Self {
        Self {
            user: Some(&account.user),
            kind: account.kind,
            enabled: account.enabled,
            scope: account
                .scope
                .as_ref()
                .map_or(ResolvedScope::Nowhere, |scope| tenancy.resolve(scope)),
            profile: policy.profile_named(&account.profile),
        }
    }
}
