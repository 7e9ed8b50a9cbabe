//! Why something was not put in force, or is in force and not stored.

use portcullis::Faults;
use portcullis::directory::{ActivityRecord, MergeError, Refused};
use portcullis::engine::UnknownReleaseError;
use portcullis::id::ParseIdError;
use thiserror::Error;

use crate::secret::NoRandomness;
use crate::store::StoreError;

/// Why documents were not put in force. The snapshot before them still is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The policy is not valid.
    #[error("policy: {0}")]
    Policy(Faults),
    /// The policy does not have the release.
    #[error(transparent)]
    Release(#[from] UnknownReleaseError),
    /// The directory is not valid.
    #[error("directory: {0}")]
    Directory(Faults),
    /// The directory cannot succeed the one in force.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

/// Why a key was not created. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CreateKeyError {
    /// The user may not, or has as many keys as a user may have. Boxed, as it holds
    /// the record for the log.
    #[error(transparent)]
    Refused(Box<Refused>),
    /// The store does not keep the key, so it does not exist.
    #[error("the key was not created, because it could not be stored: {0}")]
    NotStored(StoreError),
    /// There are no random bytes for the id or the secret.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The new id is not a name: this does not happen.
    #[error(transparent)]
    Id(#[from] ParseIdError),
}

/// Why a revocation was not acknowledged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RevokeError {
    /// The user may not, or the key is revoked already. Nothing was changed. Boxed,
    /// as it holds the record for the log.
    #[error(transparent)]
    Refused(Box<Refused>),
    /// The keys are revoked in this process, and stay so as long as it runs. The
    /// store does not keep it, so a restart may bring them back. [`Live::refresh`]
    /// and the next revocation try again.
    ///
    /// [`Live::refresh`]: crate::Live::refresh
    #[error(
        "revoked until the next restart only, because it could not be stored; try again: {error}"
    )]
    NotDurable {
        /// What was done, for the log.
        records: Vec<ActivityRecord>,
        /// Why it is not stored.
        error: StoreError,
    },
}

/// Why the word of the store was not put in force, or not all of it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The store could not be read, or what it has cannot be used. What was in force
    /// still is.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory cannot succeed the one in force.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The store says what is in force, and could not be given what it lacks.
    #[error("some states of keys are in force and could not be stored: {0}")]
    NotStored(StoreError),
}

impl RefreshError {
    /// Whether the store was read, and only the documents that the operator wrote are
    /// faulty.
    pub const fn is_of_documents(&self) -> bool {
        match self {
            Self::Store(error) => error.is_of_documents(),
            Self::Merge(_) | Self::NotStored(_) => false,
        }
    }
}
