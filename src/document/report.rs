//! Collects the faults of a document until they are reported.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::document::nearest::{LONGEST, nearest};
use crate::document::yaml::locate::positions;
use crate::document::yaml::node::{Node, NodeNumber};
use crate::document::yaml::paths::path_to;
use crate::fault::{Code, Diagnostic, Fault, Faults, MOST_LOCATED, Position, excerpt};

/// The names among which an unknown name may have been meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Among {
    /// A few words that are known beforehand.
    Words(&'static [&'static str]),
    Privileges,
    Profiles,
    Templates,
    Releases,
    Tenants,
    Groups,
    Users,
    Keys,
    Principals,
    Calls,
    CallGroups,
    Deployments,
    Credentials,
    Outcomes,
}

#[derive(Debug)]
struct Note {
    mark: NodeNumber,
    code: &'static Code,
    message: Box<str>,
    /// The unknown name, and the names among which it may have been meant.
    meant: Option<(Box<str>, Among)>,
    suggestion: Option<Box<str>>,
}

/// Collects faults in any order and keeps those that come first in the document.
#[derive(Debug, Default)]
pub(crate) struct Report {
    notes: Vec<Note>,
    dropped: usize,
    /// From this node on, faults are only counted.
    full_at: Option<NodeNumber>,
    /// Where the parser stopped, if it did.
    syntax: Option<Diagnostic>,
}

impl Report {
    pub(crate) fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.syntax.is_none()
    }

    /// Notes a fault of one node.
    pub(crate) fn add(&mut self, mark: NodeNumber, fault: impl Fault) {
        self.add_with(mark, || fault);
    }

    /// Notes a fault about an unknown name. The fault gets an excerpt of the
    /// name.
    pub(crate) fn add_unknown<F: Fault>(
        &mut self,
        mark: NodeNumber,
        name: &str,
        among: Among,
        fault: impl FnOnce(Box<str>) -> F,
    ) {
        let meant = (name.len() <= LONGEST).then_some((name, among));
        self.note(mark, || fault(excerpt(name)), meant);
    }

    /// Notes that the parser stopped. Earlier faults stay.
    pub(crate) fn add_syntax(&mut self, position: Position, fault: impl Fault) {
        self.syntax = Some(Diagnostic::of_text(fault, position));
    }

    /// Notes a fault that is costly to describe. It is described only if it
    /// will be reported.
    pub(crate) fn add_with<F: Fault>(&mut self, mark: NodeNumber, fault: impl FnOnce() -> F) {
        self.note(mark, fault, None);
    }

    fn note<F: Fault>(
        &mut self,
        mark: NodeNumber,
        fault: impl FnOnce() -> F,
        meant: Option<(&str, Among)>,
    ) {
        if self.full_at.is_some_and(|full_at| mark >= full_at) {
            self.dropped += 1;
            return;
        }
        let (code, message) = fault().into_message();
        self.notes.push(Note {
            mark,
            code,
            message,
            meant: meant.map(|(name, among)| (name.into(), among)),
            suggestion: None,
        });
        if self.notes.len() >= 16 * MOST_LOCATED {
            self.keep_first();
        }
    }

    /// Drops faults that would only be counted, so that a document full of
    /// faults needs no more memory than others.
    fn keep_first(&mut self) {
        self.notes.sort_by_key(|note| note.mark);
        self.dropped += self.notes.len().saturating_sub(MOST_LOCATED);
        self.notes.truncate(MOST_LOCATED);
        if self.notes.len() == MOST_LOCATED {
            self.full_at = self.notes.last().map(|note| note.mark);
        }
    }

    /// Looks for the names that were meant, when all names are known.
    pub(crate) fn suggest<'k>(
        &mut self,
        from: Among,
        known: &(impl Iterator<Item = &'k str> + Clone),
    ) {
        self.keep_first();
        for note in &mut self.notes {
            if let Some((name, _)) = note.meant.as_ref().filter(|(_, among)| *among == from) {
                note.suggestion = nearest(name, known.clone()).map(Into::into);
            }
        }
    }

    /// Whether a fault waits for a name from there.
    pub(crate) fn wants(&self, from: Among) -> bool {
        self.notes
            .iter()
            .any(|note| note.meant.as_ref().is_some_and(|(_, among)| *among == from))
    }

    /// The faults with their positions. A document without data has at least
    /// one.
    pub(crate) fn into_faults(mut self, text: &str, root: Option<&Node<'_>>) -> Faults {
        self.keep_first();
        let marks: Vec<NodeNumber> = self.notes.iter().map(|note| note.mark).collect();
        let places = positions(text, &marks);
        let mut located: Vec<Diagnostic> = Vec::with_capacity(self.notes.len());
        for (note, position) in self.notes.into_iter().zip(places) {
            let suggestion = match note.meant {
                Some((name, Among::Words(words))) => {
                    nearest(&name, words.iter().copied()).map(Into::into)
                }
                Some(_) | None => note.suggestion,
            };
            let path = root
                .map(|root| path_to(root, note.mark))
                .unwrap_or_default();
            located.push(Diagnostic::new(
                note.code,
                note.message,
                position,
                path,
                suggestion,
            ));
        }
        let mut more = self.dropped;
        if let Some(syntax) = self.syntax {
            located.push(syntax);
            if located.len() > MOST_LOCATED {
                located.remove(MOST_LOCATED - 1);
                more += 1;
            }
        }
        Faults::new(located, more)
    }
}
