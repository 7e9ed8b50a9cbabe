//! What a report was made from, as its last paragraph.

use std::io::{self, Write};

use crate::text::Visible;
use crate::view::provenance::Provenance;

/// Prints the paragraph. Two backticks enclose the command, which can have one.
pub(crate) fn print(output: &mut impl Write, provenance: &Provenance) -> io::Result<()> {
    let output = &mut Visible(output);
    let parts = provenance.made_with();
    let command = provenance.command.replace("``", "` `");
    writeln!(output, "\nMade with {parts}: `` {command} ``")
}
