//! From a row of a release to the templates of the catalogue that it names.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::document::policy::templates::{Branch, PARAMETER, Slot, Templates};
use crate::path::template::{Segment, Template};

/// The slots that a row stands for, in the order of its alternatives, up to the
/// first one that fits no template.
pub(super) fn slots(templates: &Templates<'_>, row: &Template) -> (Vec<Slot>, Option<Unfit>) {
    let mut walk = Walk {
        templates,
        row,
        way: Vec::new(),
        slots: Vec::new(),
    };
    let unfit = walk.along(row.segments(), templates.root()).err();
    (walk.slots, unfit)
}

struct Walk<'w, 'l> {
    templates: &'w Templates<'l>,
    row: &'w Template,
    /// The alternatives taken so far.
    way: Vec<&'w str>,
    slots: Vec<Slot>,
}

impl<'w> Walk<'w, '_> {
    /// Follows the rest of the row down a branch. As deep as the row is long.
    fn along(&mut self, rest: &'w [Segment], branch: Branch) -> Result<(), Unfit> {
        let templates = self.templates;
        if branch.is_empty() {
            return Err(self.unknown());
        }
        let Some((segment, rest)) = rest.split_first() else {
            let slot = templates.end(branch).ok_or_else(|| self.unknown())?;
            self.spelled_alike(slot)?;
            self.slots.push(slot);
            return Ok(());
        };
        match segment {
            Segment::Parameter(_) => self.along(rest, templates.child(branch, PARAMETER)),
            Segment::Literal(literal) => self.along(rest, templates.literal_child(branch, literal)),
            Segment::Alternation(literals) => literals.iter().try_for_each(|literal| {
                self.way.push(literal);
                self.along(rest, templates.literal_child(branch, literal))?;
                self.way.pop();
                Ok(())
            }),
        }
    }

    /// A row names its parameters as the catalogue does.
    fn spelled_alike(&self, slot: Slot) -> Result<(), Unfit> {
        let catalogue = self
            .templates
            .listed(slot)
            .map_or(&[][..], |path| path.template.segments());
        let differs = catalogue
            .iter()
            .zip(self.row.segments())
            .any(|pair| match pair {
                (Segment::Parameter(listed), Segment::Parameter(named)) => listed != named,
                (Segment::Literal(_) | Segment::Alternation(_) | Segment::Parameter(_), _) => false,
            });
        if !differs {
            return Ok(());
        }
        Err(Unfit::Spelling(self.spelled(), slot))
    }

    fn unknown(&self) -> Unfit {
        Unfit::Unknown(self.spelled())
    }

    /// The row with the alternatives that were taken, and the first ones after
    /// them.
    fn spelled(&self) -> String {
        let mut way = self.way.iter().copied();
        let mut text = String::new();
        for segment in self.row.segments() {
            // INVARIANT: writing to a string never fails.
            let _ = match segment {
                Segment::Literal(_) | Segment::Parameter(_) => write!(text, "/{segment}"),
                Segment::Alternation(literals) => {
                    let first = literals.first().map(AsRef::as_ref);
                    write!(text, "/{}", way.next().or(first).unwrap_or_default())
                }
            };
        }
        text
    }
}

/// Why a row fits no template of the catalogue.
#[derive(Debug)]
pub(super) enum Unfit {
    /// There is none of this name, alternations counted out.
    Unknown(String),
    /// The parameters of that one have other names.
    Spelling(String, Slot),
}
