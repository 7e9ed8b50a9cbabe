//! What changes between two sides: kinds of change, and the changes of one
//! endpoint-method, profile and scope.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::Serialize;

use crate::audit::cell::{Answers, Circumstances, Outcome, Relation};
use crate::audit::matrix::Listing;
use crate::reason::Reason;
use crate::scope::ScopeLevel;

/// The class under which a changed cell is reported.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeClass {
    /// More is allowed than before. Both sides have the endpoint.
    Widened,
    /// Only the second side has the endpoint.
    EndpointAdded,
    /// Only the second side has the release, and the first has none before it in
    /// its train.
    ReleaseAdded,
    /// Less is allowed than before. Both sides have the endpoint.
    Narrowed,
    /// Only the first side has the endpoint.
    EndpointRemoved,
    /// Only the first side has the release.
    ReleaseRemoved,
    /// As much is allowed as before, but with another reason for a denial, or
    /// another word for a confinement.
    ReasonOnly,
}

impl ChangeClass {
    /// Every class, in the order of the reports.
    pub const ALL: [Self; 7] = [
        Self::Widened,
        Self::EndpointAdded,
        Self::ReleaseAdded,
        Self::Narrowed,
        Self::EndpointRemoved,
        Self::ReleaseRemoved,
        Self::ReasonOnly,
    ];

    /// The words that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Widened => "widened",
            Self::EndpointAdded => "endpoint added",
            Self::ReleaseAdded => "release added",
            Self::Narrowed => "narrowed",
            Self::EndpointRemoved => "endpoint removed",
            Self::ReleaseRemoved => "release removed",
            Self::ReasonOnly => "reason only",
        }
    }
}

/// Whether a changed cell allows more or less than before. An endpoint that is
/// added has this effect too: it can allow more to somebody.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// More: a denial becomes an allow, or an allow is confined less.
    Widens,
    /// Less: an allow becomes a denial, or is confined more.
    Narrows,
    /// Neither: another reason, or another word for the same confinement.
    Neither,
}

/// Cells whose outcome changes in the same way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct OutcomeChange {
    /// What the first side decides.
    pub before: Outcome,
    /// What the second side decides.
    pub after: Outcome,
    /// In which circumstances.
    pub circumstances: Circumstances,
}

/// Changes of one endpoint-method, profile and scope that are reported together:
/// they have the same class, the same effect, and the same reasons.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct ChangePattern {
    pub(crate) class: ChangeClass,
    pub(crate) effect: Effect,
    pub(crate) changes: Vec<OutcomeChange>,
}

impl ChangePattern {
    /// The part of this pattern in which a tenant is named.
    pub(crate) fn where_named(&self) -> Self {
        let named = |change: &OutcomeChange| {
            let circumstances = change
                .circumstances
                .intersection(Circumstances::naming_tenant());
            (!circumstances.is_empty()).then_some(OutcomeChange {
                circumstances,
                ..*change
            })
        };
        Self {
            class: self.class,
            effect: self.effect,
            changes: self.changes.iter().filter_map(named).collect(),
        }
    }
}

/// Which sides have an endpoint, and the release.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Presence {
    Both,
    Added,
    Removed,
    ReleaseAdded,
    ReleaseRemoved,
}

impl Presence {
    pub(crate) fn of(before: Listing, after: Listing) -> Self {
        match (before, after) {
            (Listing::Itself(_), Listing::Itself(_)) => Self::Both,
            (Listing::Itself(_), Listing::Another(_) | Listing::Missing(_)) => Self::Removed,
            (Listing::Another(_) | Listing::Missing(_), _) => Self::Added,
        }
    }
}

impl Effect {
    /// The effect of a change at a scope.
    pub(crate) fn of(before: Outcome, after: Outcome, scope: ScopeLevel) -> Self {
        let freedom = |outcome| match outcome {
            Outcome::Deny(_) => None,
            Outcome::Allow(extent) => Some(extent.freedom(scope)),
        };
        match freedom(after).cmp(&freedom(before)) {
            core::cmp::Ordering::Greater => Self::Widens,
            core::cmp::Ordering::Less => Self::Narrows,
            core::cmp::Ordering::Equal => Self::Neither,
        }
    }
}

impl ChangeClass {
    fn of(presence: Presence, effect: Effect) -> Self {
        match (presence, effect) {
            (Presence::Added, _) => Self::EndpointAdded,
            (Presence::Removed, _) => Self::EndpointRemoved,
            (Presence::ReleaseAdded, _) => Self::ReleaseAdded,
            (Presence::ReleaseRemoved, _) => Self::ReleaseRemoved,
            (Presence::Both, Effect::Widens) => Self::Widened,
            (Presence::Both, Effect::Narrows) => Self::Narrowed,
            (Presence::Both, Effect::Neither) => Self::ReasonOnly,
        }
    }
}

/// Everything that changes between the answers of two sides, as patterns: one for
/// each combination of effect, reason before and reason after. The cells of an
/// empty group have patterns of their own, so that the other cells of a partner
/// can be grouped with those of other scopes.
pub(crate) fn patterns(
    before: &Answers,
    after: &Answers,
    presence: Presence,
    scope: ScopeLevel,
) -> Vec<ChangePattern> {
    type Key = (Effect, Option<Reason>, Option<Reason>, bool);
    let mut found: BTreeMap<Key, BTreeMap<(Outcome, Outcome), Circumstances>> = BTreeMap::new();
    for ((circumstance, before), (_, after)) in before.iter().zip(after.iter()) {
        // If one side has no release, its denials are not decisions.
        let is_change = match presence {
            Presence::Both | Presence::Added | Presence::Removed => before != after,
            Presence::ReleaseAdded => after.is_allowed(),
            Presence::ReleaseRemoved => before.is_allowed(),
        };
        if is_change {
            let empty = circumstance.tenant() == Relation::EmptyGroup;
            let key = (
                Effect::of(before, after, scope),
                before.reason(),
                after.reason(),
                empty,
            );
            found
                .entry(key)
                .or_default()
                .entry((before, after))
                .or_default()
                .insert(circumstance);
        }
    }
    let pattern = |((effect, ..), changes): (Key, BTreeMap<_, _>)| ChangePattern {
        class: ChangeClass::of(presence, effect),
        effect,
        changes: changes
            .into_iter()
            .map(|((before, after), circumstances)| OutcomeChange {
                before,
                after,
                circumstances,
            })
            .collect(),
    };
    found.into_iter().map(pattern).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::cell::Extent;

    /// Even if everybody with a key was allowed before.
    #[test]
    fn becoming_public_widens_every_cell() {
        let public = Outcome::Allow(Extent::Public);
        for scope in ScopeLevel::ALL {
            for other in [
                Outcome::Deny(Reason::TechniqueRefused),
                Outcome::Allow(Extent::Tenant),
                Outcome::Allow(Extent::Scope),
                Outcome::Allow(Extent::NotTenantData),
            ] {
                assert_eq!(Effect::of(other, public, scope), Effect::Widens);
                assert_eq!(Effect::of(public, other, scope), Effect::Narrows);
            }
        }
    }

    /// If a decision ever gave more than its scope has, a diff would report it as
    /// a change of access, not of the reason only.
    #[test]
    fn an_allow_beyond_the_scope_widens_every_other() {
        let beyond = Outcome::Allow(Extent::Beyond);
        for scope in ScopeLevel::ALL {
            for other in [
                Outcome::Deny(Reason::TenantOutOfScope),
                Outcome::Allow(Extent::Tenant),
                Outcome::Allow(Extent::Scope),
                Outcome::Allow(Extent::NotTenantData),
                Outcome::Allow(Extent::Public),
            ] {
                assert_eq!(Effect::of(other, beyond, scope), Effect::Widens);
                assert_eq!(Effect::of(beyond, other, scope), Effect::Narrows);
            }
            assert_eq!(Effect::of(beyond, beyond, scope), Effect::Neither);
        }
    }
}
