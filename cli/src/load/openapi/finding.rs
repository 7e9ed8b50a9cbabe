//! The findings of the importer, each about one place of a document.

use std::collections::HashSet;
use std::fmt;

/// A place in an OpenAPI document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// The JSON pointer, with `#` before it: `#/paths/~1users/get`.
    pub(crate) pointer: String,
    /// The line, where it is known for certain.
    pub(crate) line: Option<usize>,
}

impl Place {
    /// The place of a key of the document itself.
    pub(super) fn at(pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            line: None,
        }
    }

    /// The place of a key or an entry below this place.
    pub(super) fn below(&self, key: impl fmt::Display) -> Self {
        let key = key.to_string().replace('~', "~0").replace('/', "~1");
        Self {
            pointer: format!("{}/{key}", self.pointer),
            line: self.line,
        }
    }
}

/// The weight of a finding.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Weight {
    /// An operation of the document is not in the policy.
    Lost,
    /// An operation is in the policy, but not everything about it.
    Partly,
    /// Everything is in the policy, but something is worth reading.
    Note,
}

/// One finding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    pub(crate) weight: Weight,
    pub(crate) place: Place,
    pub(crate) text: String,
}

/// All findings, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    /// The findings so far, by place and text, because several operations share
    /// a path.
    said: HashSet<(String, String)>,
}

impl Findings {
    /// An operation cannot be taken over.
    pub(crate) fn lost(&mut self, place: &Place, text: impl Into<String>) {
        self.add(Weight::Lost, place, text.into());
    }

    /// A part of operations cannot be taken over.
    pub(crate) fn partly(&mut self, place: &Place, text: impl Into<String>) {
        self.add(Weight::Partly, place, text.into());
    }

    /// Something is worth reading.
    pub(crate) fn note(&mut self, place: &Place, text: impl Into<String>) {
        self.add(Weight::Note, place, text.into());
    }

    fn add(&mut self, weight: Weight, place: &Place, text: String) {
        let place = place.clone();
        if self.said.insert((place.pointer.clone(), text.clone())) {
            self.found.push(Finding {
                weight,
                place,
                text,
            });
        }
    }

    /// Lost operations first; each kind in the order of the document.
    pub(crate) fn sorted(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| finding.weight);
        self.found
    }
}
