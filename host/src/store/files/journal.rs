//! The journal: lines that are appended and never changed.
//!
//! Once it is long, and most of it says nothing any more, the whole file gives way to
//! a shorter one that says the same; see the module `rewriting`.
//!
//! Each line has a checksum and JSON. The checksum goes on from that of the line
//! before, so a line that was changed, removed or added in the middle is noticed.
//! A last line that the machine did not finish writing was never acknowledged; it
//! is left out when reading, and removed before the next line is appended.

mod rewriting;

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portcullis::KeyId;
use portcullis::directory::KeyStates;

use crate::lock::lock;
use crate::secret::{base62, random};
use crate::store::files::line::{Entry, line, whole};
use crate::store::identity::{Identity, sync_folder};
use crate::store::states::add;
use crate::store::{Sequence, StoreError, StoredKey};
use rewriting::REWRITTEN_AT;

/// The form of the journal.
const VERSION: u32 = 1;
/// The most bytes of a first line.
const FIRST: u64 = 256;
/// How long to wait between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(10);

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
    /// By this one journal differs from another: it is made of the id in its first line.
    journal: u32,
}

impl End {
    /// Which journal it is, and what the next line must go on from.
    pub(super) fn history(self) -> u64 {
        u64::from(self.journal) << 32 | u64::from(self.checksum)
    }

    fn of(sequence: Sequence) -> Option<Self> {
        let half = |number: u64| u32::try_from(number & u64::from(u32::MAX)).ok();
        Some(Self {
            offset: sequence.entries,
            checksum: half(sequence.history)?,
            journal: half(sequence.history >> 32)?,
        })
    }
}

/// A file, as far as it is known.
#[derive(Debug)]
struct Last {
    identity: Identity,
    /// The end of the last line that is known.
    end: End,
    /// The ids of the keys in all lines up to there, so that none is given again.
    ids: HashSet<KeyId>,
    /// Whether its name is known to be on the disk, too. That of a file that another
    /// process has put there may not be.
    is_named: bool,
    /// From how many bytes on it is rewritten, once that is known.
    rewritten_at: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    pub(super) patience: Duration,
    /// At how many bytes it is rewritten for the first time, if that makes it shorter.
    pub(super) rewritten_at: u64,
    /// The file as this process last read or wrote it.
    last: Mutex<Last>,
    /// How long the file is at the least, unless it was replaced by a backup.
    length: AtomicU64,
}

impl Journal {
    /// Makes a journal without entries. It is there as a whole, or not at all.
    pub(super) fn create(path: &Path) -> Result<(), StoreError> {
        let (line, _) = line(&first_entry()?, 0).map_err(StoreError::io(path))?;
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
        let mut file = match open(&path, OpenOptions::new().read(true)) {
            Err(StoreError::Missing { path }) => return Err(StoreError::NotCreated { path }),
            opened => opened?,
        };
        let identity = Identity::of(&file).map_err(StoreError::io(&path))?;
        let (entries, torn) = read(&path, &mut file, End::default())?;
        if torn > 0 {
            tracing::warn!(path = %path.display(), bytes = torn, "the last line was not finished and counts as not written");
        }
        Ok(Self {
            path,
            patience: Duration::from_secs(5),
            rewritten_at: REWRITTEN_AT,
            last: Mutex::new(Last {
                identity,
                end: entries.end,
                ids: entries.ids().cloned().collect(),
                is_named: false,
                rewritten_at: None,
            }),
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
        let Some(end) = End::of(since).filter(|end| length >= end.offset.max(least)) else {
            return Ok(None);
        };
        if journal_of(&mut file) != Some(end.journal) {
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
        self.append(&Entry::States(states.clone()), None)
    }

    /// Appends a key whose id was never given.
    pub(super) fn append_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.append(&Entry::Key(key.into()), Some(&key.id))
    }

    /// Appends a line while nobody else writes, unless the id that it gives to a key is
    /// taken. It is on the disk when this returns.
    fn append(&self, entry: &Entry, given: Option<&KeyId>) -> Result<(), StoreError> {
        let mut last = lock(&self.last);
        let at = |error| StoreError::io(&self.path)(error);
        match self.rewrite_if_long(&mut last) {
            Ok(()) => {}
            // Nothing is written to it that could not be read back. It is read again
            // each time, until somebody has repaired it.
            Err(error @ StoreError::Corrupt { .. }) => {
                last.rewritten_at = Some(0);
                return Err(error);
            }
            Err(error) => {
                tracing::warn!(%error, "the journal is not rewritten, and goes on as it is");
            }
        }
        let (mut file, identity) = self.locked(self.patience)?;
        // Numbers of files are given again, so the id is compared as well.
        let is_known = last.identity == identity && journal_of(&mut file) == Some(last.end.journal);
        if !is_known || !last.is_named {
            sync_folder(&self.path).map_err(at)?;
        }
        self.read_on(&mut file, is_known, &mut last)?;
        last.identity = identity;
        last.is_named = true;
        let end = last.end;
        if let Some(taken) = given.filter(|id| last.ids.contains(*id)) {
            return Err(StoreError::KeyTaken(taken.clone()));
        }
        let (line, checksum) = line(entry, end.checksum).map_err(at)?;
        let written = (|| {
            file.seek(SeekFrom::Start(end.offset))?;
            file.write_all(&line)?;
            file.sync_data()
        })();
        if let Err(error) = written {
            // What was not acknowledged is not to be read. If this fails as well, the
            // next one who appends finds a line that was not finished, or an entry.
            let _ = file.set_len(end.offset).and_then(|()| file.sync_data());
            return Err(at(error));
        }
        identity.holds_at(&self.path)?;
        last.end.offset = end.offset.saturating_add(line.len() as u64);
        last.end.checksum = checksum;
        last.ids.extend(given.cloned());
        if let Entry::States(states) = entry {
            last.ids.extend(states.iter().map(|own| own.key.clone()));
        }
        self.length.fetch_max(last.end.offset, Ordering::AcqRel);
        Ok(())
    }

    /// Opens the file to write, and waits for its lock, which ends with the file.
    fn locked(&self, patience: Duration) -> Result<(File, Identity), StoreError> {
        let start = Instant::now();
        loop {
            let file = open(&self.path, OpenOptions::new().read(true).write(true))?;
            match file.try_lock() {
                Ok(()) => {
                    let identity = Identity::of(&file).map_err(StoreError::io(&self.path))?;
                    // Whoever had the lock may have put another file in its place.
                    match identity.holds_at(&self.path) {
                        Err(_) if start.elapsed() < patience => continue,
                        holds => holds?,
                    }
                    return Ok((file, identity));
                }
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => {
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

    /// Reads what another process has appended to a file, or all of a file that is not
    /// the known one. A last line that was not finished is removed.
    fn read_on(&self, file: &mut File, is_known: bool, last: &mut Last) -> Result<(), StoreError> {
        let at = |error| StoreError::io(&self.path)(error);
        let length = file.metadata().map_err(at)?.len();
        let mut known = Some(last.end).filter(|end| is_known && end.offset <= length);
        if known.is_some_and(|end| end.offset == length) {
            return Ok(());
        }
        let (entries, torn) = match read(&self.path, file, known.unwrap_or_default()) {
            // From the beginning, so that the fault names its line.
            Err(StoreError::Corrupt { .. }) => {
                known = None;
                read(&self.path, file, End::default())?
            }
            read => read?,
        };
        if torn > 0 {
            tracing::warn!(path = %self.path.display(), bytes = torn, "removed a last line that was not finished");
            file.set_len(entries.end.offset).map_err(at)?;
        }
        if known.is_none() {
            last.ids.clear();
        }
        last.ids.extend(entries.ids().cloned());
        last.end = entries.end;
        Ok(())
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

/// The first line of a new journal.
fn first_entry() -> Result<Entry, StoreError> {
    let id = random().map_err(|error| StoreError::Other(Box::new(error)))?;
    Ok(Entry::Journal {
        version: VERSION,
        id: base62(id, 22),
    })
}

/// Which journal a file is; `None` where its first line does not say so.
fn journal_of(file: &mut File) -> Option<u32> {
    let mut text = Vec::new();
    file.rewind().ok()?;
    file.take(FIRST).read_to_end(&mut text).ok()?;
    let first = text.split_inclusive(|byte| *byte == b'\n').next()?;
    match whole(first, 0) {
        Ok((Entry::Journal { id, .. }, _)) => Some(number_of(&id)),
        Ok((Entry::States(_) | Entry::Key(_), _)) | Err(_) => None,
    }
}

fn number_of(id: &str) -> u32 {
    crc32fast::hash(id.as_bytes())
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

impl Entries {
    /// The ids that were given, also to keys that have a state and no line of their own.
    fn ids(&self) -> impl Iterator<Item = &KeyId> {
        let keys = self.keys.iter().map(|key| &key.id);
        keys.chain(self.states.iter().map(|own| own.key))
    }

    fn take(&mut self, entry: Entry, is_first: bool) -> Result<(), String> {
        match (entry, is_first) {
            (Entry::Journal { version, id }, true) if version == VERSION => {
                self.end.journal = number_of(&id);
            }
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
