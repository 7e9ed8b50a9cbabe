//! The lines of a batch: JSON Lines, one request on each.

pub(crate) mod line;
pub(crate) mod shape;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::exit::Failure;
use crate::text::{BUFFER, file_name};

/// The longest line, in bytes, without its line break: one MiB.
pub(crate) const LONGEST_LINE: usize = 1024 * 1024;

/// The input of a batch.
pub(crate) struct Input {
    /// The name of the input for messages.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: BufReader<Box<dyn Read>>,
}

impl Input {
    /// Opens a file, or standard input where the file is `-`.
    pub(crate) fn open(file: &Path) -> Result<Self, Failure> {
        let (name, bytes): (String, Box<dyn Read>) = if file == Path::new("-") {
            ("standard input".to_owned(), Box::new(io::stdin().lock()))
        } else {
            let name = format!("`{}`", file_name(file));
            match File::open(file) {
                Ok(opened) => (name, Box::new(opened)),
                Err(error) => return Err(Failure::Input { name, error }),
            }
        };
        let bytes = BufReader::with_capacity(BUFFER, bytes);
        Ok(Self { name, bytes })
    }
}

/// How much of a line was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Taken {
    /// A line, without its line break.
    Whole,
    /// The beginning of a line that is too long; the rest was skipped.
    TooLong,
}

/// Reads the next line; `None` at the end of the input.
pub(crate) fn take_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<Taken>> {
    line.clear();
    // One byte more: the line break of the longest line.
    let most = LONGEST_LINE + 1;
    let read = input.take(most as u64).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Some(Taken::Whole));
    }
    if read < most {
        return Ok((read > 0).then_some(Taken::Whole));
    }
    line.truncate(LONGEST_LINE);
    input.skip_until(b'\n')?;
    Ok(Some(Taken::TooLong))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut input: &[u8]) -> Vec<(Taken, usize)> {
        let mut line = Vec::new();
        let mut all = Vec::new();
        while let Some(taken) = take_line(&mut input, &mut line).unwrap() {
            all.push((taken, line.len()));
        }
        all
    }

    #[test]
    fn the_last_line_needs_no_line_break() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"a"), [(Taken::Whole, 1)]);
        assert_eq!(lines(b"a\n"), [(Taken::Whole, 1)]);
        assert_eq!(
            lines(b"a\n\nbc"),
            [(Taken::Whole, 1), (Taken::Whole, 0), (Taken::Whole, 2)]
        );
    }

    #[test]
    fn lines_are_bounded_to_the_byte() {
        let longest = vec![b'x'; LONGEST_LINE];
        let mut input = longest.clone();
        input.extend(b"\nnext\nx");
        input.extend(&longest);
        input.extend(b"\nlast");
        let cut = (Taken::TooLong, LONGEST_LINE);
        assert_eq!(
            lines(&input),
            [
                (Taken::Whole, LONGEST_LINE),
                (Taken::Whole, 4),
                cut,
                (Taken::Whole, 4)
            ]
        );
        assert_eq!(lines(&longest), [(Taken::Whole, LONGEST_LINE)]);
        input.truncate(2 * LONGEST_LINE + 7);
        assert_eq!(
            lines(&input),
            [(Taken::Whole, LONGEST_LINE), (Taken::Whole, 4), cut]
        );
    }
}
