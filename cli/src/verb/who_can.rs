//! `who-can`: everybody who may call one endpoint.

use std::sync::Arc;

use clap::Args;
use portcullis::Engine;
use portcullis::audit::{KeyHolder, Matrix, Row};

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::{Format, ListingFlags};
use crate::load::selection::{Releases, rows, unknown_endpoint};
use crate::printer::output::Output;
use crate::report::{json, terminal};
use crate::view::provenance::Provenance;
use portcullis::audit::view::who_can::{DeploymentCallers, WhoCan, WhoCanEach};

/// The flags of `who-can`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The method, such as GET
    method: String,
    /// A path, or a template of the catalogue; the base path may be left out
    path: String,
    #[command(flatten)]
    releases: Releases,
    #[command(flatten)]
    listing: ListingFlags,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
Lists every profile and scope that may call it, with what they must present, and
the keys of the directory that may call it now. A template with an alternation
such as `[a|b]` is answered once for all alternatives, or once for each answer.

Examples:
  portcullis who-can GET /incidents --release 5.5.0
  portcullis who-can POST /connect/api/v1/update_ser --release 5.5.0s
  portcullis who-can GET '/cases/{id}' --format json

Exit codes: 0 done, even if nobody can, 1 input or output failed, 2 wrong
usage (also: there is no such endpoint), 3 invalid policy or directory.";

/// Finds who may call it.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("deciding every cell");
    let policy = arguments.documents.policy()?;
    let has_directory = arguments.documents.has_directory();
    let directory = has_directory
        .then(|| arguments.documents.directory(&policy))
        .transpose()?;
    let policy = Arc::new(policy);
    let releases = arguments.releases.of(&policy)?;
    let matrix = Matrix::of_releases(&policy, &releases)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let rows: Vec<(usize, &Row)> = rows(&matrix, &arguments.method, &arguments.path)
        .into_iter()
        .filter_map(|place| Some((place, matrix.axes().rows().get(place)?)))
        .collect();
    if rows.is_empty() {
        return Err(arguments.unknown(&matrix));
    }
    let engine = matrix
        .sheets()
        .first()
        .map(|sheet| Engine::new(policy.clone(), sheet.deployment()));
    let all = match (&directory, &engine) {
        (Some(directory), Some(Ok(engine))) => {
            KeyHolder::all(directory, engine, arguments.listing.now())
        }
        _ => Vec::new(),
    };
    // Which tenants a request can name depends on the endpoint.
    let on = |row: &Row| {
        let mut holders = all.clone();
        for holder in &mut holders {
            if let Some(directory) = &directory {
                holder.circumstances = holder.circumstances_on(row, &policy, directory);
            }
        }
        holders
    };
    let holders: Vec<Vec<KeyHolder>> = rows.iter().map(|(_, row)| on(row)).collect();
    let each = rows.iter().zip(&holders).map(|((place, row), holders)| {
        let sheets = matrix.sheets().iter();
        WhoCan {
            matrix: &matrix,
            row,
            place: *place,
            deployments: sheets
                .map(|sheet| DeploymentCallers::of(sheet, *place, holders))
                .collect(),
        }
    });
    let view = WhoCanEach::of(each);
    let now = arguments.listing.now();
    let provenance = Provenance::of(&policy, directory.as_ref(), Some(now));
    match arguments.listing.format {
        Format::Human => {
            terminal::who_can::print(&mut output.printer(), &view)?;
            terminal::provenance::print(&mut output.printer(), &provenance)?;
        }
        Format::Json => json::who_can::print(output, &view, &provenance)?,
    }
    Ok(Exit::Done)
}

impl Arguments {
    fn unknown(&self, matrix: &Matrix) -> Failure {
        let typed = format!("{} {}", self.method, self.path);
        unknown_endpoint(
            "PATH",
            &typed,
            matrix.axes(),
            &matrix.policy().base_path().to_string(),
        )
    }
}
