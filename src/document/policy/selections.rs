//! What an invariant is about: callers and endpoints, by name.

use alloc::collections::BTreeSet;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::document::directory::{ACCOUNTS, SCOPES};
use crate::document::fields::{Fields, Vocabulary, distinct_texts, text};
use crate::document::policy::endpoints::method;
use crate::document::policy::rows::slots;
use crate::document::policy::tables::report_unfit;
use crate::document::policy::template::template;
use crate::document::policy::templates::{Slot, Templates};
use crate::document::policy::written::SelectionDocument;
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Node, NodeNumber, Value};
use crate::fault::{InvariantFault, PolicyFault, ReleaseFault, excerpt};
use crate::id::ProfileId;
use crate::path::template::Template;
use crate::util::hash::Set;
use crate::util::limits;

const FIELDS: &[&str] = &[
    "profile",
    "scope",
    "account",
    "credential",
    "method",
    "endpoint",
    "beneath",
];

/// `only` has no `beneath`, the last field: what may lie beneath a path is too much
/// there.
const EXACT_FIELDS: &[&str] = match FIELDS.split_last() {
    Some((_, exact)) => exact,
    None => FIELDS,
};

/// The credentials of a matrix, by the words that suites use.
const CREDENTIALS: Vocabulary<&str> = Vocabulary {
    choices: "`token`, `key_by_basic`, `key_by_bearer` and `token_by_basic`, each also with `legacy_` before it",
    words: WORDS,
    meanings: WORDS,
};

const WORDS: &[&str] = &[
    "token",
    "key_by_basic",
    "key_by_bearer",
    "token_by_basic",
    "legacy_token",
    "legacy_key_by_basic",
    "legacy_key_by_bearer",
    "legacy_token_by_basic",
];

/// The names that invariants may use.
#[derive(Debug)]
pub(super) struct Names<'n, 't> {
    pub(super) profiles: BTreeSet<&'n str>,
    pub(super) releases: BTreeSet<&'n str>,
    pub(super) templates: &'n Templates<'t>,
}

impl Names<'_, '_> {
    /// The profile of this name.
    pub(super) fn profile(
        &self,
        mark: NodeNumber,
        name: &str,
        report: &mut Report,
    ) -> Option<ProfileId> {
        let known = self.profiles.contains(name);
        let profile = name.parse::<ProfileId>().ok().filter(|_| known);
        if profile.is_none() {
            report.add_unknown(mark, name, Among::Profiles, |profile| {
                PolicyFault::UnknownProfile { profile }
            });
        }
        profile
    }
}

/// Reads selections, and counts the templates that they name.
#[derive(Debug)]
pub(super) struct Selections<'n, 'x, 't> {
    names: &'n Names<'x, 't>,
    named: usize,
}

impl<'n, 'x, 't> Selections<'n, 'x, 't> {
    pub(super) fn new(names: &'n Names<'x, 't>) -> Self {
        Self { names, named: 0 }
    }

    pub(super) fn names(&self) -> &'n Names<'x, 't> {
        self.names
    }

    /// Whether the selections that were read name too many templates.
    pub(super) fn are_too_many(&self) -> bool {
        self.named > limits::SELECTED_TEMPLATES
    }

    /// Reads a selection.
    pub(super) fn read(
        &mut self,
        node: &Node<'_>,
        report: &mut Report,
    ) -> Option<SelectionDocument> {
        self.read_fields(node, FIELDS, report)
    }

    /// Reads a selection without `beneath`.
    pub(super) fn read_exact(
        &mut self,
        node: &Node<'_>,
        report: &mut Report,
    ) -> Option<SelectionDocument> {
        self.read_fields(node, EXACT_FIELDS, report)
    }

    fn read_fields(
        &mut self,
        node: &Node<'_>,
        known: &'static [&'static str],
        report: &mut Report,
    ) -> Option<SelectionDocument> {
        let fields = Fields::open(node, known, report)?;
        if matches!(&node.value, Value::Map(all) if all.is_empty()) {
            report.add(node.mark, InvariantFault::UnlimitedSelection);
        }
        let names = self.names;
        let profiles = each(&fields, "profile", report, |mark, name, report| {
            names.profile(mark, name, report)
        });
        let scopes = each(&fields, "scope", report, |mark, word, report| {
            SCOPES.meaning(mark, word, report)
        });
        let accounts = each(&fields, "account", report, |mark, word, report| {
            ACCOUNTS.meaning(mark, word, report)
        });
        let credentials = each(&fields, "credential", report, |mark, word, report| {
            CREDENTIALS.meaning(mark, word, report)
        });
        let methods = each(&fields, "method", report, method);
        let mut found = Set::default();
        let endpoints = each(&fields, "endpoint", report, |mark, text, report| {
            let row = template(mark, text, report)?;
            self.endpoint(mark, &row, &mut found, report);
            Some(row)
        });
        let beneath = each(&fields, "beneath", report, |mark, text, report| {
            let begin = template(mark, text, report)?;
            self.beneath(mark, &begin, report);
            Some(begin)
        });
        Some(SelectionDocument {
            profiles: profiles?,
            scopes: scopes?,
            accounts: accounts?,
            credentials: credentials?,
            methods: methods?,
            endpoints: endpoints?,
            beneath: beneath?,
        })
    }

    /// Checks that the catalogue has what a template expands to, and that the
    /// list does not name it yet.
    fn endpoint(
        &mut self,
        mark: NodeNumber,
        row: &Template,
        found: &mut Set<Slot>,
        report: &mut Report,
    ) {
        let templates = self.names.templates;
        let (slots, unfit) = slots(templates, row);
        if let Some(unfit) = unfit {
            report_unfit(templates, mark, unfit, report);
        }
        self.named = self.named.saturating_add(slots.len() + 1);
        let repeated = slots.into_iter().find(|slot| !found.insert(*slot));
        if let Some(slot) = repeated {
            let template = templates.excerpt(slot);
            report.add(mark, ReleaseFault::RepeatedRow { template });
        }
    }

    /// Checks that each template is the beginning of one of the catalogue.
    fn beneath(&mut self, mark: NodeNumber, begin: &Template, report: &mut Report) {
        let templates = self.names.templates;
        let expanded = begin.expand();
        self.named = self.named.saturating_add(expanded.len());
        let nothing = expanded
            .iter()
            .find(|begin| begin.segments().is_empty() || !templates.goes_on_from(begin));
        let Some(begin) = nothing else {
            return;
        };
        if let (_, None) = slots(templates, begin) {
            // It is an endpoint, so another name was hardly meant.
            let template = excerpt(&begin.to_string());
            report.add(mark, InvariantFault::NothingBeneath { template });
        } else {
            report.add_unknown(mark, &begin.to_string(), Among::Templates, |template| {
                InvariantFault::NothingBeneath { template }
            });
        }
    }
}

/// The meanings of the texts of a field; none if it is left out. `None` if one
/// was reported.
fn each<T>(
    fields: &Fields<'_, '_>,
    name: &str,
    report: &mut Report,
    mut meaning: impl FnMut(NodeNumber, &str, &mut Report) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(node) = fields.optional(name) else {
        return Some(Vec::new());
    };
    // Every text is read, so that every fault is reported.
    let read: Vec<Option<T>> = texts(node, report)?
        .into_iter()
        .map(|(mark, text)| meaning(mark, text, report))
        .collect();
    read.into_iter().collect()
}

/// One text, or the texts of a list.
pub(super) fn texts<'n>(
    node: &'n Node<'_>,
    report: &mut Report,
) -> Option<Vec<(NodeNumber, &'n str)>> {
    match &node.value {
        Value::List(all) => {
            if all.is_empty() {
                report.add(node.mark, InvariantFault::NoNames);
            }
            distinct_texts(node, report)
        }
        Value::Null
        | Value::Bool(_)
        | Value::Whole(_)
        | Value::Number
        | Value::Text(_)
        | Value::Map(_) => Some(Vec::from([(node.mark, text(node, report)?)])),
    }
}
