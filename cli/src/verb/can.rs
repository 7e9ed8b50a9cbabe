//! `can`: everything that somebody may call.

use std::sync::Arc;

use clap::Args;
use portcullis::audit::{KeyHolder, Matrix};
use portcullis::scope::ScopeLevel;
use portcullis::{Directory, Engine};

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::{Format, ListingFlags, known_user};
use crate::load::selection::{Releases, profile};
use crate::printer::output::Output;
use crate::report::{json, terminal};
use crate::view::provenance::Provenance;
use portcullis::audit::view::can::{Can, CanEntry};

/// The flags of `can`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A user of the directory, or PROFILE@SCOPE such as user@partner
    #[arg(value_name = "WHO")]
    who: String,
    #[command(flatten)]
    releases: Releases,
    #[command(flatten)]
    listing: ListingFlags,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
For a user, the answer is what each of their keys may call now. For a profile at
a scope, it is what they may call in every circumstance.

Examples:
  portcullis can msp --release 5.5.0
  portcullis can user@tenant --release 5.5.0s
  portcullis can super_admin@partner --format json

Exit codes: 0 done, even if it is nothing, 1 input or output failed, 2 wrong
usage (also: there is no such user), 3 invalid policy or directory.";

/// Finds what somebody may call.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("deciding every cell");
    let policy = Arc::new(arguments.documents.policy()?);
    let releases = arguments.releases.of(&policy)?;
    let matrix = Matrix::of_releases(&policy, &releases)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let mut directory = None;
    let entries = if let Some((profile, scope)) = arguments.who.split_once('@') {
        Vec::from([by_profile(&matrix, profile, scope)?])
    } else {
        let read = arguments.documents.directory(&policy)?;
        arguments.by_user(&matrix, directory.insert(read))?
    };
    let view = Can {
        matrix: &matrix,
        who: &arguments.who,
        entries,
    };
    // A profile at a scope is answered without keys, so for every instant.
    let now = directory.as_ref().map(|_| arguments.listing.now());
    let provenance = Provenance::of(&policy, directory.as_ref(), now);
    match arguments.listing.format {
        Format::Human => {
            terminal::can::print(&mut output.printer(), &view)?;
            terminal::provenance::print(&mut output.printer(), &provenance)?;
        }
        Format::Json => json::can::print(output, &view, &provenance)?,
    }
    Ok(Exit::Done)
}

impl Arguments {
    fn by_user(&self, matrix: &Matrix, directory: &Directory) -> Result<Vec<CanEntry>, Failure> {
        let policy = matrix.policy();
        let user = known_user("WHO", &self.who, directory)?;
        let Some(sheet) = matrix.sheets().first() else {
            return Ok(Vec::new());
        };
        let engine = Engine::new(policy.clone(), sheet.deployment())
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let holders = KeyHolder::all(directory, &engine, self.listing.now());
        Ok(CanEntry::of_user(user, holders, matrix, directory))
    }
}

fn by_profile(matrix: &Matrix, name: &str, scope: &str) -> Result<CanEntry, Failure> {
    let place = profile("WHO", name, matrix.axes())?;
    let level = ScopeLevel::ALL
        .into_iter()
        .find(|level| level.as_str() == scope)
        .ok_or_else(|| {
            let scope = scope.escape_debug();
            Failure::Usage(format!(
                "WHO: there is no scope `{scope}`; write root, partner or tenant after the `@`"
            ))
        })?;
    Ok(CanEntry::of_profile(name, place, level))
}
