//! The snapshot in force, and how it changes.

mod acts;
mod error;
mod stored;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, Guard};
use portcullis::directory::{KeyStates, MergeError, OwnerConflict};
use portcullis::{Deployment, Directory, Engine, Policy, UnixSeconds};

use crate::lock::lock;
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::store::{Ledger, ended};

pub use crate::live::acts::CreatedKey;
pub use crate::live::error::{CreateKeyError, RefreshError, ReloadError, RevokeError};

/// What happens when the store of users and keys has not been heard from for too
/// long: a revocation might not have arrived.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Staleness {
    /// There is no store: the snapshot is all there is.
    #[default]
    NoStore,
    /// After so many seconds without contact nothing is decided any more: the
    /// answer is 503. 60 is a good value.
    Refuse(u64),
    /// Decisions go on; [`Live::age`] says how old the word of the store is.
    GoOn,
}

/// By how many seconds the words of a store may come out of order.
const OUT_OF_ORDER: u64 = 5;

/// How many keys a user may have, unless another limit is set.
const MOST_KEYS: usize = 1_000;

/// What is now in force.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Change<'c> {
    /// Another snapshot took the place of the one before.
    Snapshot(&'c Arc<Snapshot>),
    /// Something became known of keys, as a rule that they were revoked. It is in force
    /// in the snapshot and in those before it. Pass the states on to processes that do
    /// not share the store.
    States(&'c KeyStates),
}

type Subscriber = Arc<dyn Fn(Change<'_>) + Send + Sync>;

/// The snapshot in force. Readers never wait; writers change it one at a time.
///
/// A reload loses no revocation and no id that was given: the key states of the
/// directory in force are joined with those of the new one and shared from then
/// on. So a key that is revoked while a reload is under way is revoked in both.
///
/// ```
/// # use std::sync::Arc;
/// use portcullis::{Deployment, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Engine, Directory, Policy, UnixSeconds};
/// use portcullis_host::{Live, Secrets, Snapshot};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
/// let live = Live::new(Snapshot::new(engine, directory, Secrets::default()));
///
/// live.revoke_key("msp", "k1", UnixSeconds::new(1_764_000_000))?;
/// // The document still calls the key active; the revocation holds.
/// live.reload_yaml(EMBEDDED_POLICY, EMBEDDED_DIRECTORY, Deployment::new("5.5.0s".parse()?), Secrets::default())?;
/// assert!(live.load().directory().key("k1").is_some_and(|key| key.state.is_revoked()));
///
/// // What is faulty is reported, and changes nothing.
/// let deployment = Deployment::new("5.5.0s".parse()?);
/// assert!(live.reload_yaml("version: 2", EMBEDDED_DIRECTORY, deployment, Secrets::default()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Live {
    current: ArcSwap<Snapshot>,
    writer: Mutex<()>,
    subscribers: Mutex<Vec<Subscriber>>,
    staleness: Staleness,
    /// When the store was last heard from.
    confirmed: AtomicU64,
    ledger: Option<Ledger>,
    most_keys: usize,
}

impl Live {
    /// Puts a first snapshot in force, which no store keeps up to date.
    pub fn new(snapshot: Snapshot) -> Self {
        Self {
            current: ArcSwap::from_pointee(snapshot),
            writer: Mutex::default(),
            subscribers: Mutex::default(),
            staleness: Staleness::NoStore,
            confirmed: AtomicU64::new(0),
            ledger: None,
            most_keys: MOST_KEYS,
        }
    }

    /// Lets a user have so many keys at a time, revoked ones among them until they are
    /// purged. 1,000 by default.
    #[must_use]
    pub const fn most_keys(mut self, most: usize) -> Self {
        self.most_keys = most;
        self
    }

    /// Says that a store of the host keeps the snapshot up to date, that it was heard
    /// from at `now`, and what happens when it is not. For a [`Store`](crate::Store)
    /// there is [`Live::open`].
    #[must_use]
    pub fn of_store(mut self, staleness: Staleness, now: UnixSeconds) -> Self {
        self.staleness = staleness;
        self.confirm(now);
        self
    }

    /// The snapshot in force, for one request. Take it once, so that the whole
    /// request is judged by one.
    pub fn load(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// Notes that the store was heard from, even if nothing had changed, with the
    /// instant at which it was asked. Put what it said in force before. An instant
    /// a few seconds before the last one is ignored.
    pub fn confirm(&self, now: UnixSeconds) {
        let now = now.get();
        let later = |before: u64| {
            // An instant far in the future was a clock that has been corrected.
            let was_wrong = before.saturating_sub(now) > OUT_OF_ORDER;
            Some(if was_wrong { now } else { before.max(now) })
        };
        // The function always gives a value.
        let _ = self
            .confirmed
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, later);
    }

    /// For how many seconds the store has not been heard from; `None` without a
    /// store. A word from the future counts by its distance: one of the clocks is
    /// wrong.
    pub fn age(&self, now: UnixSeconds) -> Option<u64> {
        let confirmed = self.confirmed.load(Ordering::Acquire);
        match self.staleness {
            Staleness::NoStore => None,
            Staleness::Refuse(_) | Staleness::GoOn => Some(now.get().abs_diff(confirmed)),
        }
    }

    /// Whether the store has not been heard from for so long that nothing may be
    /// decided.
    pub fn is_too_old(&self, now: UnixSeconds) -> bool {
        match self.staleness {
            Staleness::NoStore | Staleness::GoOn => false,
            Staleness::Refuse(most) => self.age(now).is_some_and(|age| age > most),
        }
    }

    /// Calls a function with every change that is in force from now on. It is called
    /// while whoever made the change waits, so it must be short, and must not change
    /// anything here.
    pub fn subscribe(&self, subscriber: impl Fn(Change<'_>) + Send + Sync + 'static) {
        lock(&self.subscribers).push(Arc::new(subscriber));
    }

    /// Puts an engine and a directory in force, in the place of those before. Where
    /// a store has the directory, use [`Live::reload_engine`] instead. The ids that turned out to have two owners are revoked and returned.
    ///
    /// # Errors
    ///
    /// [`MergeError`]; then nothing has changed.
    pub fn reload(
        &self,
        engine: impl Into<Arc<Engine>>,
        directory: Directory,
        secrets: Secrets,
    ) -> Result<Vec<OwnerConflict>, MergeError> {
        self.reload_with(|_| Ok((engine.into(), directory, secrets)))
    }

    /// Reads what is to be put in force, and puts it in force, with no other writer
    /// in between: so what was read is never older than what it replaces. The
    /// function gets the snapshot in force, of which the engine can be used again.
    ///
    /// # Errors
    ///
    /// Those of the function, or [`MergeError`]; then nothing has changed.
    pub fn reload_with<E: From<MergeError>>(
        &self,
        read: impl FnOnce(&Snapshot) -> Result<(Arc<Engine>, Directory, Secrets), E>,
    ) -> Result<Vec<OwnerConflict>, E> {
        let writer = lock(&self.writer);
        let before = self.current.load_full();
        let (engine, directory, secrets) = read(&before)?;
        let succession = directory.succeeding(before.directory())?;
        self.put(Snapshot::new(engine, succession.directory, secrets));
        drop(writer);
        self.persist_all();
        Ok(succession.conflicts)
    }

    /// Reads documents and puts them in force, all of them or none.
    ///
    /// # Errors
    ///
    /// [`ReloadError`]; then nothing has changed.
    pub fn reload_yaml(
        &self,
        policy: impl AsRef<[u8]>,
        directory: impl AsRef<[u8]>,
        deployment: Deployment,
        secrets: Secrets,
    ) -> Result<Vec<OwnerConflict>, ReloadError> {
        self.reload_with(|_| {
            let policy = Arc::new(Policy::from_yaml(policy).map_err(ReloadError::Policy)?);
            let directory = Directory::from_yaml(directory, &policy);
            let directory = directory.map_err(ReloadError::Directory)?;
            let engine = Arc::new(Engine::new(policy, deployment)?);
            Ok((engine, directory, secrets))
        })
    }

    /// Changes a copy of the directory and of the secrets, and puts it in force if
    /// the change succeeds. Costs time and memory in proportion to their size.
    ///
    /// Change the directory, and do not put another one in its place: that is for
    /// [`Live::reload_with`], which loses no revocation. Even so, what is revoked in
    /// the directory in force is revoked in the new one.
    ///
    /// Of the change a store keeps the states of keys, and nothing else. See
    /// [`Live::unstored`].
    ///
    /// # Errors
    ///
    /// Those of the change; then nothing has changed.
    pub fn change<T, E>(
        &self,
        change: impl FnOnce(&Engine, &mut Directory, &mut Secrets) -> Result<T, E>,
    ) -> Result<T, E> {
        let writer = lock(&self.writer);
        let done = self.change_locked(change)?;
        drop(writer);
        self.persist_all();
        Ok(done)
    }

    /// Stores what is revoked by now.
    fn persist_all(&self) {
        if self.ledger.is_some() {
            let states = self.load().directory().key_states();
            self.persist_or_keep(&ended(&states));
        }
    }

    /// Changes a copy while no other writer does.
    fn change_locked<T, E>(
        &self,
        change: impl FnOnce(&Engine, &mut Directory, &mut Secrets) -> Result<T, E>,
    ) -> Result<T, E> {
        let before = self.current.load_full();
        let mut directory = before.directory().successor();
        let mut secrets = before.secrets().clone();
        let done = change(before.engine(), &mut directory, &mut secrets)?;
        // Nothing for an honest copy, which shares its states.
        if let Err(error) = directory.merge(&before.directory().key_states()) {
            tracing::error!(%error, "the states of keys do not go together");
        }
        self.put(Snapshot::new(before.engine().clone(), directory, secrets));
        Ok(done)
    }

    fn put(&self, snapshot: Snapshot) {
        let snapshot = Arc::new(snapshot);
        self.current.store(snapshot.clone());
        self.publish(Change::Snapshot(&snapshot));
    }

    fn publish(&self, change: Change<'_>) {
        let subscribers = lock(&self.subscribers).clone();
        for subscriber in subscribers {
            subscriber(change);
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Live")
            .field("staleness", &self.staleness)
            .finish_non_exhaustive()
    }
}
