//! What somebody may call.

use std::io::{self, Write};

use portcullis::KeyId;
use portcullis::audit::Sheet;

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::terminal::wrap::{begun, endpoints};
use portcullis::audit::view::can::{Callable, Can};
use portcullis::audit::view::matrix::deployment;
use portcullis::audit::view::words::{EndpointList, circumstances};

/// Prints what each entry may call; deployments with the same answer together.
pub(crate) fn print(output: &mut Printer<'_>, view: &Can<'_>) -> io::Result<()> {
    let Can {
        matrix,
        who,
        entries,
    } = view;
    if entries.is_empty() {
        writeln!(
            output,
            "{who} has no key in the directory, and so can call {}",
            view.nothing()
        )?;
    }
    for (number, entry) in entries.iter().enumerate() {
        let before = if number == 0 { "" } else { "\n" };
        let keys: Vec<&str> = entry.keys.iter().map(KeyId::as_str).collect();
        let with = if keys.is_empty() {
            String::new()
        } else {
            format!(", with {}", keys.join(", "))
        };
        write!(output, "{before}")?;
        output.paint(Tone::Strong, &entry.name)?;
        writeln!(output, "{with}")?;
        if let Some(reason) = entry.refused {
            write!(output, "  ")?;
            output.line(Tone::Bad, format_args!("{}: {reason}", view.nothing()))?;
            continue;
        }
        let mut folded: Vec<(Callable, Vec<&Sheet>)> = Vec::new();
        for sheet in matrix.sheets() {
            let can = entry.can(sheet);
            match folded.iter_mut().find(|(other, _)| *other == can) {
                Some((_, sheets)) => sheets.push(sheet),
                None => folded.push((can, Vec::from([sheet]))),
            }
        }
        for (can, sheets) in &folded {
            let names: Vec<String> = sheets.iter().map(|sheet| deployment(sheet)).collect();
            write!(output, "\n  ")?;
            output.line(Tone::Strong, format_args!("release {}", names.join(", ")))?;
            if can.is_empty() {
                write!(output, "    ")?;
                output.line(Tone::Faint, "nothing")?;
            }
            for (allowed, rows) in can {
                let list = EndpointList::of(matrix.axes(), rows);
                let by = format!(", by {}", circumstances(*allowed));
                begun(output, 4, Tone::Good, &list.counted(), &by)?;
                let mut lines = list.lines().into_iter();
                lines.try_for_each(|line| endpoints(output, 6, &line))?;
            }
        }
    }
    Ok(())
}
