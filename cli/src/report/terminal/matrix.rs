//! The matrix as tables for the terminal.

use std::io::{self, Write};
use std::ops::Range;

use portcullis::scope::ScopeLevel;

use crate::printer::Printer;
use crate::report::terminal::wrap::wrapped;
use portcullis::audit::view::marks::Marks;
use portcullis::audit::view::matrix::{Line, MatrixView, Page, PageMarks};
use portcullis::audit::view::words::{outcomes, who};

/// The most characters of a line for marks; more profiles make more tables.
const WIDTH: usize = 72;

/// Prints every page with its legend.
pub(crate) fn tables(output: &mut Printer<'_>, view: &MatrixView<'_>) -> io::Result<()> {
    for (number, page) in view.pages.iter().enumerate() {
        if number > 0 {
            writeln!(output)?;
        }
        writeln!(output, "{}", page.title())?;
        if page.lines.is_empty() {
            writeln!(output, "\nthe filters leave no endpoint here")?;
            continue;
        }
        let marks = view.marks_of(page);
        Table::of(view, &marks, page).print(output, page)?;
        writeln!(output)?;
        legend(output, &marks)?;
    }
    Ok(())
}

/// One table, in blocks of profiles that fit side by side.
struct Table<'v, 'm> {
    view: &'v MatrixView<'m>,
    fields: PageMarks<'v, 'm>,
    signs: Vec<String>,
    letters: Vec<String>,
    /// The width of one mark, in characters.
    width: usize,
}

impl<'v, 'm> Table<'v, 'm> {
    fn of(view: &'v MatrixView<'m>, marks: &Marks<'m>, page: &Page<'m>) -> Self {
        let signs: Vec<String> = (0..marks.count()).map(|place| marks.sign(place)).collect();
        let letters: Vec<String> = (0..view.names.len()).map(letter).collect();
        let width = signs
            .iter()
            .chain(&letters)
            .map(String::len)
            .max()
            .unwrap_or(1);
        Self {
            view,
            fields: view.page_marks(marks, page),
            signs,
            letters,
            width,
        }
    }

    fn print(&self, output: &mut Printer<'_>, page: &Page<'m>) -> io::Result<()> {
        // Each scope has its profiles side by side, with a gap before the next.
        let at_once = ((WIDTH / ScopeLevel::ALL.len()).saturating_sub(1) / (self.width + 1)).max(1);
        for first in (0..self.letters.len()).step_by(at_once) {
            let block = first..self.letters.len().min(first + at_once);
            self.head(output, block.clone())?;
            for line in &page.lines {
                self.line(output, line, &block)?;
            }
        }
        Ok(())
    }

    fn head(&self, output: &mut Printer<'_>, block: Range<usize>) -> io::Result<()> {
        let letters: Vec<&str> = self
            .letters
            .get(block.clone())
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let names = letters.iter().zip(self.view.names.iter().skip(block.start));
        let names: Vec<String> = names
            .map(|(letter, name)| format!("{letter} {name}"))
            .collect();
        writeln!(output)?;
        wrapped(output, 0, &names.join("  "))?;
        writeln!(output)?;
        let group = self.group_width(letters.len());
        for scope in ScopeLevel::ALL {
            write!(output, "{:<group$}", scope.as_str())?;
        }
        writeln!(output, "R: restricted")?;
        for _ in ScopeLevel::ALL {
            self.group(output, &letters)?;
        }
        writeln!(output, "R method  endpoint")
    }

    fn line(
        &self,
        output: &mut Printer<'_>,
        line: &Line<'m>,
        block: &Range<usize>,
    ) -> io::Result<()> {
        let places: Vec<usize> = self.fields.of_line(line).collect();
        for scope in places.chunks(self.letters.len().max(1)) {
            let shown = scope.get(block.clone()).into_iter().flatten();
            let signs: Vec<&str> = shown
                .map(|place| self.signs.get(*place).map_or("", String::as_str))
                .collect();
            self.group(output, &signs)?;
        }
        let restricted = if line.restricted { "R" } else { " " };
        writeln!(
            output,
            "{restricted} {:<7} {}{}",
            line.row.method(),
            line.label(),
            line.remark()
        )
    }

    /// The fields of one scope.
    fn group(&self, output: &mut Printer<'_>, fields: &[&str]) -> io::Result<()> {
        for field in fields {
            write!(output, "{field:<0$} ", self.width)?;
        }
        let taken = fields.len() * (self.width + 1);
        write!(output, "{:<1$}", "", self.group_width(fields.len()) - taken)
    }

    /// The width of one scope, in characters: at least that of its name.
    fn group_width(&self, fields: usize) -> usize {
        (fields * (self.width + 1) + 1).max("partner ".len())
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
pub(crate) fn legend(output: &mut Printer<'_>, marks: &Marks<'_>) -> io::Result<()> {
    for place in marks.places() {
        writeln!(output, "{:<3} {}", marks.sign(place), marks.word(place))?;
        for meaning in marks.own_meanings(place) {
            wrapped(
                output,
                4,
                &format!("{}: {}", who(&meaning.who), outcomes(&meaning.outcomes)),
            )?;
        }
    }
    let common = marks.common();
    if !common.is_empty() {
        writeln!(output, "everywhere")?;
    }
    for meaning in common {
        wrapped(
            output,
            4,
            &format!("{}: {}", who(&meaning.who), outcomes(&meaning.outcomes)),
        )?;
    }
    Ok(())
}
