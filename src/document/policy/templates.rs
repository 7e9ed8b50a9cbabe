//! All templates of a catalogue as a tree, with alternations expanded.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::fault::{EndpointFault, excerpt};
use crate::path::automaton::NONE;
use crate::path::automaton::tree::{Tree, number};
use crate::path::template::{Segment, Template};

use crate::document::policy::endpoints::{Listed, ListedPath};
use crate::document::report::Report;

/// The number of a template.
pub(super) type Slot = u32;

/// The templates that the paths of a catalogue expand to.
#[derive(Debug)]
pub(super) struct Expanded {
    templates: Vec<Template>,
    /// For each template the index of the path in the document that it comes
    /// from.
    paths: Vec<usize>,
}

impl Expanded {
    pub(super) fn of(listed: &Listed) -> Self {
        let mut expanded = Self {
            templates: Vec::with_capacity(listed.paths.len()),
            paths: Vec::with_capacity(listed.paths.len()),
        };
        for (path, at) in listed.paths.iter().zip(0..) {
            expanded.templates.extend(path.template.expand());
            expanded.paths.resize(expanded.templates.len(), at);
        }
        expanded
    }
}

/// The tree of a catalogue, and where its templates come from.
#[derive(Debug)]
pub(super) struct Templates<'l> {
    pub(super) listed: &'l Listed,
    expanded: &'l Expanded,
    pub(super) tree: Tree<'l>,
}

impl<'l> Templates<'l> {
    /// Makes the tree. Of equal templates the first is kept and the others are
    /// reported.
    pub(super) fn of(listed: &'l Listed, expanded: &'l Expanded, report: &mut Report) -> Self {
        let templates = Self {
            listed,
            expanded,
            tree: Tree::of(&expanded.templates),
        };
        for (slot, first) in templates.slots().zip(&templates.tree.firsts) {
            if *first != slot {
                templates.report_equal(*first, slot, report);
            }
        }
        templates
    }

    /// Reports that two templates have the same paths.
    pub(super) fn report_equal(&self, first: Slot, second: Slot, report: &mut Report) {
        let Some((path, other)) = self.listed(second).zip(self.listed(first)) else {
            return;
        };
        let (template, known) = (self.spelled(second), self.spelled(first));
        let fault = if template == known {
            EndpointFault::DuplicateEndpoint {
                template: excerpt(&template),
                first: other.number,
            }
        } else {
            EndpointFault::AmbiguousTemplates {
                template: excerpt(&template),
                other: excerpt(&known),
            }
        };
        report.add(path.mark, fault);
    }

    /// Every template.
    pub(super) fn slots(&self) -> core::ops::Range<Slot> {
        0..number(self.expanded.templates.len())
    }

    /// The templates, by number.
    pub(super) fn all(&self) -> &'l [Template] {
        &self.expanded.templates
    }

    /// The template of this number.
    pub(super) fn template(&self, slot: Slot) -> Option<&'l Template> {
        self.expanded.templates.get(slot as usize)
    }

    /// The path in the document that a template comes from.
    pub(super) fn listed(&self, slot: Slot) -> Option<&'l ListedPath> {
        let path = self.expanded.paths.get(slot as usize)?;
        self.listed.paths.get(*path)
    }

    /// A template as the catalogue spells it.
    pub(super) fn spelled(&self, slot: Slot) -> String {
        self.template(slot)
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// A template as a fault shows it.
    pub(super) fn excerpt(&self, slot: Slot) -> Box<str> {
        excerpt(&self.spelled(slot))
    }

    /// Whether a template of the catalogue goes on from this one. Names of
    /// parameters do not count, and this one has no alternation.
    pub(super) fn goes_on_from(&self, begin: &Template) -> bool {
        let mut segments = begin.segments().iter();
        let node = segments.try_fold(0, |at, segment| match segment {
            Segment::Literal(literal) => self.tree.literal(at, literal),
            Segment::Parameter(parameter) => self.tree.parameter(at, parameter),
            Segment::Alternation(_) => None,
        });
        node.and_then(|node| self.tree.node(node))
            .is_some_and(|node| node.beneath.0 < node.beneath.1)
    }

    /// The template that ends in a node of the tree.
    pub(super) fn end(&self, node: u32, has_final_slash: bool) -> Option<Slot> {
        let node = self.tree.node(node)?;
        let end = node.ends.get(usize::from(has_final_slash))?;
        Some(*end).filter(|end| *end != NONE)
    }
}
