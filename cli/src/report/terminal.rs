//! Reports for people at a terminal.

pub(crate) mod can;
pub(crate) mod check;
pub(crate) mod decision;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod excerpt;
pub(crate) mod explanation;
pub(crate) mod invariants;
pub(crate) mod keys;
pub(crate) mod lint;
pub(crate) mod matrix;
pub(crate) mod pack;
pub(crate) mod people;
pub(crate) mod provenance;
pub(crate) mod request;
pub(crate) mod test;
pub(crate) mod what_if;
pub(crate) mod who_can;
pub(crate) mod wrap;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use crate::text::file_name;

/// Prints one row: a name, and a value at a fixed column.
pub(crate) fn row(output: &mut impl Write, name: &str, value: impl Display) -> io::Result<()> {
    writeln!(output, "{name:<12} {value}")
}

/// Prints that a file was written.
pub(crate) fn wrote(output: &mut impl Write, file: &Path) -> io::Result<()> {
    row(output, "wrote", file_name(file))
}
