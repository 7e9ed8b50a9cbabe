//! The eighteen questions, in their order: what each refuses.
//!
//! Questions 1 to 3 and 5 to 8 are answered when the principal is created. So are
//! a part of question 11 (whether the principal is consistent) and a part of question
//! 13 (whether a legacy key is allowed). Question 10 is answered when the path is
//! resolved. Question 4, the rest of 11 (whether values are stale) and 17 are answered
//! when the request is decided.
//!
//! Questions 9, 12 to 16 and 18 have at least two functions each. `…_required` gives
//! what a rule requires; it runs when the engine is created. `…_unmet` gives what a
//! principal does not meet; it runs when the principal is created. A reason that
//! both give denies the request. The exception is question 15, which also passes if
//! the profile holds the privileges. A public endpoint requires nothing. For it only two
//! things count: question 10, and that this policy resolved the endpoint.

use crate::account::AccountKind;
use crate::credential::{Means, TOKEN_LIFETIME_SECONDS, Technique, VerifiedKey, VerifiedToken};
use crate::engine::facts::{AccountFacts, KeyFacts};
use crate::id::UserId;
use crate::key::KeyKind;
use crate::path::endpoint::{Found, TenantMode};
use crate::profile::ProfileRef;
use crate::reason::{Reason, Reasons};
use crate::release::Techniques;
use crate::tenancy::{ResolvedScope, TenantSet};
use crate::time::UnixSeconds;
use crate::util::table::Named as _;

// 1: is there a credential that this API takes?

#[inline]
pub(super) const fn credential(means: Means) -> Reasons {
    Reasons::when(matches!(means, Means::Nothing), Reason::NoCredential)
}

// 2: does the key exist?

#[inline]
pub(super) const fn key_exists(exists: bool) -> Reasons {
    Reasons::when(!exists, Reason::UnknownKey)
}

// 3: does the key belong to this user?

/// For a request that presents the key itself, not a token made from it.
#[inline]
pub(super) fn key_owner(
    key: KeyFacts<'_>,
    presented: &VerifiedKey<'_>,
    also_named: impl FnOnce(&str) -> bool,
) -> Reasons {
    let is_owner = |user: &str| key.owner.is(user.as_bytes());
    let own = match (presented.user, presented.technique) {
        (Some(user), Technique::Basic) => is_owner(user) || also_named(user),
        (Some(user), Technique::Bearer) => is_owner(user),
        // Basic authentication must name the user, so a missing name is refused.
        (None, technique) => technique == Technique::Bearer,
    };
    Reasons::when(!own, Reason::KeyOwnerMismatch)
}

/// For a token.
#[inline]
pub(super) fn token_owner(key: KeyFacts<'_>, presented: &VerifiedToken<'_>) -> Reasons {
    let is_owner = |user: &str| key.owner.is(user.as_bytes());
    let own = presented.subject.is_some_and(is_owner);
    Reasons::when(!own, Reason::KeyOwnerMismatch)
}

/// Whether the account that the host passes is the owner's.
#[inline]
pub(super) fn account_owner(owner: Option<&UserId>, user: Option<&UserId>) -> Reasons {
    // A directory stores each id once, so equal ids nearly always have one address,
    // and comparing addresses is faster.
    let is_another =
        |(owner, user): (&UserId, &UserId)| !core::ptr::eq(owner, user) && owner != user;
    let another = owner.zip(user).is_some_and(is_another);
    Reasons::when(another, Reason::KeyOwnerMismatch)
}

// 4: is the key active?

#[inline]
pub(super) const fn key_state(is_revoked: bool) -> Reasons {
    Reasons::when(is_revoked, Reason::KeyRevoked)
}

// 5: is the key within its validity period?

/// By the record of the key.
#[inline]
pub(super) fn key_time(key: KeyFacts<'_>, now: UnixSeconds) -> Reasons {
    let expired = key.expires_at.is_some_and(|end| now >= end);
    Reasons::when(now < key.created_at, Reason::KeyNotYetValid)
        .union(Reasons::when(expired, Reason::KeyExpired))
}

/// By the expiry time in the presented key.
#[inline]
pub(super) fn presented_key_time(presented: &VerifiedKey<'_>, now: UnixSeconds) -> Reasons {
    let over = presented.expires_at.is_some_and(|end| now >= end);
    Reasons::when(over, Reason::KeyExpired)
}

// 6: is the token within its validity period?

#[inline]
pub(super) fn token_time(
    key: KeyFacts<'_>,
    presented: &VerifiedToken<'_>,
    now: UnixSeconds,
) -> Reasons {
    let Some(issued_at) = presented.issued_at else {
        return Reasons::only(Reason::TokenMalformed);
    };
    // The age is subtracted, because adding a lifetime could overflow.
    let too_old = now
        .since(issued_at)
        .is_some_and(|age| age >= TOKEN_LIFETIME_SECONDS);
    let over = presented.expires_at.is_some_and(|end| now >= end);
    let early = presented.not_before.is_some_and(|begin| now < begin);
    Reasons::when(issued_at < key.created_at, Reason::TokenMalformed)
        .union(Reasons::when(
            issued_at > now || early,
            Reason::TokenNotYetValid,
        ))
        .union(Reasons::when(too_old || over, Reason::TokenExpired))
}

// 7: is the account enabled?

/// A missing account is not enabled.
#[inline]
pub(super) const fn account_enabled(account: AccountFacts<'_>) -> Reasons {
    Reasons::when(!account.enabled, Reason::AccountDisabled)
}

// 8: is it a local account?

#[inline]
pub(super) const fn account_kind(account: AccountFacts<'_>) -> Reasons {
    let is_sso = matches!(account.kind, AccountKind::Sso);
    Reasons::when(is_sso, Reason::SsoAccount)
}

// 9: does the endpoint accept this technique?

/// For every endpoint except the exchange, which gives a token for a key. Such an
/// endpoint refuses the techniques that the release does not accept, and always a
/// key as Bearer and a token by Basic.
pub(super) fn technique_required(accepted: Techniques) -> Reasons {
    let basic = Reasons::refused(Means::KeyByBasic);
    let token = Reasons::refused(Means::TokenByBearer);
    let basic = if accepted.basic { Reasons::NONE } else { basic };
    let token = if accepted.token { Reasons::NONE } else { token };
    basic
        .union(token)
        .union(Reasons::refused(Means::KeyByBearer))
        .union(Reasons::refused(Means::TokenByBasic))
}

/// The exchange accepts an API key, by Basic or Bearer. It refuses every token.
pub(super) const fn technique_required_by_exchange() -> Reasons {
    Reasons::refused(Means::TokenByBearer).union(Reasons::refused(Means::TokenByBasic))
}

/// The bit of the technique that is presented. A rule that refuses this technique has
/// the same bit.
#[inline]
pub(super) const fn technique_unmet(means: Means) -> Reasons {
    Reasons::refused(means)
}

// 10: is the path canonical and in the catalogue?

#[inline]
pub(super) const fn endpoint(found: Found) -> Reasons {
    found.refusals()
}

// 11: is the principal consistent, and are all values current?

#[inline]
pub(super) fn consistency(scope: ResolvedScope, profile: ProfileRef) -> Reasons {
    let inconsistent = scope == ResolvedScope::Nowhere || !profile.is_known();
    Reasons::when(inconsistent, Reason::InconsistentPrincipal)
}

#[inline]
pub(super) const fn current(is_current: bool) -> Reasons {
    Reasons::when(!is_current, Reason::StaleResolution)
}

// 12: may this account call the API in this release?

/// Whether a principal is a root user with Super Admin.
#[inline]
pub(super) fn is_exempt(scope: ResolvedScope, profile: ProfileRef) -> bool {
    scope == ResolvedScope::Root && profile.super_admin
}

pub(super) const fn access_required(has_scoped_keys: bool) -> Reasons {
    Reasons::when(!has_scoped_keys, Reason::AccountNotEligible)
}

#[inline]
pub(super) const fn access_unmet(is_exempt: bool) -> Reasons {
    Reasons::when(!is_exempt, Reason::AccountNotEligible)
}

// 13: do keys of this kind give this owner access?

/// A release without scoped keys refuses every scoped key.
pub(super) const fn key_kind_required(has_scoped_keys: bool) -> Reasons {
    Reasons::when(!has_scoped_keys, Reason::KeyKindRefused)
}

#[inline]
pub(super) const fn key_kind_unmet(kind: Option<KeyKind>) -> Reasons {
    let is_scoped = matches!(kind, Some(KeyKind::Scoped));
    Reasons::when(is_scoped, Reason::KeyKindRefused)
}

/// In every release legacy keys are only for root users with Super Admin.
#[inline]
pub(super) const fn legacy_key(kind: Option<KeyKind>, is_exempt: bool) -> Reasons {
    let is_legacy = matches!(kind, Some(KeyKind::Legacy));
    Reasons::when(is_legacy && !is_exempt, Reason::KeyKindRefused)
}

// 14: if the endpoint is restricted, is the account exempt?

pub(super) const fn restriction_required(is_restricted: bool) -> Reasons {
    Reasons::when(is_restricted, Reason::RestrictedEndpoint)
}

#[inline]
pub(super) const fn restriction_unmet(is_exempt: bool) -> Reasons {
    Reasons::when(!is_exempt, Reason::RestrictedEndpoint)
}

// 15: does the profile hold the privilege?

pub(super) const fn privilege_required(has_privileges: bool) -> Reasons {
    Reasons::when(has_privileges, Reason::PrivilegeMissing)
}

/// Super Admin holds every privilege.
#[inline]
pub(super) const fn privilege_unmet(profile: ProfileRef) -> Reasons {
    Reasons::when(!profile.super_admin, Reason::PrivilegeMissing)
}

/// Unlike the other functions, this gives the reason if the question passes: the
/// caller subtracts it from the unmet requirements.
#[inline]
pub(super) const fn privilege_held(is_held: bool) -> Reasons {
    Reasons::when(is_held, Reason::PrivilegeMissing)
}

// 16: if the endpoint is platform-wide, is the scope root?

pub(super) const fn root_scope_required(mode: TenantMode) -> Reasons {
    Reasons::when(
        matches!(mode, TenantMode::Platform),
        Reason::RootScopeRequired,
    )
}

#[inline]
pub(super) fn root_scope_unmet(scope: ResolvedScope) -> Reasons {
    Reasons::when(scope != ResolvedScope::Root, Reason::RootScopeRequired)
}

// 17: is the named tenant inside the scope?

/// A tenant that the query, a header or the host names.
#[inline]
pub(super) const fn tenant(is_inside: bool, is_named: bool) -> Reasons {
    if is_inside || !is_named {
        Reasons::NONE
    } else {
        Reasons::only(Reason::TenantOutOfScope)
    }
}

/// A tenant that the path names.
pub(super) const fn tenant_in_path(is_inside: bool) -> Reasons {
    Reasons::when(!is_inside, Reason::TenantOutOfScope)
}

// 18: does the scope hold tenants?

/// If the path names the tenant, the answer is about that tenant, so the scope
/// need not hold any.
pub(super) const fn tenants_required(mode: TenantMode, has_tenant_in_path: bool) -> Reasons {
    Reasons::when(
        matches!(mode, TenantMode::Scoped) && !has_tenant_in_path,
        Reason::EmptyScope,
    )
}

/// A principal with an empty group fails this even if a tenant is named. Then question
/// 17 refuses first, because no tenant is inside an empty group.
#[inline]
pub(super) fn tenants_unmet(group: Option<&TenantSet>) -> Reasons {
    let empty = group.is_some_and(TenantSet::is_empty);
    Reasons::when(empty, Reason::EmptyScope)
}
