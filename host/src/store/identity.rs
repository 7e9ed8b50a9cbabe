//! Whether a path still leads to the file that was opened.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// A file that was opened, whatever its path leads to by now. Where the system has
/// no numbers of files, all are the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|found| Self::read(&found))
    }

    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|found| Self::read(&found))
    }

    #[cfg(unix)]
    fn read(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(found.dev(), found.ino())
    }

    #[cfg(not(unix))]
    fn read(_: &Metadata) -> Self {
        Self(0, 0)
    }

    /// What was written is lost with the process if the path leads elsewhere.
    pub(crate) fn holds_at(self, path: &Path) -> Result<(), StoreError> {
        if Self::at(path).is_ok_and(|found| found == self) {
            return Ok(());
        }
        Err(StoreError::Missing {
            path: PathBuf::from(path),
        })
    }
}

/// The names of a folder are on the disk when this returns.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|own| !own.as_os_str().is_empty());
    if cfg!(unix) {
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
