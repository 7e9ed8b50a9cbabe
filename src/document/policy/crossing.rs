//! How the templates of a catalogue stand to each other.
//!
//! Two templates overlap where some path matches both: segment by segment they
//! are equal, or one has a parameter. One may be more specific than the other;
//! a path that both match with neither the more specific is nobody's for sure.
//! And an endpoint is beneath another where the first segments of some path of
//! it are a path of the other.
//!
//! Both are found by walking the tree of templates against itself, and only
//! where a parameter stands beside other segments do two branches have to be
//! walked together. A catalogue in which that happens without end is refused.

use alloc::string::String;
use alloc::vec::Vec;

use crate::document::policy::templates::{Branch, PARAMETER, Slot, Templates};
use crate::document::report::Report;
use crate::fault::{EndpointFault, excerpt};

/// The most pairs of places that are compared.
const MOST_CROSSINGS: usize = 1_000_000;

/// What the templates of a catalogue are to each other.
#[derive(Debug, Default)]
pub(super) struct Crossings {
    /// Templates that overlap, each pair in both directions, sorted.
    overlaps: Vec<(Slot, Slot)>,
    /// For a template, slots that are beneath it, as ranges, sorted.
    beneath: Vec<(Slot, Slot, Slot)>,
}

impl Crossings {
    /// Finds out, and reports what may not be; `None` if that is too much work.
    pub(super) fn of(templates: &Templates<'_>, report: &mut Report) -> Option<Self> {
        let mut walk = Walk {
            templates,
            report,
            crossings: Self::default(),
            steps: 0,
        };
        walk.along(templates.root());
        let Walk {
            mut crossings,
            steps,
            ..
        } = walk;
        if steps > MOST_CROSSINGS {
            report.add(
                templates.listed.mark,
                EndpointFault::TooTangled {
                    most: MOST_CROSSINGS,
                },
            );
            return None;
        }
        crossings.overlaps.sort_unstable();
        crossings.beneath.sort_unstable();
        Some(crossings)
    }

    /// The templates that overlap one.
    pub(super) fn overlapping(&self, slot: Slot) -> impl Iterator<Item = Slot> + '_ {
        let first = self.overlaps.partition_point(|(of, _)| *of < slot);
        self.overlaps
            .iter()
            .skip(first)
            .take_while(move |(of, _)| *of == slot)
            .map(|(_, other)| *other)
    }

    /// The slots beneath a template, as ranges.
    pub(super) fn beneath(&self, slot: Slot) -> impl Iterator<Item = core::ops::Range<Slot>> + '_ {
        let first = self.beneath.partition_point(|(of, _, _)| *of < slot);
        self.beneath
            .iter()
            .skip(first)
            .take_while(move |(of, _, _)| *of == slot)
            .map(|(_, low, high)| *low..*high)
    }
}

struct Walk<'w, 'l> {
    templates: &'w Templates<'l>,
    report: &'w mut Report,
    crossings: Crossings,
    steps: usize,
}

impl Walk<'_, '_> {
    /// Walks one branch. As deep as a template is long.
    fn along(&mut self, branch: Branch) {
        let templates = self.templates;
        if let Some(end) = templates.end(branch) {
            self.add_beneath(end, templates.beneath(branch));
        }
        self.look_alikes(branch);
        let parameter = templates.child(branch, PARAMETER);
        for (number, child) in templates.children(branch) {
            self.along(child);
            if number != PARAMETER && !parameter.is_empty() {
                self.across(parameter, child);
            }
        }
    }

    /// Walks two branches together whose shared segments overlap and differ.
    fn across(&mut self, left: Branch, right: Branch) {
        self.steps += 1;
        if self.steps > MOST_CROSSINGS {
            return;
        }
        let templates = self.templates;
        let ends = (templates.end(left), templates.end(right));
        if let (Some(left), Some(right)) = ends {
            self.overlap(left, right);
        }
        if let Some(left) = ends.0 {
            self.add_beneath(left, templates.beneath(right));
        }
        if let Some(right) = ends.1 {
            self.add_beneath(right, templates.beneath(left));
        }
        let parameters = (
            templates.child(left, PARAMETER),
            templates.child(right, PARAMETER),
        );
        if !parameters.0.is_empty() {
            for (_, child) in templates.children(right) {
                self.across(parameters.0, child);
            }
        }
        if !parameters.1.is_empty() {
            for (_, child) in templates
                .children(left)
                .filter(|(number, _)| *number != PARAMETER)
            {
                self.across(child, parameters.1);
            }
        }
        // Equal literals: looked up from the smaller branch in the larger.
        let (small, large) = if left.len() < right.len() {
            (left, right)
        } else {
            (right, left)
        };
        for (number, child) in templates
            .children(small)
            .filter(|(number, _)| *number != PARAMETER)
        {
            self.steps += 1;
            let same = templates.child(large, number);
            if !same.is_empty() {
                self.across(child, same);
            }
        }
    }

    fn add_beneath(&mut self, slot: Slot, beneath: Branch) {
        if !beneath.is_empty() {
            self.crossings
                .beneath
                .push((slot, beneath.low, beneath.high));
        }
    }

    /// Two templates that match some path alike: one must be more specific.
    fn overlap(&mut self, left: Slot, right: Slot) {
        let templates = self.templates;
        let pairs = || {
            templates
                .numbers(left)
                .iter()
                .zip(templates.numbers(right))
                .filter(|(l, r)| l != r)
        };
        let left_is_wider = pairs().any(|(left, _)| *left == PARAMETER);
        let right_is_wider = pairs().any(|(_, right)| *right == PARAMETER);
        if left_is_wider && right_is_wider {
            let number = |slot: Slot| templates.listed(slot).map(|path| path.number);
            let (first, second) = if number(left) <= number(right) {
                (left, right)
            } else {
                (right, left)
            };
            if let Some(path) = templates.listed(second) {
                self.report
                    .add_with(path.mark, || EndpointFault::AmbiguousTemplates {
                        template: excerpt(&templates.spelled(second)),
                        other: excerpt(&templates.spelled(first)),
                    });
            }
        } else {
            self.crossings
                .overlaps
                .extend([(left, right), (right, left)]);
        }
    }

    /// Literals of one place that differ only in `-` and `_`.
    fn look_alikes(&mut self, branch: Branch) {
        let templates = self.templates;
        let mut folded: Vec<(String, &str, Branch)> = Vec::new();
        for (number, child) in templates.children(branch) {
            let literal = templates.literal(number);
            if literal.contains(['-', '_']) {
                folded.push((literal.replace('_', "-"), literal, child));
            }
        }
        // The first endpoint that uses a literal, to tell which came later.
        let first = |child: Branch| {
            let paths = (child.low..child.high).filter_map(|slot| templates.listed(slot));
            paths.map(|path| (path.number, path.mark)).min()
        };
        folded.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        for (left, right) in folded
            .iter()
            .zip(folded.iter().skip(1))
            .filter(|(left, right)| left.0 == right.0)
        {
            let (earlier, later) = if first(left.2) <= first(right.2) {
                (left, right)
            } else {
                (right, left)
            };
            if let Some((_, mark)) = first(later.2) {
                let (literal, other) = (excerpt(later.1), excerpt(earlier.1));
                self.report
                    .add(mark, EndpointFault::LookAlikeLiterals { literal, other });
            }
        }
    }
}
