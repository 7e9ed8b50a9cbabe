//! What somebody may call.

use std::io::{self, Write};

use portcullis::KeyId;
use portcullis::audit::Sheet;

use crate::printer::Printer;
use crate::report::terminal::wrap::wrapped;
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
        writeln!(output, "{before}{}{with}", entry.name)?;
        if let Some(reason) = entry.refused {
            writeln!(output, "  {}: {reason}", view.nothing())?;
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
            writeln!(output, "\n  release {}", names.join(", "))?;
            if can.is_empty() {
                writeln!(output, "    nothing")?;
            }
            for (allowed, rows) in can {
                let endpoints = EndpointList::of(matrix.axes(), rows);
                wrapped(
                    output,
                    4,
                    &format!("{}, by {}", endpoints.counted(), circumstances(*allowed)),
                )?;
                endpoints
                    .lines()
                    .iter()
                    .try_for_each(|line| wrapped(output, 6, line))?;
            }
        }
    }
    Ok(())
}
