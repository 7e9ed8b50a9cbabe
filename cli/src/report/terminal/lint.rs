//! The lints of a policy for people.

use std::io::{self, Write};

use portcullis::audit::Lint;

use crate::printer::Printer;
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
            writeln!(output, "{policy}:{position}: warning[{code}]: {text}")?;
        }
        match count.saturating_sub(most) {
            0 => {}
            more => writeln!(
                output,
                "{policy}: warning[{}]: and {more} more; --full lists them",
                code.code
            )?,
        }
    }
    for unneeded in &view.unneeded {
        writeln!(
            output,
            "{policy}:{}: warning: nothing needs `lint: allow {}` here; remove the comment",
            unneeded.line, unneeded.code
        )?;
    }
    let warnings = view.findings.len() + view.unneeded.len();
    write!(output, "{}", counted(number(warnings), "warning"))?;
    match view.allowed {
        0 => writeln!(output),
        allowed => writeln!(output, ", {allowed} allowed"),
    }
}
