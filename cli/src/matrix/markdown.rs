//! The matrix as Markdown, for documents and reviews: one row on one line, so
//! that a change of the policy shows as a change of lines.

use std::io::{self, Write};

use super::marks::{Marks, told, who};
use super::page::View;

/// Prints every page, and the legend at the end.
pub(crate) fn table(output: &mut impl Write, view: &View<'_>) -> io::Result<()> {
    for page in &view.pages {
        writeln!(output, "# Access matrix: {}\n", page.title())?;
        write!(output, "| endpoint | restricted |")?;
        for (scope, profile) in view.heads() {
            write!(output, " {scope} {profile} |")?;
        }
        writeln!(output)?;
        writeln!(output, "|---|---|{}", "---|".repeat(view.heads().count()))?;
        for line in &page.lines {
            let restricted = if line.restricted { "yes" } else { "" };
            write!(output, "| `{} {}` | {restricted} |", line.row.method(), escaped(&line.label().to_string()))?;
            for place in view.fields(page, line) {
                write!(output, " {} |", view.marks.word(place))?;
            }
            writeln!(output)?;
        }
        if page.lines.is_empty() {
            writeln!(output, "\nNo endpoint is left here by the filters.")?;
        }
        writeln!(output)?;
    }
    legend(output, &view.marks)
}

/// Prints what every mark means.
pub(crate) fn legend(output: &mut impl Write, marks: &Marks<'_>) -> io::Result<()> {
    writeln!(output, "## What the marks mean")?;
    for place in marks.places() {
        writeln!(output, "\n**{}**\n", marks.word(place))?;
        for meaning in marks.own_meanings(place) {
            writeln!(output, "- {}: {}", who(&meaning.who), told(&meaning.told))?;
        }
    }
    let common = marks.common();
    if !common.is_empty() {
        writeln!(output, "\n**everywhere**\n")?;
    }
    for meaning in common {
        writeln!(output, "- {}: {}", who(&meaning.who), told(&meaning.told))?;
    }
    Ok(())
}

/// Text for a field of a table, where a bar would end the field.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
