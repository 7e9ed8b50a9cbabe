//! The report as `JUnit` XML: a `testsuite` for each suite, a `testcase` for
//! each case.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use portcullis::document::is_invisible;

use crate::text::{self, Visible};
use crate::view::policy_lines::PolicyLines;
use crate::view::provenance::Provenance;
use crate::view::test_run::{SuiteResult, SuiteRun, TestRun};

/// Prints the whole run.
pub(crate) fn print(output: &mut impl Write, run: &TestRun) -> io::Result<()> {
    let output = &mut Visible(output);
    writeln!(output, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let (cases, failures) = run.cases();
    let errors = run.suites.len() - run.reports().count();
    writeln!(
        output,
        "<testsuites name=\"portcullis\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        cases + errors
    )?;
    let lines = run.lines();
    for suite in &run.suites {
        print_suite(output, suite, &lines, &run.provenance)?;
    }
    writeln!(output, "</testsuites>")
}

fn print_suite(
    output: &mut impl Write,
    suite: &SuiteRun,
    lines: &PolicyLines,
    provenance: &Provenance,
) -> io::Result<()> {
    let report = match &suite.result {
        SuiteResult::Ran(report) => report,
        SuiteResult::Invalid(_, faults) => {
            let name = Xml(&suite.name);
            let message = text::faults(&suite.name, faults).to_string();
            writeln!(
                output,
                "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">"
            )?;
            writeln!(
                output,
                "    <testcase classname=\"{name}\" name=\"the suite can be read\">"
            )?;
            writeln!(
                output,
                "      <error message=\"the suite is not valid\">{}</error>",
                Xml(&message)
            )?;
            writeln!(output, "    </testcase>")?;
            return writeln!(output, "  </testsuite>");
        }
    };
    let failures = report.cases_run().filter(|case| case.failed > 0).count();
    let title = Xml(report.title());
    let (tests, file) = (report.cases_run().count(), Xml(&suite.name));
    writeln!(
        output,
        "  <testsuite name=\"{title}\" file=\"{file}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    )?;
    writeln!(output, "    <properties>")?;
    for (name, value) in provenance.parts() {
        let value = Xml(&value);
        writeln!(
            output,
            "      <property name=\"{name}\" value=\"{value}\"/>"
        )?;
    }
    writeln!(output, "    </properties>")?;
    for case in report.cases_run() {
        let name = Xml(&case.name);
        let line = case.position.line;
        write!(
            output,
            "    <testcase classname=\"{title}\" name=\"{name}\" file=\"{file}\" line=\"{line}\""
        )?;
        if case.failed == 0 {
            writeln!(output, "/>")?;
            continue;
        }
        let details = lines.add_to(case.to_string());
        let message = format!(
            "{} of {} requests not as expected",
            case.failed, case.requests
        );
        writeln!(output, ">")?;
        writeln!(
            output,
            "      <failure message=\"{message}\">{}</failure>",
            Xml(&details)
        )?;
        writeln!(output, "    </testcase>")?;
    }
    writeln!(output, "  </testsuite>")
}

/// Text with the characters escaped that XML reserves.
struct Xml<'t>(&'t str);

impl Display for Xml<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\n' => formatter.write_char('\n')?,
                // XML does not allow most of these, not even escaped.
                other if is_invisible(other) => formatter.write_char('\u{fffd}')?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Xml;

    #[test]
    fn no_text_ends_an_element_or_an_attribute() {
        let text = Xml("a<b>&\"c\"\u{0}\u{1b}]]>\nd").to_string();
        assert_eq!(
            text,
            "a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}\u{fffd}]]&gt;\nd"
        );
    }
}
