//! The impact of a difference: which users gain or lose access.

mod access;
mod counts;
mod side;
mod tenants;

use alloc::vec::Vec;

use crate::audit::change::Effect;
use crate::audit::diff::Diff;
use crate::audit::holder::KeyHolder;
use crate::audit::impact::access::changes;
use crate::audit::impact::side::{Class, Side};
use crate::audit::matrix::Sheet;
use crate::directory::Directory;
use crate::id::UserId;
use crate::scope::Scope;
use crate::time::UnixSeconds;
use crate::util::hash::{Map, Set};

pub use crate::audit::impact::access::AccessChange;
pub use crate::audit::impact::counts::ImpactCounts;
pub use crate::audit::impact::tenants::TenantChange;

pub(crate) use crate::audit::impact::tenants::tenants_of;

/// Which users gain or lose what, between two sides: the policies of a
/// difference, each with a directory.
///
/// A user reaches on a side what some valid key of the user reaches there,
/// itself or by a token made from it. There are three kinds of change. A user
/// *gains an endpoint* if no key could call it before. A user *loses an
/// endpoint* if no key can call it any more. A user *gains* or *loses a way* if
/// the user calls it before and after, but with other credentials or other
/// tenants in the request.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::audit::{Diff, Impact};
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, UnixSeconds};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let diff = Diff::of_releases(&policy, "5.5.0".parse()?, &policy, "5.5.0s".parse()?)?;
///
/// let impact = Impact::of(&diff, &directory, UnixSeconds::new(1_764_000_000));
/// let counts = impact.counts(0);
/// // Keys by Basic are refused in 5.5.0s. Tokens made from them are not.
/// assert!(counts.gain_endpoint > 0 && counts.lose_endpoint == 0);
/// assert_eq!(counts.stop_using.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Between two directories with one policy, the changes come from users, keys
/// and groups:
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::audit::{Diff, Effect, Impact};
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, UnixSeconds};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let before = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let grown = EMBEDDED_DIRECTORY.replace("two: [gamma]", "two: [gamma, delta]");
/// let after = Directory::from_yaml(&grown, &policy)?;
/// let now = UnixSeconds::new(1_764_000_000);
///
/// let diff = Diff::of_policies(&policy, &policy);
/// let impact = Impact::between(&diff, [(&before, now), (&after, now)]);
/// assert!(impact.has(Effect::Widens) && !impact.has(Effect::Narrows));
/// let [affected] = impact.affected() else { panic!() };
/// assert_eq!(impact.users()[affected.users()[0]].as_str(), "other-partner");
/// let gained = &affected.accesses()[0].tenants.gained;
/// assert_eq!(gained[0].as_str(), "delta");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Impact {
    users: Vec<UserId>,
    affected: Vec<Affected>,
    holders: Vec<KeyHolder>,
    keyless: Vec<UserId>,
}

/// Users for whom the same changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Affected {
    users: Vec<usize>,
    accesses: Vec<AffectedAccess>,
}

/// What changes for some users, in deployments in which it is the same.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AffectedAccess {
    /// The indexes of the pairs of deployments among the compared ones.
    pub deployments: Vec<usize>,
    /// The endpoints that are reached in other ways.
    pub endpoints: Vec<AccessChange>,
    /// The tenants that are reached. Empty where the tenants of the scope are the
    /// same on both sides.
    pub tenants: TenantChange,
}

/// A user's class on both sides, and the scopes if their tenants differ.
type Case = (Class, Class, Option<(Option<Scope>, Option<Scope>)>);

impl Impact {
    /// What a difference means for the users of a directory. Keys are judged at
    /// the instant `now`.
    pub fn of(diff: &Diff, directory: &Directory, now: UnixSeconds) -> Self {
        Self::between(diff, [(directory, now), (directory, now)])
    }

    /// What changes for every user of two directories, each with the instant for
    /// which its keys are judged: the first with the first policy of the difference,
    /// the second with the second. The policies may be the same.
    ///
    /// Keys that expire between the two instants are a change like any other.
    pub fn between(diff: &Diff, directories: [(&Directory, UnixSeconds); 2]) -> Self {
        let [(first, then), (second, now)] = directories;
        let axes = diff.axes();
        let before = Side::of(first, diff.before().policy(), axes, then);
        let after = Side::of(second, diff.after().policy(), axes, now);
        let all: Set<&UserId> = first.users().chain(second.users()).collect();

        let mut differing: Map<(Option<Scope>, Option<Scope>), bool> = Map::default();
        let mut cases: Map<Case, Vec<usize>> = Map::default();
        for (place, user) in all.iter().enumerate() {
            let scopes = (before.scope(user), after.scope(user));
            let differ = *differing.entry(scopes).or_insert_with_key(|(was, is)| {
                !core::ptr::eq(first, second)
                    && tenants::differ([&before, &after], [was.as_ref(), is.as_ref()])
            });
            let scopes = differ.then(|| (before.scope(user), after.scope(user)));
            let case = (before.class(user), after.class(user), scopes);
            cases.entry(case).or_default().push(place);
        }

        let mut known: Map<(Class, Class), Vec<Vec<AccessChange>>> = Map::default();
        let mut affected: Map<Vec<AffectedAccess>, Vec<usize>> = Map::default();
        for ((left, right, scopes), users) in cases {
            let endpoints = known
                .entry((left.clone(), right.clone()))
                .or_insert_with(|| endpoints(diff, &left, &right));
            let mut accesses: Vec<AffectedAccess> = Vec::new();
            for (deployment, ((old, new), endpoints)) in diff.pairs().zip(endpoints).enumerate() {
                let tenants = scopes.as_ref().map(|(was, is)| {
                    let scopes = [was.as_ref(), is.as_ref()];
                    tenants::change([&before, &after], [old, new], [&left, &right], scopes)
                });
                let tenants = tenants.unwrap_or_default();
                let same = |access: &&mut AffectedAccess| {
                    access.endpoints == *endpoints && access.tenants == tenants
                };
                match accesses.iter_mut().find(same) {
                    Some(access) => access.deployments.push(deployment),
                    None if endpoints.is_empty() && tenants.is_empty() => {}
                    None => accesses.push(AffectedAccess {
                        deployments: Vec::from([deployment]),
                        endpoints: endpoints.clone(),
                        tenants,
                    }),
                }
            }
            if !accesses.is_empty() {
                affected.entry(accesses).or_default().extend(users);
            }
        }
        let group = |(accesses, mut users): (_, Vec<usize>)| {
            users.sort_unstable();
            Affected { users, accesses }
        };
        let mut affected: Vec<Affected> = affected.into_iter().map(group).collect();
        affected.sort_by_key(|affected| affected.users.first().copied());

        let owners: Set<&UserId> = second.keys().map(|(_, owner)| owner).collect();
        let keyless = second.users().filter(|user| !owners.contains(*user));
        Self {
            affected,
            keyless: keyless.cloned().collect(),
            users: all.into_iter().cloned().collect(),
            holders: after.holders,
        }
    }

    /// Every user of the directories: those of the first in its order, then those
    /// that only the second has.
    pub fn users(&self) -> &[UserId] {
        &self.users
    }

    /// The users for whom something changes, those with the same changes together.
    pub fn affected(&self) -> &[Affected] {
        &self.affected
    }

    /// Every key of the second directory with its owner, in its order.
    pub fn holders(&self) -> &[KeyHolder] {
        &self.holders
    }

    /// The keys of the second directory that are not valid. They reach only what is
    /// public.
    pub fn refused(&self) -> impl Iterator<Item = &KeyHolder> {
        let holders = self.holders.iter();
        holders.filter(|holder| holder.refused.is_some())
    }

    /// The users of the second directory without a key, who reach only what is
    /// public.
    pub fn keyless(&self) -> &[UserId] {
        &self.keyless
    }

    /// Whether something has this effect on some user.
    pub fn has(&self, effect: Effect) -> bool {
        let mut affected = self.affected.iter();
        affected.any(|affected| affected.accesses.iter().any(|access| access.has(effect)))
    }

    /// How many users gain and lose in one pair of deployments, by its index.
    pub fn counts(&self, deployment: usize) -> ImpactCounts {
        let mut counts = ImpactCounts::default();
        for affected in &self.affected {
            let mut accesses = affected.accesses.iter();
            let own = accesses.find(|access| access.deployments.contains(&deployment));
            if let Some(access) = own {
                counts.add(&access.endpoints, &access.tenants, affected.users.len());
            }
        }
        counts
    }
}

impl Affected {
    /// The indexes of the users among [`Impact::users`], ascending.
    pub fn users(&self) -> &[usize] {
        &self.users
    }

    /// What changes. In deployments that no member has, nothing does.
    pub fn accesses(&self) -> &[AffectedAccess] {
        &self.accesses
    }
}

impl AffectedAccess {
    /// Whether something has this effect.
    pub fn has(&self, effect: Effect) -> bool {
        self.tenants.has(effect) || self.endpoints.iter().any(|change| change.has(effect))
    }
}

/// What changes for users of a class on each side, for each pair of deployments.
fn endpoints(diff: &Diff, left: &Class, right: &Class) -> Vec<Vec<AccessChange>> {
    let all = 0..diff.axes().rows().len();
    let of = |(deployment, pair): (usize, (&Sheet, &Sheet))| {
        if left != right {
            return changes(pair, (left, right), all.clone());
        }
        let Some((profile, level)) = left.column() else {
            let is_other = |row: &usize| pair.0.is_public(*row) != pair.1.is_public(*row);
            return changes(pair, (left, right), all.clone().filter(is_other));
        };
        // Only changes for the profile can change something for its users.
        let groups = diff.groups().iter().filter(|group| {
            group.scopes().contains(&level)
                && group.profiles().binary_search(&profile).is_ok()
                && group.deployments().contains(&deployment)
        });
        let mut rows: Vec<usize> = groups
            .flat_map(|group| group.rows().iter().copied())
            .collect();
        rows.sort_unstable();
        rows.dedup();
        changes(pair, (left, right), rows.into_iter())
    };
    diff.pairs().enumerate().map(of).collect()
}
