//! Long lines.

use std::io::{self, Write};

/// The columns of text that wrapped lines may take.
const WIDTH: usize = 100;

/// Prints a text with line breaks between words, indented; further lines two
/// columns more.
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
