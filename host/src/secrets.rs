//! Which key has which secret.

use std::collections::HashMap;
use std::fmt;

use portcullis::KeyId;
use subtle::ConstantTimeEq as _;

use crate::secret::SecretDigest;

/// The keys by the digests of their secrets. It holds no secret.
///
/// A secret is looked up by its digest, so how long that takes says nothing about
/// how much of a guess was right.
#[derive(Clone, Default)]
pub struct Secrets(HashMap<SecretDigest, Option<KeyId>>);

impl Secrets {
    /// The key that has this secret. An empty secret is that of no key, and so is
    /// one that two keys have: it does not say which of them is meant.
    pub fn key(&self, secret: impl AsRef<[u8]>) -> Option<&KeyId> {
        if secret.as_ref().is_empty() {
            return None;
        }
        let digest = SecretDigest::of(secret);
        let (found, key) = self.0.get_key_value(&digest)?;
        let is_found = bool::from(found.as_bytes().ct_eq(digest.as_bytes()));
        key.as_ref().filter(|_| is_found)
    }

    /// Adds the digest of a key's secret. A digest that another key has already
    /// belongs to neither of them from then on.
    pub fn insert(&mut self, digest: SecretDigest, key: KeyId) {
        self.0
            .entry(digest)
            .and_modify(|own| {
                own.take_if(|own| *own != key);
            })
            .or_insert(Some(key));
    }

    /// Forgets the secrets of a key.
    pub fn remove(&mut self, key: &KeyId) {
        self.0.retain(|_, own| own.as_ref() != Some(key));
    }

    /// Forgets the secrets of several keys.
    pub(crate) fn remove_all(&mut self, keys: &[&KeyId]) {
        self.0
            .retain(|_, own| own.as_ref().is_none_or(|own| !keys.contains(&own)));
    }

    /// How many secrets there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Secrets as text, each with its key: for tests and for demonstrations. A host
/// stores digests, see [`Secrets::insert`].
impl<S: AsRef<[u8]>> FromIterator<(S, KeyId)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (S, KeyId)>>(all: I) -> Self {
        let mut own = Self::default();
        for (secret, key) in all {
            own.insert(SecretDigest::of(secret), key);
        }
        own
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({} keys)", self.0.len())
    }
}
