//! Why a store does not do what it should.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use portcullis::directory::{DirectoryError, MergeError};
use portcullis::{Faults, KeyId};
use thiserror::Error;

/// Why a store could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file cannot be read or written.
    #[error("`{path}`: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A line of a file is not what was written, or not what can be read.
    #[error("`{path}`, line {line}: {fault}", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and the way out.
        fault: String,
    },
    /// A line of the operator's digests is faulty.
    #[error("`{path}`, line {line}: {fault}", path = path.display())]
    Digests {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        fault: String,
    },
    /// There is no store at this place, or it was removed.
    #[error("`{path}`: there is no store; create one, or put the file back if it was removed", path = path.display())]
    NotCreated {
        /// The file.
        path: PathBuf,
    },
    /// A file of the store is missing, or is no longer the one that was opened.
    #[error("`{path}`: the file was removed or replaced; put it back, or create a new store", path = path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// There is a store already.
    #[error("`{path}`: there is a store already; open it", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes, for longer than this one waits.
    #[error("`{path}`: another process holds the lock; end it, or try again", path = path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The database cannot be read or written.
    #[error("`{path}`: {error}", path = path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Box<dyn Error + Send + Sync>,
    },
    /// The directory document is not valid.
    #[error("directory: {0}")]
    Directory(Faults),
    /// A user, key or tenant that is stored does not fit the others.
    #[error("stored directory: {0}")]
    Unfit(Box<dyn Error + Send + Sync>),
    /// The id was given to a key before.
    #[error("key `{0}`: the id was given before; create the key again")]
    KeyTaken(KeyId),
    /// There are more keys than a directory holds.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// A fault of another store.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// A fault of a file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::Io { path, error }
    }

    /// Whether the store was read, and only what the operator wrote is at fault.
    pub(crate) const fn is_of_documents(&self) -> bool {
        matches!(
            self,
            Self::Directory(_) | Self::Digests { .. } | Self::Unfit(_)
        )
    }
}

impl From<DirectoryError> for StoreError {
    fn from(error: DirectoryError) -> Self {
        Self::Unfit(Box::new(error))
    }
}
