//! What somebody may call.

use std::io::{self, Write};

use portcullis::KeyId;
use portcullis::audit::Sheet;

use crate::report::terminal::wrap::wrapped;
use crate::text::Visible;
use crate::view::can::{Callable, Can};
use crate::view::page::deployment;
use crate::view::words::{Endpoints, circumstances};

/// Prints what each caller may call; deployments with the same answer together.
pub(crate) fn print(output: &mut impl Write, view: &Can<'_>) -> io::Result<()> {
    let output = &mut Visible(output);
    let Can {
        matrix,
        who,
        callers,
    } = view;
    if callers.is_empty() {
        writeln!(
            output,
            "{who} has no key in the directory, and so can call {}",
            view.nothing()
        )?;
    }
    for (number, caller) in callers.iter().enumerate() {
        let before = if number == 0 { "" } else { "\n" };
        let keys: Vec<&str> = caller.keys.iter().map(KeyId::as_str).collect();
        let with = if keys.is_empty() {
            String::new()
        } else {
            format!(", with {}", keys.join(", "))
        };
        writeln!(output, "{before}{}{with}", caller.name)?;
        if let Some(reason) = caller.refused {
            writeln!(output, "  {}: {reason}", view.nothing())?;
            continue;
        }
        let mut folded: Vec<(Callable, Vec<&Sheet>)> = Vec::new();
        for sheet in matrix.sheets() {
            let can = caller.can(sheet);
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
                let endpoints = Endpoints::of(matrix.axes(), rows);
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
