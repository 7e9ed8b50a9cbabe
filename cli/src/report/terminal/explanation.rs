//! An explanation, and what would allow the request.

use std::io::{self, Write};

use portcullis::engine::Explanation;

use crate::load::request::Prepared;
use crate::printer::Printer;
use crate::report::terminal::{request, what_if};
use crate::view::policy_lines::PolicyLines;
use crate::view::what_if::Shown;

/// Prints the request, the answer to every question, and the remedies where
/// they were wanted.
pub(crate) fn print(
    output: &mut Printer<'_>,
    prepared: &Prepared<'_>,
    explanation: &Explanation<'_>,
    remedies: Option<&Shown>,
    lines: &PolicyLines,
) -> io::Result<()> {
    let decision = explanation.decision();
    request::print(output, prepared)?;
    write!(output, "\n{}", lines.add_to(explanation.to_string()))?;
    if let Some(remedies) = remedies {
        what_if::print(output, &decision, remedies)?;
    }
    output.flush()?;
    request::hint(prepared, &decision);
    Ok(())
}
