//! An endpoint of the policy that is made from a document.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::Method;

use super::finding::Place;
use super::template::Template;

/// A template and its methods.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) template: Template,
    /// Its section in the policy's text.
    pub(crate) area: String,
    pub(crate) methods: BTreeMap<Method, Need>,
    /// The parameter of the path that names the tenant.
    pub(crate) tenant: Option<String>,
    /// Where it is first listed.
    pub(crate) place: Place,
}

impl Endpoint {
    /// Whether it is a plain form of a tail, which the document does not list.
    pub(crate) fn is_added(&self) -> bool {
        self.methods.values().all(|need| need.added)
    }
}

/// What a method requires.
#[derive(Clone, Debug, Default)]
pub(crate) struct Need {
    /// All of them.
    pub(crate) privileges: BTreeSet<String>,
    /// Whether no credential is needed. Then there is no privilege.
    pub(crate) public: bool,
    /// Whether it comes from a tail, and the document does not list it here.
    pub(crate) added: bool,
    /// The operations, by their places.
    pub(crate) operations: Vec<Place>,
}

impl Need {
    /// Adds the requirements of another operation. The result is public only if
    /// both are.
    pub(super) fn join(&mut self, other: &Self) {
        let first = self.operations.is_empty();
        self.public = other.public && (first || self.public);
        self.privileges.extend(other.privileges.iter().cloned());
        self.operations.extend(other.operations.iter().cloned());
    }

    /// Whether both require the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.public == other.public && self.privileges == other.privileges
    }
}
