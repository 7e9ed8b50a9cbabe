//! What can be wrong with a document.
//!
//! A document is loaded as a whole or not at all. Whatever is wrong with it is
//! told at once, in the order of the document: the first twenty faults with
//! their places, the rest as a number.
//!
//! A [`Fault`] is plain data: its kind with the facts, its place as line and
//! column and as a path through the document, and a known name that the author
//! may have meant. Every kind has a stable code, and [`FaultCode`] says for each
//! what it means, why it is refused and how to mend it.

mod code;
mod directory;
mod endpoint;
mod policy;
mod release;
mod shape;
mod suite;
mod text;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::util::text::is_invisible;

pub use self::code::FaultCode;
pub use self::directory::DirectoryFault;
pub use self::endpoint::EndpointFault;
pub use self::policy::PolicyFault;
pub use self::release::ReleaseFault;
pub use self::shape::ShapeFault;
pub use self::suite::SuiteFault;
pub use self::text::TextFault;

/// The most faults that are told with their places; the rest are counted.
pub const MOST_LOCATED: usize = 20;

/// The most characters of the author's that a fault repeats.
const LONGEST_EXCERPT: usize = 80;

/// What is wrong, by the part of the rules that it offends.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The text itself: found before anything is read from it.
    #[error(transparent)]
    Text(TextFault),
    /// The shape: fields, types, keys. The same for every document.
    #[error(transparent)]
    Shape(ShapeFault),
    /// Privileges and profiles of a policy.
    #[error(transparent)]
    Policy(PolicyFault),
    /// The endpoints of a policy.
    #[error(transparent)]
    Endpoint(EndpointFault),
    /// The releases of a policy and their restricted tables.
    #[error(transparent)]
    Release(ReleaseFault),
    /// Tenants, groups, users and keys of a directory.
    #[error(transparent)]
    Directory(DirectoryFault),
    /// Cases of a suite, and whom and what they name.
    #[error(transparent)]
    Suite(SuiteFault),
}

impl FaultKind {
    /// The stable code, in `snake_case`: `unknown_privilege`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Shape(fault) => fault.code(),
            Self::Policy(fault) => fault.code(),
            Self::Endpoint(fault) => fault.code(),
            Self::Release(fault) => fault.code(),
            Self::Directory(fault) => fault.code(),
            Self::Suite(fault) => fault.code(),
        }
    }
}

macro_rules! kind {
    ($group:ident, $fault:ident) => {
        impl From<$fault> for FaultKind {
            fn from(fault: $fault) -> Self {
                Self::$group(fault)
            }
        }
    };
}

kind!(Text, TextFault);
kind!(Shape, ShapeFault);
kind!(Policy, PolicyFault);
kind!(Endpoint, EndpointFault);
kind!(Release, ReleaseFault);
kind!(Directory, DirectoryFault);
kind!(Suite, SuiteFault);

/// A place in the text of a document. Lines and columns count from 1; a column
/// is a character, whatever its width in bytes or on a screen.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Position {
    /// The first character of a document.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}

/// One thing that is wrong with a document.
///
/// It prints on one line, the place first and the way out last:
///
/// ```text
/// 9:22: profiles.viewer.grants[0]: unknown privilege `case.view`; declare it under `privileges`; did you mean `cases.view`?
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    kind: FaultKind,
    position: Position,
    path: Box<str>,
    suggestion: Option<Box<str>>,
}

impl Fault {
    pub(crate) fn new(
        kind: FaultKind,
        position: Position,
        path: Box<str>,
        suggestion: Option<Box<str>>,
    ) -> Self {
        Self {
            kind,
            position,
            path,
            suggestion,
        }
    }

    /// What is wrong, with the facts.
    pub const fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// The stable code of the kind, for [`FaultCode::find`].
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Where it is in the text.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Where it is in the document: `releases."5.5.0".restricted[3]`, entries of
    /// lists counted from 0. Empty for a fault of the document as a whole and
    /// for one that was found before the document could be read.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A known name that the author may have meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.position)?;
        if !self.path.is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        write!(formatter, "{}", self.kind)?;
        match &self.suggestion {
            Some(name) => write!(formatter, "; did you mean `{}`?", excerpt(name)),
            None => Ok(()),
        }
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fault = serializer.serialize_struct("Fault", 6)?;
        fault.serialize_field("code", self.code())?;
        fault.serialize_field("line", &self.position.line)?;
        fault.serialize_field("column", &self.position.column)?;
        fault.serialize_field("path", &self.path)?;
        fault.serialize_field("text", &alloc::format!("{}", self.kind))?;
        fault.serialize_field("suggestion", &self.suggestion)?;
        fault.end()
    }
}

/// Why a document was refused: every fault that was found in it, at least one.
///
/// It prints each located fault on a line of its own and then, where there are
/// more, a line such as `and 12 more`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Faults {
    located: Vec<Fault>,
    more: usize,
}

impl Faults {
    pub(crate) fn new(located: Vec<Fault>, more: usize) -> Self {
        Self { located, more }
    }

    /// The first faults, at most [`MOST_LOCATED`], in the order of the document.
    pub fn iter(&self) -> core::slice::Iter<'_, Fault> {
        self.located.iter()
    }

    /// How many faults were found beyond those.
    pub const fn more(&self) -> usize {
        self.more
    }
}

impl<'f> IntoIterator for &'f Faults {
    type Item = &'f Fault;
    type IntoIter = core::slice::Iter<'f, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.located.iter().enumerate() {
            if number > 0 {
                formatter.write_str("\n")?;
            }
            fault.fmt(formatter)?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(formatter, "\nand {more} more"),
        }
    }
}

impl core::error::Error for Faults {}

/// The author's words as a fault repeats them: at most 80 characters. Controls
/// and characters that do not show are escaped, so that a message shows them.
pub(crate) fn excerpt(text: &str) -> Box<str> {
    let mut excerpt = String::with_capacity(text.len().min(LONGEST_EXCERPT));
    for (number, character) in text.chars().enumerate() {
        if number == LONGEST_EXCERPT {
            excerpt.push('…');
            break;
        }
        if is_invisible(character) {
            excerpt.extend(character.escape_default());
        } else {
            excerpt.push(character);
        }
    }
    excerpt.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn fault(line: usize, path: &str, suggestion: Option<&str>) -> Fault {
        let kind = ShapeFault::UnknownField {
            field: "limt".into(),
        };
        Fault::new(
            kind.into(),
            Position { line, column: 5 },
            path.into(),
            suggestion.map(Into::into),
        )
    }

    #[test]
    fn a_fault_prints_its_place_first_and_the_way_out_last() {
        assert_eq!(
            fault(3, "profiles.user", Some("limit")).to_string(),
            "3:5: profiles.user: unknown field `limt`; correct or remove it; did you mean `limit`?"
        );
        assert_eq!(
            fault(3, "", None).to_string(),
            "3:5: unknown field `limt`; correct or remove it"
        );
    }

    #[test]
    fn a_suggestion_shows_its_controls() {
        assert!(
            fault(3, "", Some("peop\te"))
                .to_string()
                .ends_with("did you mean `peop\\te`?")
        );
    }

    #[test]
    fn faults_print_one_line_each_and_count_the_rest() {
        let faults = Faults::new([fault(1, "a", None), fault(2, "b", None)].into(), 7);
        let expected = "1:5: a: unknown field `limt`; correct or remove it\n2:5: b: unknown field `limt`; correct or remove it\nand 7 more";
        assert_eq!(faults.to_string(), expected);
        assert_eq!((&faults).into_iter().count(), 2);
    }

    #[test]
    fn excerpts_are_cut_between_characters() {
        assert_eq!(&*excerpt(&"ä".repeat(80)), "ä".repeat(80));
        assert_eq!(&*excerpt(&"ä".repeat(81)), "ä".repeat(80) + "…");
        assert_eq!(&*excerpt("a\tb"), "a\\tb");
        assert_eq!(&*excerpt("a\u{202e}b"), "a\\u{202e}b");
    }
}
