//! The report as one HTML file: nothing is loaded from elsewhere, and nothing is
//! hidden from a reader without scripts.

use std::io::{self, Write};
use std::sync::LazyLock;

use askama::Template;
use base64ct::{Base64, Encoding};
use portcullis::Faults;
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

    /// What a deployment restricts.
    fn restricted_in(&self, head: &DeploymentHead) -> Vec<String> {
        let heads = &self.report.deployments;
        let place = heads.iter().position(|own| own.anchor == head.anchor);
        let lines = self.report.restricted.lines.iter();
        let own = lines.filter(|line| {
            let state = place.and_then(|place| line.states.get(place));
            state == Some(&"restricted")
        });
        own.map(|line| format!("{} {}", line.method, line.endpoint))
            .collect()
    }

    /// Whether it is of one of the two releases of the upgrade.
    fn is_compared(&self, head: &DeploymentHead) -> bool {
        let upgrade = self.report.title.upgrade.as_ref();
        upgrade.is_some_and(|(from, to)| head.release == *from || head.release == *to)
    }

    /// An earlier deployment in which everything is decided as in this one.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a template passes references"
    )]
    fn same_access(&self, place: &usize) -> Option<&str> {
        let (before, rest) = self.report.access.tables.split_at_checked(*place)?;
        let own = rest.first()?;
        let same = before.iter().find(|other| other.decides_as(own))?;
        Some(&same.deployment)
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
