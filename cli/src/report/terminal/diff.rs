//! The difference for the terminal.

use std::io::{self, Write};

use portcullis::audit::{Axes, ChangeClass, ChangeGroup, Diff};

use crate::report::counted;
use crate::report::terminal::people;
use crate::report::terminal::wrap::wrapped;
use crate::text::Visible;
use portcullis::audit::view::closure::{DiffEntry, FullClosure, entries};
use portcullis::audit::view::difference::{
    DiffView, authority, closure, head, is_another_base, of_deployments, outcome_change, pairs,
    reason_changes, totals,
};
use portcullis::audit::view::notes;
use portcullis::audit::view::words::EndpointList;

/// How many changes of administration are printed without `--full`.
const MOST_LINES: usize = 12;

/// Prints the whole of it.
pub(crate) fn print(output: &mut impl Write, view: &DiffView<'_>, full: bool) -> io::Result<()> {
    let output = &mut Visible(output);
    let [before, after] = view.names;
    writeln!(output, "{before} -> {after}")?;
    let pairs = pairs(view.diff);
    if pairs.len() > 1
        || view.diff.before().policy().digest() != view.diff.after().policy().digest()
    {
        writeln!(output, "compared: {}", pairs.join("; "))?;
    }
    writeln!(output, "{}", totals(view.diff))?;
    for (effect, lines) in authority(view.diff) {
        writeln!(output, "\nadministration {effect}")?;
        let shown = if full { lines.len() } else { MOST_LINES };
        for line in lines.iter().take(shown) {
            wrapped(output, 2, line)?;
        }
        if lines.len() > shown {
            let more = lines.len() - shown;
            writeln!(output, "  (and {more} more; --full lists them)")?;
        }
    }
    for class in ChangeClass::ALL {
        let groups: Vec<&ChangeGroup> = view
            .diff
            .groups()
            .iter()
            .filter(|group| group.class() == class)
            .collect();
        if groups.is_empty() {
            continue;
        }
        writeln!(
            output,
            "\n{}: {}",
            class.as_str(),
            counted(view.diff.cells(class), "cell")
        )?;
        if is_another_base(view.diff, class) && !full {
            writeln!(
                output,
                "  every endpoint has another path; --full lists them"
            )?;
        } else if class == ChangeClass::ReasonOnly && !full {
            summary(output, view.diff.axes(), &groups)?;
        } else {
            print_groups(output, view.diff, &groups, full)?;
        }
    }
    if !view.notes.is_empty() {
        writeln!(output, "\nnotes")?;
    }
    for note in view.notes {
        wrapped(output, 2, &notes::words(view.diff.axes(), note))?;
    }
    if let Some(people) = view.people {
        writeln!(output)?;
        people::print(output, view.diff, people, full)?;
    }
    Ok(())
}

fn print_groups(
    output: &mut impl Write,
    diff: &Diff,
    groups: &[&ChangeGroup],
    full: bool,
) -> io::Result<()> {
    if full {
        return groups
            .iter()
            .try_for_each(|group| print_group(output, diff, group));
    }
    entries(diff, groups)
        .iter()
        .try_for_each(|entry| match entry {
            DiffEntry::Group(group) => print_group(output, diff, group),
            DiffEntry::FullClosure(full) => print_closure(output, diff, full),
        })
}

fn print_closure(output: &mut impl Write, diff: &Diff, full: &FullClosure<'_>) -> io::Result<()> {
    let Some(first) = full.groups.first() else {
        return Ok(());
    };
    writeln!(output)?;
    let before = of_deployments(diff, first);
    wrapped(
        output,
        2,
        &format!(
            "{before}{}: {}",
            full.columns(diff),
            closure(diff, full, "; --full lists them")
        ),
    )?;
    wrapped(output, 4, &outcome_change(first))
}

fn print_group(output: &mut impl Write, diff: &Diff, group: &ChangeGroup) -> io::Result<()> {
    writeln!(output)?;
    let endpoints = EndpointList::of(diff.axes(), group.rows());
    wrapped(output, 2, &head(diff, group, &endpoints))?;
    wrapped(output, 4, &outcome_change(group))?;
    endpoints
        .lines()
        .iter()
        .try_for_each(|line| wrapped(output, 4, line))
}

/// One line for each change of reason.
fn summary(output: &mut impl Write, axes: &Axes, groups: &[&ChangeGroup]) -> io::Result<()> {
    for (decisions, cells, endpoints) in reason_changes(axes, groups) {
        writeln!(
            output,
            "  {decisions}: {} of {endpoints}",
            counted(cells, "cell")
        )?;
    }
    writeln!(
        output,
        "  (nobody gains or loses access by these; --full lists them)"
    )
}
