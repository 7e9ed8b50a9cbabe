//! What a report is about, and what it was made from.

use portcullis::UnixSeconds;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::load::instant::{in_words, rfc3339, shown};
use crate::text::Text;
use crate::view::provenance::Provenance;

/// What a report is about, and what it was made from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Title {
    pub(crate) policy: String,
    pub(crate) directory: Option<String>,
    /// The two releases of an upgrade.
    pub(crate) upgrade: Option<(String, String)>,
    pub(crate) provenance: Provenance,
    /// When keys are judged: the number, and the date where it has one.
    pub(crate) instant: String,
    /// The same in words, and as programs write dates.
    pub(crate) date: Date,
    pub(crate) sources: Vec<Source>,
}

/// An instant in words, and as programs write it: in RFC 3339, or empty for a year
/// after 9999.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Date {
    pub(crate) words: String,
    pub(crate) exact: String,
}

/// A document that was read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Source {
    /// `policy`, `directory` or `suite`.
    pub(crate) role: &'static str,
    pub(crate) name: String,
    pub(crate) bytes: usize,
    pub(crate) sha256: String,
}

impl Source {
    /// A document with its sum.
    pub(crate) fn of(role: &'static str, name: &str, text: &Text) -> Self {
        Self {
            role,
            name: name.to_owned(),
            bytes: text.len(),
            sha256: sum(text),
        }
    }
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub(crate) fn sum(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

impl Title {
    /// When keys are judged, for people.
    pub(crate) fn instant(now: UnixSeconds) -> String {
        shown(now)
    }

    /// The same in words, and as programs write dates.
    pub(crate) fn date(now: UnixSeconds) -> Date {
        Date {
            words: in_words(now),
            exact: rfc3339(now).unwrap_or_default(),
        }
    }
}
