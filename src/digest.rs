//! The digest of a policy's meaning.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// SHA-256 over what a policy means, printed as 64 hexadecimal digits.
///
/// Effective grants and expanded templates count, each sorted; titles,
/// sources, comments, order and the shape of inheritance do not.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a set of facts, one line each, whatever their order.
    ///
    /// A fact is words with blanks between; no word holds a blank or a line
    /// break, so no two sets of facts have the same lines.
    pub(crate) fn of(mut facts: Vec<String>) -> Self {
        facts.sort_unstable();
        let mut hash = Sha256::new();
        hash.update("portcullis policy 1\n");
        for fact in &facts {
            hash.update(fact);
            hash.update("\n");
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
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
