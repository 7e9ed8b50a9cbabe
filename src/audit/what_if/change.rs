//! Single changes: of a request, an account, a key, a deployment or the policy.

use crate::audit::cell::Presentation;
use crate::document::policy::PolicyDocument;
use crate::id::{ProfileId, TenantId};
use crate::key::KeyKind;
use crate::path::template::Template;
use crate::privilege::Privilege;
use crate::question::Question;
use crate::release::Release;
use crate::scope::Scope;

/// One single change. Nothing else is tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SingleChange {
    /// The account has this profile.
    Profile(ProfileId),
    /// The account has this scope.
    Scope(Scope),
    /// The account is enabled.
    Enabled,
    /// The account is a local one.
    Local,
    /// This release is installed; the switch for scoped keys stays as it is.
    Release(Release),
    /// Scoped keys are switched the other way.
    ScopedKeys(bool),
    /// The request names this tenant, or none.
    Tenant(Option<TenantId>),
    /// The key is not revoked.
    KeyActive,
    /// The key is not too young and has not expired.
    KeyInTime,
    /// The key is of the other kind.
    KeyKind(KeyKind),
    /// The key, or a token just issued for it, is presented like this, in its
    /// owner's name. This is also the remedy for a token that is too old.
    Presentation(Presentation),
    /// The policy is another one. This affects every user.
    Policy(PolicyChange),
}

/// One single change of the policy. It concerns the profile that the account has
/// and the release that is installed.
///
/// No change opens an endpoint to all: no change makes a method public, or
/// removes a privilege, a check of the scope or the gate of a release.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum PolicyChange {
    /// A row is removed from the restricted table of a release.
    Unrestrict {
        /// The release.
        release: Release,
        /// The row, as it is written.
        row: Template,
        /// Whether the row must be listed in `open_beneath` instead, because it
        /// is beneath another row.
        open_beneath: bool,
    },
    /// A profile is granted a privilege.
    Grant {
        /// The profile.
        profile: ProfileId,
        /// The privilege.
        privilege: Privilege,
    },
    /// A release accepts keys by Basic at ordinary endpoints.
    AcceptBasic(Release),
    /// A release accepts tokens at ordinary endpoints.
    AcceptTokens(Release),
}

/// What a change replaces. A set has at most one change for each of these, but
/// any number for the policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Replaced {
    Profile,
    Scope,
    Enabled,
    AccountKind,
    Release,
    ScopedKeys,
    Tenant,
    KeyState,
    KeyTime,
    KeyKind,
    Presentation,
    Policy,
}

impl SingleChange {
    /// The change of the policy, if it is one.
    pub fn of_policy(&self) -> Option<&PolicyChange> {
        if let Self::Policy(change) = self {
            Some(change)
        } else {
            None
        }
    }

    /// Whether a set can have both changes.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        let (own, other) = (self.replaced(), other.replaced());
        own != other || own == Replaced::Policy
    }

    const fn replaced(&self) -> Replaced {
        match self {
            Self::Profile(_) => Replaced::Profile,
            Self::Scope(_) => Replaced::Scope,
            Self::Enabled => Replaced::Enabled,
            Self::Local => Replaced::AccountKind,
            Self::Release(_) => Replaced::Release,
            Self::ScopedKeys(_) => Replaced::ScopedKeys,
            Self::Tenant(_) => Replaced::Tenant,
            Self::KeyActive => Replaced::KeyState,
            Self::KeyInTime => Replaced::KeyTime,
            Self::KeyKind(_) => Replaced::KeyKind,
            Self::Presentation(_) => Replaced::Presentation,
            Self::Policy(_) => Replaced::Policy,
        }
    }

    /// Whether the change can affect the answer to a question. A set that
    /// allows has a change for the question that denies, so nothing else is
    /// tried. A test with every set of changes checks that this list is
    /// complete.
    pub(super) fn bears_on(&self, question: Question) -> bool {
        let questions: &[Question] = match self {
            Self::Profile(_) => &[
                Question::Consistency,
                Question::Access,
                Question::KeyKind,
                Question::Restriction,
                Question::Privilege,
            ],
            Self::Scope(_) => &[
                Question::Consistency,
                Question::Access,
                Question::KeyKind,
                Question::Restriction,
                Question::RootScope,
                Question::Tenant,
                Question::Tenants,
            ],
            Self::Enabled => &[Question::AccountEnabled],
            Self::Local => &[Question::AccountKind],
            Self::Release(_) => &[
                Question::Technique,
                Question::Endpoint,
                Question::Access,
                Question::KeyKind,
                Question::Restriction,
            ],
            Self::ScopedKeys(_) => &[Question::Access, Question::KeyKind, Question::Restriction],
            Self::Tenant(_) => &[Question::Endpoint, Question::Tenant, Question::Tenants],
            Self::KeyActive => &[Question::KeyState],
            Self::KeyInTime => &[Question::KeyTime, Question::TokenTime],
            Self::KeyKind(_) => &[Question::KeyKind],
            Self::Presentation(_) => &[
                Question::Credential,
                Question::KeyExists,
                Question::KeyOwner,
                Question::KeyTime,
                Question::TokenTime,
                Question::Technique,
            ],
            Self::Policy(change) => match change {
                PolicyChange::Unrestrict { .. } => &[Question::Endpoint, Question::Restriction],
                PolicyChange::Grant { .. } => &[Question::Privilege],
                PolicyChange::AcceptBasic(_) | PolicyChange::AcceptTokens(_) => {
                    &[Question::Technique]
                }
            },
        };
        questions.contains(&question)
    }
}

impl PolicyChange {
    /// Makes the change in a document. `None` if there is nothing to change.
    pub(super) fn apply(&self, document: &mut PolicyDocument) -> Option<()> {
        match self {
            Self::Unrestrict {
                release,
                row,
                open_beneath,
            } => {
                let written = document.releases.get_mut(release)?;
                written.restricted.retain(|other| other != row);
                if *open_beneath {
                    written.open_beneath.push(row.clone());
                }
            }
            Self::Grant { profile, privilege } => {
                let written = document.profiles.get_mut(profile)?;
                written.grants.push(privilege.clone());
            }
            Self::AcceptBasic(release) => {
                document.releases.get_mut(release)?.techniques.basic = true;
            }
            Self::AcceptTokens(release) => {
                document.releases.get_mut(release)?.techniques.token = true;
            }
        }
        Some(())
    }
}
