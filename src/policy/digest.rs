//! Digests of the meaning of policies and directories.

use core::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// SHA-256 of the meaning of a policy or a directory, printed as 64 hexadecimal
/// digits. For a directory see [`Directory::digest`](crate::Directory::digest).
///
/// The digest of a policy depends on effective grants and expanded templates,
/// each sorted. It does not depend on titles, sources, comments, order and the
/// structure of inheritance.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// A placeholder for a digest that is computed later.
    pub(crate) const fn of_nothing() -> Self {
        Self([0; 32])
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |half: u8| match half {
            0..10 => b'0' + half,
            _ => b'a' + half - 10,
        };
        let mut text = [0; 64];
        for (digits, byte) in text.chunks_exact_mut(2).zip(self.0) {
            digits.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        // INVARIANT: the digits are ASCII.
        formatter.write_str(core::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Takes the digest of a set of facts, one line each.
///
/// A fact is some words with blanks between them. No word contains a blank or a
/// line break, so different sets of facts have different lines. They must be in
/// ascending order, so that the order of the document does not count.
pub(crate) struct FactHasher(Sha256);

impl FactHasher {
    /// Begins with a line that names the kind and the version of the facts.
    pub(crate) fn new(prefix: &str) -> Self {
        Self(Sha256::new_with_prefix(prefix))
    }

    pub(crate) fn add(&mut self, words: &[&str]) {
        for (number, word) in words.iter().enumerate() {
            if number > 0 {
                self.0.update(" ");
            }
            self.0.update(word);
        }
        self.0.update("\n");
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}
