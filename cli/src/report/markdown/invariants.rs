//! Invariants for a pull request.

use std::io::{self, Write};

use crate::report::counted;
use crate::text::Visible;
use crate::view::invariants::{InvariantsDifference, change_lines};

/// Prints what a difference does to invariants.
pub(crate) fn difference(
    output: &mut impl Write,
    difference: &InvariantsDifference,
) -> io::Result<()> {
    if difference.is_empty() {
        return Ok(());
    }
    let output = &mut Visible(output);
    writeln!(output, "\n## Invariants\n")?;
    for change in &difference.changes {
        let (head, lines) = change_lines(change);
        writeln!(output, "- {head}")?;
        for line in &lines {
            let (word, statement) = line.split_once(' ').unwrap_or(("", line));
            writeln!(output, "  - {word} {}", code(statement))?;
        }
    }
    for broken in difference.broken() {
        let place = code(&broken.place.path);
        writeln!(output, "- **{} does not hold** ({place})", broken.name)?;
        writeln!(output, "  - {}", code(&broken.says))?;
        if let Some(example) = &broken.counterexample {
            let cells = counted(broken.cells, "cell");
            writeln!(
                output,
                "  - broken by {cells}, for example by {}",
                example.words()
            )?;
            writeln!(output, "  - {}", code(&example.command))?;
        }
    }
    Ok(())
}

/// A text as code, also if it has backticks.
fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}
