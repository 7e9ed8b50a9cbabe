//! What people read: coloured on a terminal, and in lines that fit its width.
//!
//! A [`Printer`] escapes hidden characters like `Visible`. Codes for colour come only
//! from a [`Tone`], never from a text, so no name can contain one.

pub(crate) mod layout;
pub(crate) mod look;
pub(crate) mod output;
pub(crate) mod progress;

use std::fmt::Display;
use std::io::{self, Write};
use std::ops::Range;

use crate::printer::layout::broken;
use crate::printer::look::{Look, Tone};
use crate::text::shown;

/// A writer for people. Without a width it writes what it is given; with one it
/// breaks lines that are too long.
pub(crate) struct Printer<'o> {
    to: &'o mut dyn Write,
    look: Look,
    line: Line,
}

/// The line that is being written, where the printer has a width.
#[derive(Default)]
struct Line {
    text: String,
    /// The parts with a tone, by their bytes.
    tones: Vec<(Range<usize>, Tone)>,
    /// Where the lines after a break begin, if not two columns after the first.
    hang: Option<usize>,
}

impl<'o> Printer<'o> {
    /// A printer that writes to a writer.
    pub(crate) fn new(to: &'o mut dyn Write, look: Look) -> Self {
        Self {
            to,
            look,
            line: Line::default(),
        }
    }

    /// The width in columns, if this is a terminal.
    pub(crate) fn width(&self) -> Option<usize> {
        self.look.width
    }

    /// Writes a part of a line in a tone.
    pub(crate) fn paint(&mut self, tone: Tone, text: impl Display) -> io::Result<()> {
        if !self.look.colour {
            return write!(self, "{text}");
        }
        if self.look.width.is_none() {
            let style = tone.style();
            write!(self.to, "{style}")?;
            write!(self, "{text}")?;
            return write!(self.to, "{style:#}");
        }
        let start = self.line.text.len();
        write!(self, "{text}")?;
        let end = self.line.text.len();
        self.line.tones.push((start..end, tone));
        Ok(())
    }

    /// Writes a line in a tone.
    pub(crate) fn line(&mut self, tone: Tone, text: impl Display) -> io::Result<()> {
        self.paint(tone, text)?;
        writeln!(self)
    }

    /// If the line must be broken, its rest begins at this column.
    pub(crate) fn hang(&mut self, column: usize) {
        self.line.hang = Some(column);
    }

    /// Writes the line that was collected, in as many lines as it needs.
    fn end(&mut self, width: usize) -> io::Result<()> {
        let Line { text, tones, hang } = std::mem::take(&mut self.line);
        let indent = text.len() - text.trim_start_matches(' ').len();
        // With half of the width for the text, no line breaks all the time.
        let hang = hang.unwrap_or(indent + 2).min(width / 2);
        for (number, range) in broken(&text, width, hang).into_iter().enumerate() {
            if number > 0 {
                write!(self.to, "\n{:hang$}", "")?;
            }
            self.part(&text, range, &tones)?;
        }
        Ok(())
    }

    /// Writes a part of a line with the tones in it.
    fn part(
        &mut self,
        text: &str,
        range: Range<usize>,
        tones: &[(Range<usize>, Tone)],
    ) -> io::Result<()> {
        let mut at = range.start;
        for (own, tone) in tones {
            let start = own.start.max(at);
            let end = own.end.min(range.end);
            if start >= end {
                continue;
            }
            let style = tone.style();
            let before = text.get(at..start).unwrap_or_default();
            let inside = text.get(start..end).unwrap_or_default();
            write!(self.to, "{before}{style}{inside}{style:#}")?;
            at = end;
        }
        let rest = text.get(at..range.end).unwrap_or_default();
        self.to.write_all(rest.as_bytes())
    }
}

impl Write for Printer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    /// Formatted text arrives in whole pieces, so no character is cut.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        let Some(width) = self.look.width else {
            return self.to.write_all(shown(&text).as_bytes());
        };
        for (number, part) in text.split('\n').enumerate() {
            if number > 0 {
                self.end(width)?;
                self.to.write_all(b"\n")?;
            }
            self.line.text.push_str(&shown(part));
        }
        Ok(())
    }

    /// Writes also what there is of a line without its end.
    fn flush(&mut self) -> io::Result<()> {
        if let (Some(width), false) = (self.look.width, self.line.text.is_empty()) {
            self.end(width)?;
        }
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Printer;
    use crate::printer::look::{Look, Tone};

    /// Texts that control a terminal, or that display as something else.
    const HOSTILE: &str = "a\u{1b}[31mred\u{202e}b\u{7}\u{85}c\r\u{9b}1m";
    const ESCAPED: &str = "a\\u{1b}[31mred\\u{202e}b\\u{7}\\u{85}c\\r\\u{9b}1m";

    fn written(look: Look, write: impl Fn(&mut Printer<'_>) -> std::io::Result<()>) -> String {
        let mut printed = Vec::new();
        let mut output = Printer::new(&mut printed, look);
        write(&mut output).unwrap();
        output.flush().unwrap();
        String::from_utf8(printed).unwrap()
    }

    fn look(colour: bool, width: Option<usize>) -> Look {
        Look { colour, width }
    }

    #[test]
    fn what_is_painted_is_escaped_too() {
        for width in [None, Some(200)] {
            let plain = written(look(false, width), |output| output.line(Tone::Bad, HOSTILE));
            assert_eq!(plain, format!("{ESCAPED}\n"));
            let coloured = written(look(true, width), |output| output.line(Tone::Bad, HOSTILE));
            let style = Tone::Bad.style();
            assert_eq!(coloured, format!("{style}{ESCAPED}{style:#}\n"));
        }
    }

    #[test]
    fn a_tone_continues_after_a_break_and_not_in_the_indent() {
        let text = "one two three ".repeat(8);
        let printed = written(look(true, Some(80)), |output| {
            write!(output, "    ")?;
            output.line(Tone::Good, text.trim_end())
        });
        let lines: Vec<&str> = printed.lines().collect();
        let style = Tone::Good.style().to_string();
        assert_eq!(lines.len(), 2, "{printed:?}");
        assert!(lines[0].starts_with(&format!("    {style}one two")));
        assert!(lines[1].starts_with(&format!("      {style}")));
        let end = format!("{:#}", Tone::Good.style());
        assert!(lines.iter().all(|line| line.ends_with(&end)), "{printed:?}");
    }

    #[test]
    fn without_a_width_no_line_is_broken() {
        let long = "word ".repeat(100);
        let printed = written(look(false, None), |output| writeln!(output, "{long}"));
        assert_eq!(printed, format!("{long}\n"));
    }

    #[test]
    fn a_line_without_its_end_is_written_at_the_end() {
        let printed = written(look(false, Some(80)), |output| write!(output, "a\nb"));
        assert_eq!(printed, "a\nb");
    }
}
