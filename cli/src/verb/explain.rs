//! `explain`: decides one request, and explains the decision question by
//! question.

use clap::Args;
use portcullis::audit::what_if;

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::{Format, RequestFlags};
use crate::load::request::Prepared;
use crate::printer::output::Output;
use crate::report::{json, terminal};
use crate::view::policy_lines::PolicyLines;
use crate::view::provenance::Provenance;
use crate::view::what_if::Shown;

/// The flags of `explain`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    request: RequestFlags,
    /// List also the smallest sets of changes that would allow a denied request
    #[arg(long)]
    what_if: bool,
    /// With --what-if: list every set, and every name in it
    #[arg(long, requires = "what_if")]
    full: bool,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
Examples:
  portcullis explain --release 5.5.0 --as msp GET /connect/api/v1/incidents
  portcullis explain --release 5.5.0s --as msp GET '/connect/api/v1/cases?tenantid=alpha'
  portcullis explain --release 5.5.0 --as msp --what-if POST /connect/api/v1/update_ser
  portcullis explain --release 5.4.0 --as ann --format json GET /connect/api/v1/cases

An explanation names rules, groups and tenants: it is for administrators, not
for the caller. Exit codes: 0 allow, 5 deny, 1 input or output failed, 2 wrong
usage, 3 invalid policy or directory.";

/// Explains the request.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let (policy, text) = arguments.documents.policy_with_text()?;
    let directory = arguments.documents.directory(&policy)?;
    let prepared = arguments.request.read(&policy, &directory)?;
    let Prepared {
        engine, request, ..
    } = &prepared;
    let explanation = request.explain(engine, &directory);
    let remedies = arguments
        .what_if
        .then(|| what_if(&policy, directory.tenancy(), &request.situation(engine)));
    let lines = PolicyLines::of(&text, explanation.answers().iter());
    let provenance = Provenance::of(&policy, Some(&directory), Some(request.now));
    match arguments.format {
        Format::Json => {
            let remedies = remedies.as_ref().map(|found| (&policy, found));
            json::explanation::print(output, &explanation, remedies, &lines, &provenance)?;
        }
        Format::Human => {
            let shown = remedies.map(|found| Shown::of(&policy, &found, arguments.full));
            terminal::explanation::print(
                &mut output.printer(),
                &prepared,
                &explanation,
                shown.as_ref(),
                &lines,
            )?;
            terminal::provenance::print(&mut output.printer(), &provenance)?;
        }
    }
    Ok(Exit::of(&explanation.decision()))
}
