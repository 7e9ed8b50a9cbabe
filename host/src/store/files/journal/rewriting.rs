//! Rewriting a journal that says much that no longer counts.
//!
//! A shorter journal is written beside the long one, read again, and put in its place
//! under its name. It has an id of its own, by which every process learns that it
//! must read all of it. Nothing that was acknowledged is lost, whenever the process or
//! the machine ends:
//!
//! - Nobody appends to the long one meanwhile, because its lock is held. Whoever waited
//!   for it finds another file at the path, and begins again with that.
//! - Nobody appends to the short one before its name is on the disk, because it is
//!   locked before it has the name. If the process ends in between, whoever appends
//!   next has the name on the disk first.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use portcullis::directory::{KeyEntry, KeyStage};

use super::{End, Entries, Journal, Last, first_entry, read};
use crate::store::files::line::{Entry, line};
use crate::store::identity::{Identity, sync_folder};
use crate::store::{StoreError, StoredKey};

/// At how many bytes a journal is rewritten for the first time, unless another limit
/// is set.
pub(super) const REWRITTEN_AT: u64 = 256 << 10;

impl Journal {
    /// Puts a shorter journal in the place of this one, if it is long, and if that
    /// makes it half as long or less.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then the journal is the long one, or the short one that says the
    /// same.
    pub(super) fn rewrite_if_long(&self, last: &mut Last) -> Result<(), StoreError> {
        let at = StoreError::io(&self.path);
        let length = fs::metadata(&self.path).map_err(at)?.len();
        if length < last.rewritten_at.unwrap_or(self.rewritten_at) {
            return Ok(());
        }
        // Where it fails, it is not tried each time.
        last.rewritten_at = Some(length.saturating_mul(2));
        let (mut file, identity) = self.locked(Duration::ZERO)?;
        let (entries, _) = read(&self.path, &mut file, End::default())?;
        let text = entries.rewritten(first_entry()?);
        let text = text.map_err(StoreError::io(&self.path))?;
        let short = text.len() as u64;
        let next = short.saturating_mul(2).max(self.rewritten_at);
        if short.saturating_mul(2) > length {
            last.rewritten_at = Some(next);
            return Ok(());
        }
        let beside = self.path.with_extension("short");
        let put = self.put(&file, identity, &beside, &entries, &text);
        if put.is_err() {
            // It is gone where it has got the name of the journal.
            let _ = fs::remove_file(&beside);
        }
        put?;
        last.rewritten_at = Some(next);
        tracing::info!(path = %self.path.display(), before = length, bytes = short, "the journal was rewritten");
        Ok(())
    }

    /// Puts a text in the place of a file that is locked.
    fn put(
        &self,
        file: &File,
        identity: Identity,
        beside: &Path,
        entries: &Entries,
        text: &[u8],
    ) -> Result<(), StoreError> {
        let at = |error| StoreError::io(beside)(error);
        let mut new = written(beside, file, text).map_err(at)?;
        let (again, torn) = read(beside, &mut new, End::default())?;
        if torn > 0 || again.states != entries.states || !again.keys.iter().eq(entries.kept()) {
            return Err(at(io::Error::other("it does not say the same")));
        }
        identity.holds_at(&self.path)?;
        fs::rename(beside, &self.path).map_err(at)?;
        self.length.store(again.end.offset, Ordering::Release);
        sync_folder(&self.path).map_err(StoreError::io(&self.path))
    }
}

/// A locked file with a text that is on the disk, for the same user and as open to
/// others as another file.
fn written(path: &Path, like: &File, text: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(true).read(true).write(true);
    let mut new = options.open(path)?;
    new.try_lock().map_err(io::Error::from)?;
    let found = like.metadata()?;
    if !has_owner_of(&new, &found)? {
        return Err(io::Error::other("it would belong to another user"));
    }
    new.set_permissions(found.permissions())?;
    new.write_all(text)?;
    new.sync_all()?;
    Ok(new)
}

#[cfg(unix)]
fn has_owner_of(file: &File, found: &fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    Ok((own.uid(), own.gid()) == (found.uid(), found.gid()))
}

#[cfg(not(unix))]
fn has_owner_of(_: &File, _: &fs::Metadata) -> io::Result<bool> {
    Ok(true)
}

impl Entries {
    /// The keys, without those that were purged: of these the states say that their ids
    /// are taken.
    fn kept(&self) -> impl Iterator<Item = &StoredKey> {
        let is_purged = |entry: &KeyEntry<'_>| entry.stage == KeyStage::Purged;
        let purged = self.states.iter().filter(is_purged);
        let purged: HashMap<&str, KeyEntry<'_>> =
            purged.map(|entry| (entry.key.as_str(), entry)).collect();
        self.keys.iter().filter(move |key| {
            let purged = purged.get(key.id.as_str());
            !purged.is_some_and(|own| own.owners().any(|owner| *owner == key.owner))
        })
    }

    /// A journal that says the same, and begins with a line of its own.
    fn rewritten(&self, first: Entry) -> io::Result<Vec<u8>> {
        let keys = self.kept().map(|key| Entry::Key(key.into()));
        let states = Entry::States(self.states.clone());
        let mut text = Vec::new();
        let mut before = 0;
        for entry in std::iter::once(first).chain(keys).chain([states]) {
            let (line, checksum) = line(&entry, before)?;
            text.extend(line);
            before = checksum;
        }
        Ok(text)
    }
}
