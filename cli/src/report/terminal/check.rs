//! What two documents hold, and what a code of a fault means.

use std::io::{self, Write};

use portcullis::fault::Code;

use crate::report::terminal::row;
use crate::text::Visible;
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

/// Explains a code in three lines.
pub(crate) fn explain(output: &mut impl Write, code: &Code) -> io::Result<()> {
    row(output, "meaning", code.meaning)?;
    row(output, "why", code.why)?;
    row(output, "fix", code.fix)
}
