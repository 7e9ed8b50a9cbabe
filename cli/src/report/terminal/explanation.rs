//! An explanation, and what would allow the request.

use std::io::{self, Write};

use portcullis::engine::Explanation;

use crate::load::request::Prepared;
use crate::printer::Printer;
use crate::printer::look::Tone;
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
    writeln!(output)?;
    let text = lines.add_to(explanation.to_string());
    text.lines().try_for_each(|line| print_line(output, line))?;
    if let Some(remedies) = remedies {
        what_if::print(output, &decision, remedies)?;
    }
    output.flush()?;
    request::hint(prepared, &decision);
    Ok(())
}

/// The columns of an answer: number and verdict, the question, and why.
const QUESTION: usize = 9;
const WHY: usize = QUESTION + 57;
/// From this width on, the question and the answer are side by side. The answer has
/// half of the page, so that its lines begin where it begins.
const WIDE: usize = 2 * WHY;

/// Prints the decision, or one answer.
fn print_line(output: &mut Printer<'_>, line: &str) -> io::Result<()> {
    let (number, rest) = line.split_at_checked(4).unwrap_or(("", line));
    let is_answer = number.trim().parse::<u8>().is_ok();
    if !is_answer {
        let tone = if line.starts_with("deny") {
            Tone::Bad
        } else {
            Tone::Good
        };
        let (decision, text) = line.split_once(": ").unwrap_or((line, ""));
        output.paint(tone, decision)?;
        let between = if text.is_empty() { "" } else { ": " };
        return writeln!(output, "{between}{text}");
    }
    let tone = if rest.starts_with("pass") {
        Tone::Good
    } else if rest.starts_with('-') {
        Tone::Faint
    } else {
        Tone::Bad
    };
    let (verdict, rest) = rest.split_at_checked(4).unwrap_or((rest, ""));
    write!(output, "{number}")?;
    output.paint(tone, verdict)?;
    match (output.width(), rest.split_once("? ")) {
        (Some(width), Some((question, why))) if width < WIDE => {
            output.hang(QUESTION);
            writeln!(output, "{question}?")?;
            output.hang(QUESTION + 2);
            writeln!(output, "{:1$}{2}", "", QUESTION, why.trim_start())
        }
        (Some(_), Some(_)) => {
            output.hang(WHY);
            writeln!(output, "{rest}")
        }
        (_, _) => writeln!(output, "{rest}"),
    }
}
