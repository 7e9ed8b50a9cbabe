//! The differences between two policies in who may administer whom.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::authority::Authority;
use crate::audit::authority::authorities::{AdministrativeAct, Authorities, ScopePair};
use crate::audit::change::Effect;
use crate::id::ProfileId;
use crate::policy::Policy;
use crate::privilege::Privilege;
use crate::util::hash::{Map, Set};

/// Acts that become allowed, or are no longer allowed: those of every
/// combination of the actors, the other profiles, and the authorities. No act
/// is in two changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorityChange {
    effect: Effect,
    actors: Vec<usize>,
    others: Vec<usize>,
    authorities: Authorities,
}

impl AuthorityChange {
    /// [`Effect::Widens`] if the second side allows them, [`Effect::Narrows`] if
    /// the first does.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The profiles of the accounts that act, as indexes on the axes.
    pub fn actors(&self) -> &[usize] {
        &self.actors
    }

    /// The profiles of the other accounts, or those that are granted, as indexes
    /// on the axes.
    pub fn others(&self) -> &[usize] {
        &self.others
    }

    /// The acts, and the scopes of both accounts.
    pub fn authorities(&self) -> Authorities {
        self.authorities
    }

    /// Every act one by one: the profile that acts, the other profile, the act,
    /// and the scopes.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, AdministrativeAct, ScopePair)> + '_ {
        self.actors.iter().flat_map(move |actor| {
            self.others.iter().flat_map(move |other| {
                self.authorities
                    .iter()
                    .map(move |(act, scopes)| (*actor, *other, act, scopes))
            })
        })
    }
}

/// Authorities that some actors gain or lose, and the kinds of the other profiles.
type Column = ((Effect, Authorities), Vec<usize>);

/// All differences in who may administer whom, on common profiles. Changes that
/// widen come first.
pub(crate) fn changes(
    before: &Arc<Policy>,
    after: &Arc<Policy>,
    profiles: &[ProfileId],
) -> Vec<AuthorityChange> {
    if profiles
        .iter()
        .all(|profile| standing(before, profile) == standing(after, profile))
    {
        return Vec::new();
    }
    let (before, after) = (
        Authority::on(before, profiles),
        Authority::on(after, profiles),
    );
    // Profiles that are in the same class on both sides change in the same way.
    let mut kinds: Map<(usize, usize), Vec<usize>> = Map::default();
    for (profile, classes) in before.classes.iter().zip(&after.classes).enumerate() {
        let (left, right) = classes;
        kinds.entry((*left, *right)).or_default().push(profile);
    }
    let mut equal: Map<Column, Vec<usize>> = Map::default();
    for (actor, (left, right)) in kinds.keys().enumerate() {
        let mut columns: Map<(Effect, Authorities), Vec<usize>> = Map::default();
        for (other, (other_left, other_right)) in kinds.keys().enumerate() {
            let was = before.between_classes(*left, *other_left);
            let is = after.between_classes(*right, *other_right);
            for (effect, authorities) in [
                (Effect::Widens, is.without(was)),
                (Effect::Narrows, was.without(is)),
            ] {
                if !authorities.is_empty() {
                    let column = columns.entry((effect, authorities)).or_default();
                    column.push(other);
                }
            }
        }
        for column in columns {
            equal.entry(column).or_default().push(actor);
        }
    }
    let members = |own: Vec<usize>| {
        let members = own.iter().filter_map(|kind| kinds.get_index(*kind));
        let mut members: Vec<usize> = members.flat_map(|(_, all)| all.iter().copied()).collect();
        members.sort_unstable();
        members
    };
    let change = |(((effect, authorities), others), actors)| AuthorityChange {
        effect,
        actors: members(actors),
        others: members(others),
        authorities,
    };
    let mut changes: Vec<AuthorityChange> = equal.into_iter().map(change).collect();
    changes.sort_by_key(|change| change.effect);
    changes
}

/// What a policy says about a profile that can matter here, by names: `None` if it
/// does not know the profile; else whether it is Super Admin, whether it is
/// administrative, and what it holds.
fn standing<'p>(
    policy: &'p Policy,
    profile: &ProfileId,
) -> Option<(bool, bool, Set<&'p Privilege>)> {
    let number = policy.profile(profile.as_str()).number;
    let (_, held) = policy.profile_at(number)?;
    let mut held: Vec<&Privilege> = policy
        .privileges()
        .enumerate()
        .filter(|(place, _)| held.privileges.contains(*place))
        .map(|(_, privilege)| privilege)
        .collect();
    held.sort_unstable();
    let is_super_admin = number == policy.super_admin();
    let is_administrative = policy
        .administration()
        .is_some_and(|needed| held.binary_search(&needed).is_ok());
    // Super Admin always holds everything.
    let held = if is_super_admin { Vec::new() } else { held };
    let is_administrative = is_administrative && !is_super_admin;
    Some((
        is_super_admin,
        is_administrative,
        held.into_iter().collect(),
    ))
}
