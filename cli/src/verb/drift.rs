//! `drift`: what differs between a description of an API and a policy.

use std::path::PathBuf;

use clap::Args;

use crate::exit::{Exit, Failure};
use crate::load::documents::PolicyFile;
use crate::load::flags::Format;
use crate::load::openapi::{self, Choices, Findings};
use crate::printer::output::Output;
use crate::report::{json, terminal};
use crate::text::file_name;
use crate::view::drift::Drift;
use crate::view::provenance::Provenance;

/// The flags of `drift`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The OpenAPI document, 3.x or 2.0, in YAML or JSON; `-` is standard input
    file: PathBuf,
    /// The base path of all operations [default: that of the document's servers]
    #[arg(long, value_name = "PATH")]
    base_path: Option<String>,
    /// Accept operations that no policy can list
    #[arg(long)]
    accept_not_listable: bool,
    #[command(flatten)]
    policy: PolicyFile,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

const EXAMPLES: &str = "\
It compares paths, methods and the names of parameters. Privileges and releases
are the policy's own matter. The plain forms that `import` lists beside a tail
are no difference.

Examples:
  echo '{openapi: 3.0.3, servers: [{url: /connect/api/v1}], paths: {/cases: {get: {}}}}' | portcullis drift -
  echo '{openapi: 3.0.3, servers: [{url: /connect/api/v1}], paths: {/cases: {get: {}}}}' | portcullis drift - --format json

Exit codes: 0 no difference, 7 there is one, 3 the document or the policy is not
valid, 1 input or output failed, 2 wrong usage.";

/// Prints the difference.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let policy = arguments.policy.read()?;
    let mut findings = Findings::default();
    let document = openapi::load(&arguments.file, &mut findings)?;
    let choices = Choices {
        base_path: arguments.base_path.clone(),
        ..Choices::default()
    };
    let catalogue = openapi::catalogue(&document, &choices, &mut findings);
    let mut drift = Drift::between(catalogue, &findings.sorted(), &policy);
    if arguments.accept_not_listable {
        drift.not_listable.clear();
    }
    let provenance = Provenance::of(&policy, None, None);
    match arguments.format {
        Format::Human => {
            terminal::drift::print(&mut output.printer(), &drift, &file_name(&arguments.file))?;
            terminal::provenance::print(&mut output.printer(), &provenance)?;
        }
        Format::Json => json::drift::print(output, &drift, &provenance)?,
    }
    Ok(if drift.is_none() {
        Exit::Done
    } else {
        Exit::Changed
    })
}
