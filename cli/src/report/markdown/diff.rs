//! The difference for a pull request.

use std::io::{self, Write};

use portcullis::audit::{ChangeClass, ChangeGroup, Diff};

use crate::report::counted;
use crate::report::markdown::{people, templates};
use crate::text::Visible;
use portcullis::audit::view::body::Body;
use portcullis::audit::view::closure::DiffEntry;
use portcullis::audit::view::difference::{
    DiffView, authority, closure, head, outcome_change, pairs, reason_changes, totals,
};
use portcullis::audit::view::notes;
use portcullis::audit::view::sections::Sections;
use portcullis::audit::view::ways::Line;
use portcullis::audit::view::words::EndpointList;

/// Prints the whole of it.
pub(crate) fn print(output: &mut impl Write, view: &DiffView<'_>, full: bool) -> io::Result<()> {
    let output = &mut Visible(output);
    let [before, after] = view.names;
    let diff = view.diff;
    writeln!(output, "# Access: {before} → {after}\n")?;
    writeln!(
        output,
        "Compared: {}. {}.\n",
        pairs(diff).join("; "),
        totals(diff)
    )?;
    if !diff.groups().is_empty() {
        writeln!(output, "| change | cells |\n|---|---|")?;
        for class in ChangeClass::ALL
            .into_iter()
            .filter(|class| diff.cells(*class) > 0)
        {
            writeln!(output, "| {} | {} |", class.as_str(), diff.cells(class))?;
        }
    }
    let sections = Sections::of(diff);
    for section in &sections.sections {
        writeln!(output, "\n## {}\n", capitalised(&section.title))?;
        print_lines(output, 0, &section.lines)?;
        for class in ChangeClass::ALL.into_iter().filter(|_| !full) {
            let own = section.groups.iter();
            let groups: Vec<&ChangeGroup> = own.filter(|group| group.class() == class).collect();
            if !groups.is_empty() {
                writeln!(output, "\n### {}\n", capitalised(class.as_str()))?;
                print_class(output, diff, class, &groups, full)?;
            }
        }
    }
    for (effect, lines) in authority(diff) {
        writeln!(output, "\n## Administration {effect}\n")?;
        for line in lines {
            writeln!(output, "- {line}")?;
        }
    }
    for class in ChangeClass::ALL {
        let groups = if full {
            let all = diff.groups().iter();
            all.filter(|group| group.class() == class).collect()
        } else {
            sections.groups(class)
        };
        if !groups.is_empty() {
            writeln!(output, "\n## {}\n", capitalised(class.as_str()))?;
            print_class(output, diff, class, &groups, full)?;
        }
    }
    if !view.notes.is_empty() {
        writeln!(output, "\n## Notes\n")?;
    }
    for note in view.notes {
        writeln!(output, "- {}", notes::words(diff.axes(), note))?;
    }
    if let Some(people) = view.people {
        people::print(output, diff, people, full)?;
    }
    Ok(())
}

fn print_class(
    output: &mut impl Write,
    diff: &Diff,
    class: ChangeClass,
    groups: &[&ChangeGroup],
    full: bool,
) -> io::Result<()> {
    if full {
        return groups
            .iter()
            .try_for_each(|group| print_group(output, diff, group));
    }
    if class == ChangeClass::ReasonOnly {
        for (decisions, cells, endpoints) in reason_changes(diff.axes(), groups) {
            let cells = counted(cells, "cell");
            writeln!(output, "- {decisions}: {cells} of {endpoints}")?;
        }
        return Ok(());
    }
    match Body::of(diff, groups) {
        Body::Entries(entries) => entries.iter().try_for_each(|entry| match entry {
            DiffEntry::Group(group) => print_group(output, diff, group),
            DiffEntry::FullClosure(full) => {
                let first = full
                    .groups
                    .first()
                    .map_or_else(String::new, |group| outcome_change(group));
                writeln!(
                    output,
                    "- **{}: {}**: {first}",
                    full.columns(diff),
                    closure(diff, full, "; --full lists them")
                )
            }
        }),
        Body::Summary(parts) => {
            for part in &parts {
                writeln!(output, "- **{}**", part.decisions)?;
                print_lines(output, 1, &part.lines)?;
            }
            Ok(())
        }
    }
}

/// Lines as nested lists.
fn print_lines(output: &mut impl Write, depth: usize, lines: &[Line]) -> io::Result<()> {
    for line in lines {
        let indent = 2 * (depth + line.depth);
        writeln!(output, "{:indent$}- {}", "", line.text)?;
    }
    Ok(())
}

fn print_group(output: &mut impl Write, diff: &Diff, group: &ChangeGroup) -> io::Result<()> {
    let endpoints = EndpointList::of(diff.axes(), group.rows());
    writeln!(
        output,
        "- **{}**: {}",
        head(diff, group, &endpoints),
        outcome_change(group)
    )?;
    templates(output, 2, &endpoints)
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
