//! The difference for the terminal.

use std::io::{self, Write};

use portcullis::audit::{Axes, ChangeClass, ChangeGroup, Diff};

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::counted;
use crate::report::terminal::people;
use crate::report::terminal::wrap::{begun, endpoints, headed, wrapped};
use portcullis::audit::view::body::Body;
use portcullis::audit::view::closure::{DiffEntry, FullClosure};
use portcullis::audit::view::difference::{
    DiffView, authority, closure, head, of_deployments, outcome_change, pairs, reason_changes,
    totals,
};
use portcullis::audit::view::notes;
use portcullis::audit::view::sections::{Section, Sections};
use portcullis::audit::view::words::EndpointList;

/// How many changes of administration are printed without `--full`.
const MOST_LINES: usize = 12;

/// Prints the whole of it.
pub(crate) fn print(output: &mut Printer<'_>, view: &DiffView<'_>, full: bool) -> io::Result<()> {
    let [before, after] = view.names;
    output.line(Tone::Strong, format_args!("{before} -> {after}"))?;
    let pairs = pairs(view.diff);
    if pairs.len() > 1
        || view.diff.before().policy().digest() != view.diff.after().policy().digest()
    {
        wrapped(output, 0, &format!("compared: {}", pairs.join("; ")))?;
    }
    writeln!(output, "{}", totals(view.diff))?;
    if output.width().is_some() {
        output.line(
            Tone::Faint,
            "(a cell is one combination of endpoint, profile, scope, account, credential, key and \
             tenant)",
        )?;
    }
    let sections = Sections::of(view.diff);
    for section in &sections.sections {
        print_section(output, view.diff, section, full)?;
    }
    for (effect, lines) in authority(view.diff) {
        writeln!(output)?;
        let tone = if effect == "widened" {
            Tone::Warning
        } else {
            Tone::Name
        };
        output.line(tone, format_args!("administration {effect}"))?;
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
        let groups = if full {
            let all = view.diff.groups().iter();
            all.filter(|group| group.class() == class).collect()
        } else {
            sections.groups(class)
        };
        if !groups.is_empty() {
            writeln!(output)?;
            print_class(output, view.diff, class, &groups, full)?;
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

/// What is added or removed. With `--full` its groups are among all others.
fn print_section(
    output: &mut Printer<'_>,
    diff: &Diff,
    section: &Section,
    full: bool,
) -> io::Result<()> {
    writeln!(output)?;
    begun(output, 0, Tone::Strong, &section.title, "")?;
    for line in &section.lines {
        wrapped(output, 2 + 2 * line.depth, &line.text)?;
    }
    if full {
        return Ok(());
    }
    for class in ChangeClass::ALL {
        let own = section.groups.iter();
        let groups: Vec<&ChangeGroup> = own.filter(|group| group.class() == class).collect();
        if !groups.is_empty() {
            writeln!(output)?;
            print_class(output, diff, class, &groups, full)?;
        }
    }
    Ok(())
}

/// The tone of a class of changes, and what it means.
const fn described(class: ChangeClass) -> (Tone, &'static str) {
    match class {
        ChangeClass::Widened => (Tone::Warning, "more is allowed than before"),
        ChangeClass::EndpointAdded => (Tone::Warning, "only the second side has the endpoint"),
        ChangeClass::ReleaseAdded => (Tone::Warning, "only the second side has the release"),
        ChangeClass::Narrowed => (Tone::Name, "less is allowed than before"),
        ChangeClass::EndpointRemoved => (Tone::Name, "only the first side has the endpoint"),
        ChangeClass::ReleaseRemoved => (Tone::Name, "only the first side has the release"),
        ChangeClass::ReasonOnly => (Tone::Strong, "as much is allowed as before"),
    }
}

/// The changes of one class.
fn print_class(
    output: &mut Printer<'_>,
    diff: &Diff,
    class: ChangeClass,
    groups: &[&ChangeGroup],
    full: bool,
) -> io::Result<()> {
    let cells = groups.iter().map(|group| group.cells()).sum();
    let (tone, meaning) = described(class);
    output.paint(tone, class.as_str())?;
    write!(output, ": {}", counted(cells, "cell"))?;
    if output.width().is_some() {
        output.paint(Tone::Faint, format_args!(": {meaning}"))?;
    }
    writeln!(output)?;
    if full {
        return groups
            .iter()
            .try_for_each(|group| print_group(output, diff, group));
    }
    if class == ChangeClass::ReasonOnly {
        return summary(output, diff.axes(), groups);
    }
    match Body::of(diff, groups) {
        Body::Entries(entries) => entries.iter().try_for_each(|entry| match entry {
            DiffEntry::Group(group) => print_group(output, diff, group),
            DiffEntry::FullClosure(full) => print_closure(output, diff, full),
        }),
        Body::Summary(parts) => {
            for part in &parts {
                writeln!(output)?;
                print_change(output, 2, &part.decisions)?;
                for line in &part.lines {
                    wrapped(output, 4 + 2 * line.depth, &line.text)?;
                }
            }
            writeln!(output, "\n  (--full lists every group)")
        }
    }
}

fn print_closure(output: &mut Printer<'_>, diff: &Diff, full: &FullClosure<'_>) -> io::Result<()> {
    let Some(first) = full.groups.first() else {
        return Ok(());
    };
    writeln!(output)?;
    let before = of_deployments(diff, first);
    let head = format!("{before}{}:", full.columns(diff));
    let closes = format!(" {}", closure(diff, full, "; --full lists them"));
    begun(output, 2, Tone::Strong, &head, &closes)?;
    print_change(output, 4, &outcome_change(first))
}

fn print_group(output: &mut Printer<'_>, diff: &Diff, group: &ChangeGroup) -> io::Result<()> {
    writeln!(output)?;
    let list = EndpointList::of(diff.axes(), group.rows());
    headed(output, 2, Tone::Strong, &head(diff, group, &list))?;
    print_change(output, 4, &outcome_change(group))?;
    let mut lines = list.lines().into_iter();
    lines.try_for_each(|line| endpoints(output, 4, &line))
}

/// A change of decisions, `allow -> technique_refused: …`, in the tone of what is
/// decided now.
fn print_change(output: &mut Printer<'_>, indent: usize, change: &str) -> io::Result<()> {
    let end = change.find(": ").unwrap_or(change.len());
    let (decisions, rest) = change.split_at_checked(end).unwrap_or((change, ""));
    let is_allowed = decisions
        .rsplit_once("-> ")
        .is_some_and(|(_, after)| after.starts_with("allow") || after.starts_with("public"));
    let tone = if is_allowed { Tone::Good } else { Tone::Bad };
    begun(output, indent, tone, decisions, rest)
}

/// One line for each change of reason.
fn summary(output: &mut Printer<'_>, axes: &Axes, groups: &[&ChangeGroup]) -> io::Result<()> {
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
