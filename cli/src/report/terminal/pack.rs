//! Whether an evidence pack still holds.

use std::io::{self, Write};
use std::path::Path;

use crate::load::pack::Manifest;
use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::counted;
use crate::report::number;
use crate::text::file_name;

/// Prints what a pack was made from, and each thing that no longer holds.
pub(crate) fn verified(
    output: &mut Printer<'_>,
    folder: &Path,
    manifest: &Manifest,
    differences: &[String],
) -> io::Result<()> {
    let name = file_name(folder);
    let (tool, command) = (&manifest.tool, &manifest.command);
    writeln!(output, "{name}: made with {tool}: {command}")?;
    for difference in differences {
        output.paint(Tone::Bad, "no longer holds")?;
        writeln!(output, ": {difference}")?;
    }
    let files = counted(number(manifest.files.len()), "file");
    match differences.len() {
        0 => {
            output.paint(Tone::Good, "holds")?;
            writeln!(output, ": {files}, and the documents in use are the same")
        }
        count => writeln!(
            output,
            "{} of the pack",
            counted(number(count), "difference")
        ),
    }
}
