//! `keys`: who holds which API keys, and which of them are risky.

use std::io::Write;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use portcullis::directory::{KeyFinding, KeyListing};
use portcullis::{Deployment, Directory, Engine, Policy, Release, UnixSeconds};

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::{Format, ListingFlags};
use crate::report::{json, terminal};
use crate::view::keys::{KeyRow, Keys};

/// The flags of `keys`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to show
    #[arg(value_enum)]
    action: Action,
    /// With `audit`: warn also of keys whose owners this release gives no access
    #[arg(long)]
    release: Option<Release>,
    /// Scoped keys are switched on; matters where they are early access
    #[arg(long, requires = "release")]
    scoped_keys: bool,
    #[command(flatten)]
    listing: ListingFlags,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
`audit` warns of active keys that are valid for more than a year or never
expire, of keys of disabled and single sign-on accounts, and of keys that their
owners can no longer use. A directory document does not record the last access;
a host that records it can list it.

Examples:
  portcullis keys list
  portcullis keys audit --release 5.5.0 --now 1764000000
  portcullis keys audit --format json

Exit codes: 0 done, also with warnings, 1 input or output failed, 2 wrong usage,
3 invalid policy or directory.";

/// What to show.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Action {
    /// Every key with its owner, state, age and last access
    List,
    /// The same, with warnings
    Audit,
}

/// Shows the keys.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let (policy, directory) = arguments.documents.load()?;
    let engine = arguments.engine(policy)?;
    let now = arguments.listing.now();
    let keys = directory
        .key_listings(now)
        .map(|listing| KeyRow {
            findings: arguments.findings(&directory, engine.as_ref(), &listing, now),
            listing,
        })
        .collect();
    let view = Keys { keys };
    match arguments.listing.format {
        Format::Json => json::json(output, &view)?,
        Format::Human => terminal::keys::print(output, &view, now)?,
    }
    Ok(Exit::Done)
}

impl Arguments {
    /// The engine of the deployment, if a release is given.
    fn engine(&self, policy: Arc<Policy>) -> Result<Option<Engine>, Failure> {
        let Some(release) = self.release else {
            return Ok(None);
        };
        let deployment = if self.scoped_keys {
            Deployment::with_scoped_keys(release)
        } else {
            Deployment::new(release)
        };
        let engine = Engine::new(policy, deployment);
        engine
            .map(Some)
            .map_err(|error| Failure::Usage(format!("--release: {error}")))
    }

    fn findings(
        &self,
        directory: &Directory,
        engine: Option<&Engine>,
        listing: &KeyListing<'_>,
        now: UnixSeconds,
    ) -> Option<Vec<KeyFinding>> {
        (self.action == Action::Audit)
            .then(|| directory.key_findings(listing.key.as_str(), engine, now))
    }
}
