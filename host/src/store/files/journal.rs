//! The journal: lines that are appended and never changed.
//!
//! Each line has a checksum and JSON. The checksum goes on from that of the line
//! before, so a line that was changed, removed or added in the middle is noticed.
//! A last line that the machine did not finish writing was never acknowledged; it
//! is left out when reading, and removed before the next line is appended.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portcullis::directory::KeyStates;
use portcullis::{KeyKind, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::lock::lock;
use crate::secret::{base62, random};
use crate::store::files::digests::digest_of;
use crate::store::identity::{Identity, sync_folder};
use crate::store::states::add;
use crate::store::{Sequence, StoreError, StoredKey};

/// The digits of a checksum.
const CHECKSUM: usize = 8;
/// The form of the journal.
const VERSION: u32 = 1;
/// How long to wait between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(10);

/// What a line says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    /// The first line of all.
    Journal { version: u32, id: String },
    /// States of keys.
    States(KeyStates),
    /// A key that was created.
    Key(WrittenKey),
}

/// A key as it is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    id: String,
    owner: String,
    name: String,
    kind: Kind,
    created_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    sha256: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Scoped,
    Legacy,
}

impl From<&StoredKey> for WrittenKey {
    fn from(key: &StoredKey) -> Self {
        let digests = key.digests.iter();
        Self {
            id: key.id.to_string(),
            owner: key.owner.to_string(),
            name: key.name.clone(),
            kind: match key.kind {
                KeyKind::Scoped => Kind::Scoped,
                KeyKind::Legacy => Kind::Legacy,
            },
            created_at: key.created_at.get(),
            expires_at: key.expires_at.map(UnixSeconds::get),
            sha256: digests
                .map(|digest| base16ct::lower::encode_string(digest.as_bytes()))
                .collect(),
        }
    }
}

impl WrittenKey {
    fn read(self) -> Result<StoredKey, String> {
        let name = |error: portcullis::id::ParseIdError| error.to_string();
        let digests = self.sha256.iter().map(|text| digest_of(text));
        Ok(StoredKey {
            id: self.id.parse().map_err(name)?,
            owner: self.owner.parse().map_err(name)?,
            name: self.name,
            kind: match self.kind {
                Kind::Scoped => KeyKind::Scoped,
                Kind::Legacy => KeyKind::Legacy,
            },
            created_at: UnixSeconds::new(self.created_at),
            expires_at: self.expires_at.map(UnixSeconds::new),
            digests: digests
                .collect::<Option<_>>()
                .ok_or("a SHA-256 has 64 hexadecimal digits")?,
        })
    }
}

/// What was read, and how far.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) keys: Vec<StoredKey>,
    pub(super) states: KeyStates,
    pub(super) end: End,
}

/// The end of a line.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct End {
    pub(super) offset: u64,
    checksum: u32,
}

impl End {
    /// What the next line must go on from.
    pub(super) fn history(self) -> u64 {
        self.checksum.into()
    }
}

#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    pub(super) patience: Duration,
    /// The file as it was last written, and the end of its last whole line.
    last: Mutex<(Identity, End)>,
    /// How long the file is at the least, unless it was replaced by a backup.
    length: AtomicU64,
}

impl Journal {
    /// Makes a journal without entries. It is there as a whole, or not at all.
    pub(super) fn create(path: &Path) -> Result<(), StoreError> {
        let id = random().map_err(|error| StoreError::Other(Box::new(error)))?;
        let first = Entry::Journal {
            version: VERSION,
            id: base62(id, 22),
        };
        let (line, _) = line(&first, 0).map_err(StoreError::io(path))?;
        let beside = path.with_extension("new");
        let made = (|| {
            let mut file = File::create(&beside)?;
            file.write_all(&line)?;
            file.sync_all()?;
            // Never in the place of another journal.
            fs::hard_link(&beside, path)?;
            sync_folder(path)
        })();
        let _ = fs::remove_file(&beside);
        made.map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                let path = path.to_owned();
                return StoreError::Exists { path };
            }
            StoreError::io(path)(error)
        })
    }

    /// Reads a journal as a whole, so that what is wrong in it is known at once.
    pub(super) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let mut file = open(&path, OpenOptions::new().read(true))?;
        let identity = Identity::of(&file).map_err(StoreError::io(&path))?;
        let (entries, torn) = read(&path, &mut file, End::default())?;
        if torn > 0 {
            tracing::warn!(path = %path.display(), bytes = torn, "the last line was not finished and counts as not written");
        }
        Ok(Self {
            path,
            patience: Duration::from_secs(5),
            last: Mutex::new((identity, entries.end)),
            length: AtomicU64::new(entries.end.offset),
        })
    }

    /// Everything.
    pub(super) fn read(&self) -> Result<Entries, StoreError> {
        let mut file = open(&self.path, OpenOptions::new().read(true))?;
        let (entries, _) = read(&self.path, &mut file, End::default())?;
        self.length.store(entries.end.offset, Ordering::Release);
        Ok(entries)
    }

    /// What came after a point; `None` where the journal has another history.
    pub(super) fn read_after(&self, since: Sequence) -> Result<Option<Entries>, StoreError> {
        // Read first: another thread may append meanwhile.
        let least = self.length.load(Ordering::Acquire);
        let mut file = open(&self.path, OpenOptions::new().read(true))?;
        let length = file.metadata().map_err(StoreError::io(&self.path))?.len();
        let Ok(checksum) = u32::try_from(since.history) else {
            return Ok(None);
        };
        let end = End {
            offset: since.entries,
            checksum,
        };
        if length < end.offset.max(least) {
            return Ok(None);
        }
        if end.offset == length {
            let entries = Entries {
                end,
                ..Entries::default()
            };
            return Ok(Some(entries));
        }
        match read(&self.path, &mut file, end) {
            Ok((entries, _)) => Ok(Some(entries)),
            // Another history, or a fault: who reads everything finds out.
            Err(StoreError::Corrupt { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Appends states.
    pub(super) fn append_states(&self, states: &KeyStates) -> Result<(), StoreError> {
        self.append(&Entry::States(states.clone()), |_| Ok(()))
    }

    /// Appends a key whose id was never given.
    pub(super) fn append_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.append(&Entry::Key(key.into()), |file| {
            let (entries, _) = read(&self.path, file, End::default())?;
            let is_listed = entries.keys.iter().any(|own| own.id == key.id);
            if is_listed || entries.states.stage(key.id.as_str()).is_some() {
                return Err(StoreError::KeyTaken(key.id.clone()));
            }
            Ok(())
        })
    }

    /// Appends a line, if a look at the file allows it while nobody else writes. It is
    /// on the disk when this returns.
    fn append(
        &self,
        entry: &Entry,
        judge: impl FnOnce(&mut File) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut last = lock(&self.last);
        let at = |error| StoreError::io(&self.path)(error);
        let mut file = open(&self.path, OpenOptions::new().read(true).write(true))?;
        self.lock(&file)?;
        let identity = Identity::of(&file).map_err(at)?;
        // Whoever had the lock may have replaced the file.
        identity.holds_at(&self.path)?;
        let known = Some(last.1).filter(|_| last.0 == identity);
        let end = self.whole_end(&mut file, known)?;
        judge(&mut file)?;
        let (line, checksum) = line(entry, end.checksum).map_err(at)?;
        let written = (|| {
            file.seek(SeekFrom::Start(end.offset))?;
            file.write_all(&line)?;
            file.sync_data()
        })();
        if let Err(error) = written {
            // What was not acknowledged is not to be read. If this fails as well, the
            // next one who appends finds a line that was not finished, or an entry
            let _ = file.set_len(end.offset).and_then(|()| file.sync_data());
            return Err(at(error));
        }
        identity.holds_at(&self.path)?;
        let offset = end.offset.saturating_add(line.len() as u64);
        *last = (identity, End { offset, checksum });
        self.length.fetch_max(offset, Ordering::AcqRel);
        Ok(())
    }

    /// Waits for the lock, which ends with the file.
    fn lock(&self, file: &File) -> Result<(), StoreError> {
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) if start.elapsed() < self.patience => {
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Busy {
                        path: self.path.clone(),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(StoreError::io(&self.path)(error)),
            }
        }
    }

    /// The end of the last whole line. A line that was not finished is removed.
    fn whole_end(&self, file: &mut File, known: Option<End>) -> Result<End, StoreError> {
        let at = |error| StoreError::io(&self.path)(error);
        let length = file.metadata().map_err(at)?.len();
        let known = known.filter(|end| end.offset <= length);
        if let Some(end) = known.filter(|end| end.offset == length) {
            return Ok(end);
        }
        let read_from = |file: &mut File, end| read(&self.path, file, end);
        let (entries, torn) = match read_from(file, known.unwrap_or_default()) {
            // From the beginning, so that the fault names its line.
            Err(StoreError::Corrupt { .. }) => read_from(file, End::default())?,
            read => read?,
        };
        if torn > 0 {
            tracing::warn!(path = %self.path.display(), bytes = torn, "removed a last line that was not finished");
            file.set_len(entries.end.offset).map_err(at)?;
        }
        Ok(entries.end)
    }
}

fn open(path: &Path, options: &OpenOptions) -> Result<File, StoreError> {
    options.open(path).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            let path = path.to_owned();
            return StoreError::Missing { path };
        }
        StoreError::io(path)(error)
    })
}

/// A line with its end, and its checksum.
fn line(entry: &Entry, before: u32) -> io::Result<(Vec<u8>, u32)> {
    let json = serde_json::to_vec(entry)?;
    let checksum = checksum(before, &json);
    let mut line = format!("{checksum:08x} ").into_bytes();
    line.extend(json);
    line.push(b'\n');
    Ok((line, checksum))
}

fn checksum(before: u32, json: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&before.to_le_bytes());
    hasher.update(json);
    hasher.finalize()
}

/// Reads the lines after a point, and how many bytes of an unfinished last line
/// there are.
fn read(path: &Path, file: &mut File, from: End) -> Result<(Entries, usize), StoreError> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(from.offset))
        .and_then(|_| file.read_to_end(&mut text))
        .map_err(StoreError::io(path))?;
    let mut entries = Entries {
        end: from,
        ..Entries::default()
    };
    let mut rest = text.as_slice();
    let mut number = 0;
    while let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
        let Some((line, after)) = rest.split_at_checked(length + 1) else {
            break;
        };
        number += 1;
        let read = whole(line, entries.end.checksum).and_then(|(entry, checksum)| {
            let is_first = entries.end.offset == 0;
            entries.take(entry, is_first)?;
            Ok(checksum)
        });
        match read {
            Ok(checksum) => entries.end.checksum = checksum,
            // Parts of a file that were never written read as zeros.
            Err(_) if after.is_empty() && line.contains(&0) => break,
            Err(fault) => {
                let path = path.to_owned();
                let line = number;
                return Err(StoreError::Corrupt { path, line, fault });
            }
        }
        entries.end.offset = entries.end.offset.saturating_add(line.len() as u64);
        rest = after;
    }
    if entries.end.offset == 0 {
        return Err(StoreError::Corrupt {
            path: path.to_owned(),
            line: 1,
            fault: "this is not a journal; restore it from a backup".to_owned(),
        });
    }
    Ok((entries, rest.len()))
}

/// What a line says, if it is the one that was written after another one.
fn whole(line: &[u8], before: u32) -> Result<(Entry, u32), String> {
    let changed = || {
        "this line, or one before it, is not what was written; restore the file from a backup"
            .to_owned()
    };
    let (written, rest) = line.split_at_checked(CHECKSUM).ok_or_else(changed)?;
    let written = std::str::from_utf8(written).map_err(|_| changed())?;
    let written = u32::from_str_radix(written, 16).map_err(|_| changed())?;
    let json = rest
        .strip_prefix(b" ")
        .and_then(|own| own.strip_suffix(b"\n"));
    let json = json.ok_or_else(changed)?;
    if written != checksum(before, json) {
        return Err(changed());
    }
    let entry = serde_json::from_slice(json).map_err(|error| format!("not an entry: {error}"))?;
    Ok((entry, written))
}

impl Entries {
    fn take(&mut self, entry: Entry, is_first: bool) -> Result<(), String> {
        match (entry, is_first) {
            (Entry::Journal { version, .. }, true) if version == VERSION => {}
            (Entry::Journal { version, .. }, true) => {
                return Err(format!(
                    "a journal of version {version}, and this reads version {VERSION}; use the newer program"
                ));
            }
            (Entry::Journal { .. }, false) | (Entry::States(_) | Entry::Key(_), true) => {
                return Err("a journal begins with one line that says so".to_owned());
            }
            (Entry::States(states), false) => {
                add(&mut self.states, &states);
            }
            (Entry::Key(key), false) => self.keys.push(key.read()?),
        }
        Ok(())
    }
}
