//! The templates of the catalogue that the tables of the releases name.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::fault::{ReleaseFault, excerpt};
use crate::path::template::Template;

use crate::document::policy::rows::{Unfit, slots};
use crate::document::policy::templates::{Slot, Templates};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::NodeNumber;
use crate::util::limits;

/// The most steps for the tables of all releases: one for each template that
/// they name, and one for each comparison that it needs.
pub(super) const MOST_STEPS: usize = limits::TABLE_STEPS;

/// A row, and its number.
pub(super) type RowAt = (NodeNumber, Template);

/// The templates that the tables of one release name, each with the number of
/// its row; sorted.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) restricted: Vec<(Slot, NodeNumber)>,
    pub(super) open: Vec<(Slot, NodeNumber)>,
}

impl Table {
    /// The number of the row that restricts a template.
    pub(super) fn row_of(&self, slot: Slot) -> Option<NodeNumber> {
        row_of(&self.restricted, slot)
    }

    /// Whether `open_beneath` names a template.
    pub(super) fn is_open(&self, slot: Slot) -> bool {
        row_of(&self.open, slot).is_some()
    }
}

fn row_of(named: &[(Slot, NodeNumber)], slot: Slot) -> Option<NodeNumber> {
    let at = named.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
    named.get(at).map(|(_, mark)| *mark)
}

/// Looks up the rows of one release after the other.
#[derive(Debug)]
pub(super) struct Tables<'t, 'l> {
    templates: &'t Templates<'l>,
    /// One table per release, in the order of the document.
    pub(super) all: Vec<Table>,
    steps: usize,
}

impl<'t, 'l> Tables<'t, 'l> {
    pub(super) fn new(templates: &'t Templates<'l>) -> Self {
        Self {
            templates,
            all: Vec::new(),
            steps: 0,
        }
    }

    /// Looks up the rows of the next release. Breaks if all rows together are
    /// too many to check.
    pub(super) fn add(
        &mut self,
        restricted: &[RowAt],
        open: &[RowAt],
        report: &mut Report,
    ) -> ControlFlow<()> {
        let mut table = Table::default();
        for (mark, row) in restricted {
            let mut public = None;
            for slot in self.slots_of(*mark, row, report)? {
                public = public.or_else(|| Some((slot, self.templates.listed(slot)?.public?)));
                let template = || self.templates.excerpt(slot);
                if !named(&mut table.restricted, slot, *mark) {
                    let template = template();
                    report.add(*mark, ReleaseFault::RepeatedRow { template });
                    break;
                }
            }
            if let Some((slot, method)) = public {
                report.add(
                    *mark,
                    ReleaseFault::PublicRestricted {
                        template: self.templates.excerpt(slot),
                        method,
                    },
                );
            }
        }
        for (mark, row) in open {
            for slot in self.slots_of(*mark, row, report)? {
                let template = || self.templates.excerpt(slot);
                if table.row_of(slot).is_some() {
                    let template = template();
                    report.add(*mark, ReleaseFault::OpenAndRestricted { template });
                    break;
                }
                if !named(&mut table.open, slot, *mark) {
                    let template = template();
                    report.add(*mark, ReleaseFault::RepeatedRow { template });
                    break;
                }
            }
        }
        self.all.push(table);
        ControlFlow::Continue(())
    }

    /// The templates that a row expands to. A template that is not in the
    /// catalogue is reported.
    fn slots_of(
        &mut self,
        mark: NodeNumber,
        row: &Template,
        report: &mut Report,
    ) -> ControlFlow<(), Vec<Slot>> {
        let (slots, unfit) = slots(self.templates, row);
        if let Some(unfit) = unfit {
            report_unfit(self.templates, mark, unfit, report);
        }
        self.steps = self.steps.saturating_add(slots.len() + 1);
        if self.steps > MOST_STEPS {
            report.add(
                self.templates.listed.mark,
                ReleaseFault::TooManyRows { most: MOST_STEPS },
            );
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(slots)
    }
}

/// Reports why a row names no template of the catalogue.
pub(super) fn report_unfit(
    templates: &Templates<'_>,
    mark: NodeNumber,
    unfit: Unfit,
    report: &mut Report,
) {
    match unfit {
        Unfit::Unknown(name) => report.add_unknown(mark, &name, Among::Templates, |template| {
            ReleaseFault::UnknownEndpoint { template }
        }),
        Unfit::Spelling(name, slot) => {
            let (template, catalogue) = (excerpt(&name), templates.excerpt(slot));
            let fault = ReleaseFault::OtherSpelling {
                template,
                catalogue,
            };
            report.add(mark, fault);
        }
    }
}

/// Adds a template that a row names. `false` if it was named before.
fn named(all: &mut Vec<(Slot, NodeNumber)>, slot: Slot, mark: NodeNumber) -> bool {
    match all.binary_search_by_key(&slot, |(slot, _)| *slot) {
        Ok(_) => false,
        Err(at) => {
            all.insert(at, (slot, mark));
            true
        }
    }
}
