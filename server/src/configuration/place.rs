//! Where a secret is: never in the configuration itself.

use std::path::PathBuf;

use serde::Deserialize;

use crate::fault::Fault;

/// A file or a variable of the environment that holds a secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Written")]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
}

/// As the configuration says it: `{ file: PATH }` or `{ environment: NAME }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    file: Option<PathBuf>,
    environment: Option<String>,
}

impl TryFrom<Written> for Place {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match (written.file, written.environment) {
            (Some(path), None) => Ok(Self::File(path)),
            (None, Some(name)) => Ok(Self::Environment(name)),
            (None, None) | (Some(_), Some(_)) => {
                Err("a secret is in one place; write either `file` or `environment`")
            }
        }
    }
}

impl Place {
    /// Reads the secret.
    ///
    /// # Errors
    ///
    /// [`Fault`], which does not hold the secret.
    pub fn read(&self) -> Result<String, Fault> {
        match self {
            Self::File(path) => {
                std::fs::read_to_string(path).map_err(|error| Fault::read(path, &error))
            }
            Self::Environment(name) => std::env::var(name).map_err(|_| {
                Fault::of(
                    name,
                    "the environment has no such variable in UTF-8; set it",
                )
            }),
        }
    }

    /// The file, if it is one.
    pub(crate) const fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::File(path) => Some(path),
            Self::Environment(_) => None,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Environment(name) => formatter.write_str(name),
        }
    }
}
