//! A snapshot that a store keeps beyond the life of the process.

use std::sync::Arc;

use portcullis::directory::{KeyStage, KeyStates, Merged, OwnerConflict};
use portcullis::{Directory, Engine, UnixSeconds};

use crate::live::{Change, Live, RefreshError, Staleness};
use crate::lock::lock;
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::store::{
    Assembled, Ledger, News, Store, StoreError, StoredKey, add, add_key, ended, states_of, whole,
};

impl Live {
    /// Puts in force what a store has, and keeps in it what is revoked and created
    /// from now on. Call [`Live::refresh`] every second or so.
    ///
    /// A key that the store has and whose owner is no longer a user is revoked for
    /// good: the next user of the name must not have it.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn open(
        store: Arc<dyn Store>,
        engine: impl Into<Arc<Engine>>,
        staleness: Staleness,
        now: UnixSeconds,
    ) -> Result<Self, StoreError> {
        let engine = engine.into();
        let mut all = Assembled::new(store.load(engine.policy())?)?;
        all.revoke_ownerless(None, now)?;
        report(&all.conflicts);
        let ledger = Ledger::new(store, all.sequence);
        ledger.heard_all(all.sequence, &all.states);
        let known = all.directory.key_states();
        let mut live = Self::new(Snapshot::new(engine, all.directory, all.secrets));
        if let Err(error) = ledger.persist_missing(&known, &all.states) {
            tracing::error!(%error, "the store cannot be written");
        }
        live.ledger = Some(ledger);
        Ok(live.of_store(staleness, now))
    }

    /// The store, if there is one.
    pub fn store(&self) -> Option<&Arc<dyn Store>> {
        self.ledger.as_ref().map(|ledger| &ledger.store)
    }

    /// How many keys have a state that is in force and could not be stored. A restart
    /// may lose it.
    pub fn unstored(&self) -> usize {
        self.ledger.as_ref().map_or(0, Ledger::pending)
    }

    /// Asks the store what has changed, puts it in force, and confirms that the store
    /// was heard from at `now`. What could not be stored before is tried again.
    /// Without a store it does nothing.
    ///
    /// The user and key documents of the store are read again if they have changed. If
    /// they are faulty, what was in force goes on; revocations and keys of other
    /// processes are learned all the same.
    ///
    /// # Errors
    ///
    /// [`RefreshError`].
    pub fn refresh(&self, now: UnixSeconds) -> Result<(), RefreshError> {
        let Some(ledger) = &self.ledger else {
            return Ok(());
        };
        let writer = lock(&self.writer);
        let before = self.current.load_full();
        let news = ledger.store.news(ledger.sequence())?;
        let reloaded = if news.is_reload_needed {
            self.reload_locked(ledger, &before, before.engine().clone(), now)
        } else {
            Ok(())
        };
        match &reloaded {
            Ok(()) if news.is_reload_needed => {}
            Err(error) if !error.is_of_documents() => return reloaded,
            Ok(()) | Err(_) => self.take(ledger, &before, &news)?,
        }
        drop(writer);
        self.confirm(now);
        // After the confirmation: the store was heard from.
        self.persist(&KeyStates::default())
            .map_err(RefreshError::NotStored)?;
        reloaded
    }

    /// Puts another engine in force, with the directory as the store has it, read for
    /// the policy of the engine. Without a store the directory in force is used on.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]; then nothing has changed.
    pub fn reload_engine(
        &self,
        engine: impl Into<Arc<Engine>>,
        now: UnixSeconds,
    ) -> Result<(), RefreshError> {
        let engine = engine.into();
        let writer = lock(&self.writer);
        let before = self.current.load_full();
        let Some(ledger) = &self.ledger else {
            let (directory, secrets) = (before.directory().successor(), before.secrets().clone());
            self.put(Snapshot::new(engine, directory, secrets));
            return Ok(());
        };
        self.reload_locked(ledger, &before, engine, now)?;
        drop(writer);
        self.confirm(now);
        Ok(())
    }

    /// Joins states of keys that another process has learned, such as one that does
    /// not share the store. They are in force before this returns, and stored.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]. After [`RefreshError::NotStored`] the states are in force.
    pub fn learn(&self, states: &KeyStates) -> Result<Merged, RefreshError> {
        let merged = {
            let _writer = lock(&self.writer);
            self.merge(states)?
        };
        report(&merged.conflicts);
        let keys = states.iter().map(|entry| entry.key);
        let known = states_of(self.load().directory(), keys);
        self.persist(&ended(&known))
            .map_err(RefreshError::NotStored)?;
        Ok(merged)
    }

    /// Gives the store the times at which keys were last used. Call it every minute
    /// or so, and before the end. Without a store it does nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn keep_accesses(&self) -> Result<(), StoreError> {
        let Some(ledger) = &self.ledger else {
            return Ok(());
        };
        let mut used = KeyStates::default();
        for entry in self.load().directory().key_states().iter() {
            if entry.last_access.is_some() {
                add(&mut used, &whole(&entry));
            }
        }
        if used.is_empty() {
            return Ok(());
        }
        ledger.store.keep_accesses(&used)
    }

    /// Stores states, with those that could not be stored before.
    pub(super) fn persist(&self, states: &KeyStates) -> Result<(), StoreError> {
        match &self.ledger {
            Some(ledger) => ledger.persist(states),
            None => Ok(()),
        }
    }

    /// Stores states now or later.
    pub(super) fn persist_or_keep(&self, states: &KeyStates) {
        if let Err(error) = self.persist(states) {
            tracing::error!(%error, "states of keys are in force and not stored");
        }
    }

    /// Reads everything, and puts it in force.
    fn reload_locked(
        &self,
        ledger: &Ledger,
        before: &Snapshot,
        engine: Arc<Engine>,
        now: UnixSeconds,
    ) -> Result<(), RefreshError> {
        let mut all = Assembled::new(ledger.store.load(engine.policy())?)?;
        all.revoke_ownerless(Some(before.directory()), now)?;
        let succession = all.directory.succeeding(before.directory())?;
        report(&all.conflicts);
        report(&succession.conflicts);
        let known = succession.directory.key_states();
        ledger.heard_all(all.sequence, &all.states);
        self.put(Snapshot::new(engine, succession.directory, all.secrets));
        // Also what a store that was restored from a backup does not know any more.
        if let Err(error) = ledger.persist_missing(&known, &all.states) {
            tracing::error!(%error, "states of keys are in force and not stored");
        }
        Ok(())
    }

    /// Puts in force what other processes appended.
    fn take(&self, ledger: &Ledger, before: &Snapshot, news: &News) -> Result<(), RefreshError> {
        let is_new = |key: &&_| is_new(before.directory(), key);
        let new: Vec<_> = news.keys.iter().filter(is_new).collect();
        if !new.is_empty() {
            let added = self.change_locked(|_, directory, secrets: &mut Secrets| {
                let mut conflicts = Vec::new();
                for key in &new {
                    conflicts.extend(add_key(directory, secrets, key)?);
                }
                Ok::<_, StoreError>(conflicts)
            });
            report(&added?);
        }
        report(&self.merge(&news.states)?.conflicts);
        ledger.heard(news.sequence, &news.states);
        Ok(())
    }

    /// Joins states, in a copy of the directory only if it must.
    fn merge(&self, states: &KeyStates) -> Result<Merged, RefreshError> {
        let current = self.current.load_full();
        let mut news = KeyStates::default();
        for entry in states.iter() {
            let key = entry.key.as_str();
            let mut known = current.directory().key_state(key);
            let own = whole(&entry);
            if known.join(&own).learned > 0 {
                add(&mut news, &own);
            }
        }
        if news.is_empty() {
            return Ok(Merged::default());
        }
        // In force at once, also in snapshots that are in use.
        let rest = current.directory().merge_known(&news);
        let mut merged = Merged::default();
        if !rest.is_empty() {
            merged = self.change_locked(|_, directory, _| directory.merge(&rest))?;
        }
        merged.learned = news.len();
        self.publish(Change::States(&news));
        Ok(merged)
    }
}

/// Whether a key is not known, or by its id only.
fn is_new(directory: &Directory, key: &StoredKey) -> bool {
    let id = key.id.as_str();
    directory.key(id).is_none() && directory.key_state(id).stage(id) != Some(KeyStage::Purged)
}

fn report(conflicts: &[OwnerConflict]) {
    for conflict in conflicts {
        tracing::error!(%conflict, "revoked");
    }
}
