//! The matrix as a table for the terminal.

use std::io::{self, Write};

use portcullis::ScopeLevel;

use super::marks::{Marks, told, who};
use super::page::{Line, Page, View};

/// The most columns of text that marks may take; more profiles make more tables.
const WIDTH: usize = 72;
/// The columns of text that a legend may take.
const LEGEND_WIDTH: usize = 100;

/// Prints every page, and the legend at the end.
pub(crate) fn table(output: &mut impl Write, view: &View<'_>) -> io::Result<()> {
    let signs: Vec<String> = (0..view.marks.len()).map(|place| view.marks.sign(place)).collect();
    let width = signs.iter().map(String::len).max().unwrap_or(1);
    let letters: Vec<String> = (0..view.names.len()).map(letter).collect();
    let width = letters.iter().map(String::len).fold(width, usize::max);
    // Each scope has its profiles side by side, with a gap before the next.
    let at_once = ((WIDTH / ScopeLevel::ALL.len()).saturating_sub(1) / (width + 1)).max(1);
    for page in &view.pages {
        writeln!(output, "{}\n", page.title())?;
        for first in (0..view.names.len()).step_by(at_once) {
            let block = Block { view, signs: &signs, letters: &letters, width, first, count: at_once };
            block.print(output, page)?;
        }
    }
    legend(output, &view.marks)
}

/// Some profiles side by side, at every scope.
struct Block<'v, 'm> {
    view: &'v View<'m>,
    signs: &'v [String],
    letters: &'v [String],
    width: usize,
    first: usize,
    count: usize,
}

impl Block<'_, '_> {
    fn print(&self, output: &mut impl Write, page: &Page<'_>) -> io::Result<()> {
        let shown = || self.letters.iter().zip(&self.view.names).skip(self.first).take(self.count);
        let names: Vec<String> = shown().map(|(letter, name)| format!("{letter} {name}")).collect();
        writeln!(output, "{}\n", names.join("  "))?;
        let group = shown().count() * (self.width + 1);
        for scope in ScopeLevel::ALL {
            write!(output, "{:<1$}", scope.as_str(), (group + 1).max(8))?;
        }
        writeln!(output, "R: restricted, and in force")?;
        for _ in ScopeLevel::ALL {
            let letters: Vec<&str> = shown().map(|(letter, _)| letter.as_str()).collect();
            self.group(output, &letters)?;
        }
        writeln!(output, "R method  endpoint")?;
        for line in &page.lines {
            self.line(output, page, line)?;
        }
        if page.lines.is_empty() {
            writeln!(output, "no endpoint is left here by the filters")?;
        }
        writeln!(output)
    }

    fn line(&self, output: &mut impl Write, page: &Page<'_>, line: &Line<'_>) -> io::Result<()> {
        let places: Vec<usize> = self.view.fields(page, line).collect();
        for scope in places.chunks(self.view.names.len().max(1)) {
            let shown = scope.iter().skip(self.first).take(self.count);
            let signs: Vec<&str> = shown.map(|place| self.signs.get(*place).map_or("", String::as_str)).collect();
            self.group(output, &signs)?;
        }
        let restricted = if line.restricted { "R" } else { " " };
        writeln!(output, "{restricted} {:<7} {}", line.row.method(), line.label())
    }

    /// The fields of one scope.
    fn group(&self, output: &mut impl Write, fields: &[&str]) -> io::Result<()> {
        for field in fields {
            write!(output, "{field:<0$} ", self.width)?;
        }
        let taken = fields.len() * (self.width + 1);
        write!(output, "{:<1$}", "", (taken + 1).max(8) - taken)
    }
}

/// The name of a column: a, b, … z, aa, ab, …
fn letter(number: usize) -> String {
    let last = char::from(b'a' + u8::try_from(number % 26).unwrap_or_default());
    match number / 26 {
        0 => last.to_string(),
        more => letter(more - 1) + &last.to_string(),
    }
}

/// Prints what every mark means.
pub(crate) fn legend(output: &mut impl Write, marks: &Marks<'_>) -> io::Result<()> {
    for place in marks.places() {
        writeln!(output, "{:<3} {}", marks.sign(place), marks.word(place))?;
        for meaning in marks.own_meanings(place) {
            wrapped(output, &format!("{}: {}", who(&meaning.who), told(&meaning.told)))?;
        }
    }
    let common = marks.common();
    if !common.is_empty() {
        writeln!(output, "everywhere")?;
    }
    for meaning in common {
        wrapped(output, &format!("{}: {}", who(&meaning.who), told(&meaning.told)))?;
    }
    Ok(())
}

/// Prints a text with line breaks between words, indented.
fn wrapped(output: &mut impl Write, text: &str) -> io::Result<()> {
    let mut column = 0;
    for word in text.split(' ') {
        if column == 0 || column + word.len() + 1 > LEGEND_WIDTH {
            let (before, indent) = if column == 0 { ("", 4) } else { ("\n", 6) };
            write!(output, "{before}{:indent$}{word}", "")?;
            column = indent + word.len();
        } else {
            write!(output, " {word}")?;
            column += word.len() + 1;
        }
    }
    writeln!(output)
}
