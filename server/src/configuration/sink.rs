//! Where records of activity are written.

use std::path::PathBuf;

use serde::Deserialize;

/// A sink: `store`, `stdout`, or `{ file: PATH }`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Written")]
pub enum Sink {
    /// The store of users and keys.
    Store,
    /// Standard output.
    Stdout,
    /// A file of JSON Lines.
    File(Rotated),
}

/// A file of JSON Lines, and when another one takes its place.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Rotated {
    /// The file.
    pub file: PathBuf,
    /// After how many bytes.
    #[serde(default = "default_bytes")]
    pub rotate_bytes: u64,
    /// After how many seconds.
    #[serde(default = "default_seconds")]
    pub rotate_seconds: u64,
    /// How many files from before are kept.
    #[serde(default = "default_files")]
    pub keep_files: usize,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "it is not a sink; write `store`, `stdout` or `{ file: PATH }`, which may have \
                 `rotate_bytes`, `rotate_seconds` and `keep_files`"
)]
enum Written {
    Word(String),
    File(Rotated),
}

impl TryFrom<Written> for Sink {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Word(word) if word == "store" => Ok(Self::Store),
            Written::Word(word) if word == "stdout" => Ok(Self::Stdout),
            Written::Word(_) => {
                Err("there is no such sink; write `store`, `stdout` or `{ file: PATH }`")
            }
            Written::File(file) => Ok(Self::File(file)),
        }
    }
}

impl Sink {
    pub(super) const fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::Store | Self::Stdout => None,
            Self::File(rotated) => Some(&mut rotated.file),
        }
    }
}

/// 100 MiB.
const fn default_bytes() -> u64 {
    100 * 1024 * 1024
}

/// A day.
const fn default_seconds() -> u64 {
    24 * 60 * 60
}

/// A month, where there is one a day.
const fn default_files() -> usize {
    31
}
