//! The lints of a policy for people.

use std::io::{self, Write};

use portcullis::audit::Lint;

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::{counted, number};
use crate::view::lint::{Finding, Lints};

/// The most places of one lint that are listed.
const MOST_PLACES: usize = 5;

/// Prints one line for each place, in the form that editors can follow.
pub(crate) fn print(output: &mut Printer<'_>, view: &Lints, full: bool) -> io::Result<()> {
    let Lints { policy, .. } = view;
    for code in Lint::codes() {
        let own = |finding: &&Finding| finding.lint.code == code;
        let count = view.findings.iter().filter(own).count();
        let most = if full { usize::MAX } else { MOST_PLACES };
        for Finding { lint, position } in view.findings.iter().filter(own).take(most) {
            let (code, text) = (lint.code.code, &lint.text);
            output.paint(Tone::Strong, format_args!("{policy}:{position}: "))?;
            output.paint(Tone::Warning, format_args!("warning[{code}]"))?;
            writeln!(output, ": {text}")?;
        }
        match count.saturating_sub(most) {
            0 => {}
            more => {
                output.paint(Tone::Strong, format_args!("{policy}: "))?;
                output.paint(Tone::Warning, format_args!("warning[{}]", code.code))?;
                writeln!(output, ": and {more} more; --full lists them")?;
            }
        }
    }
    for unneeded in &view.unneeded {
        output.paint(Tone::Strong, format_args!("{policy}:{}: ", unneeded.line))?;
        output.paint(Tone::Warning, "warning")?;
        writeln!(
            output,
            ": nothing needs `lint: allow {}` here; remove the comment",
            unneeded.code
        )?;
    }
    let warnings = view.findings.len() + view.unneeded.len();
    write!(output, "{}", counted(number(warnings), "warning"))?;
    match view.allowed {
        0 => writeln!(output)?,
        allowed => writeln!(output, ", {allowed} allowed")?,
    }
    match view.findings.first() {
        Some(first) if output.width().is_some() => output.line(
            Tone::Faint,
            format_args!(
                "(`portcullis check --explain {}` says what a code means, and how to fix it)",
                first.lint.code.code
            ),
        ),
        Some(_) | None => Ok(()),
    }
}
