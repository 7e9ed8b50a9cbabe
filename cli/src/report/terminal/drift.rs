//! Drift as lines for people.

use std::io::{self, Write};

use portcullis::Method;

use crate::printer::Printer;
use crate::report::{counted, number};
use crate::text::one_line;
use crate::view::drift::Drift;

/// Prints what differs, then the counts.
pub(crate) fn print(output: &mut Printer<'_>, drift: &Drift, file: &str) -> io::Result<()> {
    let place = |pointer: &str, line: Option<usize>| match line {
        Some(line) => format!("{file}:{line}"),
        None => format!("{file}: {}", one_line(pointer)),
    };
    section(
        output,
        "In the document, but not in the policy:",
        &drift.missing,
        |row| {
            let place = place(&row.pointer, row.line);
            format!("{} {}  ({place})", methods(&row.methods), row.path)
        },
    )?;
    section(
        output,
        "In the policy, but not in the document:",
        &drift.extra,
        |row| format!("{} {}", methods(&row.methods), row.path),
    )?;
    section(
        output,
        "With other names of parameters:",
        &drift.renamed,
        |row| {
            let place = place(&row.pointer, row.line);
            format!(
                "{} is {} in the document  ({place})",
                row.policy, row.document
            )
        },
    )?;
    section(
        output,
        "In the document, but a policy cannot list it:",
        &drift.not_listable,
        |row| {
            let pointer = one_line(&row.pointer);
            match row.line {
                Some(line) => format!("{file}:{line}: {pointer}: {}", one_line(&row.why)),
                None => format!("{file}: {pointer}: {}", one_line(&row.why)),
            }
        },
    )?;
    let verdict = if drift.is_none() {
        "no difference"
    } else {
        "they differ"
    };
    writeln!(
        output,
        "{} in both; {verdict}",
        counted(number(drift.same), "operation")
    )
}

/// A heading with rows below it, if there are any.
fn section<R>(
    output: &mut Printer<'_>,
    heading: &str,
    rows: &[R],
    line: impl Fn(&R) -> String,
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(output, "{heading}")?;
    for row in rows {
        writeln!(output, "  {}", line(row))?;
    }
    writeln!(output)
}

fn methods(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    names.join(", ")
}
