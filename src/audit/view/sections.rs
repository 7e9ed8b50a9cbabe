//! The endpoints, profiles and releases that a difference adds or removes, as
//! sections.
//!
//! A section says who may call what is added, or who could call what is
//! removed. It describes exactly the cells of the groups that it replaces. All
//! other cells stay in groups.

mod endpoints;
mod likeness;
mod moved;
mod profiles;
mod releases;
mod section;
mod sides;

use alloc::vec::Vec;

use crate::audit::change::ChangeClass;
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;

pub use crate::audit::view::sections::likeness::Likeness;
pub use crate::audit::view::sections::section::{Section, Statement};

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
        let is_first = sections.is_empty();
        sections.extend(releases::sections(diff, &mut rest, is_first));
        Self { sections, rest }
    }

    /// The groups of one class that are in no section.
    pub fn groups(&self, class: ChangeClass) -> Vec<&ChangeGroup> {
        let own = self.rest.iter();
        own.filter(|group| group.class() == class).collect()
    }
}
