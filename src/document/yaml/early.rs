//! The faults of a text before it is read into nodes.

use alloc::vec::Vec;

use crate::fault::{Diagnostic, Fault, Faults, MOST_LOCATED, Position};

/// Faults with their positions, found before the document was read.
#[derive(Debug, Default)]
pub(crate) struct Early {
    located: Vec<Diagnostic>,
    pub(super) more: usize,
}

impl Early {
    /// One fault after which no others can be found.
    pub(crate) fn one(position: Position, fault: impl Fault) -> Faults {
        Faults::new([Diagnostic::of_text(fault, position)].into(), 0)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.located.len() >= MOST_LOCATED
    }

    pub(crate) fn add(&mut self, position: Position, fault: impl Fault) {
        if self.is_full() {
            self.more += 1;
        } else {
            self.located.push(Diagnostic::of_text(fault, position));
        }
    }

    /// How many faults there are so far.
    pub(super) fn count(&self) -> usize {
        self.located.len() + self.more
    }

    /// Drops every fault after the first `count`.
    pub(super) fn keep(&mut self, count: usize) {
        self.located.truncate(count);
        self.more = count - self.located.len();
    }

    pub(crate) fn into_result(mut self) -> Result<(), Faults> {
        if self.located.is_empty() {
            return Ok(());
        }
        // Some faults are found only after later ones, such as a missing value.
        self.located.sort_by_key(Diagnostic::position);
        Err(Faults::new(self.located, self.more))
    }
}
