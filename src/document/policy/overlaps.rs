//! Checks the templates of a catalogue against each other and against the
//! tables of the releases: templates that match a common path, and templates
//! beneath others.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::fault::{EndpointFault, ReleaseFault};
use crate::path::automaton::pairs;
use crate::path::automaton::reading::MOST_MATCHED;
use crate::path::automaton::shape::Shape;
use crate::path::automaton::states::{self, States};
use crate::path::automaton::terms::{ReleaseSets, Terms};
use crate::path::automaton::tree::number;
use crate::util::hash::Set;

use crate::document::policy::endpoint_terms;
use crate::document::policy::tables::{MOST_STEPS, Table};
use crate::document::policy::templates::{Slot, Templates};
use crate::document::report::Report;

/// Checks a catalogue with the tables of all releases.
pub(super) fn check(templates: &Templates<'_>, tables: &[Table], report: &mut Report) {
    let named = tables
        .iter()
        .map(|table| table.restricted.iter().map(|(slot, _)| *slot));
    let restricted = endpoint_terms::restricted(templates.all().len(), named);
    let endpoints = templates.slots().map(|slot| {
        templates
            .listed(slot)
            .and_then(|path| path.endpoint.as_ref())
    });
    let (terms, sets) = endpoint_terms::of(templates.all().iter().zip(endpoints), restricted);
    let mark = templates.listed.mark;
    let Some(pairs) = pairs::of(&templates.tree) else {
        let most = pairs::MOST_PAIRS;
        report.add(mark, EndpointFault::TooTangled { most });
        return;
    };
    let Ok(states) = States::of(&templates.tree, &terms, sets) else {
        let (most, matched) = (states::MOST_STEPS, MOST_MATCHED);
        report.add(mark, EndpointFault::TooManyStates { most, matched });
        return;
    };
    let shapes: Vec<Shape<'_>> = templates.all().iter().map(Shape::of).collect();
    let mut overlaps = Overlaps {
        templates,
        tables,
        terms: &terms,
        sets: &states.releases,
        shapes: &shapes,
        exceptions: vec![Set::default(); tables.len()],
        steps: 0,
    };
    for (one, other) in pairs {
        overlaps.pair(one, other, report);
    }
    if overlaps.beneath(&states, report).is_break() {
        report.add(mark, ReleaseFault::TooManyRows { most: MOST_STEPS });
        return;
    }
    overlaps.nothing_else(report);
}

struct Overlaps<'o, 'l> {
    templates: &'o Templates<'l>,
    tables: &'o [Table],
    terms: &'o [Terms],
    sets: &'o ReleaseSets,
    shapes: &'o [Shape<'l>],
    /// For each release the templates that `open_beneath` may name.
    exceptions: Vec<Set<Slot>>,
    steps: usize,
}

/// A restricted template, and templates beneath it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Beneath {
    above: Slot,
    /// The templates beneath, as a range of the tree's order.
    from: u32,
    to: u32,
    /// The releases in which their paths beneath it are refused.
    but: u32,
}

impl Overlaps<'_, '_> {
    fn spend(&mut self, steps: usize) -> ControlFlow<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn say_the_same(&self, one: Slot, other: Slot) -> bool {
        let terms = |slot: Slot| self.terms.get(slot as usize);
        let both = terms(one).zip(terms(other));
        both.is_none_or(|(one, other)| one.say_the_same(other))
    }

    fn restricted(&self, slot: Slot) -> u32 {
        let terms = self.terms.get(slot as usize);
        terms.map_or(ReleaseSets::EMPTY, |terms| terms.restricted)
    }

    /// Checks two templates that match a common path, or nearly do.
    fn pair(&mut self, one: Slot, other: Slot, report: &mut Report) {
        let shape = |slot: Slot| self.shapes.get(slot as usize);
        let Some((first, second)) = shape(one).zip(shape(other)) else {
            return;
        };
        let meets = first.meets(second);
        if meets && first.is_within(second) && second.is_within(first) {
            if first.has_final_slash == second.has_final_slash {
                self.templates.report_equal(one, other, report);
            } else if !self.say_the_same(one, other) {
                self.look_alike(one, other, report);
            }
            return;
        }
        if !meets && first.is_alike(second) && !self.say_the_same(one, other) {
            self.look_alike(one, other, report);
        }
        if self.restricted(one) != self.restricted(other) {
            self.beside(one, other, report);
            self.beside(other, one, report);
        }
    }

    fn look_alike(&self, one: Slot, other: Slot, report: &mut Report) {
        let Some(path) = self.templates.listed(other) else {
            return;
        };
        report.add_with(path.mark, || EndpointFault::LookAlikeTemplates {
            template: self.templates.excerpt(other),
            other: self.templates.excerpt(one),
        });
    }

    /// Checks the releases in which only the first template is restricted.
    fn beside(&mut self, closed: Slot, open: Slot, report: &mut Report) {
        let shape = |slot: Slot| self.shapes.get(slot as usize);
        let Some((restricted, other)) = shape(closed).zip(shape(open)) else {
            return;
        };
        let is_cut = restricted.is_cut_from(other);
        let meets = restricted.has_final_slash == other.has_final_slash && restricted.meets(other);
        let must_match = meets && restricted.must_match(other);
        let is_exception = meets && other.is_more_specific(restricted);
        if !is_cut && !must_match && !is_exception {
            return;
        }
        let here = self.sets.get(self.restricted(closed));
        let there = self.restricted(open);
        for release in here.iter().filter(|r| !self.sets.contains(there, **r)) {
            let Some(table) = self.tables.get(*release as usize) else {
                continue;
            };
            let Some(mark) = table.row_of(closed) else {
                continue;
            };
            let template = || self.templates.excerpt(closed);
            let other = || self.templates.excerpt(open);
            if is_cut {
                report.add_with(mark, || ReleaseFault::OpenExtension {
                    template: template(),
                    other: other(),
                });
            } else if must_match {
                report.add_with(mark, || ReleaseFault::MixedOverlap {
                    template: template(),
                    other: other(),
                });
            } else {
                if !table.is_open(open) {
                    report.add_with(mark, || ReleaseFault::OpenBeside {
                        template: template(),
                        other: other(),
                    });
                }
                if let Some(exceptions) = self.exceptions.get_mut(*release as usize) {
                    exceptions.insert(open);
                }
            }
        }
    }

    /// Reports templates beneath a restricted one that are neither restricted
    /// nor listed in `open_beneath`.
    fn beneath(&mut self, states: &States<'_>, report: &mut Report) -> ControlFlow<()> {
        let found = self.all_beneath(states);
        let mut places = vec![0; self.templates.slots().len()];
        for (slot, place) in self.templates.tree.order.iter().zip(0..) {
            if let Some(own) = places.get_mut(*slot as usize) {
                *own = place;
            }
        }
        for (release, table) in self.tables.iter().enumerate() {
            // The positions in the tree's order of everything restricted or
            // listed in `open_beneath`.
            let named = table.restricted.iter().chain(&table.open);
            let mut settled: Vec<u32> = named
                .filter_map(|(slot, _)| places.get(*slot as usize).copied())
                .collect();
            settled.sort_unstable();
            let mut open: Vec<u32> = table
                .open
                .iter()
                .filter_map(|(slot, _)| places.get(*slot as usize).copied())
                .collect();
            open.sort_unstable();
            let mut reported = Set::default();
            for one in &found {
                let Some(mark) = table.row_of(one.above) else {
                    continue;
                };
                let is_refused = self.sets.contains(one.but, number(release));
                self.spend(1)?;
                if is_refused {
                    continue;
                }
                let range = one.from..one.to;
                let before = settled.partition_point(|place| *place < range.start);
                let until = settled.partition_point(|place| *place < range.end);
                if until - before < range.len() {
                    self.spend(range.len())?;
                    for slot in self.slots(one) {
                        let is_settled = table.row_of(slot).is_some() || table.is_open(slot);
                        if slot != one.above && !is_settled && reported.insert(slot) {
                            report.add_with(mark, || ReleaseFault::UnrestrictedBeneath {
                                template: self.templates.excerpt(slot),
                                restricted: self.templates.excerpt(one.above),
                            });
                        }
                    }
                }
                let before = open.partition_point(|place| *place < range.start);
                let until = open.partition_point(|place| *place < range.end);
                self.spend(until - before)?;
                let named = open.get(before..until).unwrap_or_default().iter();
                let named = named
                    .filter_map(|place| self.templates.tree.order.get(*place as usize).copied());
                if let Some(exceptions) = self.exceptions.get_mut(release) {
                    exceptions.extend(named);
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn slots(&self, beneath: &Beneath) -> impl Iterator<Item = Slot> {
        let order = &self.templates.tree.order;
        let range = beneath.from as usize..beneath.to as usize;
        order.get(range).unwrap_or_default().iter().copied()
    }

    /// The templates beneath each restricted one, from the states in which its
    /// paths end.
    fn all_beneath(&self, states: &States<'_>) -> Set<Beneath> {
        let tree = &self.templates.tree;
        let mut found = Set::default();
        let restricted = |slot: &Slot| self.restricted(*slot) != ReleaseSets::EMPTY;
        // Nothing lies beneath `/`.
        let is_long = |slot: &Slot| {
            let template = self.templates.template(*slot);
            template.is_some_and(|template| !template.segments().is_empty())
        };
        for state in &states.all {
            let branches = || state.branches.iter().filter(|branch| !branch.is_shadowed());
            for branch in branches() {
                let Some(node) = tree.node(branch.node()) else {
                    continue;
                };
                for above in node.ends().filter(restricted).filter(is_long) {
                    for other in branches() {
                        let Some(node) = tree.node(other.node()) else {
                            continue;
                        };
                        // A tail that ends here can also go on.
                        let own = if node.repeats.is_some() {
                            number(node.ends().count())
                        } else {
                            0
                        };
                        let (from, to) = node.beneath;
                        if from - own < to {
                            found.insert(Beneath {
                                above,
                                from: from - own,
                                to,
                                but: other.passed(),
                            });
                        }
                    }
                }
            }
        }
        found
    }

    /// Reports rows of `open_beneath` that are not exceptions.
    fn nothing_else(&self, report: &mut Report) {
        for (table, exceptions) in self.tables.iter().zip(&self.exceptions) {
            for (slot, mark) in &table.open {
                if !exceptions.contains(slot) {
                    let template = self.templates.excerpt(*slot);
                    report.add(*mark, ReleaseFault::NotBeneath { template });
                }
            }
        }
    }
}
