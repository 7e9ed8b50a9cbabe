//! `explain`: decides one request and tells the answer to every question.

use std::io::Write;

use clap::Args;

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::Format;
use crate::load::flags::RequestFlags;
use crate::report::json::json;
use crate::report::terminal::what_if::{self, Explained};
use crate::text::Visible;

/// The flags of `explain`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    request: RequestFlags,
    /// Say also which single changes would allow a denied request
    #[arg(long)]
    what_if: bool,
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
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let (policy, directory) = arguments.documents.load()?;
    let single = arguments.request.read(&policy, &directory)?;
    let explanation = single.request.explain(&single.engine, &directory);
    let decision = explanation.decision();
    let remedies = arguments
        .what_if
        .then(|| what_if::remedies(&single.request, &single.engine, &directory));
    match arguments.format {
        Format::Json => match &remedies {
            None => json(output, &explanation)?,
            Some(remedies) => json(output, &Explained::of(&explanation, remedies))?,
        },
        Format::Human => {
            let output = &mut Visible(output);
            single.rows(output)?;
            write!(output, "\n{explanation}")?;
            if let Some(remedies) = &remedies {
                what_if::print(output, &decision, remedies)?;
            }
            output.flush()?;
            single.hint(&decision);
        }
    }
    Ok(Exit::of(&decision))
}
