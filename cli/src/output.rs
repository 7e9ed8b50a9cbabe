//! What several verbs print in the same way.

use std::fmt::{self, Display};
use std::io::{self, Write};

use clap::ValueEnum;
use portcullis::Faults;
use serde::Serialize;

use crate::exit::Failure;

/// The bytes that are gathered before they are written.
pub(crate) const BUFFER: usize = 64 * 1024;

/// The most characters of somebody's text that a message repeats.
const LONGEST: usize = 500;

/// For whom to print.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// One line of JSON, for programs
    Json,
}

/// Prints a value as one line of JSON.
pub(crate) fn json(output: &mut impl Write, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *output, value)?;
    Ok(output.write_all(b"\n")?)
}

/// Prints one row: what it is, and the value at a fixed column.
pub(crate) fn row(output: &mut impl Write, name: &str, value: impl Display) -> io::Result<()> {
    writeln!(output, "{name:<12} {value}")
}

/// Text on one line: control characters are escaped, and what is then longer
/// than 500 characters is cut.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST));
    let mut length = 0;
    for character in text.chars() {
        let hidden = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
        let escaped = hidden.then(|| character.escape_default());
        length += escaped.as_ref().map_or(1, ExactSizeIterator::len);
        if length > LONGEST {
            line.push('…');
            break;
        }
        match escaped {
            Some(escaped) => line.extend(escaped),
            None => line.push(character),
        }
    }
    line
}

/// The faults of a document, one line each, with the document before the
/// place as editors and terminals take it: `FILE:LINE:COLUMN: …`.
pub(crate) fn faults<'f>(name: &'f str, faults: &'f Faults) -> impl Display + 'f {
    FaultLines { name, faults }
}

struct FaultLines<'f> {
    name: &'f str,
    faults: &'f Faults,
}

impl Display for FaultLines<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            let before = if number == 0 { "" } else { "\n" };
            write!(formatter, "{before}{}:{fault}", self.name)?;
        }
        match self.faults.more() {
            0 => Ok(()),
            more => write!(formatter, "\n{}: and {more} more", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, one_line};

    #[test]
    fn what_is_escaped_counts_as_it_is_written() {
        assert_eq!(one_line("a\n\u{7f}\u{2028}b"), "a\\n\\u{7f}\\u{2028}b");
        assert_eq!(one_line(&"x".repeat(LONGEST)), "x".repeat(LONGEST));
        for text in ["x", "\u{7f}", "\n", "é", "\u{2028}"] {
            let line = one_line(&text.repeat(LONGEST + 1));
            assert!(
                (LONGEST - 8..=LONGEST + 1).contains(&line.chars().count()),
                "{line}"
            );
            assert!(line.ends_with('…'));
        }
    }
}
