//! All templates of a catalogue, alternations counted out, in one sorted table.
//!
//! A template is a row of numbers, one per segment: 0 for a parameter, another
//! number for each literal. Sorted, the table is a tree: the templates that
//! begin with the same segments stand together, a [`Branch`], and those that
//! lead on with the same next segment are a branch of it. Finding one costs a
//! few comparisons and walking the tree costs no memory, whatever a document
//! makes its alternations stand for.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::document::policy::endpoints::{Listed, ListedPath};
use crate::document::report::Report;
use crate::fault::{EndpointFault, excerpt};
use crate::path::template::Segment;

/// The place of a template in the table.
pub(super) type Slot = usize;

/// The number of a segment.
pub(super) type SegmentNumber = u32;

/// The number of every parameter, whatever its name.
pub(super) const PARAMETER: SegmentNumber = 0;

/// The templates that share their first segments.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Branch {
    /// How many segments they share.
    pub(super) depth: usize,
    pub(super) low: Slot,
    pub(super) high: Slot,
}

impl Branch {
    pub(super) fn len(self) -> usize {
        self.high.saturating_sub(self.low)
    }

    pub(super) fn is_empty(self) -> bool {
        self.low >= self.high
    }
}

#[derive(Clone, Copy, Debug)]
struct Row {
    /// Where its numbers begin.
    start: usize,
    length: usize,
    /// Which of the listed paths it comes from.
    path: usize,
}

/// The table.
#[derive(Debug)]
pub(super) struct Templates<'l> {
    pub(super) listed: &'l Listed,
    literals: Vec<&'l str>,
    numbers: BTreeMap<&'l str, SegmentNumber>,
    segments: Vec<SegmentNumber>,
    rows: Vec<Row>,
}

impl<'l> Templates<'l> {
    /// Puts the table together. Of equal templates the first stays and the
    /// others are reported.
    pub(super) fn of(listed: &'l Listed, report: &mut Report) -> Self {
        let mut table = Self {
            listed,
            literals: Vec::from([""]),
            numbers: BTreeMap::new(),
            segments: Vec::new(),
            rows: Vec::new(),
        };
        for (number, path) in listed.paths.iter().enumerate() {
            table.add(number, path);
        }
        let mut rows = core::mem::take(&mut table.rows);
        rows.sort_by(|left, right| table.numbers_of(left).cmp(table.numbers_of(right)));
        for row in rows {
            match table
                .rows
                .last()
                .filter(|last| table.numbers_of(last) == table.numbers_of(&row))
            {
                Some(last) => table.report_equal(last, &row, report),
                None => table.rows.push(row),
            }
        }
        table
    }

    /// Adds the rows that one template stands for.
    fn add(&mut self, number: usize, path: &'l ListedPath) {
        let segments = path.template.segments();
        let choices: Vec<Vec<SegmentNumber>> = segments
            .iter()
            .map(|segment| self.choices(segment))
            .collect();
        for combination in 0..path.template.expansions() {
            let start = self.segments.len();
            let mut rest = combination;
            // The last alternation turns fastest, so the digits come from behind.
            for choice in choices.iter().rev() {
                self.segments.extend(choice.get(rest % choice.len().max(1)));
                rest /= choice.len().max(1);
            }
            if let Some(added) = self.segments.get_mut(start..) {
                added.reverse();
            }
            self.rows.push(Row {
                start,
                length: choices.len(),
                path: number,
            });
        }
    }

    fn choices(&mut self, segment: &'l Segment) -> Vec<SegmentNumber> {
        match segment {
            Segment::Parameter(_) => Vec::from([PARAMETER]),
            Segment::Literal(literal) => Vec::from([self.number(literal)]),
            Segment::Alternation(literals) => literals
                .iter()
                .map(|literal| self.number(literal))
                .collect(),
        }
    }

    fn number(&mut self, literal: &'l str) -> SegmentNumber {
        if let Some(number) = self.numbers.get(literal) {
            return *number;
        }
        // INVARIANT: it fits: a document has fewer literals than bytes.
        let number = SegmentNumber::try_from(self.literals.len()).unwrap_or(SegmentNumber::MAX);
        self.literals.push(literal);
        self.numbers.insert(literal, number);
        number
    }

    fn report_equal(&self, first: &Row, second: &Row, report: &mut Report) {
        let Some((path, other)) = self.path(second).zip(self.path(first)) else {
            return;
        };
        let (template, known) = (self.spelled_row(second), self.spelled_row(first));
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

    // ----- the table as a tree

    /// Every slot.
    pub(super) fn slots(&self) -> core::ops::Range<Slot> {
        0..self.rows.len()
    }

    /// The branch of all templates.
    pub(super) fn root(&self) -> Branch {
        Branch {
            depth: 0,
            low: 0,
            high: self.rows.len(),
        }
    }

    /// The template that ends with the shared segments, if one does.
    pub(super) fn end(&self, branch: Branch) -> Option<Slot> {
        let first = self
            .rows
            .get(branch.low)
            .filter(|_| branch.low < branch.high)?;
        (first.length == branch.depth).then_some(branch.low)
    }

    /// The templates that go on after the shared segments.
    pub(super) fn beneath(&self, branch: Branch) -> Branch {
        Branch {
            low: branch.low + usize::from(self.end(branch).is_some()),
            ..branch
        }
    }

    /// The branch that leads on with a segment; it may be empty.
    pub(super) fn child(&self, branch: Branch, number: SegmentNumber) -> Branch {
        let Branch { depth, low, high } = self.beneath(branch);
        let rows = self.rows.get(low..high).unwrap_or_default();
        let before = rows.partition_point(|row| self.number_at(row, depth) < number);
        let until = rows.partition_point(|row| self.number_at(row, depth) <= number);
        Branch {
            depth: depth + 1,
            low: low + before,
            high: low + until,
        }
    }

    /// The branches that lead on, each with its segment; a parameter comes first.
    pub(super) fn children(
        &self,
        branch: Branch,
    ) -> impl Iterator<Item = (SegmentNumber, Branch)> + '_ {
        let Branch {
            depth,
            mut low,
            high,
        } = self.beneath(branch);
        core::iter::from_fn(move || {
            let rows = self.rows.get(low..high)?;
            let number = self.number_at(rows.first()?, depth);
            let length = rows.partition_point(|row| self.number_at(row, depth) <= number);
            let child = Branch {
                depth: depth + 1,
                low,
                high: low + length,
            };
            low = child.high;
            Some((number, child))
        })
    }

    /// The branch that leads on with a literal; it may be empty.
    pub(super) fn literal_child(&self, branch: Branch, literal: &str) -> Branch {
        match self.numbers.get(literal) {
            Some(number) => self.child(branch, *number),
            None => Branch {
                depth: branch.depth + 1,
                low: branch.high,
                high: branch.high,
            },
        }
    }

    /// The literal of a number.
    pub(super) fn literal(&self, number: SegmentNumber) -> &'l str {
        self.literals
            .get(number as usize)
            .copied()
            .unwrap_or_default()
    }

    fn number_at(&self, row: &Row, depth: usize) -> SegmentNumber {
        self.segments
            .get(row.start + depth)
            .copied()
            .unwrap_or(PARAMETER)
    }

    fn numbers_of(&self, row: &Row) -> &[SegmentNumber] {
        self.segments
            .get(row.start..row.start + row.length)
            .unwrap_or_default()
    }

    /// The numbers of a template's segments.
    pub(super) fn numbers(&self, slot: Slot) -> &[SegmentNumber] {
        self.rows.get(slot).map_or(&[], |row| self.numbers_of(row))
    }

    // ----- what a slot is

    fn path(&self, row: &Row) -> Option<&'l ListedPath> {
        self.listed.paths.get(row.path)
    }

    /// The path in the document that a template comes from.
    pub(super) fn listed(&self, slot: Slot) -> Option<&'l ListedPath> {
        self.rows.get(slot).and_then(|row| self.path(row))
    }

    /// A template as the catalogue spells it.
    pub(super) fn spelled(&self, slot: Slot) -> String {
        self.rows
            .get(slot)
            .map(|row| self.spelled_row(row))
            .unwrap_or_default()
    }

    fn spelled_row(&self, row: &Row) -> String {
        let written = self
            .path(row)
            .map_or(&[][..], |path| path.template.segments());
        let mut text = String::new();
        for (number, segment) in self.numbers_of(row).iter().zip(written) {
            // INVARIANT: writing to a string never fails.
            let _ = match segment {
                Segment::Parameter(_) => write!(text, "/{segment}"),
                Segment::Literal(_) | Segment::Alternation(_) => {
                    write!(text, "/{}", self.literal(*number))
                }
            };
        }
        text
    }
}
