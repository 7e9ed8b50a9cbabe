//! A difference over a real directory: whose access it touches.

use alloc::vec::Vec;

use super::axes::Row;
use super::cell::Circumstances;
use super::change::{Effect, Turn};
use super::diff::Diff;
use super::holder::{KeyHolder, is_reached};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::id::UserId;
use crate::policy::Policy;
use crate::scope::{Scope, ScopeLevel};
use crate::time::UnixSeconds;
use crate::util::hash::{Map, Set};

/// Who of a directory gains or loses what.
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
/// let gains = impact.touched().iter().any(|touched| touched.shares(Effect::Widens).count() > 0);
/// assert!(gains);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Impact {
    holders: Vec<KeyHolder>,
    touched: Vec<Touched>,
    keyless: Vec<UserId>,
}

/// Keys that gain and lose the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Touched {
    holders: Vec<usize>,
    shares: Vec<Share>,
}

/// The part of a group of changes that touches somebody.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Share {
    /// The group, by its place among the diff's.
    pub group: usize,
    /// Whether it is a gain or a loss.
    pub effect: Effect,
    /// Those of the group's rows where it is theirs, ascending.
    pub rows: Vec<usize>,
    /// The turns, in the circumstances that can be theirs.
    pub turns: Vec<Turn>,
}

impl Impact {
    /// Finds who is touched, with keys as they stand at an instant.
    pub fn of(diff: &Diff, directory: &Directory, now: UnixSeconds) -> Self {
        let engine = diff.pairs().next().and_then(|(sheet, _)| {
            Engine::new(diff.before().policy().clone(), sheet.deployment()).ok()
        });
        let holders =
            engine.map_or_else(Vec::new, |engine| KeyHolder::all(directory, &engine, now));
        let mut closed: Map<Option<Scope>, Closed> = Map::default();
        // Keys of one profile, scope and kind share their cells.
        let mut known: Map<Alike, Vec<Share>> = Map::default();
        let mut touched: Map<Vec<Share>, Vec<usize>> = Map::default();
        for (place, holder) in holders
            .iter()
            .enumerate()
            .filter(|(_, holder)| holder.refused.is_none())
        {
            let profile = holder.profile_on(diff.axes());
            let account = directory.account(holder.user.as_str());
            let scope = account.and_then(|account| account.scope);
            let closed = closed
                .entry(scope)
                .or_insert_with_key(|scope| Closed::to(scope.as_ref(), diff, directory));
            let key = (profile, holder.scope, holder.circumstances, closed.clone());
            let shares = known
                .entry(key)
                .or_insert_with(|| shares(diff, profile, holder, closed));
            if !shares.is_empty() {
                touched.entry(shares.clone()).or_default().push(place);
            }
        }
        let touched = touched
            .into_iter()
            .map(|(shares, holders)| Touched { holders, shares })
            .collect();
        let owners: Set<&UserId> = directory.keys().map(|(_, owner)| owner).collect();
        let keyless = directory.users().filter(|user| !owners.contains(*user));
        let keyless = keyless.cloned().collect();
        Self {
            holders,
            touched,
            keyless,
        }
    }

    /// Every key of the directory with its owner, in its order.
    pub fn holders(&self) -> &[KeyHolder] {
        &self.holders
    }

    /// Those who gain or lose something, or are told otherwise; keys that are
    /// touched alike together.
    pub fn touched(&self) -> &[Touched] {
        &self.touched
    }

    /// The users who have no key, and so no access to gain or lose.
    pub fn keyless(&self) -> &[UserId] {
        &self.keyless
    }

    /// The keys that do not stand and so have no access to gain or lose.
    pub fn refused(&self) -> impl Iterator<Item = &KeyHolder> {
        self.holders
            .iter()
            .filter(|holder| holder.refused.is_some())
    }
}

impl Touched {
    /// Whose keys, by their places among the impact's holders.
    pub fn holders(&self) -> &[usize] {
        &self.holders
    }

    /// What they gain, lose, or are told otherwise.
    pub fn shares(&self, effect: Effect) -> impl Iterator<Item = &Share> {
        self.shares
            .iter()
            .filter(move |share| share.effect == effect)
    }
}

/// What keys have in common that gain and lose the same.
type Alike = (Option<usize>, ScopeLevel, Circumstances, Closed);

/// The rows that no request with a tenant of some scope reaches, before and
/// after.
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
                scope.is_none_or(|scope| !is_reached(row, policy, scope, directory.tenancy()))
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

    /// Whether a row is closed on the side that allows more: there it would
    /// be gained, or lost.
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

fn shares(diff: &Diff, profile: Option<usize>, holder: &KeyHolder, closed: &Closed) -> Vec<Share> {
    let Some(profile) = profile else {
        // A profile that neither side knows is refused by both.
        return Vec::new();
    };
    let own = |turn: &Turn, circumstances: Circumstances| {
        let circumstances = turn.circumstances.intersection(circumstances);
        (!circumstances.is_empty()).then_some(Turn {
            circumstances,
            ..*turn
        })
    };
    let touching = diff.groups().iter().enumerate().filter(|(_, group)| {
        group.scopes().contains(&holder.scope) && group.profiles().binary_search(&profile).is_ok()
    });
    let shares = touching.flat_map(|(place, group)| {
        let effect = group.effect();
        let rows = group.rows().iter().copied();
        let (shut, open): (Vec<usize>, Vec<usize>) =
            rows.partition(|row| closed.is_closed(*row, effect));
        let share = move |(rows, circumstances): (Vec<usize>, Circumstances)| Share {
            group: place,
            effect,
            turns: group
                .turns()
                .iter()
                .filter_map(|turn| own(turn, circumstances))
                .collect(),
            rows,
        };
        let everywhere = holder.circumstances;
        [(open, everywhere), (shut, everywhere.reaching_nobody())].map(share)
    });
    let is_some = |share: &Share| !share.turns.is_empty() && !share.rows.is_empty();
    shares.filter(is_some).collect()
}
