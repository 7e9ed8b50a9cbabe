//! Why a directory refuses what its host adds.

use thiserror::Error;

use crate::directory::key_states::OwnerConflict;
use crate::id::{KeyId, ProfileId, UserId};

/// Why a user or a key cannot be added or changed. Nothing was changed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DirectoryError {
    /// There is a user of this name.
    #[error("there is a user `{0}` already; change that user")]
    RepeatedUser(UserId),
    /// There is no user of this name.
    #[error("there is no user `{0}`; add them first")]
    UnknownUser(UserId),
    /// The policy has no such profile.
    #[error(
        "user `{user}`: the policy has no profile `{profile}`; use one of its profiles, or bind the newer policy"
    )]
    UnknownProfile {
        /// The user.
        user: UserId,
        /// The profile.
        profile: ProfileId,
    },
    /// The scope contradicts itself, or names a group or tenant that does not
    /// exist.
    #[error("user `{0}`: there is no such group or tenant as in the scope; add it first")]
    UnknownScope(UserId),
    /// The text is not an e-mail address.
    #[error("user `{0}`: this is not an e-mail address; write one such as `name@example.com`")]
    MalformedEmail(UserId),
    /// Another user has the address. Case is ignored.
    #[error(
        "user `{user}`: `{other}` has this e-mail address, where case does not matter; change one"
    )]
    EmailTaken {
        /// The user who should have it.
        user: UserId,
        /// The user who has it.
        other: UserId,
    },
    /// The id was used before, perhaps by a key that is purged now.
    #[error("key `{0}`: the id was used before, and no id is used twice; generate another one")]
    KeyIdTaken(KeyId),
    /// The id is known as another user's. The key is now revoked for both;
    /// nothing else was changed.
    #[error("{0}")]
    Contested(OwnerConflict),
    /// The key's owner is not a user.
    #[error("key `{key}`: there is no user `{owner}`; add them first")]
    UnknownOwner {
        /// The key.
        key: KeyId,
        /// The owner.
        owner: UserId,
    },
    /// The key's name is blank.
    #[error("key `{0}`: the name of the key is blank; say what the key is for")]
    BlankName(KeyId),
    /// The key's name is too long, or has invisible characters.
    #[error(
        "key `{0}`: the name must have 1 to 128 characters, none of them invisible; use another name"
    )]
    MalformedName(KeyId),
    /// There are more users or keys than a directory can number.
    #[error("there are more users or keys than a directory can number")]
    TooMany,
}
