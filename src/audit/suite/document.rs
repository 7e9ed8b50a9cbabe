//! Documents of policy suites.
//!
//! A suite is checked against the names of its policy and its directory. The result
//! has every request of every case with its expectation. All names are replaced by
//! numbers.
//!
//! | rule | file |
//! |---|---|
//! | tenants, groups, principals | `people` |
//! | credentials | `credentials` |
//! | the contents of a suite | `written` |
//! | the names of an axis, their values, and faults about unknown names | `axis`, `axes` |
//! | cases and their requests | `cases` |
//! | cases about acts of administration, contradictions of these | `acts`, `contradicting_acts` |
//! | expectations, tables of them, contradictions | `expected` |

mod acts;
mod axes;
mod axis;
mod case_list;
mod cases;
mod contradicting_acts;
mod credentials;
mod expected;
mod people;
pub(crate) mod written;

use alloc::vec::Vec;

use crate::audit::suite::document::axes::Axes;
use crate::audit::suite::document::axis::title;
use crate::audit::suite::document::case_list::Marks;
use crate::audit::suite::document::written::{SuiteContext, SuiteDocument};
use crate::document::fields::{Fields, version, whole};
use crate::document::report::Report;
use crate::document::yaml::characters;
use crate::document::yaml::locate::positions;
use crate::document::yaml::node::{Node, NodeNumber};
use crate::fault::{Faults, Position};
use crate::time::UnixSeconds;

const FIELDS: &[&str] = &[
    "version",
    "suite",
    "now",
    "releases",
    "tenants",
    "groups",
    "principals",
    "credentials",
    "calls",
    "cases",
];

/// Reads a suite and checks the whole of it.
pub(crate) fn read_suite(
    bytes: &[u8],
    context: &SuiteContext<'_>,
) -> Result<SuiteDocument, Faults> {
    let mut marks = Marks::default();
    let mut document = crate::document::read(bytes, |root, report| {
        interpret(root, context, &mut marks, report)
    })?;
    let text = characters::text(bytes)?;
    let cases = document.cases.iter_mut().map(|case| &mut case.position);
    place(text, &marks.cases, cases);
    let expectations = document.expectations.iter_mut();
    place(
        text,
        &marks.expectations,
        expectations.map(|one| &mut one.position),
    );
    Ok(document)
}

/// Looks up the positions of some nodes.
fn place<'p>(text: &str, marks: &[NodeNumber], places: impl Iterator<Item = &'p mut Position>) {
    let mut sorted: Vec<(NodeNumber, &mut Position)> = marks.iter().copied().zip(places).collect();
    sorted.sort_by_key(|(mark, _)| *mark);
    let marks: Vec<NodeNumber> = sorted.iter().map(|(mark, _)| *mark).collect();
    for ((_, place), found) in sorted.into_iter().zip(positions(text, &marks)) {
        *place = found;
    }
}

fn interpret(
    root: &Node<'_>,
    context: &SuiteContext<'_>,
    marks: &mut Marks,
    report: &mut Report,
) -> Option<SuiteDocument> {
    let fields = Fields::open(root, FIELDS, report)?;
    version(&fields, report);
    let title = fields
        .required("suite", report)
        .and_then(|node| title(node, report));
    let now = fields
        .required("now", report)
        .and_then(|node| whole(node, report));
    let (deployments, names) = axes::deployments(context);
    let releases = fields
        .required("releases", report)
        .and_then(|node| names.select(node, report));
    let people = people::read(&fields, context, report);
    let (credentials, credential_names) = credentials::read(&fields, context, &people, report);
    let mut axes = Axes {
        deployments: names,
        principals: people.axis(),
        calls: axes::calls(context),
        tenants: people.tenant_axis(),
        credentials: credential_names,
    };
    if let Some(node) = fields.optional("calls") {
        axes.calls.read_groups(node, report);
    }
    let read = fields.required("cases", report).and_then(|node| {
        cases::read(
            node,
            releases.as_deref(),
            &mut axes,
            (context, &people),
            report,
        )
    });
    for axis in [
        &axes.deployments,
        &axes.principals,
        &axes.calls,
        &axes.credentials,
    ] {
        axis.suggest(report);
    }
    credentials::suggest(context, &people, report);
    people::suggest(&people, report);
    expected::suggest(report);
    let read = read?;
    *marks = read.marks;
    Some(SuiteDocument {
        title: title?,
        now: UnixSeconds::new(now?),
        tenants: people.named_tenants(),
        own_tenancy: people.own_tenancy,
        principals: people
            .principals
            .into_iter()
            .chain(read.principals)
            .collect(),
        credentials,
        sent: read.sent,
        deployments,
        cases: read.cases,
        expectations: read.expectations,
        requests: read.requests,
        acts: read.acts,
    })
}
