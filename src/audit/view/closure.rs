//! Full closures: groups that close everything they had open, as one entry.

use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::audit::change::{Effect, OutcomeChange};
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

use crate::audit::view::words;

/// Groups with the same change, which closes everything that was open to them.
#[derive(Debug)]
pub struct FullClosure<'d> {
    /// The groups, at least two.
    pub groups: Vec<&'d ChangeGroup>,
    /// The rows that stay open.
    pub kept: Vec<usize>,
}

/// An entry of a report: one group, or a full closure of several.
#[derive(Debug)]
pub enum DiffEntry<'d> {
    /// One group.
    Group(&'d ChangeGroup),
    /// Several groups that close everything.
    FullClosure(FullClosure<'d>),
}

/// The changes, the deployments and the rows that stay open: equal for all groups
/// of a full closure.
type ClosureKey<'d> = (&'d [OutcomeChange], &'d [usize], Vec<usize>);

/// The entries for some groups of a difference, in their order. Groups that close
/// everything become full closures.
pub fn entries<'d>(diff: &Diff, groups: &[&'d ChangeGroup]) -> Vec<DiffEntry<'d>> {
    let mut equal: Map<ClosureKey<'_>, Vec<usize>> = Map::default();
    for (number, group) in groups.iter().enumerate() {
        if let Some(kept) = kept(diff, group) {
            let key = (group.changes(), group.deployments(), kept);
            equal.entry(key).or_default().push(number);
        }
    }
    equal.retain(|_, numbers| numbers.len() > 1);
    // A full closure comes where its first group was.
    let mut closures: Map<usize, FullClosure<'d>> = Map::default();
    let mut closed: Set<usize> = Set::default();
    for ((_, _, kept), numbers) in equal {
        let of = numbers
            .iter()
            .filter_map(|number| groups.get(*number).copied())
            .collect();
        closed.extend(&numbers);
        closures.extend(
            numbers
                .first()
                .map(|first| (*first, FullClosure { groups: of, kept })),
        );
    }
    let numbered = groups.iter().enumerate();
    let entries = numbered.filter_map(|(number, group)| match closures.swap_remove(&number) {
        Some(closure) => Some(DiffEntry::FullClosure(closure)),
        None if closed.contains(&number) => None,
        None => Some(DiffEntry::Group(group)),
    });
    entries.collect()
}

/// The rows that stay open, if a group closes all others that were open in its
/// circumstances; `None` if it does not.
fn kept(diff: &Diff, group: &ChangeGroup) -> Option<Vec<usize>> {
    if group.effect() != Effect::Narrows
        || group
            .changes()
            .iter()
            .any(|change| change.after.is_allowed())
    {
        return None;
    }
    let all = group
        .changes()
        .iter()
        .fold(Circumstances::NONE, |all, change| {
            all.union(change.circumstances)
        });
    let pairs: Vec<_> = diff.pairs().collect();
    let mut common: Option<Vec<usize>> = None;
    for deployment in group.deployments() {
        let (before, after) = pairs.get(*deployment)?;
        for profile in group.profiles() {
            for scope in group.scopes() {
                let open = |row: &usize| {
                    !before
                        .allowed(*row, *profile, *scope)
                        .intersection(all)
                        .is_empty()
                };
                let stays = |row: &usize| {
                    !after
                        .allowed(*row, *profile, *scope)
                        .intersection(all)
                        .is_empty()
                };
                let rows = (0..diff.axes().rows().len()).filter(open);
                let rows: Vec<usize> = rows
                    .filter(|row| group.rows().binary_search(row).is_err())
                    .collect();
                let same = common.as_ref().is_none_or(|other| *other == rows);
                if !same || !rows.iter().all(stays) {
                    return None;
                }
                common = Some(rows);
            }
        }
    }
    common
}

impl FullClosure<'_> {
    /// The profiles and scopes of the groups, in words.
    pub fn columns(&self, diff: &Diff) -> String {
        let of_group = |group: &&ChangeGroup| -> Vec<(usize, ScopeLevel)> {
            let scopes = group.scopes().iter();
            let with = |scope: &ScopeLevel| {
                group
                    .profiles()
                    .iter()
                    .map(|own| (*own, *scope))
                    .collect::<Vec<_>>()
            };
            scopes.flat_map(with).collect()
        };
        let all: Vec<(usize, ScopeLevel)> = self.groups.iter().flat_map(of_group).collect();
        words::columns(diff.axes(), &all)
    }

    /// The smallest and the largest count of a group, for a function that counts
    /// rows.
    pub fn range(&self, count: impl Fn(&[usize]) -> usize) -> (usize, usize) {
        let counts = || self.groups.iter().map(|group| count(group.rows()));
        (
            counts().min().unwrap_or_default(),
            counts().max().unwrap_or_default(),
        )
    }
}
