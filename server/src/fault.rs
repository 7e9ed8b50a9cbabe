//! Why the server does not start, or does not take over what has changed.

use std::fmt::Display;
use std::io;
use std::path::Path;

use thiserror::Error;

/// What is wrong, and where. One line, or one for each fault of a document.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[error("{0}")]
pub struct Fault(String);

impl Fault {
    /// A fault at a place.
    pub fn of(place: &str, text: impl Display) -> Self {
        Self(format!("{place}: {text}"))
    }

    /// A file that cannot be read.
    pub(crate) fn read(path: &Path, error: &io::Error) -> Self {
        Self(format!("{}: it cannot be read: {error}", path.display()))
    }

    /// A text that is not YAML, or not of the form that is wanted.
    pub(crate) fn yaml(error: &serde_yaml::Error) -> Self {
        let text = error.to_string();
        let Some(location) = error.location() else {
            return Self(text);
        };
        let (line, column) = (location.line(), location.column());
        let said = format!(" at line {line} column {column}");
        Self(format!("{line}:{column}: {}", text.replace(&said, "")))
    }

    /// The same, in a file.
    pub(crate) fn of_file(self, path: &Path) -> Self {
        let is_position = self.0.starts_with(|first: char| first.is_ascii_digit());
        let between = if is_position { ":" } else { ": " };
        Self(format!("{}{between}{}", path.display(), self.0))
    }
}
