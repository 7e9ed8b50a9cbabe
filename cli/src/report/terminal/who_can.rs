//! Everybody who may call one endpoint.

use std::io::{self, Write};

use portcullis::audit::Axes;

use crate::printer::Printer;
use crate::report::terminal::wrap::wrapped;
use portcullis::audit::view::matrix::deployment;
use portcullis::audit::view::who_can::{DeploymentCallers, WhoCan, WhoCanEach};
use portcullis::audit::view::words::{circumstances, columns};

/// Prints a block for each endpoint whose callers differ from the others'.
pub(crate) fn print(output: &mut Printer<'_>, view: &WhoCanEach<'_>) -> io::Result<()> {
    for (number, (rows, one)) in view.blocks.iter().enumerate() {
        if number > 0 {
            writeln!(output)?;
        }
        let templates: Vec<String> = view
            .templates(rows)
            .iter()
            .map(ToString::to_string)
            .collect();
        wrapped(
            output,
            0,
            &format!("{} {}", one.row.method(), templates.join(", ")),
        )?;
        print_one(output, one)?;
    }
    Ok(())
}

/// Prints the callers, deployments with the same ones together.
fn print_one(output: &mut Printer<'_>, view: &WhoCan<'_>) -> io::Result<()> {
    for all in view.folded() {
        let names: Vec<String> = all.iter().map(|one| deployment(one.sheet)).collect();
        let Some(one) = all.first() else { continue };
        let restricted = if one.restricted { ": restricted" } else { "" };
        writeln!(output, "\nrelease {}{restricted}", names.join(", "))?;
        print_callers(output, view.matrix.axes(), one)?;
    }
    Ok(())
}

fn print_callers(
    output: &mut Printer<'_>,
    axes: &Axes,
    callers: &DeploymentCallers<'_>,
) -> io::Result<()> {
    if callers.public {
        return writeln!(output, "  everyone, without a credential");
    }
    if callers.columns.is_empty() {
        writeln!(output, "  nobody")?;
    }
    for (allowed, all) in &callers.columns {
        wrapped(output, 2, &columns(axes, all))?;
        wrapped(output, 4, &format!("by {}", circumstances(*allowed)))?;
    }
    if !callers.keys.is_empty() {
        let keys: Vec<String> = callers
            .keys
            .iter()
            .map(|holder| format!("{} ({})", holder.user, holder.key))
            .collect();
        wrapped(output, 2, &format!("keys: {}", keys.join(", ")))?;
    }
    Ok(())
}
