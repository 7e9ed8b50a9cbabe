//! One fault of a document, as data.

use alloc::boxed::Box;
use core::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::fault::code::{Code, Fault};
use crate::fault::excerpt::excerpt;
use crate::fault::position::Position;

/// How serious a [`Diagnostic`] is. Loading a document reports only errors.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The document is valid; there is a better way to write it.
    Hint,
    /// The document is valid; it probably does not do what was meant.
    Warning,
    /// The document is refused.
    Error,
}

/// One fault of a document.
///
/// It prints as one line, the position first and the fix last:
///
/// ```text
/// 9:22: profiles.viewer.grants[0]: unknown privilege `case.view`; declare it under `privileges`; did you mean `cases.view`?
/// ```
///
/// It serializes as a map with the fields `code`, `line`, `column`, `path`,
/// `text` (the message) and `suggestion`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    code: &'static Code,
    severity: Severity,
    message: Box<str>,
    position: Position,
    path: Box<str>,
    suggestion: Option<Box<str>>,
}

impl Diagnostic {
    /// A fault that is found before the document is read.
    pub(crate) fn of_text(fault: impl Fault, position: Position) -> Self {
        let (code, message) = fault.into_message();
        Self::new(code, message, position, "".into(), None)
    }

    /// An error.
    pub(crate) fn new(
        code: &'static Code,
        message: Box<str>,
        position: Position,
        path: Box<str>,
        suggestion: Option<Box<str>>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message,
            position,
            path,
            suggestion,
        }
    }

    /// The stable code, in `snake_case`: `unknown_privilege`.
    pub const fn code(&self) -> &'static str {
        self.code.code
    }

    /// The same code, explained.
    pub const fn explanation(&self) -> &'static Code {
        self.code
    }

    /// How serious it is.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong and how to fix it, in one line without the position.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is in the text.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Its path in the document: `releases."5.5.0".restricted[3]`. Entries of
    /// lists are counted from 0. Empty for a fault of the whole document, and
    /// for one that was found before the document could be read.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A known name that the author may have meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.position)?;
        if !self.path.is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        formatter.write_str(&self.message)?;
        match &self.suggestion {
            Some(name) => write!(formatter, "; did you mean `{}`?", excerpt(name)),
            None => Ok(()),
        }
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Diagnostic", 6)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("line", &self.position.line)?;
        fields.serialize_field("column", &self.position.column)?;
        fields.serialize_field("path", &self.path)?;
        fields.serialize_field("text", &self.message)?;
        fields.serialize_field("suggestion", &self.suggestion)?;
        fields.end()
    }
}
