//! Why a request was denied: stable codes, each belonging to one question.

use core::fmt;
use core::num::NonZeroU32;

use serde::{Serialize, Serializer};

use crate::credential::Means;
use crate::question::Question;

/// Why a request was denied.
///
/// Each reason belongs to one of the eighteen questions of a decision. The
/// variants are in the order of the questions, so of several reasons the
/// smallest is reported.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
#[repr(u8)]
pub enum Reason {
    /// There is no credential that this API accepts.
    NoCredential,
    /// The key does not exist; a purged key is the same as an unknown one.
    UnknownKey,
    /// The credential does not name the owner of the key, or the account that the
    /// host passed is another user's.
    KeyOwnerMismatch,
    /// The key has been revoked.
    KeyRevoked,
    /// The key was created in the future.
    KeyNotYetValid,
    /// The key has expired.
    KeyExpired,
    /// The token has no issue time, or one before its key existed.
    TokenMalformed,
    /// The token's issue time is in the future, or its `nbf` claim is.
    TokenNotYetValid,
    /// The token is 600 seconds old or older, or past its own expiry.
    TokenExpired,
    /// The account is disabled.
    AccountDisabled,
    /// The account is a single sign-on account, which has no API access.
    SsoAccount,
    /// The endpoint does not accept this kind of credential in this release.
    TechniqueRefused,
    /// The target is not in its one canonical spelling.
    MalformedPath,
    /// No endpoint of the catalogue has this path.
    UnknownEndpoint,
    /// Several endpoints match this path, and none is more specific than the others.
    AmbiguousEndpoint,
    /// The endpoint does not list this method.
    MethodNotListed,
    /// The principal contradicts itself, or names something that does not exist.
    InconsistentPrincipal,
    /// A resolved value comes from another policy or another tenancy.
    StaleResolution,
    /// The release is open to root users with Super Admin only.
    AccountNotEligible,
    /// Keys of this kind give this owner no access in this release.
    KeyKindRefused,
    /// The endpoint is restricted to root users with Super Admin.
    RestrictedEndpoint,
    /// The profile does not hold a privilege that the endpoint requires.
    PrivilegeMissing,
    /// The endpoint concerns the whole platform and requires root scope.
    RootScopeRequired,
    /// The named tenant is unknown or outside the scope.
    TenantOutOfScope,
    /// The scope is a group without tenants, so there is no data to return.
    EmptyScope,
}

/// Which part of a decision refused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonClass {
    /// The credential is not valid, or this endpoint does not accept it:
    /// questions 1 to 9.
    Authentication,
    /// The request matches no endpoint: question 10.
    Endpoint,
    /// The principal may not do this: questions 11 to 18.
    Authorization,
}

impl ReasonClass {
    /// The stable code of the class.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Endpoint => "endpoint",
            Self::Authorization => "authorization",
        }
    }
}

impl Reason {
    /// Every reason, in the order of the questions.
    pub const ALL: [Self; 25] = [
        Self::NoCredential,
        Self::UnknownKey,
        Self::KeyOwnerMismatch,
        Self::KeyRevoked,
        Self::KeyNotYetValid,
        Self::KeyExpired,
        Self::TokenMalformed,
        Self::TokenNotYetValid,
        Self::TokenExpired,
        Self::AccountDisabled,
        Self::SsoAccount,
        Self::TechniqueRefused,
        Self::MalformedPath,
        Self::UnknownEndpoint,
        Self::AmbiguousEndpoint,
        Self::MethodNotListed,
        Self::InconsistentPrincipal,
        Self::StaleResolution,
        Self::AccountNotEligible,
        Self::KeyKindRefused,
        Self::RestrictedEndpoint,
        Self::PrivilegeMissing,
        Self::RootScopeRequired,
        Self::TenantOutOfScope,
        Self::EmptyScope,
    ];

    /// The stable `snake_case` code, for logs and tests.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCredential => "no_credential",
            Self::UnknownKey => "unknown_key",
            Self::KeyOwnerMismatch => "key_owner_mismatch",
            Self::KeyRevoked => "key_revoked",
            Self::KeyNotYetValid => "key_not_yet_valid",
            Self::KeyExpired => "key_expired",
            Self::TokenMalformed => "token_malformed",
            Self::TokenNotYetValid => "token_not_yet_valid",
            Self::TokenExpired => "token_expired",
            Self::AccountDisabled => "account_disabled",
            Self::SsoAccount => "sso_account",
            Self::TechniqueRefused => "technique_refused",
            Self::MalformedPath => "malformed_path",
            Self::UnknownEndpoint => "unknown_endpoint",
            Self::AmbiguousEndpoint => "ambiguous_endpoint",
            Self::MethodNotListed => "method_not_listed",
            Self::InconsistentPrincipal => "inconsistent_principal",
            Self::StaleResolution => "stale_resolution",
            Self::AccountNotEligible => "account_not_eligible",
            Self::KeyKindRefused => "key_kind_refused",
            Self::RestrictedEndpoint => "restricted_endpoint",
            Self::PrivilegeMissing => "privilege_missing",
            Self::RootScopeRequired => "root_scope_required",
            Self::TenantOutOfScope => "tenant_out_of_scope",
            Self::EmptyScope => "empty_scope",
        }
    }

    /// The reason that has this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The question that refuses with this reason.
    pub const fn question(self) -> Question {
        match self {
            Self::NoCredential => Question::Credential,
            Self::UnknownKey => Question::KeyExists,
            Self::KeyOwnerMismatch => Question::KeyOwner,
            Self::KeyRevoked => Question::KeyState,
            Self::KeyNotYetValid | Self::KeyExpired => Question::KeyTime,
            Self::TokenMalformed | Self::TokenNotYetValid | Self::TokenExpired => {
                Question::TokenTime
            }
            Self::AccountDisabled => Question::AccountEnabled,
            Self::SsoAccount => Question::AccountKind,
            Self::TechniqueRefused => Question::Technique,
            Self::MalformedPath
            | Self::UnknownEndpoint
            | Self::AmbiguousEndpoint
            | Self::MethodNotListed => Question::Endpoint,
            Self::InconsistentPrincipal | Self::StaleResolution => Question::Consistency,
            Self::AccountNotEligible => Question::Access,
            Self::KeyKindRefused => Question::KeyKind,
            Self::RestrictedEndpoint => Question::Restriction,
            Self::PrivilegeMissing => Question::Privilege,
            Self::RootScopeRequired => Question::RootScope,
            Self::TenantOutOfScope => Question::Tenant,
            Self::EmptyScope => Question::Tenants,
        }
    }

    /// The class of the reason.
    pub const fn class(self) -> ReasonClass {
        match self.question().number() {
            1..=9 => ReasonClass::Authentication,
            10 => ReasonClass::Endpoint,
            _ => ReasonClass::Authorization,
        }
    }

    /// The HTTP status that answers the caller.
    pub const fn status(self) -> u16 {
        match self.class() {
            ReasonClass::Authentication => 401,
            ReasonClass::Endpoint if matches!(self, Self::MalformedPath) => 400,
            ReasonClass::Endpoint if matches!(self, Self::UnknownEndpoint) => 404,
            ReasonClass::Endpoint if matches!(self, Self::AmbiguousEndpoint) => 404,
            ReasonClass::Endpoint => 405,
            ReasonClass::Authorization => 403,
        }
    }

    /// One sentence that is safe to show to the caller: it names no rule, no
    /// id and no other tenant.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoCredential => "the request has no credential that this API accepts",
            Self::UnknownKey => "the API key is not known",
            Self::KeyOwnerMismatch => "the API key does not belong to this user",
            Self::KeyRevoked => "the API key has been revoked",
            Self::KeyNotYetValid => "the API key is not valid yet",
            Self::KeyExpired => "the API key has expired",
            Self::TokenMalformed => "the access token lacks a usable issue time",
            Self::TokenNotYetValid => "the access token is not valid yet",
            Self::TokenExpired => {
                "the access token has expired; exchange the API key for a new one"
            }
            Self::AccountDisabled => "the account is disabled",
            Self::SsoAccount => "single sign-on accounts have no API access; use a local account",
            Self::TechniqueRefused => "this endpoint does not accept this kind of credential",
            Self::MalformedPath => "the request target is not in canonical form",
            Self::UnknownEndpoint => "there is no such endpoint",
            Self::AmbiguousEndpoint => "no single endpoint matches the path",
            Self::MethodNotListed => "the endpoint does not offer this method",
            Self::InconsistentPrincipal => "the account's scope or profile is not usable",
            Self::StaleResolution => {
                "the request was prepared under rules that are no longer in force; send it again"
            }
            Self::AccountNotEligible => {
                "in this release only root users with Super Admin have API access"
            }
            Self::KeyKindRefused => "in this release this account cannot use API keys of this kind",
            Self::RestrictedEndpoint => "the endpoint is limited to root users with Super Admin",
            Self::PrivilegeMissing => "the account lacks the privilege that this endpoint needs",
            Self::RootScopeRequired => {
                "the endpoint concerns the whole platform and needs root scope"
            }
            Self::TenantOutOfScope => "the tenant is not in the account's scope",
            Self::EmptyScope => "the account's scope contains no tenants",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// A set of reasons, one bit each, in the order of the questions.
///
/// `technique_refused` has one bit for each of the [`Means`], so that one
/// intersection finds a refused technique, as it does for the other reasons.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Reasons(u32);

/// The reason of each bit. The last three bits are not reasons. If one were in
/// a set of reasons, it would refuse as well.
const BY_BIT: [Reason; 32] = [
    Reason::NoCredential,
    Reason::UnknownKey,
    Reason::KeyOwnerMismatch,
    Reason::KeyRevoked,
    Reason::KeyNotYetValid,
    Reason::KeyExpired,
    Reason::TokenMalformed,
    Reason::TokenNotYetValid,
    Reason::TokenExpired,
    Reason::AccountDisabled,
    Reason::SsoAccount,
    Reason::TechniqueRefused,
    Reason::TechniqueRefused,
    Reason::TechniqueRefused,
    Reason::TechniqueRefused,
    Reason::TechniqueRefused,
    Reason::MalformedPath,
    Reason::UnknownEndpoint,
    Reason::AmbiguousEndpoint,
    Reason::MethodNotListed,
    Reason::InconsistentPrincipal,
    Reason::StaleResolution,
    Reason::AccountNotEligible,
    Reason::KeyKindRefused,
    Reason::RestrictedEndpoint,
    Reason::PrivilegeMissing,
    Reason::RootScopeRequired,
    Reason::TenantOutOfScope,
    Reason::EmptyScope,
    Reason::StaleResolution,
    Reason::StaleResolution,
    Reason::StaleResolution,
];

impl Reasons {
    /// No reason to refuse.
    pub(crate) const NONE: Self = Self(0);
    /// Not a reason: marks a rule whose method is public.
    pub(crate) const PUBLIC: Self = Self(1 << 29);
    /// Not a reason: marks a rule with tenant data whose path does not name the
    /// tenant. Principals never have this bit in `unmet`, so it never refuses.
    pub(crate) const TENANT_DATA: Self = Self(1 << 30);
    /// Not a reason: marks a rule whose path names the tenant.
    pub(crate) const TENANT_IN_PATH: Self = Self(1 << 31);
    /// All means are refused.
    pub(crate) const EVERY_MEANS: Self = Self(0b11111 << Reason::TechniqueRefused as u32);

    /// The set of one reason. For `technique_refused` this is its first bit.
    pub(crate) const fn only(reason: Reason) -> Self {
        Self(1 << Self::bit(reason))
    }

    /// `technique_refused` for these means.
    pub(crate) const fn refused(means: Means) -> Self {
        Self(1 << (Reason::TechniqueRefused as u32 + means as u32))
    }

    /// The first bit of a reason.
    const fn bit(reason: Reason) -> u32 {
        let more = if reason as u32 > Reason::TechniqueRefused as u32 {
            Means::Nothing as u32
        } else {
            0
        };
        reason as u32 + more
    }

    /// The set of `reason` if it applies, otherwise the empty set. No branch.
    #[inline]
    pub(crate) const fn when(applies: bool, reason: Reason) -> Self {
        Self((applies as u32) << Self::bit(reason))
    }

    /// The reasons of both sets.
    #[inline]
    #[must_use]
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The reasons that are in both sets.
    #[inline]
    #[must_use]
    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set without the reasons of another.
    #[inline]
    #[must_use]
    pub(crate) const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is no reason in the set.
    #[inline]
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set holds a reason.
    pub(crate) fn contains(self, reason: Reason) -> bool {
        let bits = if reason == Reason::TechniqueRefused {
            Self::EVERY_MEANS
        } else {
            Self::only(reason)
        };
        !self.intersection(bits).is_empty()
    }

    /// The reason of the earliest question, if the set is not empty.
    #[inline]
    pub(crate) fn first(self) -> Option<Reason> {
        let bits = NonZeroU32::new(self.0)?;
        // A set that is not empty always refuses, even if `BY_BIT` had no entry
        // for its lowest bit.
        let earliest = BY_BIT.get(bits.trailing_zeros() as usize);
        Some(earliest.copied().unwrap_or(Reason::StaleResolution))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn the_order_of_reasons_is_the_order_of_questions() {
        let questions: Vec<Question> = Reason::ALL.iter().map(|reason| reason.question()).collect();
        assert!(questions.is_sorted());
        assert_eq!(Question::ALL.to_vec(), {
            let mut each = questions.clone();
            each.dedup();
            each
        });
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
            assert_eq!(Reasons::only(reason).first(), Some(reason));
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
        let (reasons, marks) = BY_BIT.split_at(29);
        assert!(reasons.is_sorted());
        let all = [
            Reasons::PUBLIC,
            Reasons::TENANT_DATA,
            Reasons::TENANT_IN_PATH,
        ];
        for (mark, refused) in all.into_iter().zip(marks) {
            assert_eq!(mark.first(), Some(*refused));
            assert_eq!(*refused, Reason::StaleResolution);
        }
    }

    #[test]
    fn each_means_is_refused_for_one_reason() {
        let all = [
            Means::KeyByBearer,
            Means::KeyByBasic,
            Means::TokenByBearer,
            Means::TokenByBasic,
            Means::Nothing,
        ];
        let mut every = Reasons::NONE;
        for means in all {
            let refused = Reasons::refused(means);
            assert_eq!(refused.first(), Some(Reason::TechniqueRefused));
            assert!(refused.contains(Reason::TechniqueRefused));
            assert!(every.intersection(refused).is_empty(), "{means:?}");
            every = every.union(refused);
        }
        assert_eq!(every, Reasons::EVERY_MEANS);
    }

    #[test]
    fn no_set_but_the_empty_one_lets_through() {
        for bit in 0..u32::BITS {
            assert!(Reasons(1 << bit).first().is_some(), "{bit}");
        }
    }

    #[test]
    fn the_first_reason_wins_and_the_empty_set_has_none() {
        let two = Reasons::only(Reason::EmptyScope).union(Reasons::only(Reason::KeyRevoked));
        assert_eq!(two.first(), Some(Reason::KeyRevoked));
        assert!(two.contains(Reason::EmptyScope) && !two.contains(Reason::KeyExpired));
        assert_eq!(Reasons::NONE.first(), None);
        assert_eq!(Reasons::when(false, Reason::KeyRevoked), Reasons::NONE);
    }

    #[test]
    fn statuses_follow_the_table() {
        let status = |code: &str| Reason::from_code(code).unwrap().status();
        assert_eq!(status("no_credential"), 401);
        assert_eq!(status("technique_refused"), 401);
        assert_eq!(status("malformed_path"), 400);
        assert_eq!(status("unknown_endpoint"), 404);
        assert_eq!(status("ambiguous_endpoint"), 404);
        assert_eq!(status("method_not_listed"), 405);
        assert_eq!(status("stale_resolution"), 403);
        assert_eq!(status("empty_scope"), 403);
    }

    #[test]
    fn texts_are_one_line_in_lower_case_without_a_full_stop() {
        for reason in Reason::ALL {
            let text = reason.text();
            assert!(
                text.starts_with(|first: char| first.is_lowercase()),
                "{text}"
            );
            assert!(
                !text.ends_with('.') && !text.contains('\n') && text.len() < 100,
                "{text}"
            );
        }
    }
}
