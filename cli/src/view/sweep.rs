//! Where everything closes that was open, that is all there is to say.

use std::collections::{HashMap, HashSet};

use portcullis::ScopeLevel;
use portcullis::audit::{ChangeGroup, Circumstances, Diff, Effect, OutcomeChange};

use crate::view::words;

/// Groups in which the same change closes everything that was open to it.
#[derive(Debug)]
pub(crate) struct Sweep<'d> {
    /// At least two.
    pub(crate) groups: Vec<&'d ChangeGroup>,
    /// The rows that stay open.
    pub(crate) kept: Vec<usize>,
}

/// A group to be told by itself, or a sweep.
#[derive(Debug)]
pub(crate) enum Told<'d> {
    Group(&'d ChangeGroup),
    Sweep(Sweep<'d>),
}

/// What sweeps have in common: their turns, their deployments, what stays open.
type Likeness<'d> = (&'d [OutcomeChange], &'d [usize], Vec<usize>);

/// Puts the groups together that sweep alike.
pub(crate) fn told<'d>(diff: &Diff, groups: &[&'d ChangeGroup]) -> Vec<Told<'d>> {
    let mut alike: HashMap<Likeness<'_>, Vec<usize>> = HashMap::new();
    for (number, group) in groups.iter().enumerate() {
        if let Some(kept) = kept(diff, group) {
            let key = (group.changes(), group.deployments(), kept);
            alike.entry(key).or_default().push(number);
        }
    }
    alike.retain(|_, numbers| numbers.len() > 1);
    // A sweep is told where its first group would be.
    let mut sweeps: HashMap<usize, Sweep<'d>> = HashMap::new();
    let mut swept: HashSet<usize> = HashSet::new();
    for ((_, _, kept), numbers) in alike {
        let of = numbers
            .iter()
            .filter_map(|number| groups.get(*number).copied())
            .collect();
        swept.extend(&numbers);
        sweeps.extend(
            numbers
                .first()
                .map(|first| (*first, Sweep { groups: of, kept })),
        );
    }
    let numbered = groups.iter().enumerate();
    let told = numbered.filter_map(|(number, group)| match sweeps.remove(&number) {
        Some(sweep) => Some(Told::Sweep(sweep)),
        None if swept.contains(&number) => None,
        None => Some(Told::Group(group)),
    });
    told.collect()
}

/// The rows that stay open where a group closes all others that were open in
/// its circumstances; `None` where it does not.
fn kept(diff: &Diff, group: &ChangeGroup) -> Option<Vec<usize>> {
    if group.effect() != Effect::Narrows
        || group.changes().iter().any(|turn| turn.after.is_allowed())
    {
        return None;
    }
    let all = group
        .changes()
        .iter()
        .fold(Circumstances::NONE, |all, turn| {
            all.union(turn.circumstances)
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

impl Sweep<'_> {
    /// Whom it concerns: profiles and scopes in words.
    pub(crate) fn columns(&self, diff: &Diff) -> String {
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

    /// How many endpoints close: the fewest and the most.
    pub(crate) fn range(&self, count: impl Fn(&[usize]) -> usize) -> (usize, usize) {
        let counts = || self.groups.iter().map(|group| count(group.rows()));
        (
            counts().min().unwrap_or_default(),
            counts().max().unwrap_or_default(),
        )
    }
}
