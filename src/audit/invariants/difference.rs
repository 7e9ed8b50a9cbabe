//! The invariants of two policies, compared as they are written.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::document::policy::{InvariantDocument, SelectionDocument, StatementDocument};
use crate::id::InvariantId;
use crate::path::template::Template;
use crate::policy::{Policy, canonical};
use crate::util::hash::Set;

/// An invariant that two policies do not state in the same way.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InvariantChange {
    /// Its name.
    pub name: InvariantId,
    /// What the change does to what it says.
    pub effect: InvariantEffect,
    /// What the first policy says, in one line of YAML; `None` if it does not
    /// have the invariant.
    pub before: Option<String>,
    /// What the second policy says; `None` if it does not have the invariant.
    pub after: Option<String>,
}

/// What a change does to what an invariant says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvariantEffect {
    /// Only the first policy has it.
    Removed,
    /// Everything that the second policy demands, the first demands too.
    Weaker,
    /// The two cannot be compared by the lists that they name.
    Different,
    /// Everything that the first policy demands, the second demands too.
    Stronger,
    /// Only the second policy has it.
    Added,
}

impl InvariantEffect {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Weaker => "weaker",
            Self::Different => "different",
            Self::Stronger => "stronger",
            Self::Added => "added",
        }
    }
}

impl InvariantChange {
    /// Every invariant that the two policies do not state in the same way, in the
    /// order of the first and then of the second. Reasons, sources and the order
    /// of lists do not count.
    pub fn between(before: &Policy, after: &Policy) -> Vec<Self> {
        let (first, second) = (&before.document().invariants, &after.document().invariants);
        let added = second.keys().filter(|name| !first.contains_key(*name));
        let names = first.keys().chain(added);
        names
            .filter_map(|name| Self::of(name, first.get(name), second.get(name)))
            .collect()
    }

    fn of(
        name: &InvariantId,
        before: Option<&InvariantDocument>,
        after: Option<&InvariantDocument>,
    ) -> Option<Self> {
        let effect = match (before, after) {
            (Some(before), Some(after)) => match (demands(before, after), demands(after, before)) {
                (true, true) => return None,
                (true, false) => InvariantEffect::Weaker,
                (false, true) => InvariantEffect::Stronger,
                (false, false) => InvariantEffect::Different,
            },
            (Some(_), None) => InvariantEffect::Removed,
            (None, Some(_)) => InvariantEffect::Added,
            (None, None) => return None,
        };
        let text = |side: Option<&InvariantDocument>| side.map(canonical::invariant_in_one_line);
        Some(Self {
            name: name.clone(),
            effect,
            before: text(before),
            after: text(after),
        })
    }
}

/// Whether the first invariant demands all that the second one does, as far as
/// their lists show it.
fn demands(first: &InvariantDocument, second: &InvariantDocument) -> bool {
    let releases = has_all(&first.releases, &second.releases);
    let statement = match (&first.statement, &second.statement) {
        (StatementDocument::Never(first), StatementDocument::Never(second)) => {
            selects(first, second)
        }
        (
            StatementDocument::Only { only, may },
            StatementDocument::Only {
                only: other,
                may: own,
            },
        ) => {
            let may = match (may, own) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(may), Some(own)) => selects(may, own),
            };
            may && selects(other, only)
        }
        (StatementDocument::MonotoneInherits, StatementDocument::MonotoneInherits) => true,
        (StatementDocument::Monotone(first), StatementDocument::Monotone(second)) => {
            // A chain without some of its profiles demands less.
            let mut chain = first.iter();
            second.iter().all(|profile| chain.any(|own| own == profile))
        }
        (
            StatementDocument::Never(_)
            | StatementDocument::Only { .. }
            | StatementDocument::MonotoneInherits
            | StatementDocument::Monotone(_),
            _,
        ) => false,
    };
    releases && statement
}

/// Whether the first selection has all requests of the second one.
fn selects(first: &SelectionDocument, second: &SelectionDocument) -> bool {
    let named = |own: &SelectionDocument| own.endpoints.is_empty() && own.beneath.is_empty();
    let templates =
        |own: &[Template]| -> Set<Template> { own.iter().flat_map(Template::expand).collect() };
    let contains =
        |first: &[Template], second: &[Template]| templates(second).is_subset(&templates(first));
    let endpoints = named(first)
        || (!named(second)
            && contains(&first.endpoints, &second.endpoints)
            && contains(&first.beneath, &second.beneath));
    has_all(&first.profiles, &second.profiles)
        && has_all(&first.scopes, &second.scopes)
        && has_all(&first.accounts, &second.accounts)
        && has_all(&first.credentials, &second.credentials)
        && has_all(&first.methods, &second.methods)
        && endpoints
}

/// Whether the first list has all that the second one has. An empty list means
/// everything.
fn has_all<T: PartialEq>(first: &[T], second: &[T]) -> bool {
    first.is_empty() || (!second.is_empty() && second.iter().all(|own| first.contains(own)))
}
