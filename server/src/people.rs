//! Users, keys and tenancy: the store that has them.

use std::path::Path;
use std::sync::Arc;

use portcullis::directory::KeyStates;
use portcullis::{Directory, Engine, KeyId, UnixSeconds};
use portcullis_host::secret::SecretDigest;
use portcullis_host::store::{Files, Sqlite, Store, StoreError, Stored, StoredKey};
use portcullis_host::{Live, Staleness};

use crate::configuration::{Store as Place, WhenOld};
use crate::fault::Fault;

/// Opens the store of a configuration, which must be there.
///
/// # Errors
///
/// [`Fault`].
pub fn open(place: &Place) -> Result<Arc<dyn Store>, Fault> {
    let store: Result<Arc<dyn Store>, StoreError> = match place {
        Place::Files(folder) => Files::open(folder).map(|own| Arc::new(own) as _),
        Place::Sqlite(file) => Sqlite::open(file).map(|own| Arc::new(own) as _),
    };
    store.map_err(|error| {
        let help = if matches!(error, StoreError::NotCreated { .. }) {
            "; `--create` creates one"
        } else {
            ""
        };
        Fault::of("store", format!("{error}{help}"))
    })
}

/// Puts in force what a store has.
///
/// # Errors
///
/// [`Fault`]: the store cannot be read, or has users of unknown profiles.
pub fn live(
    store: Arc<dyn Store>,
    engine: Arc<Engine>,
    when_old: WhenOld,
    now: UnixSeconds,
) -> Result<Live, Fault> {
    let staleness = match when_old {
        WhenOld::Refuse(seconds) => Staleness::Refuse(seconds),
        WhenOld::GoOn => Staleness::GoOn,
    };
    Live::open(store, engine, staleness, now).map_err(|error| Fault::of("store", error))
}

/// Makes a new store, and puts into it what a folder has, if one is given: a
/// directory and digests, or a store of files.
///
/// # Errors
///
/// [`Fault`], also where there is a store already.
pub fn create(place: &Place, from: Option<&Path>, engine: &Engine) -> Result<(), Fault> {
    let failed = |error: StoreError| Fault::of("store", error);
    match (place, from) {
        (Place::Files(_), Some(_)) => Err(Fault::of(
            "--import",
            "a store of files has its own `directory.yaml`; copy the folder, and use `--create` alone",
        )),
        (Place::Files(folder), None) => {
            // A faulty document is found before there is a store of it.
            Files::documents(folder, engine.policy()).map_err(failed)?;
            Files::create(folder).map(drop).map_err(failed)
        }
        (Place::Sqlite(file), None) => Sqlite::create(file).map(drop).map_err(failed),
        (Place::Sqlite(file), Some(folder)) => {
            let all = all_of(folder, engine)?;
            let store = Sqlite::create(file).map_err(failed)?;
            let done = fill(&store, &all).map_err(failed);
            if done.is_err() {
                // It is this call that made it.
                drop(store);
                for end in ["", "-wal", "-shm"] {
                    let mut name = file.clone().into_os_string();
                    name.push(end);
                    // What cannot be removed is reported by the next attempt.
                    let _ = std::fs::remove_file(name);
                }
            }
            done
        }
    }
}

/// What goes into a new data base.
struct All {
    directory: Directory,
    digests: Vec<(SecretDigest, KeyId)>,
    keys: Vec<StoredKey>,
    states: KeyStates,
}

/// Everything that a folder has: a store of files with its journal, or documents.
fn all_of(folder: &Path, engine: &Engine) -> Result<All, Fault> {
    let failed = |error| Fault::of("--import", error);
    if !Files::exists(folder) {
        let documents = Files::documents(folder, engine.policy());
        let (directory, digests) = documents.map_err(failed)?;
        let (keys, states) = (Vec::new(), KeyStates::default());
        return Ok(All {
            directory,
            digests,
            keys,
            states,
        });
    }
    let stored = Files::open(folder).and_then(|own| own.load(engine.policy()));
    let Stored {
        directory,
        digests,
        keys,
        states,
        ..
    } = stored.map_err(failed)?;
    Ok(All {
        directory,
        digests,
        keys,
        states,
    })
}

fn fill(store: &Sqlite, all: &All) -> Result<(), StoreError> {
    store.import(&all.directory, all.digests.iter().cloned())?;
    for key in &all.keys {
        store.add_key(key)?;
    }
    store.append_states(&all.states)
}
