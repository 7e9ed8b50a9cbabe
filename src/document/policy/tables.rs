//! Whether the tables of the releases and the catalogue fit together.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::{ControlFlow, Range};

use crate::document::policy::crossing::Crossings;
use crate::document::policy::rows::{Unfit, slots};
use crate::document::policy::templates::{Slot, Templates};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::Mark;
use crate::fault::{ReleaseFault, excerpt};
use crate::path::template::Template;

/// The most templates that the tables of all releases may name, each counted
/// once for itself and once for each comparison that it makes necessary.
const MOST_STEPS: usize = 200_000;

/// A row, and its place.
pub(super) type RowAt = (Mark, Template);

/// Checks the tables of one release after the other.
#[derive(Debug)]
pub(super) struct Tables<'t, 'l> {
    templates: &'t Templates<'l>,
    crossings: Crossings,
    /// The release whose table named a slot last, and the place of the row.
    restricted: Vec<(usize, Mark)>,
    open: Vec<usize>,
    /// The release for which a slot was last told to be open beneath a row.
    told: Vec<usize>,
    /// The release at hand, counted from 1.
    release: usize,
    steps: usize,
}

impl<'t, 'l> Tables<'t, 'l> {
    pub(super) fn new(templates: &'t Templates<'l>, crossings: Crossings) -> Self {
        let slots = templates.slots().len();
        Self {
            templates,
            crossings,
            restricted: vec![(0, 0); slots],
            open: vec![0; slots],
            told: vec![0; slots],
            release: 0,
            steps: 0,
        }
    }

    /// Checks the table of the next release; breaks where all of them together
    /// are too large to be checked.
    pub(super) fn check(
        &mut self,
        restricted: &[RowAt],
        open: &[RowAt],
        report: &mut Report,
    ) -> ControlFlow<()> {
        self.release += 1;
        let mut closed = Vec::new();
        for (mark, row) in restricted {
            let mut public = None;
            for slot in self.slots_of(*mark, row, report)? {
                public = public.or_else(|| Some((slot, self.templates.listed(slot)?.public?)));
                if self.is_restricted(slot) {
                    report.add(
                        *mark,
                        ReleaseFault::RepeatedRow {
                            template: self.spelled(slot),
                        },
                    );
                    break;
                }
                if let Some(named) = self.restricted.get_mut(slot) {
                    *named = (self.release, *mark);
                }
                closed.push(slot);
            }
            if let Some((slot, method)) = public {
                report.add(
                    *mark,
                    ReleaseFault::PublicRestricted {
                        template: self.spelled(slot),
                        method,
                    },
                );
            }
        }
        let mut opened = Vec::new();
        for (mark, row) in open {
            for slot in self.slots_of(*mark, row, report)? {
                if self.is_restricted(slot) {
                    report.add(
                        *mark,
                        ReleaseFault::OpenAndRestricted {
                            template: self.spelled(slot),
                        },
                    );
                    break;
                }
                if self.is_open(slot) {
                    report.add(
                        *mark,
                        ReleaseFault::RepeatedRow {
                            template: self.spelled(slot),
                        },
                    );
                    break;
                }
                if let Some(named) = self.open.get_mut(slot) {
                    *named = self.release;
                }
                opened.push((slot, *mark));
            }
        }
        closed.sort_unstable();
        self.overlaps(&closed, report)?;
        let beneath = self.beneath(&closed, &opened, report)?;
        self.nothing_else(&opened, beneath, report);
        ControlFlow::Continue(())
    }

    /// The slots that a row stands for; that it fits no template is reported.
    fn slots_of(
        &mut self,
        mark: Mark,
        row: &Template,
        report: &mut Report,
    ) -> ControlFlow<(), Vec<Slot>> {
        let (slots, unfit) = slots(self.templates, row);
        if let Some(unfit) = unfit {
            match unfit {
                Unfit::Unknown(name) => {
                    report.add_unknown(mark, &name, Among::Templates, |template| {
                        ReleaseFault::UnknownEndpoint { template }
                    });
                }
                Unfit::Spelling(name, slot) => {
                    let catalogue = self.spelled(slot);
                    let template = excerpt(&name);
                    report.add(
                        mark,
                        ReleaseFault::OtherSpelling {
                            template,
                            catalogue,
                        },
                    );
                }
            }
        }
        self.spend(slots.len() + 1, report)?;
        ControlFlow::Continue(slots)
    }

    /// Counts steps; breaks when they are spent.
    fn spend(&mut self, steps: usize, report: &mut Report) -> ControlFlow<()> {
        self.steps += steps;
        if self.steps > MOST_STEPS {
            report.add(
                self.templates.listed.mark,
                ReleaseFault::TooManyRows { most: MOST_STEPS },
            );
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn is_restricted(&self, slot: Slot) -> bool {
        self.restricted
            .get(slot)
            .is_some_and(|(release, _)| *release == self.release)
    }

    /// The place of the row that restricts a slot in this release.
    fn row_of(&self, slot: Slot) -> Mark {
        self.restricted.get(slot).map_or(0, |(_, mark)| *mark)
    }

    fn is_open(&self, slot: Slot) -> bool {
        self.open.get(slot) == Some(&self.release)
    }

    fn spelled(&self, slot: Slot) -> Box<str> {
        excerpt(&self.templates.spelled(slot))
    }

    /// A restricted template and one that is not may never overlap.
    fn overlaps(&mut self, closed: &[Slot], report: &mut Report) -> ControlFlow<()> {
        for slot in closed {
            let others: Vec<Slot> = self.crossings.overlapping(*slot).collect();
            if let Some(other) = others.iter().find(|other| !self.is_restricted(**other)) {
                report.add_with(self.row_of(*slot), || ReleaseFault::MixedOverlap {
                    template: self.spelled(*slot),
                    other: self.spelled(*other),
                });
            }
            self.spend(others.len(), report)?;
        }
        ControlFlow::Continue(())
    }

    /// What is beneath a restricted template must be restricted, or open on
    /// purpose. Gives the ranges of slots that are beneath one.
    fn beneath(
        &mut self,
        closed: &[Slot],
        opened: &[(Slot, Mark)],
        report: &mut Report,
    ) -> ControlFlow<(), Vec<Range<Slot>>> {
        let mut settled: Vec<Slot> = closed
            .iter()
            .copied()
            .chain(opened.iter().map(|(slot, _)| *slot))
            .collect();
        settled.sort_unstable();
        let mut beneath = Vec::new();
        for above in closed {
            for range in self.crossings.beneath(*above).collect::<Vec<_>>() {
                self.spend(1, report)?;
                let first = settled.partition_point(|slot| *slot < range.start);
                let last = settled.partition_point(|slot| *slot < range.end);
                if last - first < range.len() {
                    self.unrestricted(*above, range.clone(), report)?;
                }
                beneath.push(range);
            }
        }
        ControlFlow::Continue(beneath)
    }

    /// Reports the slots of a range that are neither restricted nor open on
    /// purpose, each once for a release.
    fn unrestricted(
        &mut self,
        above: Slot,
        range: Range<Slot>,
        report: &mut Report,
    ) -> ControlFlow<()> {
        self.spend(range.len(), report)?;
        for slot in range {
            if self.is_restricted(slot)
                || self.is_open(slot)
                || self.told.get(slot) == Some(&self.release)
            {
                continue;
            }
            if let Some(told) = self.told.get_mut(slot) {
                *told = self.release;
            }
            report.add_with(self.row_of(above), || ReleaseFault::UnrestrictedBeneath {
                template: self.spelled(slot),
                restricted: self.spelled(above),
            });
        }
        ControlFlow::Continue(())
    }

    /// `open_beneath` names nothing but endpoints that are beneath a row.
    fn nothing_else(
        &self,
        opened: &[(Slot, Mark)],
        mut beneath: Vec<Range<Slot>>,
        report: &mut Report,
    ) {
        beneath.sort_unstable_by_key(|range| range.start);
        // For each range the end that is reached by it or one before it.
        let mut reached = 0;
        let ends: Vec<Slot> = beneath
            .iter()
            .map(|range| {
                reached = reached.max(range.end);
                reached
            })
            .collect();
        for (slot, mark) in opened {
            let after = beneath.partition_point(|range| range.start <= *slot);
            let is_beneath = after
                .checked_sub(1)
                .and_then(|at| ends.get(at))
                .is_some_and(|end| slot < end);
            if !is_beneath {
                report.add(
                    *mark,
                    ReleaseFault::NotBeneath {
                        template: self.spelled(*slot),
                    },
                );
            }
        }
    }
}
