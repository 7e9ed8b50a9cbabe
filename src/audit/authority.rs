//! Who may administer whom. Requests do not show this part of a policy.
//!
//! An authority is one choice of each of these: an act, the profile and scope of
//! the account that acts, the profile and scope of the other account, and whether
//! that account is in the tenancy of the first. There are finitely many, so that
//! the whole relation of a policy can be listed and compared.
//!
//! Every answer comes from [`Administration`]. All pairs of profiles that
//! compare in the same way share one answer.

mod accounts;
mod authorities;
mod change;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::authority::accounts::Accounts;
use crate::directory::Refusal;
use crate::engine::Engine;
use crate::id::ProfileId;
use crate::policy::Policy;
use crate::privilege::PrivilegeSet;
use crate::release::Deployment;
use crate::util::hash::{Map, Set};

pub use crate::audit::authority::authorities::{AdministrativeAct, Authorities, ScopePair};
pub use crate::audit::authority::change::AuthorityChange;
pub(crate) use crate::audit::authority::change::changes;

#[cfg(doc)]
use crate::directory::Administration;

/// Who may administer whom by one policy, in every release of it.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::Policy;
/// use portcullis::audit::{AdministrativeAct, Authority, ScopePair};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let authority = Authority::of(&policy);
/// let profile = |name: &str| authority.profiles().iter().position(|own| own.as_str() == name);
/// let (user, platform_admin) = (profile("user").unwrap(), profile("platform_admin").unwrap());
///
/// // Root to root.
/// let scopes = ScopePair::ALL[0];
/// let may = |actor, other| authority.between(actor, other).contains(AdministrativeAct::Edit, scopes);
/// assert!(may(platform_admin, user));
/// assert!(!may(user, platform_admin) && !may(platform_admin, platform_admin));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Authority {
    profiles: Vec<ProfileId>,
    /// By profile: its class. Profiles of a class hold the same.
    classes: Vec<usize>,
    /// The number of classes.
    count: usize,
    /// By class of the actor and class of the other: the index in `distinct`.
    grid: Vec<u32>,
    distinct: Set<Authorities>,
}

/// How a policy ranks a profile.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Rank {
    Unknown,
    SuperAdmin,
    Other { is_administrative: bool },
}

/// What a policy knows about a profile that can matter here.
type Held<'p> = (Rank, Option<&'p PrivilegeSet>);

/// How two profiles compare: everything that can affect what an account of the
/// first may do to one of the second.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Comparison {
    actor: Rank,
    other: Rank,
    /// Whether the actor's profile holds everything that the other profile
    /// holds.
    is_at_most: bool,
    /// Whether the other profile holds everything that the actor's profile
    /// holds.
    is_at_least: bool,
}

impl Authority {
    /// The relation of a policy between its own profiles.
    pub fn of(policy: &Arc<Policy>) -> Self {
        let profiles: Vec<ProfileId> = policy.profiles().cloned().collect();
        Self::on(policy, &profiles)
    }

    /// The relation between some profiles. Some may not be in the policy: an
    /// account with such a profile may do nothing, and only Super Admin may do
    /// something to it.
    pub fn on(policy: &Arc<Policy>, profiles: &[ProfileId]) -> Self {
        let mut held: Map<Held<'_>, &ProfileId> = Map::default();
        let mut classes = Vec::with_capacity(profiles.len());
        for profile in profiles {
            let class = held.entry(holding(policy, profile));
            classes.push(class.index());
            class.or_insert(profile);
        }
        let release = policy.releases().next();
        let engine =
            release.and_then(|release| Engine::new(policy.clone(), Deployment::new(release)).ok());
        let accounts = engine.as_ref().map(Accounts::new);
        let mut authority = Self {
            profiles: profiles.to_vec(),
            classes,
            count: held.len(),
            grid: Vec::with_capacity(held.len() * held.len()),
            distinct: Set::default(),
        };
        let mut known: Map<(Comparison, [bool; 3]), Authorities> = Map::default();
        let others: Vec<&ProfileId> = held.values().copied().collect();
        for (actor, name) in &held {
            let targets = accounts
                .as_ref()
                .map(|accounts| accounts.targets(name, &others));
            let has_targets = targets.as_ref().map_or([false; 3], |targets| {
                targets.each_ref().map(Option::is_some)
            });
            for (other, other_name) in &held {
                let key = (compare(*actor, *other), has_targets);
                let authorities = *known.entry(key).or_insert_with(|| {
                    let both = accounts.as_ref().zip(targets.as_ref());
                    both.map(|(accounts, targets)| accounts.between(name, other_name, targets))
                        .unwrap_or_default()
                });
                let (place, _) = authority.distinct.insert_full(authorities);
                // INVARIANT: 48 bits have fewer than 2^32 values here, as a
                // document has fewer than 2^16 pairs that compare differently.
                authority
                    .grid
                    .push(u32::try_from(place).unwrap_or(u32::MAX));
            }
        }
        authority
    }

    /// The profiles.
    pub fn profiles(&self) -> &[ProfileId] {
        &self.profiles
    }

    /// What an account of one profile may do to an account of another, or of the
    /// same. Profiles are indexes in [`Authority::profiles`]; nothing is allowed
    /// for others.
    pub fn between(&self, actor: usize, other: usize) -> Authorities {
        let class = |profile: usize| self.classes.get(profile).copied();
        class(actor)
            .zip(class(other))
            .map(|(actor, other)| self.between_classes(actor, other))
            .unwrap_or_default()
    }

    fn between_classes(&self, actor: usize, other: usize) -> Authorities {
        let place = self.grid.get(actor * self.count + other);
        place
            .and_then(|place| self.distinct.get_index(*place as usize))
            .copied()
            .unwrap_or_default()
    }
}

/// The answer of a policy to one act between two profiles. For
/// [`AdministrativeAct::Grant`] the account that is given access is the actor.
pub(crate) fn answer(
    policy: &Arc<Policy>,
    act: AdministrativeAct,
    (actor, other): (&ProfileId, &ProfileId),
    scopes: ScopePair,
) -> Option<Result<(), Refusal>> {
    let release = policy.releases().next()?;
    let engine = Engine::new(policy.clone(), Deployment::new(release)).ok()?;
    Accounts::new(&engine).answer(act, actor, other, scopes, None)
}

fn holding<'p>(policy: &'p Policy, profile: &ProfileId) -> Held<'p> {
    let number = policy.profile(profile.as_str()).number;
    let Some((_, held)) = policy.profile_at(number) else {
        return (Rank::Unknown, None);
    };
    let needed = policy.administration_number();
    let rank = if number == policy.super_admin() {
        Rank::SuperAdmin
    } else {
        Rank::Other {
            is_administrative: needed.is_some_and(|needed| held.privileges.contains(needed)),
        }
    };
    (rank, Some(&held.privileges))
}

fn compare((actor, own): Held<'_>, (other, held): Held<'_>) -> Comparison {
    let is_subset = |low: Option<&PrivilegeSet>, high: Option<&PrivilegeSet>| {
        low.zip(high).is_some_and(|(low, high)| low.is_subset(high))
    };
    Comparison {
        actor,
        other,
        is_at_most: is_subset(held, own),
        is_at_least: is_subset(own, held),
    }
}
