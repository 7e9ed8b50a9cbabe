//! A store in a folder of files.

mod digests;
mod journal;
mod line;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use portcullis::directory::{ActivityRecord, KeyStates};
use portcullis::{Directory, KeyId, Policy, UserId};
use sha2::{Digest as _, Sha256};

use crate::activity::{RotatingFile, latest_lines_of, lines};
use crate::lock::lock;
use crate::secret::SecretDigest;
use crate::store::files::journal::{Entries, Journal};
use crate::store::states::add;
use crate::store::{News, Sequence, Store, StoreError, Stored, StoredKey};

/// The operator's document of users, tenants, groups and keys.
const DIRECTORY: &str = "directory.yaml";
/// The digests of the secrets of the keys in the document.
const DIGESTS: &str = "secrets.sha256";
/// What was appended: states of keys, and keys that were created.
const JOURNAL: &str = "journal";
/// When keys were last used.
const ACCESSES: &str = "accesses.json";
/// Records of activity.
const ACTIVITY: &str = "activity.jsonl";

/// How often documents are read again because they changed meanwhile.
const ATTEMPTS: usize = 8;

/// For how long a changed document must stay as it is before it is read.
const SETTLED: Duration = Duration::from_secs(1);

/// A store in a folder: a document and a file of digests that the operator writes,
/// and a journal to which the store appends.
///
/// | file | holds |
/// |---|---|
/// | `directory.yaml` | users, tenants, groups and keys, as the operator writes them |
/// | `secrets.sha256` | a line for each secret of these keys: its SHA-256 in hexadecimal, blanks, and the id of the key, as `sha256sum` prints it. May be missing |
/// | `journal` | states of keys, and keys that were created; every line has a checksum that goes on from the line before |
/// | `accesses.json` | when keys were last used |
/// | `activity.jsonl` | records of activity |
///
/// Replace the document by renaming a new file to its name. A document that is
/// written in place is read once it has not changed for a second.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    journal: Journal,
    activity: Mutex<RotatingFile>,
    settled_after: Duration,
    /// A changed document, and since when it is as it is.
    unsettled: Mutex<Option<(u64, Instant)>>,
}

impl Files {
    /// Opens the store in a folder. Its journal must be there: without it, nobody
    /// knows what was revoked.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        let journal = Journal::open(folder.join(JOURNAL))?;
        let activity = RotatingFile::new(folder.join(ACTIVITY));
        Ok(Self {
            folder,
            journal,
            activity: Mutex::new(activity),
            settled_after: SETTLED,
            unsettled: Mutex::default(),
        })
    }

    /// Makes a new, empty journal in a folder, and opens the store.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] where there is one already.
    pub fn create(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        Journal::create(&folder.join(JOURNAL))?;
        Self::open(folder)
    }

    /// Whether a folder has a journal, so that it is to be opened and not created.
    pub fn exists(folder: impl AsRef<Path>) -> bool {
        folder.as_ref().join(JOURNAL).exists()
    }

    /// Waits at most so long for another process that writes. 5 seconds by default.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.journal.patience = patience;
        self
    }

    /// Puts a shorter journal in the place of one of so many bytes, if most of it says
    /// nothing any more, such as keys that were purged. It is tried when something is
    /// appended, and again when the journal is twice as long as what it has to say. 256
    /// KiB by default.
    ///
    /// Nothing that was acknowledged is lost by it. Other processes that use the store
    /// notice it, and read all of it once.
    #[must_use]
    pub const fn rewritten_at(mut self, bytes: u64) -> Self {
        self.journal.rewritten_at = bytes;
        self
    }

    /// Reads a changed document once it has been as it is for so long, 1 second by
    /// default, and was seen twice. An editor may write it in several pieces.
    #[must_use]
    pub const fn settled_after(mut self, after: Duration) -> Self {
        self.settled_after = after;
        self
    }

    /// Changes how `activity.jsonl` in the folder is rotated.
    #[must_use]
    pub fn rotation(mut self, change: impl FnOnce(RotatingFile) -> RotatingFile) -> Self {
        let file = RotatingFile::new(self.folder.join(ACTIVITY));
        self.activity = Mutex::new(change(file));
        self
    }

    /// Reads the users and keys that an operator wrote in a folder, and the digests. The
    /// journal need not be there, and is not read.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn documents(
        folder: impl AsRef<Path>,
        policy: &Policy,
    ) -> Result<(Directory, Vec<(SecretDigest, KeyId)>), StoreError> {
        let folder = folder.as_ref();
        let documents = Documents::read(folder)?;
        Ok((documents.directory(policy)?, documents.digests(folder)?))
    }

    /// Whether documents that have changed are whole: they are as they were a while
    /// ago.
    fn is_settled(&self, print: u64) -> bool {
        let mut unsettled = lock(&self.unsettled);
        match *unsettled {
            Some((seen, since)) if seen == print => since.elapsed() >= self.settled_after,
            Some(_) | None => {
                *unsettled = Some((print, Instant::now()));
                false
            }
        }
    }

    /// When keys were last used, as far as it is known.
    fn accesses(&self) -> KeyStates {
        let path = self.folder.join(ACCESSES);
        let Ok(text) = fs::read(&path) else {
            return KeyStates::default();
        };
        let read = serde_json::from_slice(&text);
        read.inspect_err(|error| {
            tracing::warn!(path = %path.display(), %error, "last accesses cannot be read");
        })
        .unwrap_or_default()
    }
}

struct Documents {
    directory: Vec<u8>,
    digests: Vec<u8>,
}

impl Documents {
    /// What the operator wrote.
    fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(DIRECTORY);
        let directory = fs::read(&path).map_err(StoreError::io(&path))?;
        let path = folder.join(DIGESTS);
        let digests = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(StoreError::io(&path))?,
        };
        Ok(Self { directory, digests })
    }

    fn directory(&self, policy: &Policy) -> Result<Directory, StoreError> {
        Directory::from_yaml(&self.directory, policy).map_err(StoreError::Directory)
    }

    /// A number by which a change is noticed.
    fn print(&self) -> u64 {
        let mut hasher = Sha256::new();
        hasher.update(Sha256::digest(&self.directory));
        hasher.update(Sha256::digest(&self.digests));
        let digest: [u8; 32] = hasher.finalize().into();
        u64::from_le_bytes(digest.first_chunk().copied().unwrap_or_default())
    }

    fn digests(&self, folder: &Path) -> Result<Vec<(SecretDigest, KeyId)>, StoreError> {
        digests::read(&folder.join(DIGESTS), &self.digests)
    }
}

impl Store for Files {
    fn load(&self, policy: &Policy) -> Result<Stored, StoreError> {
        // The journal last: whoever is added to the document and creates a key is
        // then known.
        let mut documents = Documents::read(&self.folder)?;
        let mut entries = self.journal.read()?;
        for _ in 0..ATTEMPTS {
            let again = Documents::read(&self.folder)?;
            if again.print() == documents.print() {
                break;
            }
            documents = again;
            entries = self.journal.read()?;
        }
        let directory = documents.directory(policy)?;
        let Entries {
            keys,
            mut states,
            end,
        } = entries;
        for entry in self.accesses().iter() {
            if let Some(at) = entry.last_access {
                states.record_access(entry.key.as_str(), at);
            }
        }
        Ok(Stored {
            sequence: Sequence::new(documents.print(), end.offset, end.history()),
            digests: documents.digests(&self.folder)?,
            directory,
            keys,
            states,
        })
    }

    fn news(&self, since: Sequence) -> Result<News, StoreError> {
        let print = Documents::read(&self.folder)?.print();
        let has_changed = print != since.directory && self.is_settled(print);
        let Some(Entries { keys, states, end }) = self.journal.read_after(since)? else {
            // The point stays, so that it is tried again until the documents can be read.
            // Until then nothing that the journal says is missed.
            let Entries { keys, states, .. } = self.journal.read()?;
            return Ok(News {
                sequence: since,
                is_reload_needed: true,
                keys,
                states,
            });
        };
        Ok(News {
            sequence: Sequence::new(since.directory, end.offset, end.history()),
            is_reload_needed: has_changed,
            keys,
            states,
        })
    }

    fn append_states(&self, states: &KeyStates) -> Result<(), StoreError> {
        self.journal.append_states(states)
    }

    fn add_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.journal.append_key(key)
    }

    fn keep_accesses(&self, states: &KeyStates) -> Result<(), StoreError> {
        let mut all = self.accesses();
        add(&mut all, states);
        let path = self.folder.join(ACCESSES);
        let text = serde_json::to_vec(&all)
            .map_err(io::Error::from)
            .map_err(StoreError::io(&path))?;
        // Each process has a file of its own until it is whole.
        let beside = self
            .folder
            .join(format!("{ACCESSES}.{}", std::process::id()));
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
        written
            .inspect_err(|_| {
                let _ = fs::remove_file(&beside);
            })
            .map_err(StoreError::io(&path))
    }

    fn append_activity(&self, records: &[ActivityRecord]) -> Result<(), StoreError> {
        let text = lines(records).map_err(StoreError::io(&self.folder.join(ACTIVITY)))?;
        let mut file = lock(&self.activity);
        let path = file.path().to_owned();
        let written = file.append(&text).and_then(|()| file.flush());
        written.map_err(StoreError::io(&path))
    }

    fn activity_of(&self, actor: &UserId, most: usize) -> Result<Vec<String>, StoreError> {
        let files = lock(&self.activity).files();
        let path = self.folder.join(ACTIVITY);
        latest_lines_of(files, actor, most).map_err(StoreError::io(&path))
    }
}
