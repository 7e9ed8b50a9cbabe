//! The matrix as Markdown, for documents and reviews: one row on one line, so
//! that a change of the policy shows as a change of lines.

use std::io::{self, Write};

use crate::text::Visible;
use portcullis::audit::view::marks::Marks;
use portcullis::audit::view::matrix::{MatrixView, Page};
use portcullis::audit::view::words::{outcomes, who};

/// Prints every page with its legend.
pub(crate) fn tables(output: &mut impl Write, view: &MatrixView<'_>) -> io::Result<()> {
    let output = &mut Visible(output);
    for (number, page) in view.pages.iter().enumerate() {
        if number > 0 {
            writeln!(output)?;
        }
        writeln!(output, "# Access matrix: {}\n", page.title())?;
        if page.lines.is_empty() {
            writeln!(output, "The filters leave no endpoint here.")?;
            continue;
        }
        let marks = view.marks_of(page);
        table(output, view, &marks, page)?;
        writeln!(output)?;
        legend(output, &marks)?;
    }
    Ok(())
}

fn table<'m>(
    output: &mut impl Write,
    view: &MatrixView<'m>,
    marks: &Marks<'m>,
    page: &Page<'m>,
) -> io::Result<()> {
    write!(output, "| endpoint | restricted |")?;
    for (scope, profile) in view.heads() {
        write!(output, " {scope} {profile} |")?;
    }
    writeln!(output)?;
    writeln!(output, "|---|---|{}", "---|".repeat(view.heads().count()))?;
    let fields = view.page_marks(marks, page);
    for line in &page.lines {
        let restricted = if line.restricted { "yes" } else { "" };
        let label = escaped(&line.label().to_string());
        let (method, remark) = (line.row.method(), line.remark());
        write!(output, "| `{method} {label}`{remark} | {restricted} |")?;
        for place in fields.of_line(line) {
            write!(output, " `{}` |", marks.sign(place))?;
        }
        writeln!(output)?;
    }
    Ok(())
}

/// Prints what every mark means.
pub(crate) fn legend(output: &mut impl Write, marks: &Marks<'_>) -> io::Result<()> {
    let output = &mut Visible(output);
    writeln!(output, "## What the marks mean")?;
    for place in marks.places() {
        writeln!(output, "\n`{}` {}\n", marks.sign(place), marks.word(place))?;
        for meaning in marks.own_meanings(place) {
            writeln!(
                output,
                "- {}: {}",
                who(&meaning.who),
                outcomes(&meaning.outcomes)
            )?;
        }
    }
    let common = marks.common();
    if !common.is_empty() {
        writeln!(output, "\neverywhere\n")?;
    }
    for meaning in common {
        writeln!(
            output,
            "- {}: {}",
            who(&meaning.who),
            outcomes(&meaning.outcomes)
        )?;
    }
    Ok(())
}

/// Text for a field of a table, where a bar would end the field.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
