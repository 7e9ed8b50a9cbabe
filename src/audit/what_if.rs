//! What would allow a request: every smallest set of changes that turns a
//! denial into an allow.
//!
//! The result reveals the rules. Show it to administrators, never to callers.

mod candidates;
mod change;
mod situation;
mod world;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::what_if::candidates::{Candidate, LARGEST, candidates};
use crate::audit::what_if::world::{World, copy};
use crate::engine::decision::OwnedConfinement;
use crate::policy::Policy;
use crate::question::Question;
use crate::tenancy::Tenancy;
use crate::util::hash::{Map, Set};

pub use crate::audit::what_if::change::{PolicyChange, SingleChange};
pub use crate::audit::what_if::situation::Situation;

/// The most decisions of one search.
const MOST_DECISIONS: usize = 200_000;
/// The most sets of several changes that are listed.
const MOST_SETS: usize = 10_000;

/// What would allow a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WhatIf {
    remedies: Vec<Remedy>,
    complete: usize,
}

/// A set of changes that turns the denial into an allow. Without any one of them
/// the request is denied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remedy {
    /// The changes: one to three.
    pub changes: Vec<SingleChange>,
    /// The tenants to which the answer would be confined.
    pub confinement: OwnedConfinement,
    /// The changed policy, if the set changes it. This affects every user; a
    /// [`Diff`](crate::audit::Diff) shows what else it opens.
    pub policy: Option<Arc<Policy>>,
}

impl WhatIf {
    /// The sets. Those that do not change the policy come first, the smallest
    /// of them first. No set contains another.
    pub fn remedies(&self) -> &[Remedy] {
        &self.remedies
    }

    /// The size up to which every set is listed: 3, or less if the search ended at
    /// its limits. Some of the larger sets are listed then.
    pub fn complete_to(&self) -> usize {
        self.complete
    }
}

/// Finds every set of one to three changes that would allow a request, if no
/// part of the set does. It decides the request with the changes. Empty if
/// there is no such set, if the request is already allowed, or if no endpoint
/// was found.
///
/// At most 200,000 sets are decided, and at most 10,000 sets of several changes
/// are listed; see [`WhatIf::complete_to`]. Single changes are all listed. A
/// policy is compiled anew for each set of its changes, of which there are at
/// most 25. Removing a row is only tried if the loader accepts the canonical text
/// of the policy without it.
pub fn what_if(policy: &Arc<Policy>, tenancy: &Tenancy, situation: &Situation<'_>) -> WhatIf {
    // The state of the key is read once. It can change in another thread, and all
    // remedies must be for the same state.
    let key = situation.key.map(copy);
    let situation = Situation {
        key: key.as_ref(),
        ..*situation
    };
    let nothing = WhatIf {
        remedies: Vec::new(),
        complete: LARGEST,
    };
    // An endpoint of another policy is refused, whatever changes.
    let found = situation.endpoint.found.entry_and_method();
    if found.is_none() || situation.endpoint.policy != policy.stamp() {
        return nothing;
    }
    let mut world = World::new(policy, tenancy, situation);
    let Err(reason) = world.decide(&[]) else {
        return nothing;
    };
    let candidates = candidates(policy, tenancy, &situation);
    let (found, searched) = search(&mut world, &candidates, reason.question());
    let (mut remedies, listed) = listed(&mut world, &candidates, &found);
    remedies.sort_by(|(one, first), (other, second)| {
        let order = |remedy: &Remedy, places: &Vec<usize>| {
            (remedy.policy.is_some(), places.len(), places.clone())
        };
        order(first, one).cmp(&order(second, other))
    });
    WhatIf {
        remedies: remedies.into_iter().map(|(_, remedy)| remedy).collect(),
        complete: searched.min(listed),
    }
}

/// The smallest sets of candidates that allow, as ascending indexes, and the size
/// up to which all were tried.
///
/// A set that allows has a change that affects the question that denies now.
/// After this change, the same is true for the rest of the set. So each set is
/// found by adding one such change after the other.
fn search(
    world: &mut World<'_>,
    candidates: &[Candidate],
    question: Question,
) -> (Vec<Vec<usize>>, usize) {
    let mut decided: Set<Vec<usize>> = Set::default();
    let mut allowing: Set<Vec<usize>> = Set::default();
    let mut open = Vec::from([(Vec::new(), question)]);
    // With many tenants there are many candidates, and few bear on most questions.
    let mut bearing: Map<Question, Vec<usize>> = Map::default();
    for size in 1..=LARGEST {
        let mut next = Vec::new();
        for (set, question) in &open {
            let chosen: Vec<&Candidate> = chosen(candidates, set);
            let bearing = bearing
                .entry(*question)
                .or_insert_with(|| bearing_on(candidates, *question));
            for at in bearing.iter() {
                let goes = candidates.get(*at).is_some_and(|candidate| {
                    let mut chosen = chosen.iter();
                    chosen.all(|other| other.change.goes_with(&candidate.change))
                });
                if set.contains(at) || !goes {
                    continue;
                }
                let mut wider: Vec<usize> = set.iter().chain([at]).copied().collect();
                wider.sort_unstable();
                if decided.contains(&wider) || has_part(&wider, &allowing) {
                    continue;
                }
                if decided.len() >= MOST_DECISIONS {
                    return (allowing.into_iter().collect(), size - 1);
                }
                decided.insert(wider.clone());
                let chosen = self::chosen(candidates, &wider);
                let changes: Vec<&SingleChange> =
                    chosen.iter().map(|candidate| &candidate.change).collect();
                match world.decide(&changes) {
                    Ok(_) => {
                        allowing.insert(wider);
                    }
                    Err(reason) => next.push((wider, reason.question())),
                }
            }
        }
        open = next;
    }
    (allowing.into_iter().collect(), LARGEST)
}

/// The indexes of the candidates that can affect the answer to a question.
fn bearing_on(candidates: &[Candidate], question: Question) -> Vec<usize> {
    let all = candidates.iter().enumerate();
    let bearing = all.filter(|(_, candidate)| candidate.change.bears_on(question));
    bearing.map(|(at, _)| at).collect()
}

fn chosen<'c>(candidates: &'c [Candidate], set: &[usize]) -> Vec<&'c Candidate> {
    set.iter().filter_map(|at| candidates.get(*at)).collect()
}

/// Whether a smaller part of a set allows by itself.
fn has_part(set: &[usize], allowing: &Set<Vec<usize>>) -> bool {
    let without = |left: &usize| -> Vec<usize> {
        let others = set.iter().filter(|at| *at != left);
        others.copied().collect()
    };
    set.len() > 1
        && set.iter().any(|left| {
            let part = without(left);
            allowing.contains(&part) || has_part(&part, allowing)
        })
}

/// The remedies of some sets, and the size up to which all are listed. Each is
/// decided again for every profile that a candidate represents.
fn listed(
    world: &mut World<'_>,
    candidates: &[Candidate],
    sets: &[Vec<usize>],
) -> (Vec<(Vec<usize>, Remedy)>, usize) {
    let mut remedies = Vec::new();
    let mut of_several = 0;
    for set in sets {
        let chosen = chosen(candidates, set);
        let others = chosen.iter().flat_map(|candidate| &candidate.others);
        let others = others.map(|(profile, place)| Some((profile, *place)));
        for other in core::iter::once(None).chain(others) {
            of_several += usize::from(set.len() > 1);
            if of_several > MOST_SETS {
                return (remedies, set.len() - 1);
            }
            let mut places = Vec::with_capacity(set.len());
            let mut changes = Vec::with_capacity(set.len());
            for candidate in &chosen {
                match (&candidate.change, other) {
                    (SingleChange::Profile(_), Some((profile, place))) => {
                        places.push(place);
                        changes.push(SingleChange::Profile(profile.clone()));
                    }
                    (change, _) => {
                        places.push(candidate.place);
                        changes.push(change.clone());
                    }
                }
            }
            let Ok(confinement) = world.decide(&changes.iter().collect::<Vec<_>>()) else {
                continue;
            };
            let of_policy: Vec<PolicyChange> = changes
                .iter()
                .filter_map(SingleChange::of_policy)
                .cloned()
                .collect();
            let policy = world.policy(&of_policy).filter(|_| !of_policy.is_empty());
            let remedy = Remedy {
                changes,
                confinement,
                policy,
            };
            remedies.push((places, remedy));
        }
    }
    (remedies, LARGEST)
}
