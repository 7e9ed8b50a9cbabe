//! The text of a document, line by line, and its values as YAML.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display, Write};

use crate::path::template::{Segment, Template};

/// Plain words that some readers of YAML do not take for texts.
const TAKEN_WORDS: [&str; 10] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan",
];

/// The text written so far.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// The finished text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// Begins a map at the left margin, or writes an empty one.
    pub(crate) fn map(&mut self, name: &str, entries: usize) {
        let empty = if entries == 0 { " {}" } else { "" };
        self.line(0, format_args!("{name}:{empty}"));
    }

    /// Adds a line, indented by so many levels.
    pub(crate) fn line(&mut self, level: usize, text: impl Display) {
        // INVARIANT: writing to a string never fails.
        let _ = writeln!(self.0, "{:indent$}{text}", "", indent = level * 2);
    }

    /// Adds a list with one line per entry, so that a change affects one line.
    pub(crate) fn list(&mut self, level: usize, name: &str, entries: &[impl AsRef<str>]) {
        if entries.is_empty() {
            return self.line(level, format_args!("{name}: []"));
        }
        self.line(level, format_args!("{name}:"));
        for entry in entries {
            self.line(level + 1, format_args!("- {}", Scalar(entry.as_ref())));
        }
    }

    /// Adds a list, if it is not empty.
    pub(super) fn filled_list(&mut self, level: usize, name: &str, entries: &[impl AsRef<str>]) {
        if !entries.is_empty() {
            self.list(level, name, entries);
        }
    }

    /// Adds a text, if there is one.
    pub(super) fn text(&mut self, level: usize, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.line(level, format_args!("{name}: {}", Scalar(text)));
        }
    }
}

/// The names in a list, in order.
pub(super) fn sorted<T>(names: &[T], text: impl Fn(&T) -> &str) -> Vec<&str> {
    names
        .iter()
        .map(text)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// The rows of a table, in order.
pub(super) fn rows(templates: &[Template]) -> Vec<String> {
    let rows: BTreeSet<Vec<String>> = templates.iter().map(segments).collect();
    rows.iter().map(|row| joined(row)).collect()
}

/// The segments of a template as they are written, alternatives in order.
pub(super) fn segments(template: &Template) -> Vec<String> {
    let segment = |segment: &Segment| match segment {
        Segment::Alternation(literals) => {
            let mut literals = literals.clone();
            literals.sort_unstable();
            Segment::Alternation(literals).to_string()
        }
        Segment::Literal(_) | Segment::Parameter(_) => segment.to_string(),
    };
    let mut segments: Vec<String> = template.segments().iter().map(segment).collect();
    if template.has_final_slash() {
        segments.push(String::new());
    }
    segments
}

pub(super) fn joined(segments: &[impl AsRef<str>]) -> String {
    let parts = segments.iter().map(AsRef::as_ref);
    parts.flat_map(|segment| ["/", segment]).collect()
}

/// A text in YAML: plain if every reader takes it for this text, otherwise in
/// double quotes.
pub(crate) struct Scalar<'t>(pub(crate) &'t str);

impl Scalar<'_> {
    fn is_plain(&self) -> bool {
        let inside = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-./".contains(&byte)
        };
        self.0
            .starts_with(|first: char| first.is_ascii_lowercase() || first == '/')
            && self.0.bytes().all(inside)
            && !TAKEN_WORDS.contains(&self.0)
    }
}

impl Display for Scalar<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_plain() {
            return formatter.write_str(self.0);
        }
        formatter.write_char('"')?;
        for character in self.0.chars() {
            // The loader refuses all other characters that would need an
            // escape.
            if matches!(character, '"' | '\\') {
                formatter.write_char('\\')?;
            }
            formatter.write_char(character)?;
        }
        formatter.write_char('"')
    }
}
