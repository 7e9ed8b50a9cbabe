//! Reports for people at a terminal.

pub(crate) mod diff;
pub(crate) mod excerpt;
pub(crate) mod matrix;
pub(crate) mod people;
pub(crate) mod test;
pub(crate) mod what_if;
pub(crate) mod wrap;

use std::fmt::Display;
use std::io::{self, Write};

/// Prints one row: what it is, and the value at a fixed column.
pub(crate) fn row(output: &mut impl Write, name: &str, value: impl Display) -> io::Result<()> {
    writeln!(output, "{name:<12} {value}")
}
