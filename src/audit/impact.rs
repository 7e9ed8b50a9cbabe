//! A difference over a real directory: whose access it touches.

use alloc::vec::Vec;

use super::cell::Circumstances;
use super::change::{Effect, Turn};
use super::diff::Diff;
use super::holder::KeyHolder;
use crate::directory::Directory;
use crate::engine::Engine;
use crate::hash::{Map, Set};
use crate::id::UserId;
use crate::scope::ScopeLevel;
use crate::time::UnixSeconds;

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
        // Keys of one profile, scope and kind share their cells.
        let mut known: Map<(Option<usize>, ScopeLevel, Circumstances), Vec<Share>> = Map::default();
        let mut touched: Map<Vec<Share>, Vec<usize>> = Map::default();
        for (place, holder) in holders
            .iter()
            .enumerate()
            .filter(|(_, holder)| holder.refused.is_none())
        {
            let profile = holder.profile_on(diff.axes());
            let key = (profile, holder.scope, holder.circumstances);
            let shares = known
                .entry(key)
                .or_insert_with(|| shares(diff, profile, holder));
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

fn shares(diff: &Diff, profile: Option<usize>, holder: &KeyHolder) -> Vec<Share> {
    let Some(profile) = profile else {
        // A profile that neither side knows is refused by both.
        return Vec::new();
    };
    let own = |turn: &Turn| {
        let circumstances = turn.circumstances.intersection(holder.circumstances);
        (!circumstances.is_empty()).then_some(Turn {
            circumstances,
            ..*turn
        })
    };
    let touching = diff.groups().iter().enumerate().filter(|(_, group)| {
        group.scopes().contains(&holder.scope) && group.profiles().binary_search(&profile).is_ok()
    });
    let share = touching.map(|(place, group)| {
        let turns: Vec<Turn> = group.turns().iter().filter_map(own).collect();
        Share {
            group: place,
            effect: group.effect(),
            turns,
        }
    });
    share.filter(|share| !share.turns.is_empty()).collect()
}
