//! One section: its lines, and the cells that it describes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::change::Effect;
use crate::audit::group::ChangeGroup;

use crate::audit::view::callers::Family;
use crate::audit::view::sections::likeness::Likeness;
use crate::audit::view::ways::Line;

/// What was added or removed, in words.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is about, with the number of its cells.
    pub title: String,
    /// How many changed cells it describes.
    pub cells: u64,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Who may call, on the side that has it.
    pub statement: Statement,
    /// Changes that it lists after its lines, in groups.
    pub groups: Vec<ChangeGroup>,
}

/// The contents of the lines of a section, for programs and tests.
#[derive(Clone, Debug)]
pub enum Statement {
    /// Who may call each row of the families, on one side.
    Callers {
        /// Whether the second side is meant.
        is_after: bool,
        /// The families.
        families: Vec<Family>,
    },
    /// What a profile of one side may call.
    Profile {
        /// Whether the second side is meant.
        is_after: bool,
        /// The place of the profile on the axes.
        profile: usize,
        /// What it may call.
        reach: Likeness,
    },
    /// The rows of the first side, each with that of the second which has the same
    /// callers below another base path.
    Moved(Vec<(usize, usize)>),
    /// Only groups.
    Groups,
}

/// Removes cells from groups: those whose deployment, row and profile are all
/// taken.
pub(super) fn take(
    groups: &mut Vec<ChangeGroup>,
    deployments: &dyn Fn(usize) -> bool,
    rows: &dyn Fn(usize) -> bool,
    profiles: &dyn Fn(usize) -> bool,
) -> Vec<ChangeGroup> {
    let mut taken = Vec::new();
    let mut rest = Vec::new();
    for group in groups.drain(..) {
        taken.extend(group.only(deployments, rows, profiles));
        // The rest is at most three products.
        rest.extend(group.only(|own| !deployments(own), |_| true, |_| true));
        rest.extend(group.only(deployments, |own| !rows(own), |_| true));
        rest.extend(group.only(deployments, rows, |own| !profiles(own)));
    }
    *groups = rest;
    taken
}

/// How many cells some groups have, and how many of them have an effect.
pub(super) fn count(groups: &[ChangeGroup], effect: Effect) -> (u64, u64) {
    let of = |groups: &mut dyn Iterator<Item = &ChangeGroup>| groups.map(ChangeGroup::cells).sum();
    (
        of(&mut groups.iter()),
        of(&mut groups.iter().filter(|group| group.effect() == effect)),
    )
}
