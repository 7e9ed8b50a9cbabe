//! The releases of a policy.

use alloc::vec::Vec;

use crate::document::fields::{Fields, Vocabulary, distinct_texts, entries, list, text};
use crate::document::policy::tables::{RowAt, Table, Tables};
use crate::document::policy::template::template;
use crate::document::policy::templates::Templates;
use crate::document::policy::written::ReleaseDocument;
use crate::document::report::Report;
use crate::document::yaml::node::{Entry, Node, Value};
use crate::fault::{ReleaseFault, excerpt};
use crate::path::template::Template;
use crate::release::{Access, Release, Techniques, Train};
use crate::util::hash::Map;

const FIELDS: &[&str] = &[
    "access",
    "techniques",
    "restricted",
    "open_beneath",
    "source",
];

const ACCESSES: Vocabulary<Access> = Vocabulary {
    choices: "`super_root_only`, `early_access` and `scoped`",
    words: &["super_root_only", "early_access", "scoped"],
    meanings: &[Access::SuperRootOnly, Access::EarlyAccess, Access::Scoped],
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Technique {
    Basic,
    Token,
}

const TECHNIQUES: Vocabulary<Technique> = Vocabulary {
    choices: "`basic` and `token`",
    words: &["basic", "token"],
    meanings: &[Technique::Basic, Technique::Token],
};

/// The releases, and the tables of all of them in the order of the document.
type Releases = (Map<Release, ReleaseDocument>, Option<Vec<Table>>);

/// Reads all releases, and looks up the rows of their tables in the catalogue,
/// if there is one. Returns no tables if that is too much work.
pub(super) fn read(
    node: &Node<'_>,
    templates: Option<&Templates<'_>>,
    report: &mut Report,
) -> Option<Releases> {
    if matches!(&node.value, Value::Map(all) if all.is_empty()) {
        report.add(node.mark, ReleaseFault::NoReleases);
    }
    let mut tables = templates.map(Tables::new);
    let mut releases = Map::default();
    let mut values: Map<([u32; 4], Train), Release> = Map::default();
    for entry in entries(node, report)? {
        let name = entry.key.parse::<Release>();
        match name {
            Ok(name) => {
                let first = *values.entry(name.display_order()).or_insert(name);
                if first != name {
                    let (release, other) = (name, first);
                    report.add(entry.mark, ReleaseFault::EqualReleases { release, other });
                }
            }
            Err(reason) => report.add(
                entry.mark,
                ReleaseFault::InvalidRelease {
                    text: excerpt(&entry.key),
                    reason,
                },
            ),
        }
        let Some((release, restricted, open)) = release(entry, report) else {
            continue;
        };
        let checked = tables
            .as_mut()
            .map(|tables| tables.add(&restricted, &open, report));
        if checked.is_some_and(|flow| flow.is_break()) {
            tables = None;
        }
        if let (Ok(name), Some(release)) = (name, release) {
            releases.insert(name, release);
        }
    }
    Some((releases, tables.map(|tables| tables.all)))
}

/// One release, if it has no fault of its own, and the rows of its two lists.
type Read = (Option<ReleaseDocument>, Vec<RowAt>, Vec<RowAt>);

fn release(entry: &Entry<'_>, report: &mut Report) -> Option<Read> {
    let fields = Fields::open(&entry.node, FIELDS, report)?;
    let access = fields
        .required("access", report)
        .and_then(|node| ACCESSES.read(node, report));
    let techniques = match fields.optional("techniques") {
        Some(node) => techniques(node, report),
        None => Some(Techniques {
            basic: true,
            token: true,
        }),
    };
    let restricted = restricted(access, &fields, report);
    let open = fields
        .optional("open_beneath")
        .and_then(|node| rows(node, report))
        .unwrap_or_default();
    let source = fields.optional("source").map(|node| text(node, report));
    let document = || {
        Some(ReleaseDocument {
            access: access?,
            techniques: techniques?,
            restricted: templates_of(&restricted),
            open_beneath: templates_of(&open),
            source: match source {
                Some(source) => Some(source?.into()),
                None => None,
            },
        })
    };
    Some((document(), restricted, open))
}

fn templates_of(rows: &[RowAt]) -> Vec<Template> {
    rows.iter().map(|(_, template)| template.clone()).collect()
}

/// The restricted table. A release has one exactly if it has scoped keys.
fn restricted(access: Option<Access>, fields: &Fields<'_, '_>, report: &mut Report) -> Vec<RowAt> {
    let Some(entry) = fields.entry("restricted") else {
        if let Some(access @ (Access::EarlyAccess | Access::Scoped)) = access {
            report.add(
                fields.mark(),
                ReleaseFault::RestrictedMissing {
                    access: access.as_str(),
                },
            );
        }
        return Vec::new();
    };
    if access == Some(Access::SuperRootOnly) {
        report.add(entry.mark, ReleaseFault::RestrictedRefused);
    }
    rows(&entry.node, report).unwrap_or_default()
}

/// The templates of a list. Duplicates are found later, when the alternations
/// are expanded.
fn rows(node: &Node<'_>, report: &mut Report) -> Option<Vec<RowAt>> {
    let mut rows = Vec::new();
    for node in list(node, report)? {
        let read = text(node, report).and_then(|text| template(node.mark, text, report));
        rows.extend(read.map(|template| (node.mark, template)));
    }
    Some(rows)
}

fn techniques(node: &Node<'_>, report: &mut Report) -> Option<Techniques> {
    if matches!(&node.value, Value::List(all) if all.is_empty()) {
        report.add(node.mark, ReleaseFault::NoTechniques);
    }
    let words = distinct_texts(node, report)?;
    let read: Vec<Technique> = words
        .into_iter()
        .filter_map(|(mark, word)| TECHNIQUES.meaning(mark, word, report))
        .collect();
    Some(Techniques {
        basic: read.contains(&Technique::Basic),
        token: read.contains(&Technique::Token),
    })
}
