//! A key as a store keeps it.

use portcullis::{ApiKey, KeyId, KeyKind, KeyState, UnixSeconds, UserId};

use crate::secret::SecretDigest;

/// A key that was created: all of it but its state, and the digests of its secrets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredKey {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub owner: UserId,
    /// What the owner calls it.
    pub name: String,
    /// Its kind.
    pub kind: KeyKind,
    /// From when on it is valid.
    pub created_at: UnixSeconds,
    /// From when on it is no longer valid, if it expires at all.
    pub expires_at: Option<UnixSeconds>,
    /// The digests of its secrets, as a rule one.
    pub digests: Vec<SecretDigest>,
}

impl StoredKey {
    /// The key for a directory, active as far as this says.
    pub(crate) fn to_key(&self) -> ApiKey {
        ApiKey {
            id: self.id.clone(),
            owner: self.owner.clone(),
            kind: self.kind,
            created_at: self.created_at,
            expires_at: self.expires_at,
            state: KeyState::active(),
        }
    }
}
