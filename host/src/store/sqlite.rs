//! A store in one SQLite file.

mod rows;

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use portcullis::directory::{ActivityRecord, KeyStates};
use portcullis::{Directory, KeyId, Policy, UnixSeconds, UserId};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};

use crate::lock::lock;
use crate::secret::SecretDigest;
use crate::store::identity::Identity;
use crate::store::sqlite::rows::seconds;
use crate::store::{News, Sequence, Store, StoreError, Stored, StoredKey};

/// What makes a file of an earlier version one of this version.
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);
const STEPS: &[M<'_>] = &[M::up(include_str!("sqlite/schema.sql"))];

/// The `application_id` of the schema.
const APPLICATION: i64 = 1_346_590_028;

/// The tables that decide, of which none may be corrupt.
const CHECKED: [&str; 8] = [
    "store",
    "tenants",
    "groups",
    "members",
    "users",
    "keys",
    "key_states",
    "secrets",
];

/// A store in one SQLite file, with its write-ahead log beside it. Several processes
/// on one machine may share it.
///
/// Revocations and created keys are on the disk before they are acknowledged
/// (`synchronous=FULL`). An instant beyond 2^63 is stored as 2^63 - 1.
///
/// The operator may change users, tenants and groups with SQL; triggers note it, and
/// the next [`Live::refresh`](crate::Live::refresh) reads them.
pub struct Sqlite {
    path: PathBuf,
    keys: Mutex<Connection>,
    activity: Mutex<Connection>,
    /// The file and its log as they were opened.
    identities: [(PathBuf, Identity); 2],
}

impl Sqlite {
    /// Opens a store, and brings its tables to this version. The file must be there:
    /// without it, nobody knows what was revoked.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        if !path.exists() {
            return Err(StoreError::NotCreated { path });
        }
        let mut keys = connect(&path)?;
        check(&keys, &path)?;
        prepare(&mut keys).map_err(|error| database(&path, error))?;
        let activity = connect(&path)?;
        let relaxed = activity.pragma_update(None, "synchronous", "NORMAL");
        relaxed.map_err(fault(&path))?;
        let log = beside(&path, "-wal");
        let identity = |path: &Path| Identity::at(path).map(|found| (path.to_owned(), found));
        let identities = identity(&path).and_then(|own| Ok([own, identity(&log)?]));
        Ok(Self {
            identities: identities.map_err(StoreError::io(&path))?,
            path,
            keys: Mutex::new(keys),
            activity: Mutex::new(activity),
        })
    }

    /// Makes a new, empty store, and opens it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] where there is a file already.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        // SQLite would read the log of a store that was removed into the new one.
        let log = beside(&path, "-wal");
        if log.exists() {
            return Err(StoreError::Exists { path: log });
        }
        let new = beside(&path, ".new");
        // What an attempt left behind that did not end.
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(&new, end));
        }
        let made = (|| {
            let made = File::create_new(&new).and_then(|file| file.sync_all());
            made.map_err(StoreError::io(&new))?;
            let mut connection = connect(&new)?;
            prepare(&mut connection).map_err(|error| database(&new, error))?;
            connection
                .close()
                .map_err(|(_, error)| fault(&new)(error))?;
            // It is there as a whole, and never in the place of another one.
            fs::hard_link(&new, &path).map_err(|error| {
                if error.kind() == io::ErrorKind::AlreadyExists {
                    let path = path.clone();
                    return StoreError::Exists { path };
                }
                StoreError::io(&path)(error)
            })
        })();
        let _ = fs::remove_file(&new);
        made?;
        crate::store::identity::sync_folder(&path).map_err(StoreError::io(&path))?;
        Self::open(path)
    }

    /// Waits at most so long for another process that writes. 5 seconds by default.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        for connection in [&self.keys, &self.activity] {
            // It sets a number, and cannot fail.
            let _ = lock(connection).busy_timeout(patience);
        }
        self
    }

    /// Puts a directory into a store that has none, with the digests of its keys'
    /// secrets, all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`], also where the store has tenants, users or keys already.
    pub fn import(
        &self,
        directory: &Directory,
        digests: impl IntoIterator<Item = (SecretDigest, KeyId)>,
    ) -> Result<(), StoreError> {
        self.write(&self.keys, |transaction| {
            rows::import(transaction, directory)?;
            for (digest, key) in digests {
                rows::add_digest(transaction, &digest, &key)?;
            }
            Ok(())
        })
    }

    /// Removes the records of activity from before an instant, and returns how many
    /// there were.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn forget_activity(&self, before: UnixSeconds) -> Result<usize, StoreError> {
        self.write(&self.activity, |transaction| {
            let forgotten = transaction.execute(
                "DELETE FROM activity WHERE time < ?1",
                params![seconds(before)],
            );
            Ok(forgotten?)
        })
    }

    /// Does something as one, on the disk as a whole when this returns.
    fn write<T>(
        &self,
        connection: &Mutex<Connection>,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, rows::Fault>,
    ) -> Result<T, StoreError> {
        self.is_there()?;
        // After a panic, what was begun and not committed is rolled back.
        let mut connection = lock(connection);
        let done = (|| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })();
        let done = done.map_err(|error: rows::Fault| error.at(&self.path))?;
        // Where the file was removed meanwhile, the next process will not find it.
        self.is_there()?;
        Ok(done)
    }

    /// Reads something at one instant.
    fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, rows::Fault>,
    ) -> Result<T, StoreError> {
        self.is_there()?;
        let mut connection = lock(&self.keys);
        let read = (|| work(&connection.transaction()?))();
        read.map_err(|error| error.at(&self.path))
    }

    /// Whether the file and its log are those that were opened.
    fn is_there(&self) -> Result<(), StoreError> {
        for (path, identity) in &self.identities {
            identity.holds_at(path)?;
        }
        Ok(())
    }
}

impl Store for Sqlite {
    fn load(&self, policy: &Policy) -> Result<Stored, StoreError> {
        self.read(|transaction| {
            let keys = rows::keys(transaction, 0)?;
            let mut known = std::collections::HashSet::new();
            known.extend(keys.iter().map(|key| key.id.clone()));
            let digests = rows::digests(transaction)?;
            Ok(Stored {
                sequence: rows::sequence(transaction)?,
                directory: rows::directory(transaction, policy)?,
                digests: digests
                    .into_iter()
                    .filter(|(_, key)| !known.contains(key))
                    .collect(),
                keys,
                states: rows::states(transaction, 0)?,
            })
        })
    }

    fn news(&self, since: Sequence) -> Result<News, StoreError> {
        self.read(|transaction| {
            let sequence = rows::sequence(transaction)?;
            let is_another = sequence.history != since.history || sequence.entries < since.entries;
            if sequence == since || is_another {
                return Ok(News {
                    sequence: since,
                    is_reload_needed: is_another,
                    keys: Vec::new(),
                    states: KeyStates::default(),
                });
            }
            Ok(News {
                is_reload_needed: sequence.directory != since.directory,
                // A directory that is faulty is read again.
                sequence: Sequence {
                    directory: since.directory,
                    ..sequence
                },
                keys: rows::keys(transaction, since.entries)?,
                states: rows::states(transaction, since.entries)?,
            })
        })
    }

    fn append_states(&self, states: &KeyStates) -> Result<(), StoreError> {
        self.write(&self.keys, |transaction| {
            rows::join_states(transaction, states)
        })
    }

    fn add_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.write(&self.keys, |transaction| rows::add_key(transaction, key))
    }

    fn keep_accesses(&self, states: &KeyStates) -> Result<(), StoreError> {
        self.write(&self.activity, |transaction| {
            rows::keep_accesses(transaction, states)
        })
    }

    fn append_activity(&self, records: &[ActivityRecord]) -> Result<(), StoreError> {
        self.write(&self.activity, |transaction| {
            let mut insert = transaction
                .prepare("INSERT INTO activity (time, actor, record) VALUES (?1, ?2, ?3)")?;
            for record in records {
                let actor = record.actor.as_ref().map(UserId::as_str);
                let line = serde_json::to_string(record).map_err(rows::Fault::unfit)?;
                insert.execute(params![seconds(record.time), actor, line])?;
            }
            Ok(())
        })
    }

    fn activity_of(&self, actor: &UserId, most: usize) -> Result<Vec<String>, StoreError> {
        self.read(|transaction| {
            let mut select = transaction.prepare(
                "SELECT record FROM activity WHERE actor = ?1 ORDER BY position DESC LIMIT ?2",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let found = select.query_map(params![actor.as_str(), most], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sqlite({})", self.path.display())
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // Never made here, and never read as a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fault(path))?;
    let set = (|| {
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "FULL")
    })();
    set.map_err(fault(path))?;
    Ok(connection)
}

/// Brings the tables to this version, with a write-ahead log.
fn prepare(connection: &mut Connection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    MIGRATIONS.to_latest(connection)?;
    // The log is there as soon as it was read once.
    connection.query_row("SELECT one FROM store", [], |_| Ok(()))?;
    Ok(())
}

/// Whether a file is a store, and what decides is as it was written.
fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let id = connection.pragma_query_value(None, "application_id", |row| row.get::<_, i64>(0));
    if id.map_err(fault(path))? != APPLICATION {
        return Err(database(
            path,
            "this is not a store of keys; name another file",
        ));
    }
    for table in CHECKED {
        let sql = format!("PRAGMA quick_check({table})");
        let found = connection.query_row(&sql, [], |row| row.get::<_, String>(0));
        let found = found.map_err(fault(path))?;
        if found != "ok" {
            let fault = format!("table `{table}`: {found}; restore the file from a backup");
            return Err(database(path, fault));
        }
    }
    Ok(())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    name.into()
}

fn fault(path: &Path) -> impl Fn(rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy { path: path.clone() }
        }
        Some(_) | None => database(&path, error),
    }
}

fn database(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Database {
        path: path.to_owned(),
        error: error.into(),
    }
}
