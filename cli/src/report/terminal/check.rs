//! What two documents contain, and what a code of a fault means.

use std::io::{self, Write};

use portcullis::Policy;
use portcullis::fault::{Code, Severity};
use portcullis::policy::Digest;

use crate::printer::Printer;
use crate::report::terminal::row;
use crate::report::{counted, number};
use crate::text::one_line;
use crate::view::check::{DirectoryReport, PolicyReport, Report};

/// Prints what the valid documents contain.
pub(crate) fn print(output: &mut Printer<'_>, report: &Report) -> io::Result<()> {
    if let Some(PolicyReport {
        name,
        releases,
        endpoints,
        templates,
        profiles,
        privileges,
        digest,
    }) = &report.policy
    {
        let counts = [
            of(*releases, "release"),
            format!(
                "{} on {}",
                of(*endpoints, "endpoint"),
                of(*templates, "template")
            ),
            of(*profiles, "profile"),
            of(*privileges, "privilege"),
        ];
        document(output, "policy", name, &counts, *digest)?;
    }
    if let Some(DirectoryReport {
        name,
        tenants,
        groups,
        users,
        keys,
        digest,
    }) = &report.directory
    {
        let counts = [
            of(*tenants, "tenant"),
            of(*groups, "group"),
            of(*users, "user"),
            of(*keys, "key"),
        ];
        document(output, "directory", name, &counts, *digest)?;
    }
    Ok(())
}

fn document(
    output: &mut Printer<'_>,
    kind: &str,
    name: &str,
    counts: &[String],
    digest: Digest,
) -> io::Result<()> {
    let counts = counts.join(", ");
    row(
        output,
        kind,
        format_args!("{name}: {counts}, digest {digest}"),
    )
}

/// Prints the remarks on a valid policy, one line each.
pub(crate) fn remarks(policy: &Policy, errors: &mut impl Write) -> io::Result<()> {
    for remark in policy.remarks() {
        let severity = match remark.severity {
            Severity::Hint => "hint",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let line = format!("{severity}: {}: {}", remark.place, remark.text);
        writeln!(errors, "{}", one_line(&line))?;
    }
    Ok(())
}

/// `1 group`, `2 groups`.
fn of(count: usize, thing: &str) -> String {
    counted(number(count), thing)
}

/// Explains a code in three lines.
pub(crate) fn explain(output: &mut Printer<'_>, code: &Code) -> io::Result<()> {
    row(output, "meaning", code.meaning)?;
    row(output, "why", code.why)?;
    row(output, "fix", code.fix)
}
