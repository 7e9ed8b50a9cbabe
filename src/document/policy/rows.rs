//! Finds the templates of the catalogue that a row of a release names.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::path::template::{Segment, Template};

use crate::document::policy::templates::{Slot, Templates};

/// The templates that a row expands to, in the order of its alternatives, up to
/// the first that is not in the catalogue.
pub(super) fn slots(templates: &Templates<'_>, row: &Template) -> (Vec<Slot>, Option<Unfit>) {
    let mut walk = Walk {
        templates,
        row,
        way: Vec::new(),
        slots: Vec::new(),
    };
    let unfit = walk.along(row.segments(), 0).err();
    (walk.slots, unfit)
}

struct Walk<'w, 'l> {
    templates: &'w Templates<'l>,
    row: &'w Template,
    /// The alternatives that were chosen so far.
    way: Vec<&'w str>,
    slots: Vec<Slot>,
}

impl<'w> Walk<'w, '_> {
    /// Follows the rest of the row from a node of the tree. The recursion is as
    /// deep as the row is long.
    fn along(&mut self, rest: &'w [Segment], at: u32) -> Result<(), Unfit> {
        let tree = &self.templates.tree;
        let Some((segment, rest)) = rest.split_first() else {
            let slot = self.templates.end(at, self.row.has_final_slash());
            let slot = slot.ok_or_else(|| self.unknown())?;
            self.check_names(slot)?;
            self.slots.push(slot);
            return Ok(());
        };
        let next = match segment {
            Segment::Parameter(parameter) => tree.parameter(at, parameter),
            Segment::Literal(literal) => tree.literal(at, literal),
            Segment::Alternation(literals) => {
                return literals.iter().try_for_each(|literal| {
                    self.way.push(literal);
                    let next = self.templates.tree.literal(at, literal);
                    self.along(rest, next.ok_or_else(|| self.unknown())?)?;
                    self.way.pop();
                    Ok(())
                });
            }
        };
        self.along(rest, next.ok_or_else(|| self.unknown())?)
    }

    /// Checks that the row names its parameters as the catalogue does.
    fn check_names(&self, slot: Slot) -> Result<(), Unfit> {
        let listed = self.templates.template(slot);
        let same = listed.is_some_and(|listed| listed.parameters().eq(self.row.parameters()));
        if same {
            return Ok(());
        }
        Err(Unfit::Spelling(self.spelled(), slot))
    }

    fn unknown(&self) -> Unfit {
        Unfit::Unknown(self.spelled())
    }

    /// The row with the chosen alternatives, and with the first alternatives
    /// for the rest.
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
        if self.row.has_final_slash() {
            text.push('/');
        }
        text
    }
}

/// Why a row names no template of the catalogue.
#[derive(Debug)]
pub(super) enum Unfit {
    /// The catalogue has no such template. Alternations are expanded.
    Unknown(String),
    /// The parameters of that template have other names.
    Spelling(String, Slot),
}
