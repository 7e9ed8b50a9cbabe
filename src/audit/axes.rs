//! The two long axes of a matrix: endpoint-methods and profiles, of one policy
//! or of two that are compared.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::endpoint::CatalogueEntry;
use crate::hash::{Map, Set};
use crate::id::ProfileId;
use crate::method::Method;
use crate::policy::Policy;
use crate::template::{Segment, Template};

/// One endpoint-method: what a row of a matrix is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    method: Method,
    template: Template,
    written: Template,
    /// A path that the template matches, below the base path.
    sample: String,
}

impl Row {
    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The template, below the base path and without alternations, as the
    /// first policy that has it writes it.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The template with its alternation, as the document writes it. Rows that
    /// have the same one stand together.
    pub fn written(&self) -> &Template {
        &self.written
    }

    /// A path that the template matches and no other template of the policies
    /// does, below the base path. Two templates that differ only in the names
    /// of their parameters have the same one.
    pub fn sample(&self) -> &str {
        &self.sample
    }
}

/// The endpoint-methods and profiles of one policy, or of several together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Axes {
    rows: Vec<Row>,
    profiles: Vec<ProfileId>,
    filler: String,
}

impl Axes {
    /// Everything that any of the policies has, in the order of the first, then
    /// what the next ones add. Endpoints are the same where method and template
    /// are, whatever the names of parameters; profiles where their names are.
    pub fn of(policies: &[&Policy]) -> Self {
        let filler = filler(policies);
        let mut rows: Map<(Method, String), (&Policy, &CatalogueEntry)> = Map::default();
        let mut profiles: Set<ProfileId> = Set::default();
        for policy in policies {
            for entry in policy.endpoints() {
                let sample = sample(entry, &filler);
                for method in entry.methods() {
                    rows.entry((method, sample.clone()))
                        .or_insert((policy, entry));
                }
            }
            profiles.extend(policy.profiles().cloned());
        }
        let row = |((method, sample), (policy, entry)): (_, (&Policy, &CatalogueEntry))| {
            let template = entry.template().clone();
            let written = policy.written_template(entry).unwrap_or(&template).clone();
            Row {
                method,
                template,
                written,
                sample,
            }
        };
        Self {
            rows: rows.into_iter().map(row).collect(),
            profiles: profiles.into_iter().collect(),
            filler,
        }
    }

    /// The endpoint-methods.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The profiles.
    pub fn profiles(&self) -> &[ProfileId] {
        &self.profiles
    }

    /// Whether a policy's entry is what the row is about.
    pub(crate) fn is_row_of(&self, row: &Row, entry: &CatalogueEntry) -> bool {
        row.sample == sample(entry, &self.filler)
    }

    /// The row of a method and an entry of one of the policies.
    pub(crate) fn row_of(&self, method: Method, entry: &CatalogueEntry) -> Option<usize> {
        let sample = sample(entry, &self.filler);
        self.rows
            .iter()
            .position(|row| row.method == method && row.sample == sample)
    }
}

/// A value for parameters that no literal of the policies equals, so that it is
/// taken for a parameter wherever it stands.
fn filler(policies: &[&Policy]) -> String {
    let segments = policies
        .iter()
        .flat_map(|policy| policy.endpoints())
        .flat_map(|entry| entry.template().segments());
    let literals: Set<&str> = segments.filter_map(literal).collect();
    let names =
        core::iter::once("any".to_string()).chain((1..).map(|number| format!("any{number}")));
    names
        .into_iter()
        .find(|name| !literals.contains(name.as_str()))
        .unwrap_or_default()
}

fn literal(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Literal(text) => Some(text),
        Segment::Parameter(_) | Segment::Alternation(_) => None,
    }
}

/// The path of an entry, below the base path, with the filler for parameters.
fn sample(entry: &CatalogueEntry, filler: &str) -> String {
    entry
        .template()
        .segments()
        .iter()
        .flat_map(|segment| ["/", literal(segment).unwrap_or(filler)])
        .collect()
}
