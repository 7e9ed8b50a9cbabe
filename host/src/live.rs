//! The snapshot in force, and how it changes.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use portcullis::directory::{Act, ActivityRecord, MergeError, NewKey, OwnerConflict, Refused};
use portcullis::engine::UnknownReleaseError;
use portcullis::id::ParseIdError;
use portcullis::{Deployment, Directory, Engine, Faults, KeyId, Policy, UnixSeconds};
use thiserror::Error;

use crate::secret::{NoRandomness, Secret, base62, random};
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;

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

/// Why documents were not put in force. The snapshot before them still is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The policy is not valid.
    #[error("policy: {0}")]
    Policy(Faults),
    /// The policy does not have the release.
    #[error(transparent)]
    Release(#[from] UnknownReleaseError),
    /// The directory is not valid.
    #[error("directory: {0}")]
    Directory(Faults),
    /// The directory cannot succeed the one in force.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

/// A key that was created.
#[derive(Debug)]
#[non_exhaustive]
pub struct CreatedKey {
    /// Its id.
    pub key: KeyId,
    /// Its secret, to be shown to the owner once.
    pub secret: Secret,
    /// The record for the log.
    pub record: ActivityRecord,
}

/// Why a key was not created. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CreateKeyError {
    /// The user may not. Boxed, as it holds the record for the log.
    #[error(transparent)]
    Refused(Box<Refused>),
    /// There are no random bytes for the id or the secret.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The new id is not a name: this does not happen.
    #[error(transparent)]
    Id(#[from] ParseIdError),
}

/// By how many seconds the words of a store may come out of order.
const OUT_OF_ORDER: u64 = 5;

type Subscriber = Arc<dyn Fn(&Arc<Snapshot>) + Send + Sync>;

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
        }
    }

    /// Says that a store keeps the snapshot up to date, that it was heard from at
    /// `now`, and what happens when it is not.
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

    /// Calls a function with every snapshot that is put in force from now on. It
    /// is called while the writer waits, so it must be short and must not change
    /// the snapshot.
    pub fn subscribe(&self, subscriber: impl Fn(&Arc<Snapshot>) + Send + Sync + 'static) {
        lock(&self.subscribers).push(Arc::new(subscriber));
    }

    /// Puts an engine and a directory in force, in the place of those before. The
    /// ids that turned out to have two owners are revoked and returned.
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
        let _writer = lock(&self.writer);
        let before = self.current.load_full();
        let (engine, directory, secrets) = read(&before)?;
        let succession = directory.succeeding(before.directory())?;
        self.put(Snapshot::new(engine, succession.directory, secrets));
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

    /// Revokes a key on behalf of a user. It is in force before this returns, for
    /// requests that are being decided, too.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn revoke_key(
        &self,
        actor: &str,
        key: &str,
        now: UnixSeconds,
    ) -> Result<ActivityRecord, Box<Refused>> {
        let current = self.current.load();
        let act = Act::new(current.engine(), actor, now);
        Ok(current.directory().revoke_key(&act, key)?)
    }

    /// Revokes every key of a user on behalf of a user: one record for each.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn revoke_keys(
        &self,
        actor: &str,
        owner: &str,
        now: UnixSeconds,
    ) -> Result<Vec<ActivityRecord>, Box<Refused>> {
        let current = self.current.load();
        let act = Act::new(current.engine(), actor, now);
        Ok(current.directory().revoke_keys(&act, owner)?)
    }

    /// Creates a key for the user who acts, with a new id and a new secret.
    ///
    /// # Errors
    ///
    /// [`CreateKeyError`], with nothing changed.
    pub fn create_key(
        &self,
        actor: &str,
        name: &str,
        expires_at: Option<UnixSeconds>,
        now: UnixSeconds,
    ) -> Result<CreatedKey, CreateKeyError> {
        let secret = Secret::generate()?;
        let id: KeyId = format!("k_{}", base62(random()?, 22)).parse()?;
        self.change(|engine, directory, secrets| {
            let act = Act::new(engine, actor, now);
            let new = NewKey {
                id: id.clone(),
                name,
                expires_at,
            };
            let created = directory.create_key(&act, new);
            let record = created.map_err(|refused| CreateKeyError::Refused(Box::new(refused)))?;
            secrets.insert(secret.digest(), id.clone());
            Ok(CreatedKey {
                key: id,
                secret: secret.clone(),
                record,
            })
        })
    }

    /// Changes a copy of the directory and of the secrets, and puts it in force if
    /// the change succeeds. Costs time and memory in proportion to their size.
    ///
    /// Change the directory, and do not put another one in its place: that is for
    /// [`Live::reload_with`], which loses no revocation. Even so, what is revoked in
    /// the directory in force is revoked in the new one.
    ///
    /// # Errors
    ///
    /// Those of the change; then nothing has changed.
    pub fn change<T, E>(
        &self,
        change: impl FnOnce(&Engine, &mut Directory, &mut Secrets) -> Result<T, E>,
    ) -> Result<T, E> {
        let _writer = lock(&self.writer);
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
        let subscribers = lock(&self.subscribers).clone();
        for subscriber in subscribers {
            subscriber(&snapshot);
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

/// What a panic of another thread left behind is whole: everything is put in
/// place at once.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
