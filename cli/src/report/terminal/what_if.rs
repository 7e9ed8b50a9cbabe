//! What would allow a denied request, for `explain --what-if`.

use std::io::{self, Write};

use portcullis::Decision;

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::terminal::wrap::wrapped;
use crate::view::what_if::{Section, Shown};

/// Prints the sets of changes, one on each line.
pub(crate) fn print(
    output: &mut Printer<'_>,
    decision: &Decision<'_>,
    shown: &Shown,
) -> io::Result<()> {
    if matches!(decision, Decision::Allow(_)) {
        return writeln!(output, "\nwhat if: it is already allowed");
    }
    let sections = [&shown.single, &shown.several, &shown.of_policy];
    if sections.iter().all(|section| section.lines.is_empty()) {
        return writeln!(
            output,
            "\nwhat if: no set of up to {} changes would allow it",
            shown.complete_to
        );
    }
    let heading = if shown.single.lines.is_empty() {
        "no single change of the request, user, key or deployment would allow it"
    } else {
        "each of these alone would allow it"
    };
    section(output, heading, &shown.single, true)?;
    section(
        output,
        "each of these together would allow it",
        &shown.several,
        false,
    )?;
    section(
        output,
        "each of these changes the policy for every user, and would allow it",
        &shown.of_policy,
        false,
    )?;
    if shown.complete_to < 3 {
        writeln!(
            output,
            "\nwhat if: there are too many sets of {} changes; not all of them were tried",
            shown.complete_to + 1
        )?;
    }
    Ok(())
}

fn section(
    output: &mut Printer<'_>,
    heading: &str,
    section: &Section,
    is_always: bool,
) -> io::Result<()> {
    if !section.lines.is_empty() || is_always {
        writeln!(output)?;
        output.line(Tone::Strong, format_args!("what if: {heading}"))?;
    }
    for line in &section.lines {
        wrapped(output, 2, line)?;
    }
    if section.left_out > 0 {
        let (before, others) = if section.lines.is_empty() {
            ("\nwhat if: ", "sets of several changes")
        } else {
            ("  ", "more sets")
        };
        let (others, verb) = if section.left_out == 1 {
            (others.replacen("sets", "set", 1), "allows")
        } else {
            (others.to_owned(), "allow")
        };
        writeln!(
            output,
            "{before}{} {others} {verb} it; `--full` lists all",
            section.left_out
        )?;
    }
    Ok(())
}
