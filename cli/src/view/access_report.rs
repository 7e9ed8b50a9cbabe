//! A report for an audit: every question about one policy and one directory, with
//! the answers of the views that the other verbs print.
//!
//! A section is left out where its input is missing, and says so where it is cut
//! because it would be too large.

pub(crate) mod access;
mod accounts;
pub(crate) mod administration;
pub(crate) mod anchor;
pub(crate) mod facts;
pub(crate) mod findings;
pub(crate) mod head;
pub(crate) mod inputs;
pub(crate) mod invariants;
pub(crate) mod lines;
pub(crate) mod long_table;
pub(crate) mod people;
pub(crate) mod restricted;
pub(crate) mod title;
pub(crate) mod upgrade;
pub(crate) mod why;

use portcullis::audit::view::people::People;
use portcullis::audit::{Diff, Impact, Matrix};
use serde::Serialize;

use crate::view::access_report::access::Access;
use crate::view::access_report::administration::Administration;
use crate::view::access_report::facts::{Fact, Sections};
use crate::view::access_report::findings::{KeyTable, LintGroup, Suites};
use crate::view::access_report::head::{Column, DeploymentHead};
use crate::view::access_report::inputs::{Inputs, holders};
use crate::view::access_report::invariants::InvariantLine;
use crate::view::access_report::lines::Shown;
use crate::view::access_report::people::{SuperAdmins, UserAccess};
use crate::view::access_report::restricted::Restricted;
use crate::view::access_report::title::Title;
use crate::view::access_report::upgrade::Upgrade;
use crate::view::access_report::why::Explanations;

/// The report.
#[derive(Debug, Serialize)]
pub(crate) struct AccessReport {
    pub(crate) title: Title,
    pub(crate) facts: Vec<Fact>,
    pub(crate) deployments: Vec<DeploymentHead>,
    pub(crate) columns: Vec<Column>,
    pub(crate) restricted: Restricted,
    pub(crate) access: Access,
    pub(crate) super_admins: Option<SuperAdmins>,
    pub(crate) user_access: Option<UserAccess>,
    pub(crate) administration: Administration,
    pub(crate) upgrade: Option<Upgrade>,
    pub(crate) invariants: Vec<InvariantLine>,
    pub(crate) keys: Option<KeyTable>,
    pub(crate) lints: Vec<LintGroup>,
    pub(crate) suites: Option<Suites>,
    pub(crate) explanations: Explanations,
}

impl AccessReport {
    /// Asks every question. The matrix must be that of the releases to show.
    pub(crate) fn of(title: Title, inputs: &Inputs<'_>, matrix: &Matrix) -> Self {
        let shown = Shown::of(matrix);
        let diff = inputs
            .upgrade
            .and_then(|(from, to)| Diff::of_releases(inputs.policy, from, inputs.policy, to).ok());
        let holders = inputs.directory.map(|directory| holders(inputs, directory));
        let keys = inputs
            .directory
            .map(|directory| findings::keys(inputs, directory));
        let people = diff.as_ref().zip(inputs.directory);
        let people = people.map(|(diff, directory)| People {
            impact: Impact::of(diff, directory, inputs.now),
            instants: [inputs.now, inputs.now],
            directories: None,
        });
        let access = Access::of(matrix, &shown);
        let restricted = Restricted::of(matrix, &shown, diff.as_ref());
        let explanations = why::explained(inputs, matrix, &shown);
        let both = inputs.directory.zip(holders.as_deref());
        let mut report = Self {
            title,
            facts: Vec::new(),
            deployments: shown.deployments.clone(),
            columns: shown.columns.clone(),
            super_admins: inputs
                .directory
                .map(|directory| SuperAdmins::of(directory, inputs.now)),
            user_access: both
                .map(|(directory, holders)| UserAccess::of(matrix, &shown, directory, holders)),
            administration: Administration::of(matrix.axes(), inputs.policy, inputs.directory),
            upgrade: diff
                .as_ref()
                .map(|diff| Upgrade::of(diff, people.as_ref().zip(keys.as_ref()))),
            invariants: InvariantLine::all(inputs, matrix),
            keys: keys.as_ref().map(|keys| KeyTable::of(inputs, keys)),
            lints: LintGroup::of(inputs.lints),
            suites: inputs.tests.map(Suites::of),
            restricted,
            access,
            explanations,
        };
        report.facts = facts::facts(&Sections {
            deployments: report.first_deployments(),
            super_admins: report.super_admins.as_ref(),
            administration: &report.administration,
            upgrade: report.upgrade.as_ref(),
            keys: report.keys.as_ref(),
            suites: report.suites.as_ref(),
            lints: &report.lints,
            invariants: &report.invariants,
        });
        report
    }

    /// How many invariants do not hold.
    pub(crate) fn broken_invariants(&self) -> usize {
        let broken = self.invariants.iter().filter(|own| own.broken.is_some());
        broken.count()
    }

    /// The deployments to look at first: those of the upgrade, or the last two.
    pub(crate) fn first_deployments(&self) -> Vec<&DeploymentHead> {
        let all = &self.deployments;
        match &self.title.upgrade {
            Some((from, to)) => {
                let is_compared =
                    |own: &&DeploymentHead| own.release == *from || own.release == *to;
                all.iter().filter(is_compared).collect()
            }
            None => all.iter().skip(all.len().saturating_sub(2)).collect(),
        }
    }
}
