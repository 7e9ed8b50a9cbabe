//! All faults of a document.

use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use crate::fault::diagnostic::Diagnostic;
use crate::util::limits;

/// The most faults that are reported with their positions. The rest are
/// counted.
pub const MOST_LOCATED: usize = limits::LOCATED_FAULTS;

/// Why a document was refused: all its faults, at least one.
///
/// It prints each located fault on a line, then a line such as `and 12 more` if
/// there are more. It serializes as a map with the fields `faults`, a list, and
/// `more`, a number.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Faults {
    #[serde(rename = "faults")]
    located: Vec<Diagnostic>,
    more: usize,
}

impl Faults {
    pub(crate) fn new(located: Vec<Diagnostic>, more: usize) -> Self {
        Self { located, more }
    }

    /// The first faults, at most [`MOST_LOCATED`], in the order of the document.
    pub fn iter(&self) -> core::slice::Iter<'_, Diagnostic> {
        self.located.iter()
    }

    /// How many faults were found beyond those.
    pub const fn more(&self) -> usize {
        self.more
    }
}

impl<'f> IntoIterator for &'f Faults {
    type Item = &'f Diagnostic;
    type IntoIter = core::slice::Iter<'f, Diagnostic>;

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
