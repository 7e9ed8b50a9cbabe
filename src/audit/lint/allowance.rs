//! Comments in a document that allow lints.

use alloc::string::String;
use alloc::vec::Vec;

/// A comment that allows a lint: `# lint: allow CODE`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Allowance {
    /// The code as it is written. It may not exist.
    pub code: String,
    /// The line of the comment, counted from 1.
    pub line: usize,
    /// The lines where the lint is allowed; `None` is the whole document.
    pub lines: Option<(usize, usize)>,
}

impl Allowance {
    /// Whether a lint with this code is allowed at a line.
    pub fn covers(&self, code: &str, line: usize) -> bool {
        let is_there = |(first, last)| (first..=last).contains(&line);
        self.code == code && self.lines.is_none_or(is_there)
    }
}

/// The word that begins such a comment.
const MARK: &str = "lint: allow ";

/// Every allowance in the comments of a document.
///
/// A comment behind a value is for its line. A comment on a line of its own is for
/// the next line that is not a comment. One in the first comment of the document,
/// with an empty line or `version` after it, is for the whole document.
///
/// ```
/// use portcullis::audit::lint::allowances;
///
/// let found = allowances("# lint: allow same_release\nversion: 1\n");
/// assert!(found[0].covers("same_release", 700));
/// let found = allowances("version: 1\nprivileges: [a.b] # lint: allow unused_privilege: later\n");
/// assert!(found[0].covers("unused_privilege", 2) && !found[0].covers("unused_privilege", 3));
/// ```
pub fn allowances(text: &str) -> Vec<Allowance> {
    let mut found = Vec::new();
    let mut waiting: Vec<(String, usize)> = Vec::new();
    let mut has_begun = false;
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        let (before, comment) = comment(line);
        let codes = comment.map(codes).unwrap_or_default();
        if !before.trim().is_empty() {
            for (code, line) in waiting.drain(..) {
                found.push(Allowance {
                    code,
                    line,
                    lines: has_begun.then_some((line, number)),
                });
            }
            has_begun = true;
            found.extend(codes.into_iter().map(|code| Allowance {
                code,
                line: number,
                lines: Some((number, number)),
            }));
        } else if !trimmed.is_empty() {
            waiting.extend(codes.into_iter().map(|code| (code, number)));
        }
    }
    found
}

/// A line before and behind the `#` of its comment. A `#` in quotes begins none.
fn comment(line: &str) -> (&str, Option<&str>) {
    let mut quote = None;
    let mut blank_before = true;
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '#') if blank_before => {
                let (before, comment) = line.split_at(at);
                return (before, comment.get(1..));
            }
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        blank_before = character.is_whitespace();
    }
    (line, None)
}

/// The codes that a comment allows, up to a `:` that begins an explanation.
fn codes(comment: &str) -> Vec<String> {
    let listed = comment.trim_start().strip_prefix(MARK).unwrap_or_default();
    let listed = listed.split(':').next().unwrap_or_default();
    let words = listed.split([',', ' ']).map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(String::from)
        .collect()
}
