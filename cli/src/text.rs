//! Text from outside, made safe to print: hidden characters are escaped.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::io::{self, Write};
use std::path::Path;

use portcullis::Faults;
use portcullis::document::{is_invisible, nearest, visible};

/// The text of a document.
pub(crate) type Text = Cow<'static, [u8]>;

/// The size of the buffers for input and output, in bytes.
pub(crate) const BUFFER: usize = 64 * 1024;

/// The most characters of a text from outside that a message repeats.
const LONGEST: usize = 500;

/// The name of a file on one line, with hidden characters escaped.
pub(crate) fn file_name(file: &Path) -> String {
    let name = file.display().to_string();
    name.chars().flat_map(visible).collect()
}

/// A writer for people. Text from outside may contain characters that control a
/// terminal or that are invisible. It escapes them, except line breaks.
pub(crate) struct Visible<W>(pub(crate) W);

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    /// Formatted text arrives in whole pieces, so no character is cut.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(shown(&text).as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A text with hidden characters escaped, except line breaks.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let is_hidden = |character| character != '\n' && is_invisible(character);
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| line.chars().flat_map(visible));
    let mut shown = String::with_capacity(text.len());
    for (number, line) in lines.enumerate() {
        shown.extend((number > 0).then_some('\n'));
        shown.extend(line);
    }
    Cow::Owned(shown)
}

/// Prints a message on standard error.
pub(crate) fn print_message(text: impl Display) {
    // If standard error is closed, the exit code still says it.
    let _ = writeln!(Visible(io::stderr()), "{text}");
}

/// Text on one line of at most 500 characters, with hidden characters escaped.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST));
    let mut length = 0;
    for character in text.chars() {
        let shown = visible(character);
        length += shown.clone().count();
        if length > LONGEST {
            line.push('…');
            break;
        }
        line.extend(shown);
    }
    line
}

/// How to go on after an unknown name: the nearest known one, or something else.
pub(crate) fn near_name<'k>(
    typed: &str,
    known: impl IntoIterator<Item = &'k str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(typed, known).map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}

/// The faults of a document, one line each, in the form that editors and
/// terminals can follow: `FILE:LINE:COLUMN: …`.
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
    use std::io::Write;
    use std::path::Path;

    use super::{LONGEST, Visible, file_name, one_line};

    #[test]
    fn no_control_character_is_printed() {
        let hidden = (0..=0x10_ffff)
            .filter_map(char::from_u32)
            .filter(|one| portcullis::document::is_invisible(*one));
        for character in hidden {
            let mut printed = Vec::new();
            write!(
                Visible(&mut printed),
                "a{character}b é\n{}c",
                String::from(character)
            )
            .unwrap();
            let printed = String::from_utf8(printed).unwrap();
            let escaped = match character {
                '\n' => "\n".to_owned(),
                _ => character.escape_default().to_string(),
            };
            assert_eq!(printed, format!("a{escaped}b é\n{escaped}c"));
            let name = format!("a{character}b");
            let shown = file_name(Path::new(&name));
            assert_eq!(shown, format!("a{}b", character.escape_default()));
        }
    }

    #[test]
    fn an_escaped_character_counts_with_its_written_length() {
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
