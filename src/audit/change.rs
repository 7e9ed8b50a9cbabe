//! What becomes of one column of cells between two sides.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::Serialize;

use super::cell::{Answers, Circumstances, Outcome, Relation};
use super::matrix::Listing;
use crate::reason::Reason;
use crate::scope::ScopeLevel;

/// What a changed cell is reported as.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// More is allowed than before, of an endpoint that both sides have.
    Widened,
    /// Only the second side has the endpoint.
    EndpointAdded,
    /// Less is allowed than before, of an endpoint that both sides have.
    Narrowed,
    /// Only the first side has the endpoint.
    EndpointRemoved,
    /// As much is allowed as before, or as little; it is told differently.
    ReasonOnly,
}

impl Class {
    /// Every class, in the order of the reports.
    pub const ALL: [Self; 5] = [
        Self::Widened,
        Self::EndpointAdded,
        Self::Narrowed,
        Self::EndpointRemoved,
        Self::ReasonOnly,
    ];

    /// The words that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Widened => "widened",
            Self::EndpointAdded => "endpoint added",
            Self::Narrowed => "narrowed",
            Self::EndpointRemoved => "endpoint removed",
            Self::ReasonOnly => "reason only",
        }
    }
}

/// Whether a changed cell allows more or less than before, whatever its class:
/// an endpoint that is added may open to somebody.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// More: a refusal becomes an allow, or an allow is confined less.
    Widens,
    /// Less: an allow becomes a refusal, or is confined more.
    Narrows,
    /// Neither: another reason, or another word for the same confinement.
    Neither,
}

/// Cells that turn from one outcome to another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Turn {
    /// What the first side decides.
    pub before: Outcome,
    /// What the second side decides.
    pub after: Outcome,
    /// Where.
    pub circumstances: Circumstances,
}

/// Changes of one column that are told together.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Strand {
    pub(crate) class: Class,
    pub(crate) effect: Effect,
    pub(crate) turns: Vec<Turn>,
}

impl Strand {
    /// This strand as far as a tenant is named.
    pub(crate) fn where_named(&self) -> Self {
        let named = |turn: &Turn| {
            let circumstances = turn.circumstances.intersection(Circumstances::naming());
            (!circumstances.is_empty()).then_some(Turn {
                circumstances,
                ..*turn
            })
        };
        Self {
            class: self.class,
            effect: self.effect,
            turns: self.turns.iter().filter_map(named).collect(),
        }
    }
}

/// Which sides have an endpoint.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Presence {
    Both,
    Added,
    Removed,
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
    /// What a turn does at a level of scope.
    pub(crate) fn of(before: Outcome, after: Outcome, scope: ScopeLevel) -> Self {
        let freedom = |outcome| match outcome {
            Outcome::Deny(_) => None,
            Outcome::Allow(reach) => Some(reach.freedom(scope)),
        };
        match freedom(after).cmp(&freedom(before)) {
            core::cmp::Ordering::Greater => Self::Widens,
            core::cmp::Ordering::Less => Self::Narrows,
            core::cmp::Ordering::Equal => Self::Neither,
        }
    }
}

impl Class {
    fn of(presence: Presence, effect: Effect) -> Self {
        match (presence, effect) {
            (Presence::Added, _) => Self::EndpointAdded,
            (Presence::Removed, _) => Self::EndpointRemoved,
            (Presence::Both, Effect::Widens) => Self::Widened,
            (Presence::Both, Effect::Narrows) => Self::Narrowed,
            (Presence::Both, Effect::Neither) => Self::ReasonOnly,
        }
    }
}

/// Everything that changes between the answers of two sides, in strands: cells
/// with the same effect, the same verdicts before and after. A partner with an
/// empty group is told apart, so that the rest of a partner's cells can be told
/// together with those of other scopes.
pub(crate) fn strands(
    before: &Answers,
    after: &Answers,
    presence: Presence,
    scope: ScopeLevel,
) -> Vec<Strand> {
    type Key = (Effect, Option<Reason>, Option<Reason>, bool);
    let mut told: BTreeMap<Key, BTreeMap<(Outcome, Outcome), Circumstances>> = BTreeMap::new();
    for ((circumstance, before), (_, after)) in before.iter().zip(after.iter()) {
        if before != after {
            let empty = circumstance.tenant() == Relation::EmptyGroup;
            let key = (
                Effect::of(before, after, scope),
                before.reason(),
                after.reason(),
                empty,
            );
            told.entry(key)
                .or_default()
                .entry((before, after))
                .or_default()
                .insert(circumstance);
        }
    }
    let strand = |((effect, ..), turns): (Key, BTreeMap<_, _>)| Strand {
        class: Class::of(presence, effect),
        effect,
        turns: turns
            .into_iter()
            .map(|((before, after), circumstances)| Turn {
                before,
                after,
                circumstances,
            })
            .collect(),
    };
    told.into_iter().map(strand).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::cell::Reach;

    /// Also where everybody with a key was allowed before.
    #[test]
    fn becoming_public_widens_every_cell() {
        let public = Outcome::Allow(Reach::Public);
        for scope in ScopeLevel::ALL {
            for other in [
                Outcome::Deny(Reason::TechniqueRefused),
                Outcome::Allow(Reach::Tenant),
                Outcome::Allow(Reach::Scope),
                Outcome::Allow(Reach::NotTenantData),
            ] {
                assert_eq!(Effect::of(other, public, scope), Effect::Widens);
                assert_eq!(Effect::of(public, other, scope), Effect::Narrows);
            }
        }
    }

    /// Were a decision ever to reach beyond its scope, no diff would pass over
    /// it as the same thing told otherwise.
    #[test]
    fn an_allow_beyond_the_scope_widens_every_other() {
        let beyond = Outcome::Allow(Reach::Beyond);
        for scope in ScopeLevel::ALL {
            for other in [
                Outcome::Deny(Reason::TenantOutOfScope),
                Outcome::Allow(Reach::Tenant),
                Outcome::Allow(Reach::Scope),
                Outcome::Allow(Reach::NotTenantData),
                Outcome::Allow(Reach::Public),
            ] {
                assert_eq!(Effect::of(other, beyond, scope), Effect::Widens);
                assert_eq!(Effect::of(beyond, other, scope), Effect::Narrows);
            }
            assert_eq!(Effect::of(beyond, beyond, scope), Effect::Neither);
        }
    }
}
