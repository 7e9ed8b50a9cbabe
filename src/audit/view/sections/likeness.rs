//! What a profile may call, compared with another profile.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::id::ProfileId;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

use crate::audit::view::callers::{Block, Family, families, is_too_much};
use crate::audit::view::sections::sides::Side;
use crate::audit::view::ways::Line;
use crate::audit::view::words::EndpointList;

/// What a profile may call: the same as another profile, except for some rows.
/// It is exact for every deployment, scope and circumstance.
#[derive(Clone, Debug, Default)]
pub struct Likeness {
    /// The index of the profile that may call the same rows, except those
    /// below. `None` if there is none; then the rows below are all.
    pub like: Option<usize>,
    /// Rows that it may never call.
    pub without: Vec<usize>,
    /// Rows that it may call in another way.
    pub more: Vec<usize>,
    /// A profile that may call these rows in the same way.
    pub more_like: Option<usize>,
    /// Who may call these rows, if no profile may call them in the same way.
    pub families: Vec<Family>,
}

impl Likeness {
    /// What a profile of a side may call. `None` if there are too many cells.
    pub(super) fn of(side: &Side<'_>, profile: usize) -> Option<Self> {
        let mut kinds: Map<Vec<Option<u32>>, Vec<usize>> = Map::default();
        for row in 0..side.diff.axes().rows().len() {
            kinds.entry(side.kind(row)).or_default().push(row);
        }
        let kinds: Vec<Vec<usize>> = kinds.into_values().collect();
        let others = 0..side.diff.axes().profiles().len();
        let others = others.filter(|own| side.has_profile(*own) && !side.is_own_profile(*own));
        let others: Vec<usize> = others.collect();
        if is_too_much(kinds.len(), side.deployments.len(), others.len() + 1) {
            return None;
        }
        let differing = |other: usize| -> Vec<usize> {
            let differ = kinds.iter().filter(|rows| {
                rows.first()
                    .is_some_and(|row| !is_same(side, *row, profile, other))
            });
            differ.flatten().copied().collect()
        };
        let compared = others.iter().map(|other| (*other, differing(*other)));
        let nearest = compared.min_by_key(|(_, rows)| rows.len());
        let (like, mut rows) = match nearest {
            Some((other, rows)) => (Some(other), rows),
            None => (None, (0..side.diff.axes().rows().len()).collect()),
        };
        rows.sort_unstable();
        let (more, without): (Vec<usize>, Vec<usize>) = rows
            .into_iter()
            .partition(|row| !reaches(side, *row, profile).is_empty());
        let is_like = |other: &&usize| more.iter().all(|row| is_same(side, *row, profile, **other));
        let more_like = others.iter().find(is_like).copied();
        let more_like = more_like.filter(|_| !more.is_empty());
        let families = if more.is_empty() || more_like.is_some() {
            Vec::new()
        } else {
            let block = Block {
                deployments: &side.deployments,
                rows: &more,
                profiles: &[profile],
            };
            let allowed =
                |deployment, row, profile, scope| side.allowed(deployment, row, profile, scope);
            families(block, |row| side.kind(row), allowed)?
        };
        let without = if like.is_some() { without } else { Vec::new() };
        Some(Self {
            like,
            without,
            more,
            more_like,
            families,
        })
    }

    /// What it may call, in words.
    pub(super) fn lines(&self, side: &Side<'_>) -> Vec<Line> {
        let axes = side.diff.axes();
        let name = |place: usize| axes.profiles().get(place).map_or("", ProfileId::as_str);
        let (verb, does) = if side.is_after {
            ("reaches", "does")
        } else {
            ("reached", "did")
        };
        let list = |rows: &[usize]| -> Vec<Line> {
            let lines = EndpointList::of(axes, rows).lines().into_iter();
            lines.map(|line| Line::new(1, line)).collect()
        };
        let mut lines = Vec::new();
        let mut before = verb.to_owned();
        if let Some(like) = self.like {
            before = format!("{verb} what {} {verb}", name(like));
            if !self.without.is_empty() {
                lines.push(Line::new(0, format!("{before}, except:")));
                lines.extend(list(&self.without));
                verb.clone_into(&mut before);
            } else if !self.more.is_empty() {
                before = format!("{before} and");
            }
        }
        match self.more_like {
            _ if self.more.is_empty() => match (self.like, self.without.is_empty()) {
                (None, _) => lines.push(Line::new(0, format!("{verb} nothing"))),
                (Some(_), true) => lines.push(Line::new(0, before)),
                (Some(_), false) => {}
            },
            Some(other) => {
                let other = name(other);
                lines.push(Line::new(0, format!("{before}, as {other} {does}:")));
                lines.extend(list(&self.more));
            }
            None => {
                for family in &self.families {
                    lines.push(Line::new(0, format!("{before}:")));
                    lines.extend(list(&family.rows()));
                    lines.extend(side.words().ways(family, &side.deployments));
                    verb.clone_into(&mut before);
                }
            }
        }
        lines
    }
}

/// Whether two profiles may call a row in the same way.
fn is_same(side: &Side<'_>, row: usize, one: usize, other: usize) -> bool {
    side.deployments.iter().all(|deployment| {
        let allowed = |profile, scope| side.allowed(*deployment, row, profile, scope);
        ScopeLevel::ALL
            .into_iter()
            .all(|scope| allowed(one, scope) == allowed(other, scope))
    })
}

/// In which circumstances a profile may call a row, in any deployment and at any
/// scope.
fn reaches(side: &Side<'_>, row: usize, profile: usize) -> Circumstances {
    let deployments = side.deployments.iter();
    let each = deployments.flat_map(|deployment| {
        ScopeLevel::ALL.map(|scope| side.allowed(*deployment, row, profile, scope))
    });
    each.fold(Circumstances::NONE, Circumstances::union)
}
