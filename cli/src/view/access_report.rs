//! A report for an audit: every question about one policy and one directory, with
//! the answers of the views that the other verbs print.
//!
//! A section is left out where its input is missing, and says so where it is cut
//! because it would be too large.

pub(crate) mod access;
pub(crate) mod administration;
pub(crate) mod anchor;
pub(crate) mod findings;
pub(crate) mod lines;
pub(crate) mod long_table;
pub(crate) mod people;
pub(crate) mod restricted;
pub(crate) mod title;
pub(crate) mod upgrade;
pub(crate) mod why;

use std::sync::Arc;

use portcullis::audit::view::people::People;
use portcullis::audit::{Diff, Impact, KeyHolder, Matrix};
use portcullis::{Directory, Engine, Policy, Release, UnixSeconds};
use serde::Serialize;

use crate::text::Text;
use crate::view::access_report::access::Access;
use crate::view::access_report::administration::Administration;
use crate::view::access_report::findings::{KeyTable, LintGroup, Suites};
use crate::view::access_report::lines::Shown;
use crate::view::access_report::people::{SuperAdmins, UserAccess};
use crate::view::access_report::restricted::Restricted;
use crate::view::access_report::title::{Fact, Title};
use crate::view::access_report::upgrade::Upgrade;
use crate::view::access_report::why::Explanations;
use crate::view::lint::Lints;
use crate::view::test_run::TestRun;

/// What a report is made from.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'i> {
    /// The policy.
    pub(crate) policy: &'i Arc<Policy>,
    /// Its text, in which places have lines.
    pub(crate) policy_text: &'i Text,
    /// The directory, if there is one.
    pub(crate) directory: Option<&'i Directory>,
    /// The releases to show.
    pub(crate) releases: &'i [Release],
    /// The two releases of an upgrade.
    pub(crate) upgrade: Option<(Release, Release)>,
    /// When keys are judged.
    pub(crate) now: UnixSeconds,
    /// The lints of the policy.
    pub(crate) lints: &'i Lints,
    /// The run of the suites, if there are any.
    pub(crate) tests: Option<&'i TestRun>,
}

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
    pub(crate) keys: Option<KeyTable>,
    pub(crate) lints: Vec<LintGroup>,
    pub(crate) suites: Option<Suites>,
    pub(crate) explanations: Explanations,
}

/// One deployment, as the head of a column or a table.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct DeploymentHead {
    /// Its part of anchors.
    pub(crate) anchor: String,
    /// The release, such as `5.4.1`.
    pub(crate) release: String,
    /// The position of the switch for scoped keys, where the release has it.
    pub(crate) switch: Option<bool>,
    /// The release and the switch, in words.
    pub(crate) name: String,
    /// Whether only root users with Super Admin may call the API.
    pub(crate) is_closed: bool,
    /// Who may call the API at all, in words.
    pub(crate) gate: &'static str,
    /// Where the author of the policy has its rules from.
    pub(crate) source: Option<String>,
    /// How many endpoints are restricted.
    pub(crate) restricted: usize,
}

/// A profile at a scope, as the head of a column.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Column {
    pub(crate) profile: String,
    pub(crate) scope: &'static str,
    /// Its part of anchors.
    pub(crate) anchor: String,
    /// Whether it is the first one of its scope.
    pub(crate) is_first: bool,
}

impl AccessReport {
    /// Asks every question. The matrix must be that of the releases to show.
    pub(crate) fn of(title: Title, inputs: &Inputs<'_>, matrix: &Matrix) -> Self {
        let shown = Shown::of(matrix);
        let diff = inputs
            .upgrade
            .and_then(|(from, to)| Diff::of_releases(inputs.policy, from, inputs.policy, to).ok());
        let holders = inputs.directory.map(|directory| holders(inputs, directory));
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
            administration: Administration::of(inputs.policy, inputs.directory),
            upgrade: diff.as_ref().map(|diff| Upgrade::of(diff, people.as_ref())),
            keys: inputs
                .directory
                .map(|directory| KeyTable::of(inputs, directory)),
            lints: LintGroup::of(inputs.lints),
            suites: inputs.tests.map(Suites::of),
            restricted,
            access,
            explanations,
        };
        report.facts = title::facts(&report);
        report
    }
}

/// The keys of the directory. Whether a key is valid does not depend on the release.
pub(crate) fn holders(inputs: &Inputs<'_>, directory: &Directory) -> Vec<KeyHolder> {
    let release = inputs.releases.first();
    let deployment = release.map(|release| portcullis::Deployment::new(*release));
    let engine = deployment.and_then(|own| Engine::new(inputs.policy.clone(), own).ok());
    engine.map_or_else(Vec::new, |engine| {
        KeyHolder::all(directory, &engine, inputs.now)
    })
}
