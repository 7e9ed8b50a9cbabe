//! Line breaks in long lines.

use std::io::{self, Write};

use crate::printer::Printer;
use crate::printer::look::Tone;

/// The width of wrapped lines, in characters, where the printer has no width.
const WIDTH: usize = 100;

/// Prints a text indented, with line breaks between words. The lines after the
/// first are indented by two more.
pub(crate) fn wrapped(output: &mut Printer<'_>, indent: usize, text: &str) -> io::Result<()> {
    begun(output, indent, Tone::Strong, "", text)
}

/// The same, with the words of `begin` before it in a tone.
pub(crate) fn begun(
    output: &mut Printer<'_>,
    indent: usize,
    tone: Tone,
    begin: &str,
    text: &str,
) -> io::Result<()> {
    if output.width().is_some() {
        write!(output, "{:indent$}", "")?;
        output.hang(indent + 2);
        output.paint(tone, begin)?;
        return writeln!(output, "{text}");
    }
    let mut column = 0;
    let toned = if begin.is_empty() {
        0
    } else {
        begin.trim_end().split(' ').count()
    };
    let whole = format!("{begin}{text}");
    for (number, word) in whole.split(' ').enumerate() {
        if column == 0 || column + word.len() + 1 > WIDTH {
            let (before, indent) = if column == 0 {
                ("", indent)
            } else {
                ("\n", indent + 2)
            };
            write!(output, "{before}{:indent$}", "")?;
            column = indent + word.len();
        } else {
            write!(output, " ")?;
            column += word.len() + 1;
        }
        if number < toned {
            output.paint(tone, word)?;
        } else {
            write!(output, "{word}")?;
        }
    }
    writeln!(output)
}

/// Prints a line of endpoints, with its method in a tone.
pub(crate) fn endpoints(output: &mut Printer<'_>, indent: usize, line: &str) -> io::Result<()> {
    let method = line.find('/').unwrap_or_default();
    let (method, paths) = line.split_at_checked(method).unwrap_or(("", line));
    begun(output, indent, Tone::Name, method, paths)
}

/// Prints a sentence, with what is before its last or only `: ` in a tone.
pub(crate) fn headed(
    output: &mut Printer<'_>,
    indent: usize,
    tone: Tone,
    text: &str,
) -> io::Result<()> {
    let end = text.rfind(": ").map_or(text.len(), |at| at + 1);
    let (head, rest) = text.split_at_checked(end).unwrap_or(("", text));
    begun(output, indent, tone, head, rest)
}
