//! What two documents hold, and what a code of a fault means.

use std::io::{self, Write};

use portcullis::Policy;
use portcullis::fault::{Code, Severity};

use crate::report::terminal::row;
use crate::text::{Visible, one_line};
use crate::view::check::{DirectoryReport, PolicyReport, Report};

/// Prints what the valid documents hold.
pub(crate) fn print(output: &mut impl Write, report: &Report) -> io::Result<()> {
    let output = &mut Visible(output);
    if let Some(PolicyReport {
        name,
        releases,
        endpoints,
        profiles,
        privileges,
        digest,
    }) = &report.policy
    {
        let counts = format_args!(
            "{name}: {releases} releases, {endpoints} endpoints, {profiles} profiles, {privileges} privileges, \
             digest {digest}"
        );
        row(output, "policy", counts)?;
    }
    if let Some(DirectoryReport {
        name,
        tenants,
        groups,
        users,
        keys,
    }) = &report.directory
    {
        let counts =
            format_args!("{name}: {tenants} tenants, {groups} groups, {users} users, {keys} keys");
        row(output, "directory", counts)?;
    }
    Ok(())
}

/// Prints what is worth a look in a valid policy, a line each.
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

/// Explains a code in three lines.
pub(crate) fn explain(output: &mut impl Write, code: &Code) -> io::Result<()> {
    row(output, "meaning", code.meaning)?;
    row(output, "why", code.why)?;
    row(output, "fix", code.fix)
}
