//! The report as one HTML file: nothing is loaded from elsewhere, and nothing is
//! hidden from a reader without scripts.

use std::io::{self, Write};
use std::sync::LazyLock;

use askama::Template;
use base64ct::{Base64, Encoding};
use portcullis::{Faults, Reason};
use sha2::{Digest, Sha256};

use crate::text::{Text, Visible};
use crate::view::access_report::access::{AccessTable, Mark};
use crate::view::access_report::head::{Column, DeploymentHead};
use crate::view::access_report::people::{UserAccess, UserTable};
use crate::view::access_report::{AccessReport, title};
use crate::view::provenance::Provenance;

/// The style of the page.
pub(crate) const STYLE: &str = include_str!("../../templates/report.css");
/// The filter of the page.
pub(crate) const SCRIPT: &str = include_str!("../../templates/report.js");

/// What a browser may load and run: this style and this script, by their sums.
static SECURITY: LazyLock<String> = LazyLock::new(|| {
    let sum = |text: &str| Base64::encode_string(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        sum(STYLE),
        sum(SCRIPT)
    )
});

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'r> {
    report: &'r AccessReport,
}

#[derive(Template)]
#[template(path = "faults.html")]
struct FaultPage<'r> {
    name: &'r str,
    faults: Vec<String>,
    more: usize,
    sum: String,
    provenance: &'r Provenance,
}

/// Prints a report.
pub(crate) fn report(output: &mut impl Write, report: &AccessReport) -> io::Result<()> {
    print(output, &Page { report })
}

/// Prints that a document is not valid, and why.
pub(crate) fn faults(
    output: &mut impl Write,
    name: &str,
    text: &Text,
    faults: &Faults,
    provenance: &Provenance,
) -> io::Result<()> {
    let page = FaultPage {
        name,
        faults: faults.iter().map(ToString::to_string).collect(),
        more: faults.more(),
        sum: title::sum(text),
        provenance,
    };
    print(output, &page)
}

/// Prints a page. Hidden characters in names are escaped, as in every report.
fn print(output: &mut impl Write, page: &impl Template) -> io::Result<()> {
    let text = page.render().map_err(io::Error::other)?;
    Visible(output).write_all(text.as_bytes())
}

impl FaultPage<'_> {
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn security(&self) -> &str {
        &SECURITY
    }
}

impl Page<'_> {
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn security(&self) -> &str {
        &SECURITY
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a template passes references"
    )]
    fn deployment(&self, place: &usize) -> &DeploymentHead {
        static NONE: LazyLock<DeploymentHead> = LazyLock::new(DeploymentHead::default);
        self.report.deployments.get(*place).unwrap_or(&NONE)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a template passes references"
    )]
    fn column(&self, place: &usize) -> &Column {
        static NONE: LazyLock<Column> = LazyLock::new(Column::default);
        self.report.columns.get(*place).unwrap_or(&NONE)
    }

    #[expect(
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref,
        reason = "a template calls methods, and passes references"
    )]
    fn mark<'t>(&self, table: &'t AccessTable, place: &usize) -> &'t Mark {
        static NONE: LazyLock<Mark> = LazyLock::new(Mark::default);
        table.legend.get(*place).unwrap_or(&NONE)
    }

    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn state_text(&self, state: &str) -> &'static str {
        match state {
            "restricted" => "restricted: only root users with Super Admin may call it",
            "gate" => "not restricted, but only root users with Super Admin may call anything",
            _ => "not restricted",
        }
    }

    /// A text with arrows as a book prints them.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn arrows(&self, text: &str) -> String {
        text.replace("->", "→")
    }

    /// The parts of a path, between which a line may end.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn parts<'t>(&self, path: &'t str) -> impl Iterator<Item = &'t str> {
        path.split_inclusive(['/', '|'])
    }

    /// The parts of a name, between which a line may end.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn words<'t>(&self, name: &'t str) -> impl Iterator<Item = &'t str> {
        name.split_inclusive(['_', '-', '.', ':'])
    }

    /// A text, with whether each part of it is between two backticks.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn quoted<'t>(&self, text: &'t str) -> impl Iterator<Item = (bool, &'t str)> {
        let parts = text.split('`').enumerate();
        parts.map(|(number, part)| (number % 2 == 1, part))
    }

    /// The method and the paths of a line of endpoints: `GET /a, /b`.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn method_and_paths<'t>(&self, line: &'t str) -> (&'t str, Vec<&'t str>) {
        let begin = line.find('/').unwrap_or(line.len());
        let (method, paths) = line.split_at_checked(begin).unwrap_or((line, ""));
        let paths = paths.split(", ").filter(|path| !path.is_empty());
        (method.trim_end(), paths.collect())
    }

    /// What a deployment restricts, a line for each method.
    fn restricted_in(&self, head: &DeploymentHead) -> Vec<String> {
        let heads = &self.report.deployments;
        let place = heads.iter().position(|own| own.anchor == head.anchor);
        let mut by_method: Vec<(&str, String)> = Vec::new();
        for line in &self.report.restricted.lines {
            if place.and_then(|place| line.states.get(place)) != Some(&"restricted") {
                continue;
            }
            match by_method.iter_mut().find(|(own, _)| *own == line.method) {
                Some((_, text)) => {
                    text.push_str(", ");
                    text.push_str(&line.endpoint);
                }
                None => by_method.push((&line.method, line.endpoint.clone())),
            }
        }
        let lines = by_method.into_iter();
        lines
            .map(|(method, text)| format!("{method} {text}"))
            .collect()
    }

    /// The names of the deployments.
    fn deployments(&self) -> String {
        let names = self.report.deployments.iter().map(|head| &*head.name);
        names.collect::<Vec<_>>().join(", ")
    }

    /// The releases to look at first, each once.
    fn first_releases(&self) -> Vec<&DeploymentHead> {
        let mut releases: Vec<&DeploymentHead> = Vec::new();
        for head in self.report.first_deployments() {
            if releases.iter().all(|own| own.release != head.release) {
                releases.push(head);
            }
        }
        releases
    }

    /// A release with letters behind its numbers, if the report has others as well.
    fn lettered(&self) -> Option<&str> {
        let letters = |head: &DeploymentHead| {
            let numbers = head
                .release
                .trim_end_matches(|own: char| own.is_ascii_lowercase());
            head.release.len() - numbers.len()
        };
        let heads = &self.report.deployments;
        let is_mixed = heads.iter().any(|head| letters(head) == 0);
        let mut first = self.report.first_deployments().into_iter().chain(heads);
        let lettered = first.find(|head| letters(head) > 0);
        lettered.filter(|_| is_mixed).map(|head| &*head.release)
    }

    /// Whether a table is one of those to look at first.
    fn is_first(&self, head: &DeploymentHead) -> bool {
        let mut first = self.report.first_deployments().into_iter();
        first.any(|own| own.anchor == head.anchor)
    }

    /// Whether one of the tables of some users is one of those to look at first.
    fn has_first(&self, same: &[&UserTable]) -> bool {
        let first = self.report.first_deployments();
        let is_first = |own: &&UserTable| first.iter().any(|head| head.name == own.deployment);
        same.iter().any(is_first)
    }

    /// Every reason with the number of its question, in the order of the questions.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn reasons(&self) -> Vec<(u8, Reason)> {
        let reasons = Reason::ALL.into_iter();
        let mut numbered: Vec<(u8, Reason)> = reasons
            .map(|reason| (reason.question().number(), reason))
            .collect();
        numbered.sort_by_key(|(number, _)| *number);
        numbered
    }

    /// What the reason with a code says.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn reason_text(&self, code: &str) -> &'static str {
        let mut reasons = Reason::ALL.into_iter();
        let own = reasons.find(|reason| reason.code() == code);
        own.map_or("", Reason::text)
    }

    /// Whether it is of one of the two releases of the upgrade.
    fn is_compared(&self, head: &DeploymentHead) -> bool {
        let upgrade = self.report.title.upgrade.as_ref();
        upgrade.is_some_and(|(from, to)| head.release == *from || head.release == *to)
    }

    /// Another deployment in which everything is decided as in this one: one of those to
    /// look at first, or an earlier one.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a template passes references"
    )]
    fn same_access(&self, place: &usize) -> Option<&str> {
        let tables = || {
            self.report
                .access
                .tables
                .iter()
                .zip(&self.report.deployments)
        };
        let (own, head) = tables().nth(*place)?;
        let is_same = |(other, _): &(&AccessTable, _)| other.decides_as(own);
        let mut before = tables().take(*place);
        let same = if self.is_first(head) {
            before.find(|own| self.is_first(own.1) && is_same(own))
        } else {
            let mut first = tables().filter(|own| self.is_first(own.1));
            first.find(is_same).or_else(|| before.find(is_same))
        };
        same.map(|(other, _)| &*other.deployment)
    }

    /// The tables of users, those with the same answers together.
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn user_sheets<'t>(&self, access: &'t UserAccess) -> Vec<Vec<&'t UserTable>> {
        let mut sheets: Vec<Vec<&UserTable>> = Vec::new();
        for table in &access.tables {
            let is_same = |own: &&mut Vec<&UserTable>| {
                own.first().is_some_and(|first| first.answers_as(table))
            };
            match sheets.iter_mut().find(is_same) {
                Some(own) => own.push(table),
                None => sheets.push(vec![table]),
            }
        }
        sheets
    }

    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn state_mark(&self, state: &str) -> &'static str {
        match state {
            "restricted" => "R",
            "gate" => "S",
            _ => "○",
        }
    }

    /// Each scope with the number of its columns.
    fn scopes(&self) -> Vec<(&'static str, usize)> {
        let mut scopes: Vec<(&'static str, usize)> = Vec::new();
        for column in &self.report.columns {
            match scopes.last_mut() {
                Some((scope, count)) if *scope == column.scope => *count += 1,
                Some(_) | None => scopes.push((column.scope, 1)),
            }
        }
        scopes
    }

    fn profiles(&self) -> Vec<&str> {
        let columns = self.report.columns.iter();
        distinct(columns.map(|column| column.profile.as_str()))
    }

    fn areas(&self) -> Vec<&str> {
        let tables = self.report.access.tables.iter();
        let mut areas = distinct(
            tables
                .flat_map(|table| &table.lines)
                .map(|line| &*line.area),
        );
        areas.sort_unstable();
        areas
    }

    fn methods(&self) -> Vec<&str> {
        let tables = self.report.access.tables.iter();
        distinct(
            tables
                .flat_map(|table| &table.lines)
                .map(|line| &*line.method),
        )
    }

    /// Whether the explanation of this number is the first one of its deployment.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a template passes references"
    )]
    fn begins_deployment(&self, place: &usize) -> bool {
        let at = |place: usize| self.report.explanations.each.get(place);
        let before = place.checked_sub(1).and_then(at);
        before.map(|own| &own.deployment) != at(*place).map(|own| &own.deployment)
    }
}

/// Every text once, in the order in which they are first met.
fn distinct<'t>(all: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut met = std::collections::BTreeSet::new();
    all.filter(|text| met.insert(*text)).collect()
}
