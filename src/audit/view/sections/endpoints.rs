//! Endpoints that only one side has.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::change::Effect;
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;
use crate::util::hash::{Map, Set};

use crate::audit::view::callers::{Block, Family, families, is_too_much};
use crate::audit::view::sections::section::{Section, Statement, count, take};
use crate::audit::view::sections::sides::Side;
use crate::audit::view::ways::Line;
use crate::audit::view::words::EndpointList;

/// The sections of what is added and of what is removed.
pub(super) fn sections(diff: &Diff, rest: &mut Vec<ChangeGroup>) -> Vec<Section> {
    [true, false]
        .into_iter()
        .filter_map(|is_after| section(diff, is_after, rest))
        .collect()
}

fn section(diff: &Diff, is_after: bool, rest: &mut Vec<ChangeGroup>) -> Option<Section> {
    let side = Side::of(diff, is_after);
    let changed: Set<usize> = rest.iter().flat_map(ChangeGroup::rows).copied().collect();
    let rows = (0..diff.axes().rows().len()).filter(|row| side.is_own_row(*row));
    let mut kinds: Map<Vec<Option<u32>>, Vec<usize>> = Map::default();
    for row in rows.filter(|row| changed.contains(row)) {
        kinds.entry(side.kind(row)).or_default().push(row);
    }
    let profiles: Vec<usize> = (0..diff.axes().profiles().len()).collect();
    if is_too_much(kinds.len(), side.deployments.len(), profiles.len()) {
        return None;
    }
    // Rows with the same remark. Those without one cannot be described.
    let mut remarks: Map<String, Vec<usize>> = Map::default();
    for rows in kinds.into_values() {
        let remark = rows.first().and_then(|row| side.remark(*row));
        if let Some(remark) = remark {
            remarks.entry(remark).or_default().extend(rows);
        }
    }
    let (mut lines, mut all): (Vec<Line>, Vec<Family>) = (Vec::new(), Vec::new());
    let mut described: Vec<usize> = Vec::new();
    for (remark, rows) in remarks {
        let block = Block {
            deployments: &side.deployments,
            rows: &rows,
            profiles: &profiles,
        };
        let allowed =
            |deployment, row, profile, scope| side.allowed(deployment, row, profile, scope);
        let Some(families) = families(block, |row| side.kind(row), allowed) else {
            continue;
        };
        for family in &families {
            lines.extend(side.words().family(family, &side.deployments, &remark));
        }
        all.extend(families);
        described.extend(rows);
    }
    described.sort_unstable();
    if described.is_empty() {
        return None;
    }
    let is_described = |row: usize| described.binary_search(&row).is_ok();
    let taken = take(rest, &|_| true, &is_described, &|_| true);
    let (effect, word, happens) = if is_after {
        (Effect::Widens, "new", "open")
    } else {
        (Effect::Narrows, "removed", "close")
    };
    let (cells, own) = count(&taken, effect);
    let counted = EndpointList::of(diff.axes(), &described).counted();
    Some(Section {
        title: format!("{word}: {counted} ({own} of {cells} changed cells {happens})"),
        cells,
        lines,
        statement: Statement::Callers {
            is_after,
            families: all,
        },
        groups: Vec::new(),
    })
}
