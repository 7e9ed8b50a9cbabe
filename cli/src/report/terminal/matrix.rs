//! The matrix as tables for the terminal.

mod words;

use std::io::{self, Write};
use std::ops::Range;

use portcullis::scope::ScopeLevel;

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::terminal::wrap::wrapped;
use portcullis::audit::view::marks::Marks;
use portcullis::audit::view::matrix::{Line, MatrixView, Page, PageMarks};
use portcullis::audit::view::words::{outcomes, who};

/// The most characters of a line for marks; more profiles make more tables. On a
/// terminal the endpoints have a third of its width, and the marks have the rest.
const WIDTH: usize = 72;
/// The width of the column for the method, with that of the restricted table.
const METHOD: usize = 10;

/// Prints every page with its legend. On a terminal the marks are described in
/// words before the table, and `--legend` prints them cell by cell.
pub(crate) fn tables(output: &mut Printer<'_>, view: &MatrixView<'_>) -> io::Result<()> {
    for (number, page) in view.pages.iter().enumerate() {
        if number > 0 {
            writeln!(output)?;
        }
        output.line(Tone::Strong, page.title())?;
        if page.lines.is_empty() {
            writeln!(output, "\nthe filters leave no endpoint here")?;
            continue;
        }
        let marks = view.marks_of(page);
        let table = Table::of(view, &marks, page, output.width());
        if output.width().is_some() {
            writeln!(output)?;
            words::print(output, &marks)?;
            table.print(output, page)?;
        } else {
            table.print(output, page)?;
            writeln!(output)?;
            legend(output, &marks)?;
        }
    }
    if output.width().is_some() {
        writeln!(output)?;
        output.line(
            Tone::Faint,
            "(--legend prints what each mark means for every account, credential, key and tenant)",
        )?;
    }
    Ok(())
}

/// One table, in blocks of profiles that fit side by side.
struct Table<'v, 'm> {
    view: &'v MatrixView<'m>,
    fields: PageMarks<'v, 'm>,
    signs: Vec<(String, Tone)>,
    letters: Vec<String>,
    /// The width of one mark, in characters.
    width: usize,
    /// The characters of a line for marks.
    room: usize,
}

impl<'v, 'm> Table<'v, 'm> {
    fn of(
        view: &'v MatrixView<'m>,
        marks: &Marks<'m>,
        page: &Page<'m>,
        columns: Option<usize>,
    ) -> Self {
        let signs: Vec<(String, Tone)> = (0..marks.count())
            .map(|place| (marks.sign(place), words::tone(marks, place)))
            .collect();
        let letters: Vec<String> = (0..view.names.len()).map(letter).collect();
        let signs_alone = signs.iter().map(|(sign, _)| sign);
        let width = signs_alone
            .chain(&letters)
            .map(String::len)
            .max()
            .unwrap_or(1);
        let room = columns.map_or(WIDTH, |columns| {
            let labels = page.lines.iter().map(|line| label(line).len());
            let longest = labels.max().unwrap_or_default().min(columns / 3);
            columns - METHOD - longest
        });
        Self {
            view,
            fields: view.page_marks(marks, page),
            signs,
            letters,
            width,
            room,
        }
    }

    fn print(&self, output: &mut Printer<'_>, page: &Page<'m>) -> io::Result<()> {
        // Each scope has its profiles side by side, with a gap before the next.
        let of_scope = (self.room / ScopeLevel::ALL.len()).saturating_sub(1);
        let at_once = (of_scope / (self.width + 1)).max(1);
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
        let letters: Vec<(&str, Tone)> = self
            .letters
            .get(block.clone())
            .into_iter()
            .flatten()
            .map(|letter| (letter.as_str(), Tone::Strong))
            .collect();
        let names = letters.iter().zip(self.view.names.iter().skip(block.start));
        let names: Vec<(&str, &str)> = names
            .map(|((letter, _), name)| (*letter, name.as_str()))
            .collect();
        writeln!(output)?;
        print_names(output, &names)?;
        writeln!(output)?;
        let group = self.group_width(letters.len());
        for scope in ScopeLevel::ALL {
            output.paint(Tone::Strong, format_args!("{:<group$}", scope.as_str()))?;
        }
        output.paint(Tone::Warning, "R")?;
        writeln!(output, ": restricted")?;
        for _ in ScopeLevel::ALL {
            self.group(output, &letters)?;
        }
        output.line(Tone::Strong, "R method  endpoint")
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
            let signs: Vec<(&str, Tone)> = shown
                .filter_map(|place| self.signs.get(*place))
                .map(|(sign, tone)| (sign.as_str(), *tone))
                .collect();
            self.group(output, &signs)?;
        }
        output.hang(ScopeLevel::ALL.len() * self.group_width(block.len()) + METHOD);
        if line.restricted {
            output.paint(Tone::Warning, "R")?;
        } else {
            write!(output, " ")?;
        }
        write!(output, " ")?;
        output.paint(Tone::Name, format_args!("{:<7}", line.row.method()))?;
        writeln!(output, " {}", label(line))
    }

    /// The fields of one scope.
    fn group(&self, output: &mut Printer<'_>, fields: &[(&str, Tone)]) -> io::Result<()> {
        for (field, tone) in fields {
            output.paint(*tone, field)?;
            write!(output, "{:1$}", "", self.width - field.len() + 1)?;
        }
        let taken = fields.len() * (self.width + 1);
        write!(output, "{:<1$}", "", self.group_width(fields.len()) - taken)
    }

    /// The width of one scope, in characters: at least that of its name.
    fn group_width(&self, fields: usize) -> usize {
        (fields * (self.width + 1) + 1).max("partner ".len())
    }
}

/// The endpoint of a line, with a remark.
fn label(line: &Line<'_>) -> String {
    format!("{}{}", line.label(), line.remark())
}

/// Prints the names of the columns. On a terminal no line breaks between a letter
/// and its name.
fn print_names(output: &mut Printer<'_>, names: &[(&str, &str)]) -> io::Result<()> {
    let Some(width) = output.width() else {
        let names: Vec<String> = names
            .iter()
            .map(|(letter, name)| format!("{letter} {name}"))
            .collect();
        return wrapped(output, 0, &names.join("  "));
    };
    let mut column = 0;
    for (letter, name) in names {
        let own = letter.len() + 1 + name.len();
        if column > 0 && column + 2 + own > width {
            writeln!(output)?;
            column = 0;
        } else if column > 0 {
            write!(output, "  ")?;
            column += 2;
        }
        output.paint(Tone::Strong, letter)?;
        write!(output, " {name}")?;
        column += own;
    }
    writeln!(output)
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
        let tone = words::tone(marks, place);
        output.paint(tone, format_args!("{:<3}", marks.sign(place)))?;
        writeln!(output, " {}", marks.word(place))?;
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
