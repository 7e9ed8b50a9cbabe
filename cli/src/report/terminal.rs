//! Reports for people at a terminal.

pub(crate) mod can;
pub(crate) mod check;
pub(crate) mod decision;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod excerpt;
pub(crate) mod explanation;
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

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::text::file_name;

/// The column of the values in rows.
const COLUMN: usize = 13;

/// Prints one row: a name, and a value at a fixed column.
pub(crate) fn row(output: &mut Printer<'_>, name: &str, value: impl Display) -> io::Result<()> {
    toned_row(output, Tone::Strong, name, value)
}

/// The same, with the name in a tone.
pub(crate) fn toned_row(
    output: &mut Printer<'_>,
    tone: Tone,
    name: &str,
    value: impl Display,
) -> io::Result<()> {
    output.hang(COLUMN);
    output.paint(tone, name)?;
    let gap = COLUMN.saturating_sub(name.len()).max(1);
    writeln!(output, "{:gap$}{value}", "")
}

/// Prints that a file was written.
pub(crate) fn wrote(output: &mut Printer<'_>, file: &Path) -> io::Result<()> {
    row(output, "wrote", file_name(file))
}
