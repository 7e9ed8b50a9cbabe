//! The secret of an API key: how it is made, and its digest.

use std::fmt;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// What every secret begins with, so that scanners find leaked ones.
const PREFIX: &str = "pck_";
/// The characters of half a secret: 128 bits in base62.
const HALF: usize = 22;
/// The characters of the checksum.
const CHECKSUM: usize = 6;

/// A new secret of an API key: `pck_`, 44 characters for 256 random bits, and 6
/// for a checksum.
///
/// The host shows it to the owner once and stores only its [`SecretDigest`].
/// `Debug` does not print it.
///
/// ```
/// use portcullis_host::Secret;
///
/// let secret = Secret::generate()?;
/// assert!(secret.reveal().starts_with("pck_"));
/// assert!(Secret::is_well_formed(secret.reveal()));
/// assert!(!Secret::is_well_formed("pck_something"));
/// # Ok::<(), portcullis_host::secret::NoRandomness>(())
/// ```
#[derive(Clone)]
pub struct Secret(String);

/// The operating system gives no random bytes.
#[derive(Clone, Copy, Debug, Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct NoRandomness(getrandom::Error);

impl NoRandomness {
    /// Fills bytes with random ones of the operating system.
    pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Self> {
        getrandom::fill(bytes).map_err(Self)
    }
}

impl Secret {
    /// Makes a secret from 256 random bits of the operating system.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        let halves = [random()?, random()?].map(|half| base62(half, HALF));
        let text = format!("{PREFIX}{}", halves.concat());
        let checksum = checksum(&text);
        Ok(Self(text + &checksum))
    }

    /// The text, to be shown to the owner once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digest, to be stored.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }

    /// Whether a text has the form and the checksum of a secret that this crate
    /// made. A scanner can tell by this that a text is a leaked secret; a
    /// request is never judged by it.
    pub fn is_well_formed(text: &str) -> bool {
        let body = text.len().checked_sub(CHECKSUM);
        let parts = body.and_then(|body| text.split_at_checked(body));
        parts.is_some_and(|(body, sum)| {
            body.len() == PREFIX.len() + 2 * HALF
                && body.starts_with(PREFIX)
                && sum == checksum(body)
        })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The SHA-256 of a secret. A secret has 256 random bits, so no slow hash is
/// needed.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of a secret of any form, such as one that another system made.
    pub fn of(secret: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// A digest that was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, to be stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretDigest(…)")
    }
}

/// 128 random bits.
pub(crate) fn random() -> Result<u128, NoRandomness> {
    let mut bytes = [0; 16];
    NoRandomness::fill(&mut bytes)?;
    Ok(u128::from_be_bytes(bytes))
}

/// A number in base62, filled up with zeros on the left.
pub(crate) fn base62(number: u128, length: usize) -> String {
    let mut digits = [0; 22];
    // 128 bits have at most 22 digits.
    let count = base62::encode_bytes(number, &mut digits).unwrap_or_default();
    let zeros = std::iter::repeat_n('0', length.saturating_sub(count));
    let digits = digits.iter().take(count).copied().map(char::from);
    let mut text = String::with_capacity(length);
    text.extend(zeros.chain(digits));
    text
}

fn checksum(text: &str) -> String {
    base62(u128::from(crc32fast::hash(text.as_bytes())), CHECKSUM)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_secret_has_one_form_and_is_never_the_same() {
        let all: BTreeSet<String> = (0..1_000).map(|_| Secret::generate().unwrap().0).collect();
        assert_eq!(all.len(), 1_000);
        for secret in &all {
            assert_eq!(secret.len(), 54);
            assert!(Secret::is_well_formed(secret), "{secret}");
            assert!(secret[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn the_checksum_finds_every_change_of_one_character() {
        let secret = Secret::generate().unwrap();
        for at in 0..secret.0.len() {
            let mut changed = secret.0.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            assert!(!Secret::is_well_formed(
                std::str::from_utf8(&changed).unwrap()
            ));
        }
        for text in ["", "pck_", "é", "ééé_ééééé"] {
            assert!(!Secret::is_well_formed(text));
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secret = Secret::generate().unwrap();
        let printed = format!("{secret:?} {:?}", secret.digest());
        assert_eq!(printed, "Secret(…) SecretDigest(…)");
    }
}
