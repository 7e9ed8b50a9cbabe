//! Compares the cells of a matrix with invariants.

use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::audit::invariants::counterexample::{Breach, Counterexample};
use crate::audit::invariants::selected::Selected;
use crate::audit::matrix::{Listing, Matrix, Sheet};
use crate::document::policy::{InvariantDocument, StatementDocument};
use crate::id::ProfileId;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

/// What was found out about an invariant.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) concerns_any: bool,
    pub(super) cells: u64,
    pub(super) counterexample: Option<Counterexample>,
    /// The simplest breach so far.
    simplest: Option<Breach>,
}

impl Findings {
    /// Adds cells that differ only in row and circumstance. `breach` is for the
    /// first of the rows.
    fn add(&mut self, circumstances: Circumstances, rows: u64, breach: Breach) {
        let Some(circumstance) = circumstances.iter().next() else {
            return;
        };
        let breach = Breach {
            circumstance: Some(circumstance),
            ..breach
        };
        self.cells += rows * circumstances.len() as u64;
        self.offer(breach);
    }

    fn offer(&mut self, breach: Breach) {
        if self
            .simplest
            .as_ref()
            .is_none_or(|best| breach.order() < best.order())
        {
            self.simplest = Some(breach);
        }
    }
}

/// Checks one invariant after the other.
#[derive(Debug)]
pub(super) struct Check<'m> {
    matrix: &'m Matrix,
    /// The profiles that inherit, each with one from which it does, as indexes
    /// on the axes.
    heirs: Vec<(usize, usize)>,
}

/// Rows of one class that selections treat in the same way.
#[derive(Debug)]
struct Rows {
    class: u32,
    /// Whether `only` has them.
    is_exempt: bool,
    first: usize,
    count: u64,
}

impl<'m> Check<'m> {
    pub(super) fn new(matrix: &'m Matrix) -> Self {
        let profiles = matrix.axes().profiles();
        let at = |name: &ProfileId| profiles.iter().position(|own| own == name);
        let written = &matrix.policy().document().profiles;
        let heirs = written.iter().flat_map(|(name, written)| {
            let inherited = written.inherits.iter();
            inherited.filter_map(move |inherited| Some((at(inherited)?, at(name)?)))
        });
        Self {
            matrix,
            heirs: heirs.collect(),
        }
    }

    pub(super) fn of(&self, written: &InvariantDocument) -> Findings {
        let (policy, profiles) = (self.matrix.policy(), self.matrix.axes().profiles());
        let mut findings = Findings::default();
        let sheets = (0..).zip(self.matrix.sheets()).filter(|(_, sheet)| {
            let release = sheet.deployment().release();
            written.releases.is_empty() || written.releases.contains(&release)
        });
        let selected = |selection| Selected::of(selection, policy, profiles);
        match &written.statement {
            StatementDocument::Never(never) => {
                let never = selected(never);
                for (number, sheet) in sheets {
                    self.forbidden(number, sheet, &never, None, &mut findings);
                }
                self.describe(&mut findings, Some(&never));
            }
            StatementDocument::Only { only, may } => {
                let only = selected(only);
                let may = may.as_ref();
                let may = may.map_or_else(|| Selected::all(policy, profiles), selected);
                for (number, sheet) in sheets {
                    self.forbidden(number, sheet, &may, Some(&only), &mut findings);
                }
                self.describe(&mut findings, Some(&may));
            }
            StatementDocument::MonotoneInherits => {
                for (number, sheet) in sheets {
                    self.monotone(number, sheet, &self.heirs, &mut findings);
                }
                self.describe(&mut findings, None);
            }
            StatementDocument::Monotone(chain) => {
                let at = |name: &ProfileId| profiles.iter().position(|own| own == name);
                let places: Vec<usize> = chain.iter().filter_map(at).collect();
                let pairs: Vec<(usize, usize)> = places
                    .iter()
                    .copied()
                    .zip(places.iter().copied().skip(1))
                    .collect();
                for (number, sheet) in sheets {
                    self.monotone(number, sheet, &pairs, &mut findings);
                }
                self.describe(&mut findings, None);
            }
        }
        findings
    }

    /// Finds the allowed cells of `may` that are not cells of `only`.
    fn forbidden(
        &self,
        number: usize,
        sheet: &Sheet,
        may: &Selected,
        only: Option<&Selected>,
        findings: &mut Findings,
    ) {
        let breach = |row, profile, scope| Breach {
            sheet: number,
            row,
            caller: Some((profile, scope)),
            circumstance: None,
            weaker: None,
        };
        for rows in self.rows(sheet, may, only) {
            findings.concerns_any = true;
            if let Some(only) = only.filter(|_| sheet.is_public(rows.first)) {
                // Cells have a caller. Everybody else may call it, too.
                if only.is_about_callers && !may.is_about_callers {
                    findings.cells += rows.count;
                    findings.offer(Breach {
                        caller: None,
                        ..breach(rows.first, 0, ScopeLevel::Root)
                    });
                }
            }
            if sheet
                .allowed_to_anybody(rows.class)
                .intersection(may.circumstances)
                .is_empty()
            {
                continue;
            }
            for profile in 0..self.matrix.axes().profiles().len() {
                if !may.has_profile(profile) {
                    continue;
                }
                for scope in ScopeLevel::ALL {
                    if !may.has_scope(scope) {
                        continue;
                    }
                    let allowed = sheet.allowed_of(rows.class, profile, scope);
                    let mut wrong = allowed.intersection(may.circumstances);
                    let exempt = only.filter(|only| {
                        rows.is_exempt && only.has_profile(profile) && only.has_scope(scope)
                    });
                    if let Some(only) = exempt {
                        wrong = wrong.without(only.circumstances);
                    }
                    findings.add(wrong, rows.count, breach(rows.first, profile, scope));
                }
            }
        }
    }

    /// The selected rows of a sheet. A row for which the policy has another
    /// endpoint in this release is the business of that endpoint's row.
    fn rows(&self, sheet: &Sheet, may: &Selected, only: Option<&Selected>) -> Vec<Rows> {
        let mut groups: Map<(u32, bool), Rows> = Map::default();
        for (row, listed) in self.matrix.axes().rows().iter().enumerate() {
            let (Some(Listing::Itself(entry)), Some(class)) =
                (sheet.listing(row), sheet.class(row))
            else {
                continue;
            };
            if !may.has(entry, listed.method()) {
                continue;
            }
            let is_exempt = only.is_some_and(|only| only.has(entry, listed.method()));
            let group = groups.entry((class, is_exempt)).or_insert(Rows {
                class,
                is_exempt,
                first: row,
                count: 0,
            });
            group.count += 1;
        }
        groups.into_values().collect()
    }

    /// Finds the cells that the first profile of a pair may call and the second
    /// one may not.
    fn monotone(
        &self,
        number: usize,
        sheet: &Sheet,
        pairs: &[(usize, usize)],
        findings: &mut Findings,
    ) {
        let all = Selected::all(self.matrix.policy(), self.matrix.axes().profiles());
        for rows in self.rows(sheet, &all, None) {
            findings.concerns_any |= !pairs.is_empty();
            for (weaker, stronger) in pairs {
                let same = sheet.entitlement(rows.class, *weaker)
                    == sheet.entitlement(rows.class, *stronger);
                if same {
                    continue;
                }
                for scope in ScopeLevel::ALL {
                    let own = sheet.allowed_of(rows.class, *weaker, scope);
                    let wrong = own.without(sheet.allowed_of(rows.class, *stronger, scope));
                    let breach = Breach {
                        sheet: number,
                        row: rows.first,
                        caller: Some((*stronger, scope)),
                        circumstance: None,
                        weaker: Some(*weaker),
                    };
                    findings.add(wrong, rows.count, breach);
                }
            }
        }
    }

    /// Describes the simplest breach that was found.
    fn describe(&self, findings: &mut Findings, selected: Option<&Selected>) {
        let breach = findings.simplest.take();
        findings.counterexample =
            breach.and_then(|breach| Counterexample::of(self.matrix, breach, selected));
    }
}
