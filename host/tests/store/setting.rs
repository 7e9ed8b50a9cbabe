//! A store of each kind in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use portcullis::{
    Credential, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds, VerifiedKey,
};
use portcullis_host::secret::SecretDigest;
use portcullis_host::store::{Files, Store, StoreError};
use portcullis_host::{Live, Staleness};
use tempfile::TempDir;

pub const NOW: u64 = 1_764_000_000;
/// The secret of `k1`, a key of the document.
pub const SECRET: &str = "secret-of-k1";

/// The kinds of store that are tested.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Files,
    #[cfg(feature = "sqlite")]
    Sqlite,
}

pub const KINDS: &[Kind] = &[
    Kind::Files,
    #[cfg(feature = "sqlite")]
    Kind::Sqlite,
];

impl Kind {
    pub fn named(name: &str) -> Self {
        let named = |kind: &&Self| format!("{kind:?}") == name;
        *KINDS.iter().find(named).unwrap()
    }

    /// Makes a store with the embedded directory.
    pub fn create(self, folder: &Path) {
        match self {
            Self::Files => {
                fs::write(folder.join("directory.yaml"), EMBEDDED_DIRECTORY).unwrap();
                let digest = base16ct::lower::encode_string(SecretDigest::of(SECRET).as_bytes());
                fs::write(folder.join("secrets.sha256"), digest + "  k1\n").unwrap();
                Files::create(folder).unwrap();
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let store = portcullis_host::store::Sqlite::create(folder.join("store.db"));
                let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy()).unwrap();
                let digest = (SecretDigest::of(SECRET), "k1".parse().unwrap());
                store.unwrap().import(&directory, [digest]).unwrap();
            }
        }
    }

    /// The error of making a store where there is one.
    pub fn create_again(self, folder: &Path) -> StoreError {
        match self {
            Self::Files => Files::create(folder).unwrap_err(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                portcullis_host::store::Sqlite::create(folder.join("store.db")).unwrap_err()
            }
        }
    }

    pub fn open(self, folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
        self.open_for(folder, Duration::from_millis(100))
    }

    /// Opens a store that waits so long for others.
    pub fn open_for(self, folder: &Path, patience: Duration) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Files => {
                let store = Files::open(folder)?.patience(patience);
                Ok(Arc::new(store.settled_after(Duration::ZERO)))
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let store = portcullis_host::store::Sqlite::open(folder.join("store.db"))?;
                Ok(Arc::new(store.patience(patience)))
            }
        }
    }

    /// The file that holds revocations.
    pub fn file(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Self::Files => "journal",
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "store.db",
        })
    }

    /// Changes users as an operator does.
    pub fn operate(self, folder: &Path, operation: Operation) {
        match self {
            Self::Files => {
                let path = folder.join("directory.yaml");
                let text = fs::read_to_string(&path).unwrap();
                let enabled = "profile: user, email: tenant.user@example.com }";
                let disabled = "profile: user, email: tenant.user@example.com, enabled: false }";
                let text = match operation {
                    Operation::Disable => text.replace(enabled, disabled),
                    Operation::Break => text.replace("group: one,", "group: nowhere,"),
                    Operation::Repair => text.replace("group: nowhere,", "group: one,"),
                    Operation::Remove => {
                        let is_of = |line: &&str| {
                            !line.contains("owner: tenant-user,")
                                && !line.starts_with("  tenant-user:")
                        };
                        text.lines()
                            .filter(is_of)
                            .fold(String::new(), |all, line| all + line + "\n")
                    }
                    Operation::Return => text.replace(
                        "users:\n",
                        "users:\n  tenant-user: { scope: root, profile: super_admin }\n",
                    ),
                };
                fs::write(folder.join("new.yaml"), text).unwrap();
                fs::rename(folder.join("new.yaml"), path).unwrap();
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let sql = match operation {
                    Operation::Disable => "UPDATE users SET enabled = 0 WHERE user = 'tenant-user'",
                    Operation::Break => "UPDATE users SET place = 'nowhere' WHERE place = 'one'",
                    Operation::Repair => "UPDATE users SET place = 'one' WHERE place = 'nowhere'",
                    Operation::Remove => "DELETE FROM users WHERE user = 'tenant-user'",
                    Operation::Return => {
                        "INSERT INTO users (user, scope, profile) VALUES ('tenant-user', 'root', 'super_admin')"
                    }
                };
                let database = rusqlite::Connection::open(folder.join("store.db")).unwrap();
                assert!(database.execute(sql, []).unwrap() > 0);
            }
        }
    }
}

/// What an operator does to users.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// Disables `tenant-user`.
    Disable,
    /// Gives partners a group that is not there.
    Break,
    Repair,
    /// Removes `tenant-user`.
    Remove,
    /// Gives the name to somebody else.
    Return,
}

pub fn now() -> UnixSeconds {
    UnixSeconds::new(NOW)
}

pub fn policy() -> Policy {
    Policy::embedded().unwrap()
}

pub fn engine() -> Arc<Engine> {
    let deployment = Deployment::new("5.5.0".parse().unwrap());
    Arc::new(Engine::new(Arc::new(policy()), deployment).unwrap())
}

/// A process that has the store open.
pub fn start(store: Arc<dyn Store>) -> Live {
    let live = Live::open(store, engine(), Staleness::Refuse(60), now()).unwrap();
    live.most_keys(1_000_000)
}

/// A folder with a store.
pub struct Place {
    pub kind: Kind,
    folder: TempDir,
}

impl Place {
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn open(&self) -> Arc<dyn Store> {
        self.kind.open(self.path()).unwrap()
    }

    pub fn start(&self) -> Live {
        start(self.open())
    }
}

/// A new store of each kind.
pub fn places() -> impl Iterator<Item = Place> {
    KINDS.iter().map(|kind| {
        let folder = tempfile::tempdir().unwrap();
        kind.create(folder.path());
        Place {
            kind: *kind,
            folder,
        }
    })
}

/// Asks a store twice: a document that has changed is read once it is settled.
pub fn refresh(live: &Live) {
    live.refresh(now()).unwrap();
    live.refresh(now()).unwrap();
}

pub fn is_revoked(live: &Live, key: &str) -> bool {
    let found = live.load().directory().key(key);
    found.unwrap_or_else(|| panic!("{key}")).state.is_revoked()
}

/// Whether a secret is that of a key with which its owner may list cases.
pub fn works(live: &Live, user: &str, secret: &str) -> bool {
    let snapshot = live.load();
    let Some(key) = snapshot.secrets().key(secret) else {
        return false;
    };
    let credential = Credential::ApiKey(VerifiedKey::basic(key.as_str(), user));
    let (engine, directory) = (snapshot.engine(), snapshot.directory());
    let principal = directory.principal(&credential, now());
    let endpoint = engine.endpoint("GET", "/connect/api/v1/cases");
    let decision = engine.authorize(&principal, endpoint, directory.tenant(None));
    decision.reason().is_none()
}
