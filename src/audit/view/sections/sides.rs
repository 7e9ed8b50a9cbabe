//! What only one side of a difference has.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::{Circumstances, Extent, Outcome};
use crate::audit::diff::Diff;
use crate::audit::matrix::{Listing, Matrix, Sheet};
use crate::policy::Policy;
use crate::scope::ScopeLevel;

use crate::audit::view::ways::{Label, Words};

/// One side of a difference.
#[derive(Debug)]
pub(super) struct Side<'d> {
    pub(super) diff: &'d Diff,
    pub(super) is_after: bool,
    /// The sheets of the side, by the places of the compared deployments.
    pub(super) sheets: Vec<&'d Sheet>,
    labels: Vec<Label>,
    /// The places of those that are a deployment of the side.
    pub(super) deployments: Vec<usize>,
}

impl<'d> Side<'d> {
    pub(super) fn of(diff: &'d Diff, is_after: bool) -> Self {
        let pairs = diff.pairs();
        let sheets = pairs.map(|(before, after)| if is_after { after } else { before });
        let sheets: Vec<&Sheet> = sheets.collect();
        let own = sheets.iter().enumerate();
        let deployments = own.filter(|(_, sheet)| !sheet.is_nothing());
        Self {
            diff,
            is_after,
            deployments: deployments.map(|(place, _)| place).collect(),
            labels: sheets.iter().map(|sheet| Label::of(sheet)).collect(),
            sheets,
        }
    }

    pub(super) fn words(&self) -> Words<'_> {
        Words {
            axes: self.diff.axes(),
            policy: self.policy(),
            labels: &self.labels,
        }
    }

    fn matrix(&self) -> &'d Matrix {
        if self.is_after {
            self.diff.after()
        } else {
            self.diff.before()
        }
    }

    fn other_matrix(&self) -> &'d Matrix {
        if self.is_after {
            self.diff.before()
        } else {
            self.diff.after()
        }
    }

    pub(super) fn policy(&self) -> &'d Policy {
        self.matrix().policy()
    }

    pub(super) fn other_policy(&self) -> &'d Policy {
        self.other_matrix().policy()
    }

    /// Whether only this side has the endpoint-method, and nothing else takes its
    /// path on the other side.
    pub(super) fn is_own_row(&self, row: usize) -> bool {
        let listing = |matrix: &Matrix| matrix.sheets().first()?.listing(row);
        matches!(
            (listing(self.matrix()), listing(self.other_matrix())),
            (Some(Listing::Itself(_)), Some(Listing::Missing(_)))
        )
    }

    /// Whether only this side has the profile.
    pub(super) fn is_own_profile(&self, profile: usize) -> bool {
        self.has_profile(profile) && !self.is_of(self.other_policy(), profile)
    }

    pub(super) fn has_profile(&self, profile: usize) -> bool {
        self.is_of(self.policy(), profile)
    }

    fn is_of(&self, policy: &Policy, profile: usize) -> bool {
        let name = self.diff.axes().profiles().get(profile);
        name.is_some_and(|name| policy.profile(name.as_str()).is_known())
    }

    pub(super) fn allowed(
        &self,
        deployment: usize,
        row: usize,
        profile: usize,
        scope: ScopeLevel,
    ) -> Circumstances {
        let sheet = self.sheets.get(deployment);
        sheet.map_or(Circumstances::NONE, |sheet| {
            sheet.allowed(row, profile, scope)
        })
    }

    /// Equal for rows that have the same outcomes in every compared deployment.
    pub(super) fn kind(&self, row: usize) -> Vec<Option<u32>> {
        self.sheets.iter().map(|sheet| sheet.class(row)).collect()
    }

    /// A remark about the allows of a row: whose data an answer has, and the
    /// deployments in which it is restricted. `None` if its allows have several
    /// confinements.
    pub(super) fn remark(&self, row: usize) -> Option<String> {
        let mut found = None;
        for deployment in &self.deployments {
            let sheet = self.sheets.get(*deployment)?;
            for profile in 0..self.diff.axes().profiles().len() {
                for scope in ScopeLevel::ALL {
                    for (cell, outcome) in sheet.answers(row, profile, scope)?.iter() {
                        let Outcome::Allow(extent) = outcome else {
                            continue;
                        };
                        let remark = match extent {
                            Extent::Tenant if cell.tenant().is_named() => "",
                            Extent::Scope if !cell.tenant().is_named() => "",
                            Extent::NotTenantData => " (no tenant data)",
                            Extent::Public => " (public: also without a credential)",
                            Extent::Tenant | Extent::Scope | Extent::Beyond => return None,
                        };
                        if *found.get_or_insert(remark) != remark {
                            return None;
                        }
                    }
                }
            }
        }
        let restricted = self.deployments.iter().copied().filter(|deployment| {
            let sheet = self.sheets.get(*deployment);
            sheet.is_some_and(|sheet| sheet.is_restricted(row))
        });
        let restricted: Vec<usize> = restricted.collect();
        let restricted = if restricted.is_empty() {
            String::new()
        } else {
            format!(", restricted in {}", self.words().names(&restricted))
        };
        let tenant = self.diff.axes().rows().get(row);
        let tenant = if tenant.is_some_and(Row::names_tenant_in_path) {
            " (the path names the tenant)"
        } else {
            found.unwrap_or_default()
        };
        Some(format!("{tenant}{restricted}"))
    }
}
