//! The invariants of a policy: what must always hold.
//!
//! Only names are checked here. Whether an invariant holds is checked when it is
//! asked for, because that takes a decision for every request.

use alloc::vec::Vec;

use crate::document::fields::{Fields, Vocabulary, entries, text};
use crate::document::policy::selections::{Names, Selections, texts};
use crate::document::policy::written::{InvariantDocument, StatementDocument};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Entry, Node, Value};
use crate::fault::{InvariantFault, excerpt};
use crate::id::{InvariantId, ProfileId};
use crate::release::Release;
use crate::util::hash::Map;
use crate::util::limits;

const FIELDS: &[&str] = &[
    "why", "source", "releases", "never", "only", "may", "monotone",
];

/// The word for every profile and those that it inherits from.
pub(crate) const INHERITS: &str = "inherits";

const MONOTONE: Vocabulary<()> = Vocabulary {
    choices: "`inherits` and a list of profiles, the weakest first",
    words: &[INHERITS],
    meanings: &[()],
};

/// Reads the invariants.
pub(super) fn read(
    node: &Node<'_>,
    names: &Names<'_, '_>,
    report: &mut Report,
) -> Option<Map<InvariantId, InvariantDocument>> {
    let listed = entries(node, report)?;
    let most = limits::INVARIANTS;
    if listed.len() > most {
        report.add(node.mark, InvariantFault::TooManyInvariants { most });
        return None;
    }
    let mut selections = Selections::new(names);
    let mut invariants = Map::default();
    for entry in listed {
        let name = entry.key.parse::<InvariantId>();
        if let Err(reason) = &name {
            let (text, reason) = (excerpt(&entry.key), *reason);
            report.add(
                entry.mark,
                InvariantFault::InvalidInvariant { text, reason },
            );
        }
        let read = invariant(entry, &mut selections, report);
        if let (Ok(name), Some(read)) = (name, read) {
            invariants.insert(name, read);
        }
        if selections.are_too_many() {
            let most = limits::SELECTED_TEMPLATES;
            report.add(node.mark, InvariantFault::TooManySelected { most });
            return None;
        }
    }
    Some(invariants)
}

fn invariant(
    entry: &Entry<'_>,
    selections: &mut Selections<'_, '_, '_>,
    report: &mut Report,
) -> Option<InvariantDocument> {
    let fields = Fields::open(&entry.node, FIELDS, report)?;
    let why = fields.optional("why").map(|node| text(node, report));
    let source = fields.optional("source").map(|node| text(node, report));
    let releases = match fields.optional("releases") {
        Some(node) => releases(node, selections.names(), report),
        None => Some(Vec::new()),
    };
    let statement = statement(entry, &fields, selections, report);
    Some(InvariantDocument {
        why: match why {
            Some(why) => Some(why?.into()),
            None => None,
        },
        source: match source {
            Some(source) => Some(source?.into()),
            None => None,
        },
        releases: releases?,
        statement: statement?,
    })
}

fn releases(node: &Node<'_>, names: &Names<'_, '_>, report: &mut Report) -> Option<Vec<Release>> {
    let listed = texts(node, report)?;
    let releases = listed.into_iter().map(|(mark, name)| {
        let known = names.releases.contains(name);
        let release = name.parse::<Release>().ok().filter(|_| known);
        if release.is_none() {
            report.add_unknown(mark, name, Among::Releases, |release| {
                InvariantFault::UnknownRelease { release }
            });
        }
        release
    });
    // Every name is looked up, so that every fault is reported.
    let releases: Vec<Option<Release>> = releases.collect();
    releases.into_iter().collect()
}

fn statement(
    entry: &Entry<'_>,
    fields: &Fields<'_, '_>,
    selections: &mut Selections<'_, '_, '_>,
    report: &mut Report,
) -> Option<StatementDocument> {
    let (never, only) = (fields.optional("never"), fields.optional("only"));
    let (may, monotone) = (fields.entry("may"), fields.optional("monotone"));
    if let Some(entry) = may.filter(|_| only.is_none()) {
        report.add(entry.mark, InvariantFault::MayWithoutOnly);
    }
    let statements = [never, only, monotone];
    if statements.iter().flatten().count() != 1 {
        // Without `only`, the fault of `may` is reported already.
        if may.is_none() || only.is_some() || never.is_some() {
            report.add(entry.mark, InvariantFault::NotOneStatement);
        }
        return None;
    }
    if let Some(node) = never {
        return selections.read(node, report).map(StatementDocument::Never);
    }
    if let Some(node) = only {
        let only = selections.read_exact(node, report);
        let may = match may {
            Some(entry) => selections.read(&entry.node, report).map(Some),
            None => Some(None),
        };
        return Some(StatementDocument::Only {
            only: only?,
            may: may?,
        });
    }
    chain(monotone?, selections.names(), report)
}

/// Reads `monotone`: the word `inherits`, or profiles from weak to strong.
fn chain(node: &Node<'_>, names: &Names<'_, '_>, report: &mut Report) -> Option<StatementDocument> {
    if let Value::Text(_) = &node.value {
        let read = MONOTONE.read(node, report);
        return read.map(|()| StatementDocument::MonotoneInherits);
    }
    let listed = texts(node, report)?;
    if let [_] = listed.as_slice() {
        report.add(node.mark, InvariantFault::ShortChain);
    }
    let profiles: Vec<Option<ProfileId>> = listed
        .into_iter()
        .map(|(mark, name)| names.profile(mark, name, report))
        .collect();
    let profiles: Option<Vec<ProfileId>> = profiles.into_iter().collect();
    profiles.map(StatementDocument::Monotone)
}
