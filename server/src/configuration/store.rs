//! Where users and keys are kept.

use std::path::PathBuf;

use serde::Deserialize;

/// A store: `{ files: FOLDER }` or `{ sqlite: FILE }`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Written")]
pub enum Store {
    /// A folder with a directory, digests and a journal.
    Files(PathBuf),
    /// A file of SQLite.
    Sqlite(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    files: Option<PathBuf>,
    sqlite: Option<PathBuf>,
}

impl TryFrom<Written> for Store {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match (written.files, written.sqlite) {
            (Some(folder), None) => Ok(Self::Files(folder)),
            (None, Some(file)) => Ok(Self::Sqlite(file)),
            (None, None) | (Some(_), Some(_)) => {
                Err("users and keys are in one store; write either `files` or `sqlite`")
            }
        }
    }
}

impl Store {
    pub(super) const fn path_mut(&mut self) -> &mut PathBuf {
        match self {
            Self::Files(path) | Self::Sqlite(path) => path,
        }
    }
}

/// What happens when the store has not been heard from for so long that a
/// revocation might not have arrived: `{ refuse_after: SECONDS }` or `go_on`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "WrittenAge")]
pub enum WhenOld {
    /// After so many seconds nothing is decided.
    Refuse(u64),
    /// Decisions go on.
    GoOn,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "it is not an age; write `{ refuse_after: 60 }` or `go_on`"
)]
enum WrittenAge {
    Word(String),
    Limit(Limit),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    refuse_after: u64,
}

impl TryFrom<WrittenAge> for WhenOld {
    type Error = &'static str;

    fn try_from(written: WrittenAge) -> Result<Self, Self::Error> {
        match written {
            WrittenAge::Word(word) if word == "go_on" => Ok(Self::GoOn),
            WrittenAge::Limit(Limit { refuse_after }) if refuse_after >= 5 => {
                Ok(Self::Refuse(refuse_after))
            }
            WrittenAge::Word(_) | WrittenAge::Limit(_) => Err(
                "it is not an age; write `{ refuse_after: 60 }`, with 5 seconds or more, or `go_on`",
            ),
        }
    }
}

impl Default for WhenOld {
    fn default() -> Self {
        Self::Refuse(60)
    }
}
