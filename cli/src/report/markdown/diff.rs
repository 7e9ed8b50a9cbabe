//! The difference for a pull request.

use std::io::{self, Write};

use portcullis::audit::{ChangeClass, ChangeGroup, Diff};

use crate::report::counted;
use crate::report::markdown::people;
use crate::text::Visible;
use portcullis::audit::view::closure::{DiffEntry, entries};
use portcullis::audit::view::difference::{
    DiffView, authority, closure, head, is_another_base, outcome_change, pairs, reason_changes,
    totals,
};
use portcullis::audit::view::notes;
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
    for (effect, lines) in authority(diff) {
        writeln!(output, "\n## Administration {effect}\n")?;
        for line in lines {
            writeln!(output, "- {line}")?;
        }
    }
    for class in ChangeClass::ALL {
        let groups: Vec<&ChangeGroup> = diff
            .groups()
            .iter()
            .filter(|group| group.class() == class)
            .collect();
        if groups.is_empty() {
            continue;
        }
        writeln!(output, "\n## {}\n", capitalised(class.as_str()))?;
        if is_another_base(diff, class) && !full {
            writeln!(
                output,
                "Every endpoint has another path; `--full` lists them."
            )?;
            continue;
        }
        if class == ChangeClass::ReasonOnly && !full {
            for (decisions, cells, endpoints) in reason_changes(diff.axes(), &groups) {
                writeln!(
                    output,
                    "- {decisions}: {} of {endpoints}",
                    counted(cells, "cell")
                )?;
            }
            continue;
        }
        let each = if full {
            groups.iter().map(|group| DiffEntry::Group(group)).collect()
        } else {
            entries(diff, &groups)
        };
        for entry in &each {
            match entry {
                DiffEntry::Group(group) => print_group(output, diff, group)?,
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
                    )?;
                }
            }
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

fn print_group(output: &mut impl Write, diff: &Diff, group: &ChangeGroup) -> io::Result<()> {
    let endpoints = EndpointList::of(diff.axes(), group.rows());
    writeln!(
        output,
        "- **{}**: {}",
        head(diff, group, &endpoints),
        outcome_change(group)
    )?;
    let but = if endpoints.is_all_but { "all but " } else { "" };
    for (method, templates) in &endpoints.lists {
        let templates: Vec<String> = templates
            .iter()
            .map(|template| format!("`{template}`"))
            .collect();
        writeln!(output, "  - {but}{method} {}", templates.join(", "))?;
    }
    Ok(())
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
