//! The report as TAP, the Test Anything Protocol: a line for each case, and
//! what failed as comments below it.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use portcullis::document::is_invisible;

use crate::text::{self, Visible};
use crate::view::test_run::{SuiteResult, TestRun};

/// Prints the whole run.
pub(crate) fn print(output: &mut impl Write, run: &TestRun) -> io::Result<()> {
    let output = &mut Visible(output);
    let (cases, _) = run.cases();
    let invalid = run.suites.len() - run.reports().count();
    writeln!(output, "TAP version 14")?;
    writeln!(output, "1..{}", cases + invalid)?;
    for (name, value) in run.provenance.parts() {
        writeln!(output, "# {name}: {value}")?;
    }
    let lines = run.lines();
    let mut number = 0;
    for suite in &run.suites {
        let report = match &suite.result {
            SuiteResult::Ran(report) => report,
            SuiteResult::Invalid(_, faults) => {
                number += 1;
                let name = Plain(&suite.name);
                writeln!(output, "not ok {number} - {name}: the suite can be read")?;
                comment(&text::faults(&suite.name, faults).to_string(), output)?;
                continue;
            }
        };
        for case in report.cases_run() {
            number += 1;
            let verdict = if case.failed == 0 { "ok" } else { "not ok" };
            let (title, name) = (Plain(report.title()), Plain(&case.name));
            writeln!(output, "{verdict} {number} - {title}: {name}")?;
            if case.failed > 0 {
                comment(&lines.add_to(case.to_string()), output)?;
            }
        }
    }
    Ok(())
}

fn comment(text: &str, output: &mut impl Write) -> io::Result<()> {
    text.lines()
        .try_for_each(|line| writeln!(output, "# {line}"))
}

/// A description on one line, in which no `#` begins a directive.
struct Plain<'t>(&'t str);

impl Display for Plain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '#' | '\\' => write!(formatter, "\\{character}")?,
                other if is_invisible(other) => formatter.write_char(' ')?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Plain;

    #[test]
    fn no_name_is_a_directive() {
        assert_eq!(Plain("a # SKIP\n\\").to_string(), "a \\# SKIP \\\\");
    }
}
