//! Accounts and keys, as they bear on one request.

use crate::account::{Account, AccountKind};
use crate::id::{KeyId, UserId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::policy::Policy;
use crate::profile::ProfileRef;
use crate::tenancy::{ResolvedScope, Tenancy};
use crate::time::UnixSeconds;

/// A key, as it bears on one request.
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
    /// What a host's record of a key says.
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

/// An account, as it bears on one request, in one policy and tenancy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountFacts<'d> {
    /// The user; none where there is no account.
    pub(crate) user: Option<&'d UserId>,
    pub(crate) kind: AccountKind,
    pub(crate) enabled: bool,
    pub(crate) scope: ResolvedScope,
    pub(crate) profile: ProfileRef,
}

impl<'d> AccountFacts<'d> {
    /// What there is where there is no account: it is not enabled, and neither
    /// its scope nor its profile is known.
    pub(crate) const NOBODY: Self = Self {
        user: None,
        kind: AccountKind::Local,
        enabled: false,
        scope: ResolvedScope::Nowhere,
        profile: ProfileRef::NOBODY,
    };

    /// What a host's record of an account says, its names resolved.
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
