//! What a store is known to have, and what it still has to be given.

use std::sync::{Arc, Mutex};

use portcullis::directory::{KeyEntry, KeyStates};

use crate::lock::lock;
use crate::store::states::{add, ended, only};
use crate::store::{Sequence, Store, StoreError};

/// A store, with the states that it has and those that it lacks.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) store: Arc<dyn Store>,
    pages: Mutex<Pages>,
}

#[derive(Debug)]
struct Pages {
    /// How far the store was read.
    sequence: Sequence,
    /// The revoked and purged keys of which the store knows it.
    durable: KeyStates,
    /// What is in force and not yet stored.
    pending: KeyStates,
}

impl Ledger {
    pub(crate) fn new(store: Arc<dyn Store>, sequence: Sequence) -> Self {
        Self {
            store,
            pages: Mutex::new(Pages {
                sequence,
                durable: KeyStates::default(),
                pending: KeyStates::default(),
            }),
        }
    }

    pub(crate) fn sequence(&self) -> Sequence {
        self.with(|pages| pages.sequence)
    }

    /// Notes that the whole store was read, and that it has these states and no
    /// others. It may have lost some, such as one that was restored from a backup.
    pub(crate) fn heard_all(&self, sequence: Sequence, states: &KeyStates) {
        self.with(|pages| {
            pages.sequence = sequence;
            pages.durable = ended(states);
        });
    }

    /// Notes how far the store was read, and what it said of states.
    pub(crate) fn heard(&self, sequence: Sequence, states: &KeyStates) {
        self.with(|pages| {
            pages.sequence = sequence;
            pages.has(states);
        });
    }

    /// Gives the store the states that it is not known to have, and those that it
    /// could not be given before. They are on the disk when this returns.
    pub(crate) fn persist(&self, states: &KeyStates) -> Result<(), StoreError> {
        self.with(|pages| {
            let lacking = states.iter().filter(|entry| !pages.is_durable(entry));
            for entry in lacking.map(|entry| only(&entry)).collect::<Vec<_>>() {
                add(&mut pages.pending, &entry);
            }
            if pages.pending.is_empty() {
                return Ok(());
            }
            self.store.append_states(&pages.pending)?;
            let pending = std::mem::take(&mut pages.pending);
            pages.has(&pending);
            Ok(())
        })
    }

    /// Gives the store what the directory knows beyond what the store said.
    pub(crate) fn persist_missing(
        &self,
        known: &KeyStates,
        stored: &KeyStates,
    ) -> Result<(), StoreError> {
        let mut all = stored.clone();
        let mut missing = KeyStates::default();
        for entry in known.iter() {
            let own = only(&entry);
            if all.join(&own).learned > 0 {
                add(&mut missing, &own);
            }
        }
        self.persist(&missing)
    }

    /// How many keys have a state that the store could not be given.
    pub(crate) fn pending(&self) -> usize {
        self.with(|pages| pages.pending.len())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Pages) -> T) -> T {
        // A panic leaves at the worst something to be stored once more.
        work(&mut lock(&self.pages))
    }
}

impl Pages {
    fn is_durable(&self, entry: &KeyEntry<'_>) -> bool {
        let durable = self.durable.stage(entry.key.as_str());
        durable.is_some_and(|durable| durable.join(entry.stage) == durable)
    }

    /// Active keys are most of all, and soon said again.
    fn has(&mut self, states: &KeyStates) {
        add(&mut self.durable, &ended(states));
    }
}
