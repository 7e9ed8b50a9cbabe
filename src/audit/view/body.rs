//! Groups of changes as a report lists them: one by one, or summed up by who may
//! call what if that takes fewer lines.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::audit::change::Effect;
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

use crate::audit::view::callers::{Block, Family, families, is_too_much};
use crate::audit::view::closure::{DiffEntry, entries};
use crate::audit::view::difference::{
    changes_ways_only, closure, decisions, head, outcome_change, pairs,
};
use crate::audit::view::ways::{Label, Line, Words};
use crate::audit::view::words::EndpointList;

/// The most lines of groups that are listed without trying the summary.
const MOST_LINES: usize = 24;
/// About how many characters of a line fit.
const WIDTH: usize = 94;

/// What a report lists for some groups.
#[derive(Debug)]
pub enum Body<'d> {
    /// Each group, or full closure.
    Entries(Vec<DiffEntry<'d>>),
    /// The cells that open or close, by who may call them. No cell is left out.
    Summary(Vec<SummaryPart>),
}

/// Cells that open or close in one way.
#[derive(Debug)]
pub struct SummaryPart {
    /// The decisions before and after.
    pub decisions: String,
    /// The cells that open or close.
    pub families: Vec<Family>,
    /// The families in words.
    pub lines: Vec<Line>,
}

impl<'d> Body<'d> {
    /// What to list of some groups of a difference.
    pub fn of(diff: &Diff, groups: &[&'d ChangeGroup]) -> Self {
        let entries = entries(diff, groups);
        let listed: usize = entries.iter().map(|entry| lines_of(diff, entry)).sum();
        let parts = if listed > MOST_LINES {
            summary(diff, groups)
        } else {
            None
        };
        if let Some(parts) = parts {
            let lines = parts.iter().map(|part| {
                let own: usize = part.lines.iter().map(|line| wrapped(&line.text)).sum();
                own + 2
            });
            if lines.sum::<usize>() < listed {
                return Self::Summary(parts);
            }
        }
        Self::Entries(entries)
    }
}

/// About how many lines a text takes.
fn wrapped(text: &str) -> usize {
    text.chars().count().div_ceil(WIDTH)
}

/// About how many lines an entry takes, with the empty line before it.
fn lines_of(diff: &Diff, entry: &DiffEntry<'_>) -> usize {
    match entry {
        DiffEntry::Group(group) => {
            let endpoints = EndpointList::of(diff.axes(), group.rows());
            let lines = endpoints.lines();
            let listed: usize = lines.iter().map(|line| wrapped(line)).sum();
            let head = wrapped(&head(diff, group, &endpoints));
            1 + head + wrapped(&outcome_change(group)) + listed
        }
        DiffEntry::FullClosure(full) => 2 + wrapped(&closure(diff, full, "")),
    }
}

/// The cells of some groups by who may call what; `None` if some group neither
/// opens nor closes, or if there are too many cells.
fn summary(diff: &Diff, groups: &[&ChangeGroup]) -> Option<Vec<SummaryPart>> {
    let mut kinds: Map<(Effect, String), Vec<&ChangeGroup>> = Map::default();
    for group in groups {
        let is_one_way = group
            .changes()
            .iter()
            .all(|change| change.before.is_allowed() != change.after.is_allowed());
        if !is_one_way {
            return None;
        }
        let key = (group.effect(), decisions(group));
        kinds.entry(key).or_default().push(group);
    }
    let mut parts = Vec::new();
    for ((effect, decisions), groups) in kinds {
        parts.push(part(diff, effect, &decisions, &groups)?);
    }
    Some(parts)
}

fn part(
    diff: &Diff,
    effect: Effect,
    decisions: &str,
    groups: &[&ChangeGroup],
) -> Option<SummaryPart> {
    let is_after = effect == Effect::Widens;
    let all = |of: fn(&ChangeGroup) -> &[usize]| {
        let places = groups.iter().flat_map(|group| of(group));
        let mut places: Vec<usize> = places.copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    };
    let deployments = all(ChangeGroup::deployments);
    let rows = all(ChangeGroup::rows);
    let profiles = all(ChangeGroup::profiles);
    let looked_at = groups.len().saturating_mul(rows.len());
    if is_too_much(looked_at, deployments.len(), profiles.len()) {
        return None;
    }
    let block = Block {
        deployments: &deployments,
        rows: &rows,
        profiles: &profiles,
    };
    let cells = |deployment: usize, row: usize, profile: usize, scope: ScopeLevel| {
        let own = groups
            .iter()
            .map(|group| group.at(deployment, row, profile, scope));
        own.fold(Circumstances::NONE, Circumstances::union)
    };
    // Rows in the same groups have the same cells, except rows whose path names
    // the tenant.
    let kind = |row: usize| -> Vec<Option<bool>> {
        let of_group = |group: &&ChangeGroup| {
            let is_in = group.rows.binary_search(&row).is_ok();
            is_in.then(|| group.in_path.binary_search(&row).is_ok())
        };
        groups.iter().map(of_group).collect()
    };
    let families = families(block, kind, cells)?;
    let names = pairs(diff);
    let labels = diff.pairs().zip(names);
    let labels: Vec<Label> = labels
        .map(|((before, after), name)| Label::of_pair(before, after, name))
        .collect();
    let side = if is_after {
        diff.after()
    } else {
        diff.before()
    };
    let words = Words {
        axes: diff.axes(),
        policy: side.policy(),
        labels: &labels,
    };
    let mut lines = Vec::new();
    for family in &families {
        let own = words.by_callers(family, "");
        lines.extend(own);
        lines.extend(words.ways(family, &deployments));
    }
    let is_of_ways = groups.iter().all(|group| changes_ways_only(diff, group));
    let verb = match (is_after, is_of_ways) {
        (true, false) => "open",
        (true, true) => "gain a way",
        (false, false) => "close",
        (false, true) => "lose a way",
    };
    let counted = EndpointList::of(diff.axes(), &rows).counted();
    Some(SummaryPart {
        decisions: format!("{decisions}: {counted} {verb}, for those who are named"),
        families,
        lines,
    })
}
