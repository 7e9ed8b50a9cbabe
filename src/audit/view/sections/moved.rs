//! Endpoints that are below another base path, with the same callers.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::Outcome;
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;
use crate::method::Method;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

use crate::audit::change::Effect;
use crate::audit::view::sections::section::{Section, Statement, count, take};
use crate::audit::view::sections::sides::Side;
use crate::audit::view::ways::Line;

/// The section, if the base paths differ.
pub(super) fn section(diff: &Diff, rest: &mut Vec<ChangeGroup>) -> Option<Section> {
    let (old, new) = (Side::of(diff, false), Side::of(diff, true));
    let [before, after] = [&old, &new].map(|side| side.policy().base_path().to_string());
    if before == after {
        return None;
    }
    let key = |row: &Row, base: &str| -> Option<(Method, String)> {
        let template = row.template().to_string();
        Some((row.method(), template.strip_prefix(base)?.into()))
    };
    let rows = || diff.axes().rows().iter().enumerate();
    let mut gone: Map<(Method, String), usize> = Map::default();
    for (place, row) in rows().filter(|(place, _)| old.is_own_row(*place)) {
        gone.extend(key(row, &before).map(|key| (key, place)));
    }
    let mut moved: Vec<(usize, usize)> = Vec::new();
    for (place, row) in rows().filter(|(place, _)| new.is_own_row(*place)) {
        let other = key(row, &after).and_then(|key| gone.get(&key).copied());
        moved.extend(
            other
                .filter(|other| is_same(diff, *other, place))
                .map(|other| (other, place)),
        );
    }
    if moved.is_empty() {
        return None;
    }
    let mut all: Vec<usize> = moved.iter().flat_map(|(old, new)| [*old, *new]).collect();
    all.sort_unstable();
    let taken = take(
        rest,
        &|_| true,
        &|row| all.binary_search(&row).is_ok(),
        &|_| true,
    );
    let (cells, opened) = count(&taken, Effect::Widens);
    let (_, closed) = count(&taken, Effect::Narrows);
    let is_all = [&old, &new]
        .iter()
        .all(|side| own_rows(side) == moved.len());
    let which = if is_all {
        "every endpoint keeps its"
    } else {
        "these endpoints keep their"
    };
    let line = format!(
        "{which} callers: who could call one below `{before}` can call it below `{after}`, and nobody else can"
    );
    Some(Section {
        title: format!(
            "moved: {} endpoints from `{before}` to `{after}` ({cells} changed cells: {closed} close, {opened} open)",
            moved.len()
        ),
        cells,
        lines: Vec::from([Line::new(0, line)]),
        statement: Statement::Moved(moved),
        groups: Vec::new(),
    })
}

/// How many endpoint-methods a side has.
fn own_rows(side: &Side<'_>) -> usize {
    let all = side.diff.axes().rows().len();
    (0..all).filter(|row| side.is_own_row(*row)).count()
}

/// Whether the first side allows the same at one row as the second side at
/// another.
fn is_same(diff: &Diff, old: usize, new: usize) -> bool {
    diff.pairs().all(|(before, after)| {
        (0..diff.axes().profiles().len()).all(|profile| {
            ScopeLevel::ALL.into_iter().all(|scope| {
                let allows = |outcome: Outcome| outcome.is_allowed().then_some(outcome);
                let left = before.answers(old, profile, scope);
                let right = after.answers(new, profile, scope);
                left.zip(right).is_some_and(|(left, right)| {
                    let left = left.iter().map(|(cell, outcome)| (cell, allows(outcome)));
                    left.eq(right.iter().map(|(cell, outcome)| (cell, allows(outcome))))
                })
            })
        })
    })
}
