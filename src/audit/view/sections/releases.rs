//! Releases that only one side has.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::audit::change::Effect;
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;
use crate::audit::matrix::Sheet;
use crate::release::Release;
use crate::util::hash::Map;

use crate::audit::view::sections::section::{Section, Statement, count, take};
use crate::audit::view::ways::Line;

/// The sections of what is added and of what is removed. Only the first sections
/// of a report have every cell of a release.
pub(super) fn sections(diff: &Diff, rest: &mut Vec<ChangeGroup>, is_first: bool) -> Vec<Section> {
    let mut added: Map<(Release, Option<Release>), Vec<usize>> = Map::default();
    let mut removed: Map<Release, Vec<usize>> = Map::default();
    let release = |sheet: &Sheet| sheet.deployment().release();
    for (place, (before, after)) in diff.pairs().enumerate() {
        if after.is_nothing() {
            removed.entry(release(before)).or_default().push(place);
        } else if diff.before().policy().access(release(after)).is_none() {
            let compared = (!before.is_nothing()).then(|| release(before));
            added
                .entry((release(after), compared))
                .or_default()
                .push(place);
        }
    }
    let apart = if is_first {
        ""
    } else {
        "apart from what is above, "
    };
    let mut sections = Vec::new();
    for ((release, compared), places) in added {
        let taken = take(rest, &|own| places.contains(&own), &|_| true, &|_| true);
        let with = compared.map_or_else(|| "nothing".to_string(), |own| own.to_string());
        let (cells, opened) = count(&taken, Effect::Widens);
        let (_, closed) = count(&taken, Effect::Narrows);
        let lines = match compared {
            Some(own) if opened == 0 && closed == 0 => Vec::from([Line::new(
                0,
                format!("{apart}nobody may call more or less than in {own}"),
            )]),
            Some(_) | None => Vec::new(),
        };
        sections.push(Section {
            title: format!(
                "new release: {release}, compared with {with} ({cells} changed cells: {opened} open, {closed} close)"
            ),
            cells,
            lines,
            statement: Statement::Groups,
            groups: taken,
        });
    }
    for (release, places) in removed {
        let taken = take(rest, &|own| places.contains(&own), &|_| true, &|_| true);
        let (cells, closed) = count(&taken, Effect::Narrows);
        sections.push(Section {
            title: format!("removed release: {release} ({closed} of {cells} changed cells close)"),
            cells,
            lines: Vec::new(),
            statement: Statement::Groups,
            groups: taken,
        });
    }
    sections
}
