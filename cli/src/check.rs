//! `check`: loads the documents and reports what they hold, or every fault.

use std::io::{self, Write};

use clap::Args;
use portcullis::{Code, Digest, Faults};
use serde::Serialize;

use crate::excerpt;
use crate::exit::{Exit, Failure};
use crate::input::Documents;
use crate::nearest::nearest;
use crate::output::{Format, Visible, json, one_line, row};

/// The flags of `check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Explain the code of a fault: what it means, why, how to mend it
    #[arg(long, value_name = "CODE", conflicts_with_all = ["format", "policy", "directory"])]
    explain: Option<String>,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
Examples:
  portcullis check
  portcullis check --format json
  portcullis check --explain unknown_privilege

With --policy alone only that policy is checked: the embedded directory belongs
to the embedded policy.

Exit codes: 0 valid, 3 not valid, 1 input or output failed, 2 wrong usage.";

/// What was found in the documents, as far as they are valid.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
struct Report {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PolicyReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<DirectoryReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid: Option<InvalidReport>,
}

/// What a valid policy holds.
#[derive(Debug, Serialize)]
struct PolicyReport {
    name: String,
    releases: usize,
    endpoints: usize,
    profiles: usize,
    privileges: usize,
    digest: Digest,
}

/// What a valid directory holds.
#[derive(Debug, Serialize)]
struct DirectoryReport {
    name: String,
    tenants: usize,
    groups: usize,
    users: usize,
    keys: usize,
}

/// What is wrong with a document.
#[derive(Debug, Serialize)]
struct InvalidReport {
    name: String,
    #[serde(flatten)]
    faults: Faults,
}

/// Checks the documents, or explains a code.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    if let Some(code) = &arguments.explain {
        return explain(code, output);
    }
    let mut report = Report::default();
    let checked = check(&arguments.documents, &mut report);
    match (arguments.format, checked) {
        (Format::Human, checked) => {
            report.print(&mut Visible(&mut *output))?;
            output.flush()?;
            let Err(Failure::Invalid { name, text, faults }) = checked else {
                return checked.map(|()| Exit::Done);
            };
            // Where standard error is closed, the exit code must do.
            let _ = excerpt::tell(&name, &text, &faults, &mut io::stderr().lock());
            Ok(Exit::Invalid)
        }
        (Format::Json, Ok(())) => {
            report.valid = true;
            json(output, &report)?;
            Ok(Exit::Done)
        }
        (Format::Json, Err(Failure::Invalid { name, faults, .. })) => {
            report.invalid = Some(InvalidReport { name, faults });
            json(output, &report)?;
            Ok(Exit::Invalid)
        }
        (Format::Json, Err(failure)) => Err(failure),
    }
}

/// Explains a code in three lines.
fn explain(code: &str, output: &mut impl Write) -> Result<Exit, Failure> {
    let Some(known) = Code::find(code) else {
        let typed = one_line(code);
        let known = Code::all().map(|known| known.code);
        let hint = nearest(code, known).map_or_else(
            || "the page on the policy language lists all".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        return Err(Failure::Usage(format!(
            "`{typed}` is no code of a fault; {hint}"
        )));
    };
    row(output, "meaning", known.meaning)?;
    row(output, "why", known.why)?;
    row(output, "mend", known.fix)?;
    Ok(Exit::Done)
}

/// Reads the policy, then the directory: a directory is only valid together
/// with a policy that knows its profiles.
fn check(documents: &Documents, report: &mut Report) -> Result<(), Failure> {
    let policy = documents.policy()?;
    report.policy = Some(PolicyReport {
        name: documents.policy_name(),
        releases: policy.releases().len(),
        endpoints: policy.endpoints().len(),
        profiles: policy.profiles().len(),
        privileges: policy.privileges().len(),
        digest: policy.digest(),
    });
    if documents.has_directory() {
        let directory = documents.directory(&policy)?;
        report.directory = Some(DirectoryReport {
            name: documents.directory_name(),
            tenants: directory.tenancy().tenants().len(),
            groups: directory.tenancy().groups().len(),
            users: directory.users().len(),
            keys: directory.keys().count(),
        });
    }
    Ok(())
}

impl Report {
    fn print(&self, output: &mut impl Write) -> Result<(), Failure> {
        if let Some(PolicyReport {
            name,
            releases,
            endpoints,
            profiles,
            privileges,
            digest,
        }) = &self.policy
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
        }) = &self.directory
        {
            let counts = format_args!(
                "{name}: {tenants} tenants, {groups} groups, {users} users, {keys} keys"
            );
            row(output, "directory", counts)?;
        }
        Ok(())
    }
}
