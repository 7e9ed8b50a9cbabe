//! Drift as lines for people.

use std::io::{self, Write};

use portcullis::Method;

use crate::printer::Printer;
use crate::printer::look::Tone;
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
            (methods(&row.methods), format!(" {}  ({place})", row.path))
        },
    )?;
    section(
        output,
        "In the policy, but not in the document:",
        &drift.extra,
        |row| (methods(&row.methods), format!(" {}", row.path)),
    )?;
    section(
        output,
        "With other names of parameters:",
        &drift.renamed,
        |row| {
            let place = place(&row.pointer, row.line);
            let is = format!("{} is {}", row.policy, row.document);
            (String::new(), format!("{is} in the document  ({place})"))
        },
    )?;
    section(
        output,
        "In the document, but a policy cannot list it:",
        &drift.not_listable,
        |row| {
            let pointer = one_line(&row.pointer);
            let place = match row.line {
                Some(line) => format!("{file}:{line}:"),
                None => format!("{file}:"),
            };
            (place, format!(" {pointer}: {}", one_line(&row.why)))
        },
    )?;
    let (tone, verdict) = if drift.is_none() {
        (Tone::Good, "no difference")
    } else {
        (Tone::Warning, "they differ")
    };
    write!(
        output,
        "{} in both; ",
        counted(number(drift.same), "operation")
    )?;
    output.line(tone, verdict)
}

/// A heading with rows below it, if there are any. A row begins with a part that
/// has a tone.
fn section<R>(
    output: &mut Printer<'_>,
    heading: &str,
    rows: &[R],
    line: impl Fn(&R) -> (String, String),
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    output.line(Tone::Strong, heading)?;
    for row in rows {
        let (begin, rest) = line(row);
        write!(output, "  ")?;
        output.paint(Tone::Name, begin)?;
        writeln!(output, "{rest}")?;
    }
    writeln!(output)
}

fn methods(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    names.join(", ")
}
