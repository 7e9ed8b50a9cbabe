//! What a report was made from, as its last line.

use std::io::{self, Write};

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::view::provenance::Provenance;

/// What the line begins with.
const MADE_WITH: &str = "made with";

/// Prints an empty line and the provenance.
pub(crate) fn print(output: &mut Printer<'_>, provenance: &Provenance) -> io::Result<()> {
    let (parts, command) = (provenance.made_with(), &provenance.command);
    writeln!(output)?;
    output.line(Tone::Faint, format_args!("{MADE_WITH} {parts}: {command}"))
}
