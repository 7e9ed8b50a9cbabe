//! The impact of a difference: which keys of a directory gain or lose access.

use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::{Circumstances, Extent, Outcome};
use crate::audit::change::{Effect, OutcomeChange};
use crate::audit::diff::Diff;
use crate::audit::holder::{KeyHolder, can_name_tenant};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::id::UserId;
use crate::policy::Policy;
use crate::release::Deployment;
use crate::scope::{Scope, ScopeLevel};
use crate::time::UnixSeconds;
use crate::util::hash::{Map, Set};

/// Which keys of a directory gain or lose what.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::audit::{Diff, Effect, Impact};
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, UnixSeconds};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let diff = Diff::of_releases(&policy, "5.4.0".parse()?, &policy, "5.5.0".parse()?)?;
///
/// let impact = Impact::of(&diff, &directory, UnixSeconds::new(1_764_000_000));
/// let gains = impact.affected().iter().any(|affected| affected.parts(Effect::Widens).count() > 0);
/// assert!(gains);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Impact {
    holders: Vec<KeyHolder>,
    affected: Vec<Affected>,
    keyless: Vec<UserId>,
}

/// Keys that gain and lose the same access.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Affected {
    holders: Vec<usize>,
    parts: Vec<AffectedPart>,
}

/// The part of a [`ChangeGroup`](super::ChangeGroup) that applies to some keys.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AffectedPart {
    /// The index of the group among those of the diff.
    pub group: usize,
    /// Whether it is a gain, a loss, or neither.
    pub effect: Effect,
    /// The rows of the group where it applies, ascending.
    pub rows: Vec<usize>,
    /// The changes, limited to circumstances that can occur with these keys.
    pub changes: Vec<OutcomeChange>,
}

impl Impact {
    /// Finds the affected keys. Keys are judged at an instant.
    pub fn of(diff: &Diff, directory: &Directory, now: UnixSeconds) -> Self {
        // Whether a key is valid does not depend on the release.
        let policy = diff.before().policy();
        let engine = policy
            .releases()
            .next()
            .and_then(|release| Engine::new(policy.clone(), Deployment::new(release)).ok());
        let holders =
            engine.map_or_else(Vec::new, |engine| KeyHolder::all(directory, &engine, now));
        let mut closed: Map<Option<Scope>, Closed> = Map::default();
        // Keys of the same profile, scope and kind have the same cells.
        let mut known: Map<CellKey, Vec<AffectedPart>> = Map::default();
        let mut affected: Map<Vec<AffectedPart>, Vec<usize>> = Map::default();
        for (place, holder) in holders.iter().enumerate() {
            let profile = holder.profile_on(diff.axes());
            let account = directory.account(holder.user.as_str());
            let scope = account.and_then(|account| account.scope);
            let closed = closed
                .entry(scope)
                .or_insert_with_key(|scope| Closed::to(scope.as_ref(), diff, directory));
            let is_refused = holder.refused.is_some();
            let key = (
                profile,
                holder.scope,
                holder.circumstances,
                is_refused,
                closed.clone(),
            );
            let parts = known
                .entry(key)
                .or_insert_with(|| parts(diff, profile, holder, closed));
            if !parts.is_empty() {
                affected.entry(parts.clone()).or_default().push(place);
            }
        }
        let affected = affected
            .into_iter()
            .map(|(parts, holders)| Affected { holders, parts })
            .collect();
        let owners: Set<&UserId> = directory.keys().map(|(_, owner)| owner).collect();
        let keyless = directory.users().filter(|user| !owners.contains(*user));
        let keyless = keyless.cloned().collect();
        Self {
            holders,
            affected,
            keyless,
        }
    }

    /// Every key of the directory with its owner, in the order of the directory.
    pub fn holders(&self) -> &[KeyHolder] {
        &self.holders
    }

    /// The keys that gain or lose something, or get another reason. Keys with the
    /// same changes are together.
    pub fn affected(&self) -> &[Affected] {
        &self.affected
    }

    /// The users without a key, who have no access to gain or lose.
    pub fn keyless(&self) -> &[UserId] {
        &self.keyless
    }

    /// The keys that are not valid and not affected: they have no access to gain
    /// or lose, but to what is public.
    pub fn refused(&self) -> impl Iterator<Item = &KeyHolder> {
        let affected = self.affected.iter().flat_map(|affected| &affected.holders);
        let affected: Set<usize> = affected.copied().collect();
        let holders = self.holders.iter().enumerate();
        holders
            .filter(move |(place, holder)| holder.refused.is_some() && !affected.contains(place))
            .map(|(_, holder)| holder)
    }
}

impl Affected {
    /// The indexes of the keys among [`Impact::holders`].
    pub fn holders(&self) -> &[usize] {
        &self.holders
    }

    /// What the keys gain ([`Effect::Widens`]), lose ([`Effect::Narrows`]), or get
    /// another reason for.
    pub fn parts(&self, effect: Effect) -> impl Iterator<Item = &AffectedPart> {
        self.parts.iter().filter(move |part| part.effect == effect)
    }
}

/// What decides which parts apply to a key.
type CellKey = (Option<usize>, ScopeLevel, Circumstances, bool, Closed);

/// The rows at which no request can name a tenant of some scope, before and after
/// the change.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Closed {
    before: Vec<usize>,
    after: Vec<usize>,
}

impl Closed {
    fn to(scope: Option<&Scope>, diff: &Diff, directory: &Directory) -> Self {
        let on = |policy: &Policy| {
            let rows = diff.axes().rows().iter().enumerate();
            let is_closed = |row: &Row| {
                scope.is_none_or(|scope| !can_name_tenant(row, policy, scope, directory.tenancy()))
            };
            rows.filter(|(_, row)| is_closed(row))
                .map(|(place, _)| place)
                .collect()
        };
        Self {
            before: on(diff.before().policy()),
            after: on(diff.after().policy()),
        }
    }

    /// Whether a row is closed on the side that allows more. Then the change at
    /// this row is no gain and no loss.
    fn is_closed(&self, row: usize, effect: Effect) -> bool {
        let [before, after] =
            [&self.before, &self.after].map(|rows| rows.binary_search(&row).is_ok());
        match effect {
            Effect::Widens => after,
            Effect::Narrows => before,
            Effect::Neither => before && after,
        }
    }
}

fn parts(
    diff: &Diff,
    profile: Option<usize>,
    holder: &KeyHolder,
    closed: &Closed,
) -> Vec<AffectedPart> {
    let Some(profile) = profile else {
        // Both sides deny everything to a profile that neither has.
        return Vec::new();
    };
    let own = |change: &OutcomeChange, circumstances: Circumstances| {
        let circumstances = change.circumstances.intersection(circumstances);
        // With a key that is not valid only what is public is allowed.
        let is_public = |outcome| outcome == Outcome::Allow(Extent::Public);
        let applies =
            holder.refused.is_none() || is_public(change.before) != is_public(change.after);
        (applies && !circumstances.is_empty()).then_some(OutcomeChange {
            circumstances,
            ..*change
        })
    };
    let applying = diff.groups().iter().enumerate().filter(|(_, group)| {
        group.scopes().contains(&holder.scope) && group.profiles().binary_search(&profile).is_ok()
    });
    let parts = applying.flat_map(|(place, group)| {
        let effect = group.effect();
        let rows = group.rows().iter().copied();
        let (shut, open): (Vec<usize>, Vec<usize>) =
            rows.partition(|row| closed.is_closed(*row, effect));
        let part = move |(rows, circumstances): (Vec<usize>, Circumstances)| AffectedPart {
            group: place,
            effect,
            changes: group
                .changes()
                .iter()
                .filter_map(|change| own(change, circumstances))
                .collect(),
            rows,
        };
        let everywhere = holder.circumstances;
        [(open, everywhere), (shut, everywhere.without_inside())].map(part)
    });
    let is_some = |part: &AffectedPart| !part.changes.is_empty() && !part.rows.is_empty();
    parts.filter(is_some).collect()
}
