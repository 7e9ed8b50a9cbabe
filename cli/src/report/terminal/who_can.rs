//! Everybody who may call one endpoint.

use std::io::{self, Write};

use portcullis::audit::Axes;

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::terminal::wrap::{begun, endpoints, wrapped};
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
        let line = format!("{} {}", one.row.method(), templates.join(", "));
        endpoints(output, 0, &line)?;
        print_one(output, one)?;
    }
    Ok(())
}

/// Prints the callers, deployments with the same ones together.
fn print_one(output: &mut Printer<'_>, view: &WhoCan<'_>) -> io::Result<()> {
    for all in view.folded() {
        let names: Vec<String> = all.iter().map(|one| deployment(one.sheet)).collect();
        let Some(one) = all.first() else { continue };
        writeln!(output)?;
        output.paint(Tone::Strong, format_args!("release {}", names.join(", ")))?;
        if one.restricted {
            write!(output, ": ")?;
            output.paint(Tone::Warning, "restricted")?;
        }
        writeln!(output)?;
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
        write!(output, "  ")?;
        return output.line(Tone::Warning, "everyone, without a credential");
    }
    if callers.columns.is_empty() {
        write!(output, "  ")?;
        output.line(Tone::Faint, "nobody")?;
    }
    for (allowed, all) in &callers.columns {
        begun(output, 2, Tone::Good, &columns(axes, all), "")?;
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
