//! Invariants for the terminal.

use std::io::{self, Write};

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::terminal::wrap::{begun, wrapped};
use crate::report::terminal::{row, toned_row};
use crate::report::{counted, number};
use crate::view::invariants::{
    BrokenInvariant, InvariantsDifference, InvariantsReport, Place, change_lines,
};

/// Prints how many hold, and those that do not in full.
pub(crate) fn print(output: &mut Printer<'_>, report: &InvariantsReport) -> io::Result<()> {
    let all = counted(number(report.checked), "invariant");
    let total = match report.broken.len() {
        0 if report.checked == 1 => format!("{all}, which holds"),
        0 => format!("{all}, all of which hold"),
        1 => format!("{all}, of which 1 does not hold"),
        broken => format!("{all}, of which {broken} do not hold"),
    };
    if report.broken.is_empty() {
        row(output, "invariants", total)?;
    } else {
        toned_row(output, Tone::Bad, "invariants", total)?;
    }
    if !report.idle.is_empty() {
        let names: Vec<String> = report.idle.iter().map(|own| format!("`{own}`")).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let text = format!(
            "{} {verb} about no request of this policy, and cannot be broken",
            names.join(", ")
        );
        toned_row(output, Tone::Warning, "", text)?;
    }
    report.broken.iter().try_for_each(|broken| {
        writeln!(output)?;
        print_broken(output, 0, broken)
    })
}

/// Prints what a difference does to invariants.
pub(crate) fn difference(
    output: &mut Printer<'_>,
    difference: &InvariantsDifference,
) -> io::Result<()> {
    if difference.is_empty() {
        return Ok(());
    }
    writeln!(output)?;
    output.line(Tone::Strong, "invariants")?;
    for change in &difference.changes {
        let (head, lines) = change_lines(change);
        wrapped(output, 2, &head)?;
        for line in &lines {
            wrapped(output, 4, line)?;
        }
    }
    let broken = difference.broken();
    broken
        .iter()
        .try_for_each(|broken| print_broken(output, 2, broken))
}

/// One that does not hold. The command is on a line of its own, so that it can be
/// copied.
fn print_broken(
    output: &mut Printer<'_>,
    indent: usize,
    broken: &BrokenInvariant,
) -> io::Result<()> {
    let place = shown(&broken.place);
    let name = format!(" {} [{place}]", broken.name);
    begun(output, indent, Tone::Bad, "BROKEN", &name)?;
    let inner = indent + 2;
    wrapped(output, inner, &broken.says)?;
    if let Some(why) = &broken.why {
        wrapped(output, inner, &format!("because {why}"))?;
    }
    let Some(example) = &broken.counterexample else {
        return Ok(());
    };
    let cells = counted(broken.cells, "cell");
    let words = format!("broken by {cells}, for example by {}", example.words());
    wrapped(output, inner, &words)?;
    output.unbroken(format_args!("{:inner$}{}", "", example.command))?;
    for place in &example.places {
        wrapped(output, inner + 2, &format!("[{}]", shown(place)))?;
    }
    Ok(())
}

/// A place with its line, if it is known.
fn shown(place: &Place) -> String {
    match &place.position {
        Some(at) => format!("{}, line {}", place.path, at.line),
        None => place.path.clone(),
    }
}
