//! Invariants in their one canonical spelling.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::document::policy::invariants::INHERITS;
use crate::document::policy::{InvariantDocument, SelectionDocument, StatementDocument};
use crate::id::{InvariantId, ProfileId};
use crate::policy::canonical::page::{Page, Scalar, rows, sorted};
use crate::release::Release;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

/// A field with its values as YAML has them.
type Field = (&'static str, Vec<String>);

/// Adds the invariants, if there are any.
pub(super) fn add(page: &mut Page, invariants: &Map<InvariantId, InvariantDocument>) {
    if invariants.is_empty() {
        return;
    }
    page.line(0, format_args!("invariants:"));
    let sorted: BTreeMap<&InvariantId, &InvariantDocument> = invariants.iter().collect();
    for (name, written) in sorted {
        page.line(1, format_args!("{}:", Scalar(name.as_str())));
        page.text(2, "why", written.why.as_deref());
        page.text(2, "source", written.source.as_deref());
        if !written.releases.is_empty() {
            block(page, 2, &("releases", releases(&written.releases)));
        }
        match &written.statement {
            StatementDocument::Never(never) => selection(page, "never", never),
            StatementDocument::Only { only, may } => {
                selection(page, "only", only);
                if let Some(may) = may {
                    selection(page, "may", may);
                }
            }
            StatementDocument::MonotoneInherits => {
                page.line(2, format_args!("monotone: {INHERITS}"));
            }
            StatementDocument::Monotone(profiles) => {
                block(page, 2, &("monotone", chain(profiles)));
            }
        }
    }
}

fn selection(page: &mut Page, name: &str, selection: &SelectionDocument) {
    page.line(2, format_args!("{name}:"));
    for field in fields(selection) {
        block(page, 3, &field);
    }
}

/// Adds one value on one line, or a list with one line per value.
fn block(page: &mut Page, level: usize, (name, values): &Field) {
    if let [value] = values.as_slice() {
        return page.line(level, format_args!("{name}: {value}"));
    }
    page.line(level, format_args!("{name}:"));
    for value in values {
        page.line(level + 1, format_args!("- {value}"));
    }
}

/// What an invariant says, in one line of YAML.
pub(crate) fn in_one_line(written: &InvariantDocument) -> String {
    let mut parts = match &written.statement {
        StatementDocument::Never(never) => Vec::from([format!("never: {}", braced(never))]),
        StatementDocument::Only { only, may } => {
            let may = may.as_ref().map(|may| format!("may: {}", braced(may)));
            let only = format!("only: {}", braced(only));
            core::iter::once(only).chain(may).collect()
        }
        StatementDocument::MonotoneInherits => Vec::from([format!("monotone: {INHERITS}")]),
        StatementDocument::Monotone(profiles) => {
            Vec::from([format!("monotone: {}", bracketed(&chain(profiles)))])
        }
    };
    if !written.releases.is_empty() {
        parts.push(format!(
            "releases: {}",
            bracketed(&releases(&written.releases))
        ));
    }
    parts.join(", ")
}

fn braced(selection: &SelectionDocument) -> String {
    let fields = fields(selection);
    let fields = fields
        .iter()
        .map(|(name, values)| format!("{name}: {}", bracketed(values)));
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

fn bracketed(values: &[String]) -> String {
    match values {
        [value] => value.clone(),
        _ => format!("[{}]", values.join(", ")),
    }
}

/// The fields of a selection, in order, each with its values in order.
fn fields(selection: &SelectionDocument) -> Vec<Field> {
    let SelectionDocument {
        profiles,
        scopes,
        accounts,
        credentials,
        methods,
        endpoints,
        beneath,
    } = selection;
    let scopes = ScopeLevel::ALL
        .into_iter()
        .filter(|own| scopes.contains(own));
    let mut accounts: Vec<&str> = accounts.iter().map(|own| own.as_str()).collect();
    accounts.sort_unstable();
    let mut methods = methods.clone();
    methods.sort_by_key(|method| method.index());
    let names = sorted(profiles, ProfileId::as_str);
    let credentials = sorted(credentials, |word| word);
    let all: [Field; 7] = [
        ("profile", scalars(&names)),
        (
            "scope",
            scopes.map(|own| own.as_str().to_string()).collect(),
        ),
        (
            "account",
            accounts.into_iter().map(ToString::to_string).collect(),
        ),
        (
            "credential",
            credentials.into_iter().map(ToString::to_string).collect(),
        ),
        ("method", methods.iter().map(ToString::to_string).collect()),
        ("endpoint", scalars(&rows(endpoints))),
        ("beneath", scalars(&rows(beneath))),
    ];
    all.into_iter()
        .filter(|(_, values)| !values.is_empty())
        .collect()
}

/// Texts as YAML has them, in their order.
fn scalars(texts: &[impl AsRef<str>]) -> Vec<String> {
    let texts = texts.iter().map(AsRef::as_ref);
    texts.map(|text| Scalar(text).to_string()).collect()
}

/// The names of profiles, in the order in which they are written.
fn chain(profiles: &[ProfileId]) -> Vec<String> {
    let names: Vec<&str> = profiles.iter().map(ProfileId::as_str).collect();
    scalars(&names)
}

fn releases(releases: &[Release]) -> Vec<String> {
    let mut releases = releases.to_vec();
    releases.sort_by_key(|release| release.display_order());
    let names: Vec<String> = releases.iter().map(ToString::to_string).collect();
    scalars(&names)
}
