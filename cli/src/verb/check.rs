//! `check`: loads the documents, and reports what they contain or every fault.
//! Checks the invariants of the policy.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use portcullis::audit::{Invariants, Lint};
use portcullis::fault::Code;

use crate::exit::{Exit, Failure};
use crate::load::documents::{Documents, embedded_directory};
use crate::load::flags::Format;
use crate::load::suites;
use crate::printer::look::Look;
use crate::printer::output::Output;
use crate::report::{json, terminal};
use crate::text::{near_name, one_line};
use crate::view::check::{DirectoryReport, InvalidReport, PolicyReport, Report};
use crate::view::invariants::{InvariantsReport, Sources};

/// The flags of `check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A policy, a folder with a policy and a directory, or `-` for a policy on
    /// standard input
    #[arg(value_name = "PATH", conflicts_with_all = ["policy", "directory"])]
    path: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Explain the code of a fault or a lint: what it means, why, how to fix it
    #[arg(long, value_name = "CODE", conflicts_with_all = ["path", "format", "policy", "directory"])]
    explain: Option<String>,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
Examples:
  portcullis check
  portcullis check --format json
  portcullis check --explain unknown_privilege

Documents of your own:
  $ portcullis check acme
  $ portcullis check acme/policy.yaml
  $ git show main:acme/policy.yaml | portcullis check -

In a folder, `policy.yaml` and `directory.yaml` are checked. A `directory.yaml`
is checked with the `policy.yaml` beside it. `portcullis test` reads suites.

With --policy alone only that policy is checked: the embedded directory belongs
to the embedded policy.

What the policy states under `invariants` is compared with the decision on every
request. The simplest request that breaks an invariant is printed as a command.

Exit codes: 0 valid, 4 an invariant does not hold, 3 not valid, 1 input or
output failed, 2 wrong usage.";

/// Checks the documents, or explains a code.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    if let Some(code) = &arguments.explain {
        let code = known_code(code)?;
        terminal::check::explain(&mut output.printer(), code)?;
        return Ok(Exit::Done);
    }
    let mut report = Report::default();
    let found = arguments.path.as_deref().map(suites::documents_at);
    let found = found.transpose()?;
    let checked = check(found.as_ref().unwrap_or(&arguments.documents), &mut report);
    match (arguments.format, checked) {
        (Format::Human, checked) => {
            terminal::check::print(&mut output.printer(), &report)?;
            // For invalid documents everything goes to standard error.
            if report.policy.is_some() {
                terminal::provenance::print(&mut output.printer(), &report.provenance())?;
            }
            output.flush()?;
            let Err(Failure::Invalid { name, text, faults }) = checked else {
                return checked.map(|()| exit(&report));
            };
            // If standard error is closed, the exit code still says it.
            let _ = terminal::excerpt::print(
                &name,
                &text,
                &faults,
                &mut io::stderr().lock(),
                Look::of_errors(),
            );
            Ok(Exit::Invalid)
        }
        (Format::Json, Ok(())) => {
            report.valid = true;
            json::with_provenance(output, &report, &report.provenance())?;
            Ok(exit(&report))
        }
        (Format::Json, Err(Failure::Invalid { name, faults, .. })) => {
            report.invalid = Some(InvalidReport { name, faults });
            json::with_provenance(output, &report, &report.provenance())?;
            Ok(Exit::Invalid)
        }
        (Format::Json, Err(failure)) => Err(failure),
    }
}

/// Reads the policy, then the directory. A directory is valid only together with
/// a policy that declares its profiles.
fn check(documents: &Documents, report: &mut Report) -> Result<(), Failure> {
    let (policy, text) = documents.policy_with_text()?;
    report.policy = Some(PolicyReport {
        name: documents.policy_name(),
        releases: policy.releases().len(),
        endpoints: policy
            .endpoints()
            .iter()
            .map(|entry| entry.methods().count())
            .sum(),
        templates: policy.endpoints().len(),
        profiles: policy.profiles().len(),
        privileges: policy.privileges().len(),
        digest: policy.digest(),
    });
    // If standard error is closed, the policy is still valid.
    let _ = terminal::check::remarks(&policy, &mut io::stderr().lock());
    let directory = documents.has_directory();
    let directory = directory
        .then(|| documents.directory(&policy))
        .transpose()?;
    if let Some(directory) = &directory {
        report.directory = Some(DirectoryReport {
            name: documents.directory_name(),
            tenants: directory.tenancy().tenants().len(),
            groups: directory.tenancy().groups().len(),
            users: directory.users().len(),
            keys: directory.keys().count(),
            digest: directory.digest(),
        });
    }
    let of_commands = directory.or_else(|| embedded_directory(&policy));
    let sources = Sources {
        text: Some(&text),
        directory: of_commands.as_ref(),
        policy_file: documents.policy_file(),
        directory_file: documents.directory_file(),
    };
    report.invariants = InvariantsReport::of(&Invariants::of(&policy), &sources);
    Ok(())
}

/// The exit code for valid documents.
fn exit(report: &Report) -> Exit {
    let invariants = report.invariants.as_ref();
    if invariants.is_some_and(|invariants| !invariants.broken.is_empty()) {
        Exit::TestsFailed
    } else {
        Exit::Done
    }
}

/// The code of a fault or a lint that was typed.
fn known_code(typed: &str) -> Result<&'static Code, Failure> {
    let found = Code::find(typed).or_else(|| Lint::code(typed));
    found.ok_or_else(|| {
        let known = Code::all().chain(Lint::codes()).map(|known| known.code);
        let hint = near_name(typed, known, || {
            "the page on the policy language lists all codes".to_owned()
        });
        let typed = one_line(typed);
        Failure::Usage(format!("unknown fault code `{typed}`; {hint}"))
    })
}
