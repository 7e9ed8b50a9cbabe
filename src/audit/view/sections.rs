//! What a difference adds and removes, each as a section of its own: endpoints,
//! profiles and releases of one side only.
//!
//! A section says who may call what is added, or who could call what is removed.
//! It is exact: it describes the same cells as the groups whose place it takes,
//! and what it does not describe remains in groups.

mod endpoints;
mod likeness;
mod moved;
mod profiles;
mod releases;
mod sides;

use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::change::{ChangeClass, Effect};
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;

use crate::audit::view::callers::Family;
use crate::audit::view::ways::Line;

pub use likeness::Likeness;

/// What was added or removed, in words.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is about, with the number of its cells.
    pub title: String,
    /// How many changed cells it describes.
    pub cells: u64,
    /// What it says.
    pub lines: Vec<Line>,
    /// Who may call, on the side that has it.
    pub statement: Statement,
    /// Changes that it lists after its lines, in groups.
    pub groups: Vec<ChangeGroup>,
}

/// What the lines of a section say, for programs and tests.
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
    /// The groups say all.
    Groups,
}

/// The sections of a difference, and all other changes in groups. No cell is in
/// two of them, and none is left out.
#[derive(Clone, Debug)]
pub struct Sections {
    /// The sections, in the order of a report.
    pub sections: Vec<Section>,
    /// The groups of all other changes.
    pub rest: Vec<ChangeGroup>,
}

impl Sections {
    /// Takes a difference apart.
    pub fn of(diff: &Diff) -> Self {
        let mut rest = diff.groups().to_vec();
        let mut sections = Vec::new();
        sections.extend(moved::section(diff, &mut rest));
        sections.extend(endpoints::sections(diff, &mut rest));
        sections.extend(profiles::sections(diff, &mut rest));
        sections.extend(releases::sections(diff, &mut rest));
        Self { sections, rest }
    }

    /// The groups of one class that are in no section.
    pub fn groups(&self, class: ChangeClass) -> Vec<&ChangeGroup> {
        let own = self.rest.iter();
        own.filter(|group| group.class() == class).collect()
    }
}

/// Takes cells out of groups: those whose deployment, row and profile are taken.
/// All three must be taken.
fn take(
    groups: &mut Vec<ChangeGroup>,
    deployments: &dyn Fn(usize) -> bool,
    rows: &dyn Fn(usize) -> bool,
    profiles: &dyn Fn(usize) -> bool,
) -> Vec<ChangeGroup> {
    let mut taken = Vec::new();
    let mut rest = Vec::new();
    for group in groups.drain(..) {
        taken.extend(group.only(deployments, rows, profiles));
        // What is left is at most three products.
        rest.extend(group.only(|own| !deployments(own), |_| true, |_| true));
        rest.extend(group.only(deployments, |own| !rows(own), |_| true));
        rest.extend(group.only(deployments, rows, |own| !profiles(own)));
    }
    *groups = rest;
    taken
}

/// How many cells some groups have, and how many of them have an effect.
fn count(groups: &[ChangeGroup], effect: Effect) -> (u64, u64) {
    let of = |groups: &mut dyn Iterator<Item = &ChangeGroup>| groups.map(ChangeGroup::cells).sum();
    (
        of(&mut groups.iter()),
        of(&mut groups.iter().filter(|group| group.effect() == effect)),
    )
}
