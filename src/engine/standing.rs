//! Is the credential good? Questions 1 to 8 of a decision.
//!
//! They are answered when a principal is made, for one instant. Only question
//! 4, the revocation, stays open: it is asked when the decision is made. The
//! requirements of rules that the principal does not meet are noted here, too.

use crate::account::{Account, AccountKind};
use crate::credential::{
    Credential, Means, TOKEN_LIFETIME_SECONDS, Technique, VerifiedKey, VerifiedToken,
};
use crate::id::{KeyId, UserId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::policy::Policy;
use crate::principal::Principal;
use crate::profile::ProfileRef;
use crate::reason::{Reason, Reasons};
use crate::tenancy::{Reach, ResolvedScope, Tenancy, TenantSet};
use crate::time::UnixSeconds;

/// A key, as it bears on one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFacts<'d> {
    pub(crate) id: &'d KeyId,
    pub(crate) owner: &'d str,
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
            owner: key.owner.as_str(),
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
    pub(crate) user: &'d UserId,
    pub(crate) kind: AccountKind,
    pub(crate) enabled: bool,
    pub(crate) scope: ResolvedScope,
    pub(crate) profile: ProfileRef,
}

impl<'d> AccountFacts<'d> {
    /// What a host's record of an account says, its names resolved.
    #[inline]
    pub(crate) fn of(account: &'d Account, policy: &Policy, tenancy: &Tenancy) -> Self {
        Self {
            user: &account.user,
            kind: account.kind,
            enabled: account.enabled,
            scope: account
                .scope
                .as_ref()
                .map_or(ResolvedScope::Nowhere, |scope| tenancy.resolve(scope)),
            profile: policy.profile(account.profile.as_str()),
        }
    }
}

/// The state where there is no key: nobody revokes it.
static NO_KEY: KeyState = KeyState::active();

/// The end of a key that has none.
const NO_END: UnixSeconds = UnixSeconds::new(u64::MAX);

impl Principal<'static> {
    /// A request that presents nothing, or nothing that could be verified:
    /// every decision about it is `no_credential`.
    pub const fn anonymous() -> Self {
        Self {
            user: None,
            key: None,
            tenancy: None,
            reach: Reach::NOTHING,
            tenants: None,
            profile: ProfileRef::NOBODY,
            state: &NO_KEY,
            kind: None,
            key_end: NO_END,
            means: Means::Nothing,
            settled: Reasons::only(Reason::NoCredential),
            unmet: Reasons::NONE,
        }
    }
}

impl<'d> Principal<'d> {
    /// Makes the principal of a request from the records of a host that keeps
    /// its own users and keys. Total: whatever is wrong is told by the decision.
    ///
    /// `account` is the user for whom the request is made, and `key` the record
    /// of the key that the credential names; `None` is one that does not exist,
    /// and so is the record of another key. The principal is good for one
    /// request, at the instant `now`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{
    ///     Account, AccountKind, ApiKey, Credential, Decision, Deployment, Engine, KeyKind, KeyState, Policy, Principal,
    ///     Scope, Tenancy, TenantId, UnixSeconds, VerifiedKey,
    /// };
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let engine = Engine::new(policy.clone(), Deployment::new("5.5.0".parse()?))?;
    /// let tenancy = Tenancy::new(["alpha".parse::<TenantId>()?], [])?;
    ///
    /// let account = Account {
    ///     user: "collector".parse()?,
    ///     kind: AccountKind::Local,
    ///     enabled: true,
    ///     scope: Some(Scope::Tenant("alpha".parse()?)),
    ///     profile: "user".parse()?,
    /// };
    /// let key = ApiKey {
    ///     id: "k7".parse()?,
    ///     owner: "collector".parse()?,
    ///     kind: KeyKind::Scoped,
    ///     created_at: UnixSeconds::new(1_763_000_000),
    ///     expires_at: None,
    ///     state: KeyState::active(),
    /// };
    /// let credential = Credential::ApiKey(VerifiedKey::basic("k7", "collector"));
    /// let now = UnixSeconds::new(1_764_000_000);
    ///
    /// let principal = Principal::new(&policy, &tenancy, Some(&account), &credential, Some(&key), now);
    /// let endpoint = engine.endpoint("GET", "/connect/api/v1/cases");
    /// let decision = engine.authorize(&principal, endpoint, tenancy.tenant(Some("alpha")));
    /// assert!(matches!(decision, Decision::Allow(_)));
    ///
    /// key.state.revoke(now);
    /// let decision = engine.authorize(&principal, endpoint, tenancy.tenant(Some("alpha")));
    /// assert_eq!(decision.reason().map(|reason| reason.code()), Some("key_revoked"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        policy: &Policy,
        tenancy: &'d Tenancy,
        account: Option<&'d Account>,
        credential: &Credential<'_>,
        key: Option<&'d ApiKey>,
        now: UnixSeconds,
    ) -> Self {
        let account = account.map(|account| AccountFacts::of(account, policy, tenancy));
        // The record of another key says nothing about this credential.
        let another = |key: &ApiKey| {
            credential
                .key()
                .is_some_and(|named| named != key.id.as_str())
        };
        let key = key.filter(|key| !another(key)).map(KeyFacts::of);
        Self::judge(tenancy, account, credential, key, now, |_| false)
    }

    /// Settles everything about a credential that does not wait for the
    /// decision. `also_named` says whether a user name that is not the id of
    /// the key's owner is another name of theirs; only Basic brings one.
    pub(crate) fn judge(
        tenancy: &'d Tenancy,
        account: Option<AccountFacts<'d>>,
        credential: &Credential<'_>,
        key: Option<KeyFacts<'d>>,
        now: UnixSeconds,
        also_named: impl FnOnce(&str) -> bool,
    ) -> Self {
        let (credential_reasons, key_end) = match credential {
            Credential::Missing | Credential::Password | Credential::SsoSession => {
                (Reasons::only(Reason::NoCredential), NO_END)
            }
            Credential::ApiKey(presented) => (
                key_reasons(key, presented, now, also_named),
                end_of(key, presented),
            ),
            Credential::Token(presented) => (token_reasons(key, presented, now), NO_END),
        };
        let another = key
            .zip(account)
            .is_some_and(|(key, account)| key.owner != account.user.as_str());
        let scope = account.map_or(ResolvedScope::Nowhere, |account| account.scope);
        let profile = account.map_or(ProfileRef::NOBODY, |account| account.profile);
        let exempt = scope == ResolvedScope::Root && profile.super_admin;
        let kind = key.map(|key| key.kind);
        let inconsistent = scope == ResolvedScope::Nowhere || !profile.is_known();
        let settled = credential_reasons
            .union(Reasons::when(another, Reason::KeyOwnerMismatch))
            .union(account_reasons(account))
            .union(Reasons::when(inconsistent, Reason::InconsistentPrincipal))
            .union(Reasons::when(
                kind == Some(KeyKind::Legacy) && !exempt,
                Reason::KeyKindRefused,
            ));
        let tenants = tenancy.tenants_of(scope);
        let empty = tenants.is_some_and(TenantSet::is_empty);
        let means = Means::of(credential);
        let unmet = Reasons::when(!exempt, Reason::AccountNotEligible)
            .union(Reasons::when(!exempt, Reason::RestrictedEndpoint))
            .union(Reasons::when(
                kind == Some(KeyKind::Scoped),
                Reason::KeyKindRefused,
            ))
            .union(Reasons::when(
                !profile.super_admin,
                Reason::PrivilegeMissing,
            ))
            .union(Reasons::when(
                scope != ResolvedScope::Root,
                Reason::RootScopeRequired,
            ))
            .union(Reasons::when(empty, Reason::EmptyScope))
            .union(Reasons::refused(means));
        Self {
            user: account.map(|account| account.user),
            key: key.map(|key| key.id),
            tenancy: Some(tenancy),
            reach: Reach::of(scope),
            tenants,
            profile,
            state: key.map_or(&NO_KEY, |key| key.state),
            kind,
            key_end,
            means,
            settled,
            unmet,
        }
    }
}

/// When a presented key ends: by its record or by what it says of itself.
fn end_of(key: Option<KeyFacts<'_>>, presented: &VerifiedKey<'_>) -> UnixSeconds {
    let recorded = key.and_then(|key| key.expires_at).unwrap_or(NO_END);
    recorded.min(presented.expires_at.unwrap_or(NO_END))
}

fn key_reasons(
    key: Option<KeyFacts<'_>>,
    presented: &VerifiedKey<'_>,
    now: UnixSeconds,
    also_named: impl FnOnce(&str) -> bool,
) -> Reasons {
    let Some(key) = key else {
        return Reasons::only(Reason::UnknownKey);
    };
    let own = match (presented.user, presented.technique) {
        (Some(user), Technique::Basic) => user == key.owner || also_named(user),
        (Some(user), Technique::Bearer) => user == key.owner,
        // By Basic the user's name is part of the credential.
        (None, technique) => technique == Technique::Bearer,
    };
    let over = presented.expires_at.is_some_and(|end| now >= end);
    Reasons::when(!own, Reason::KeyOwnerMismatch)
        .union(time_reasons(key, now))
        .union(Reasons::when(over, Reason::KeyExpired))
}

fn token_reasons(
    key: Option<KeyFacts<'_>>,
    presented: &VerifiedToken<'_>,
    now: UnixSeconds,
) -> Reasons {
    let Some(key) = key else {
        return Reasons::only(Reason::UnknownKey);
    };
    let own = presented.subject == Some(key.owner);
    let key_reasons = Reasons::when(!own, Reason::KeyOwnerMismatch).union(time_reasons(key, now));
    let Some(issued_at) = presented.issued_at else {
        return key_reasons.union(Reasons::only(Reason::TokenMalformed));
    };
    // The age counts, by subtraction: adding a lifetime could overflow.
    let too_old = now
        .since(issued_at)
        .is_some_and(|age| age >= TOKEN_LIFETIME_SECONDS);
    let over = presented.expires_at.is_some_and(|end| now >= end);
    let early = presented.not_before.is_some_and(|begin| now < begin);
    key_reasons
        .union(Reasons::when(
            issued_at < key.created_at,
            Reason::TokenMalformed,
        ))
        .union(Reasons::when(
            issued_at > now || early,
            Reason::TokenNotYetValid,
        ))
        .union(Reasons::when(too_old || over, Reason::TokenExpired))
}

fn time_reasons(key: KeyFacts<'_>, now: UnixSeconds) -> Reasons {
    let expired = key.expires_at.is_some_and(|end| now >= end);
    Reasons::when(now < key.created_at, Reason::KeyNotYetValid)
        .union(Reasons::when(expired, Reason::KeyExpired))
}

fn account_reasons(account: Option<AccountFacts<'_>>) -> Reasons {
    let Some(account) = account else {
        // An account that is not there is not enabled.
        return Reasons::only(Reason::AccountDisabled);
    };
    let sso = match account.kind {
        AccountKind::Local => false,
        AccountKind::Sso => true,
    };
    Reasons::when(!account.enabled, Reason::AccountDisabled)
        .union(Reasons::when(sso, Reason::SsoAccount))
}
