//! A difference in words: who, where, and what happens.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::audit::axes::Axes;
use crate::audit::cell::{Circumstances, Outcome};
use crate::audit::change::{ChangeClass, Effect};
use crate::audit::diff::{Diff, Note};
use crate::audit::group::ChangeGroup;
use crate::audit::matrix::Sheet;
use crate::reason::Reason;

use crate::audit::view::authority;
use crate::audit::view::closure::FullClosure;
use crate::audit::view::matrix::deployment;
use crate::audit::view::people::People;
use crate::audit::view::words::{EndpointList, circumstances, profiles, scopes};

/// A difference, with everything that its reports show.
#[derive(Clone, Copy, Debug)]
pub struct DiffView<'r> {
    /// The names of the two sides.
    pub names: &'r [String; 2],
    /// The difference.
    pub diff: &'r Diff,
    /// Its notes.
    pub notes: &'r [Note],
    /// Its impact on a directory, if that is part of the report.
    pub people: Option<&'r People>,
}

/// The compared deployments.
pub fn pairs(diff: &Diff) -> Vec<String> {
    let pair = |(before, after): (&Sheet, &Sheet)| {
        let side = |sheet: &Sheet| {
            if sheet.is_nothing() {
                "nothing".to_owned()
            } else {
                deployment(sheet)
            }
        };
        let (before, after) = (side(before), side(after));
        if before == after {
            before
        } else {
            format!("{before} -> {after}")
        }
    };
    diff.pairs().map(pair).collect()
}

/// How many cells there are, and how many change.
pub fn totals(diff: &Diff) -> String {
    let all = diff.all_cells();
    let changed: u64 = diff.groups().iter().map(ChangeGroup::cells).sum();
    match changed {
        0 => format!("no cell changes: all {all} are decided the same"),
        _ => format!("{changed} of {all} cells change"),
    }
}

/// What changes in who may administer whom: the effect, with a line for each
/// change.
pub fn authority(diff: &Diff) -> Vec<(&'static str, Vec<String>)> {
    let of = |effect: Effect| {
        let changes = diff.authority().iter();
        let own = changes.filter(|change| change.effect() == effect);
        own.flat_map(|change| authority::lines(diff.axes(), change))
            .collect::<Vec<String>>()
    };
    let all = [
        ("widened", of(Effect::Widens)),
        ("narrowed", of(Effect::Narrows)),
    ];
    all.into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .collect()
}

/// What a full closure keeps open, and how many endpoints its groups close, as
/// the smallest and the largest number. A report adds `where_listed` to the
/// numbers, for example the flag that lists the endpoints.
pub fn closure(diff: &Diff, full: &FullClosure<'_>, where_listed: &str) -> String {
    let kept = EndpointList::of(diff.axes(), &full.kept);
    let kept = if full.kept.is_empty() {
        String::new()
    } else {
        format!(", except {}", kept.lines().join("; "))
    };
    let (fewest, most) = full.range(|rows| EndpointList::of(diff.axes(), rows).count);
    let happens = if full
        .groups
        .iter()
        .all(|group| changes_ways_only(diff, group))
    {
        "loses a way"
    } else {
        "closes"
    };
    format!("everything that was open {happens}{kept} ({fewest} to {most} endpoints{where_listed})")
}

/// Who, where, and what happens to how many endpoints.
pub fn head(diff: &Diff, group: &ChangeGroup, endpoints: &EndpointList) -> String {
    let before = of_deployments(diff, group);
    let (profiles, scopes) = (
        profiles(diff.axes(), group.profiles()),
        scopes(group.scopes()),
    );
    format!(
        "{before}{profiles}, {scopes}: {} {}",
        endpoints.counted(),
        happens(diff, group, endpoints.count == 1)
    )
}

/// Whether everybody in a group may call its endpoints in some way on both sides, so
/// that only a way is gained or lost.
pub fn changes_ways_only(diff: &Diff, group: &ChangeGroup) -> bool {
    let pairs: Vec<(&Sheet, &Sheet)> = diff.pairs().collect();
    let own = group.deployments().iter();
    let own: Vec<&(&Sheet, &Sheet)> = own.filter_map(|place| pairs.get(*place)).collect();
    group.profiles().iter().all(|profile| {
        group.scopes().iter().all(|scope| {
            group.rows().iter().all(|row| {
                own.iter().all(|(before, after)| {
                    [before, after]
                        .into_iter()
                        .all(|sheet| !sheet.allowed(*row, *profile, *scope).is_empty())
                })
            })
        })
    })
}

/// The deployments of a group, if they are not all of them.
pub fn of_deployments(diff: &Diff, group: &ChangeGroup) -> String {
    let all = pairs(diff);
    if group.deployments().len() == all.len() {
        return String::new();
    }
    let of = |place: &usize| all.get(*place).map_or("", String::as_str);
    format!(
        "{}: ",
        group
            .deployments()
            .iter()
            .map(of)
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn happens(diff: &Diff, group: &ChangeGroup, one: bool) -> &'static str {
    let was_allowed = group
        .changes()
        .first()
        .is_some_and(|change| change.before.is_allowed());
    let is_allowed = group
        .changes()
        .first()
        .is_some_and(|change| change.after.is_allowed());
    let reaches = was_allowed && is_allowed;
    if !reaches && group.effect() != Effect::Neither && changes_ways_only(diff, group) {
        return match (group.effect(), one) {
            (Effect::Widens, true) => "gains a way",
            (Effect::Widens, false) => "gain a way",
            (Effect::Narrows | Effect::Neither, true) => "loses a way",
            (Effect::Narrows | Effect::Neither, false) => "lose a way",
        };
    }
    match (group.effect(), reaches, one) {
        (Effect::Widens, false, true) => "opens",
        (Effect::Widens, false, false) => "open",
        (Effect::Widens, true, true) => "reaches further",
        (Effect::Widens, true, false) => "reach further",
        (Effect::Narrows, false, true) => "closes",
        (Effect::Narrows, false, false) => "close",
        (Effect::Narrows, true, true) => "reaches less far",
        (Effect::Narrows, true, false) => "reach less far",
        (Effect::Neither, true, true) => "reaches as far, reported differently",
        (Effect::Neither, true, false) => "reach as far, reported differently",
        (Effect::Neither, false, true) => "stays closed, for another reason",
        (Effect::Neither, false, false) => "stay closed, for another reason",
    }
}

/// The decisions before and after, and in which circumstances.
pub fn outcome_change(group: &ChangeGroup) -> String {
    let all = group
        .changes()
        .iter()
        .fold(Circumstances::NONE, |all, change| {
            all.union(change.circumstances)
        });
    format!("{}: {}", decisions(group), circumstances(all))
}

pub(crate) fn decisions(group: &ChangeGroup) -> String {
    let Some(first) = group.changes().first() else {
        return String::new();
    };
    let word = |outcome: Outcome, other: Outcome| {
        // The confinement of an allow is printed only if it changes.
        if outcome.is_allowed() && other.is_allowed() {
            outcome.to_string()
        } else {
            outcome.code().to_owned()
        }
    };
    let (before, after) = (
        word(first.before, first.after),
        word(first.after, first.before),
    );
    match group.class() {
        ChangeClass::ReleaseAdded => after,
        ChangeClass::ReleaseRemoved => format!("{before} -> nothing"),
        ChangeClass::Widened
        | ChangeClass::EndpointAdded
        | ChangeClass::Narrowed
        | ChangeClass::EndpointRemoved
        | ChangeClass::ReasonOnly => format!("{before} -> {after}"),
    }
}

/// Changes of reasons, by decision before and after: how many cells, and of how
/// many endpoints.
pub fn reason_changes(axes: &Axes, groups: &[&ChangeGroup]) -> Vec<(String, u64, String)> {
    type Key = (Option<Reason>, Option<Reason>);
    let mut sums: Vec<(Key, String, u64, Vec<usize>)> = Vec::new();
    for group in groups {
        let first = group.changes().first();
        let key = (
            first.and_then(|change| change.before.reason()),
            first.and_then(|change| change.after.reason()),
        );
        match sums.iter_mut().find(|(other, ..)| *other == key) {
            Some((_, _, cells, rows)) => {
                *cells += group.cells();
                rows.extend(group.rows());
            }
            None => sums.push((key, decisions(group), group.cells(), group.rows().to_vec())),
        }
    }
    let line = |(_, decisions, cells, mut rows): (Key, String, u64, Vec<usize>)| {
        rows.sort_unstable();
        rows.dedup();
        (decisions, cells, EndpointList::of(axes, &rows).counted())
    };
    sums.into_iter().map(line).collect()
}
