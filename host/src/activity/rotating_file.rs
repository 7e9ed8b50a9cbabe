//! A file of lines that another one follows when it is large or old.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::{UnixSeconds, UserId};
use serde::Deserialize;

use crate::clock::{Clock, SystemClock};
use crate::store::Identity;

/// The bytes of a file before the next one follows, unless another limit is set.
const BYTES: u64 = 64 << 20;

/// A file of lines. When it is large or old it is renamed, and a new one is begun.
///
/// `activity.jsonl` becomes `activity.jsonl.1`, then `activity.jsonl.2` and so on:
/// the highest number is the latest. No file is removed unless
/// [`RotatingFile::keeping`] says so. A file that another program renamed or removed
/// is begun anew. If a line was not finished, because the machine failed, the next
/// one begins on a line of its own.
#[derive(Debug)]
pub struct RotatingFile {
    path: PathBuf,
    most_bytes: u64,
    most_seconds: Option<u64>,
    most_files: Option<usize>,
    is_synced: bool,
    clock: Arc<dyn Clock>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    identity: Identity,
    begun: UnixSeconds,
    /// Whether what was written ends with the end of a line.
    is_at_line: bool,
}

impl RotatingFile {
    /// A file at a path, rotated at 64 MiB. It is opened, and made if need be, when
    /// the first line is written.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            most_bytes: BYTES,
            most_seconds: None,
            most_files: None,
            is_synced: false,
            clock: Arc::new(SystemClock),
            open: None,
        }
    }

    /// Begins the next file before a line that is written when the file has so many
    /// bytes.
    #[must_use]
    pub const fn rotated_at(mut self, bytes: u64) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// Begins the next file when the file is so many seconds old.
    #[must_use]
    pub const fn rotated_after(mut self, seconds: u64) -> Self {
        self.most_seconds = Some(seconds);
        self
    }

    /// Keeps only so many files beside the one that is written, and removes the
    /// older ones.
    #[must_use]
    pub const fn keeping(mut self, files: usize) -> Self {
        self.most_files = Some(files);
        self
    }

    /// Has lines on the disk, so that they survive a failure of the machine, before
    /// they count as written.
    #[must_use]
    pub const fn synced(mut self) -> Self {
        self.is_synced = true;
        self
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file and those before it, the newest first.
    pub fn files(&self) -> Vec<PathBuf> {
        let before = self.numbered().unwrap_or_default();
        let before = before.into_iter().rev().map(|(_, path)| path);
        std::iter::once(self.path.clone()).chain(before).collect()
    }

    /// Adds whole lines, all of them or none.
    pub(crate) fn append(&mut self, text: &[u8]) -> io::Result<()> {
        let open = self.at_line()?;
        // Another process may write to the file as well.
        open.file.lock()?;
        let length = open.file.metadata()?.len();
        let written = open.file.write_all(text);
        if written.is_err() {
            let _ = open.file.set_len(length);
        }
        let unlocked = open.file.unlock();
        written.and(unlocked)
    }

    /// The file to be written to, at the beginning of a line.
    fn at_line(&mut self) -> io::Result<&mut Open> {
        let now = self.clock.now();
        let is_there = |open: &Open| open.identity.holds_at(&self.path).is_ok();
        let mut open = match self.open.take().filter(is_there) {
            Some(open) => open,
            None => self.open_file(now)?,
        };
        if self.is_over(&open, now) {
            match self.rotate() {
                Ok(()) => open = self.open_file(now)?,
                // Better one large file than none.
                Err(error) => {
                    tracing::warn!(path = %self.path.display(), %error, "not rotated");
                }
            }
        }
        Ok(self.open.insert(open))
    }

    fn open_file(&self, now: UnixSeconds) -> io::Result<Open> {
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .read(true)
            .append(true)
            .open(&self.path)?;
        let found = file.metadata()?;
        let written = found.created().or_else(|_| found.modified());
        let written = written
            .ok()
            .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let begun = if found.len() == 0 {
            now
        } else {
            written.map_or(now, |at| UnixSeconds::new(at.as_secs()))
        };
        if !ends_with_line(&mut file)? {
            tracing::warn!(path = %self.path.display(), "the last line was not finished");
            file.write_all(b"\n")?;
        }
        Ok(Open {
            identity: Identity::of(&file)?,
            file,
            begun,
            is_at_line: true,
        })
    }

    fn is_over(&self, open: &Open, now: UnixSeconds) -> bool {
        let length = open.file.metadata().map_or(0, |found| found.len());
        let age = now.since(open.begun).unwrap_or(0);
        length > 0
            && (length >= self.most_bytes || self.most_seconds.is_some_and(|most| age >= most))
    }

    /// Renames the file to the next number, and removes what is too much.
    fn rotate(&self) -> io::Result<()> {
        let mut before = self.numbered()?;
        let next = before.last().map_or(1, |(number, _)| number + 1);
        let to = self.beside(next);
        fs::rename(&self.path, &to)?;
        before.push((next, to));
        let most = self.most_files.unwrap_or(before.len());
        let excess = before.len().saturating_sub(most);
        for (_, path) in before.into_iter().take(excess) {
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "not removed");
            }
        }
        Ok(())
    }

    fn beside(&self, number: u64) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    /// The files before this one, the oldest first.
    fn numbered(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let folder = self.path.parent().filter(|own| !own.as_os_str().is_empty());
        let name = self.path.file_name().unwrap_or_default();
        let mut all = Vec::new();
        for entry in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
            let entry = entry?;
            let own = entry.file_name();
            let rest = own.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
            let number = rest.and_then(|rest| rest.strip_prefix(b"."));
            let number = number.and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
            all.extend(number.map(|number: u64| (number, entry.path())));
        }
        all.sort_unstable();
        Ok(all)
    }
}

impl Write for RotatingFile {
    /// Writes a part of a text of whole lines. What follows a part that does not end
    /// a line is written to the same file.
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let in_line = self.open.as_ref().is_some_and(|open| !open.is_at_line);
        let open = if in_line {
            self.open.as_mut().ok_or(io::ErrorKind::NotFound)?
        } else {
            self.at_line()?
        };
        let count = open.file.write(text)?;
        if let Some(last) = text.get(..count).and_then(<[u8]>::last) {
            open.is_at_line = *last == b'\n';
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.open {
            Some(open) if self.is_synced => open.file.sync_data(),
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether a file is empty or ends with the end of a line.
fn ends_with_line(file: &mut File) -> io::Result<bool> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The latest records of a user in files of which the newest is first.
pub(crate) fn latest_lines_of(
    files: Vec<PathBuf>,
    actor: &UserId,
    most: usize,
) -> io::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Record<'r> {
        actor: Option<&'r str>,
    }
    let mut latest = Vec::new();
    for path in files {
        let file = match File::open(&path) {
            // It was rotated or removed meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        let wanted = most - latest.len();
        let mut of_file = VecDeque::new();
        for line in BufReader::new(file).split(b'\n') {
            let Ok(line) = String::from_utf8(line?) else {
                continue;
            };
            let record: Result<Record<'_>, _> = serde_json::from_str(&line);
            // A line that was not finished is that of nobody.
            if record.is_ok_and(|record| record.actor == Some(actor.as_str())) {
                of_file.push_back(line);
            }
            if of_file.len() > wanted {
                of_file.pop_front();
            }
        }
        latest.extend(of_file.into_iter().rev());
        if latest.len() >= most {
            break;
        }
    }
    Ok(latest)
}
