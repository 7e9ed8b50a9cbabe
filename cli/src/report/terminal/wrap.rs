//! Line breaks in long lines.

use std::io::{self, Write};

/// The width of wrapped lines, in characters.
const WIDTH: usize = 100;

/// Prints a text indented, with line breaks between words. The lines after the
/// first are indented by two more.
pub(crate) fn wrapped(output: &mut impl Write, indent: usize, text: &str) -> io::Result<()> {
    let mut column = 0;
    for word in text.split(' ') {
        if column == 0 || column + word.len() + 1 > WIDTH {
            let (before, indent) = if column == 0 {
                ("", indent)
            } else {
                ("\n", indent + 2)
            };
            write!(output, "{before}{:indent$}{word}", "")?;
            column = indent + word.len();
        } else {
            write!(output, " {word}")?;
            column += word.len() + 1;
        }
    }
    writeln!(output)
}
