//! `keys`: who holds which API keys, and which of them deserve a second look.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use portcullis::{
    Deployment, Directory, Engine, KeyFinding, KeyListing, Policy, Release, UnixSeconds,
};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::Answering;
use crate::load::flags::Format;
use crate::report::json::json;
use crate::text::{Visible, one_line};

/// The flags of `keys`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to show
    #[arg(value_enum)]
    action: Action,
    /// With `audit`: also whether this release gives the owners access
    #[arg(long)]
    release: Option<Release>,
    /// Scoped keys are switched on; matters where they are early access
    #[arg(long, requires = "release")]
    scoped_keys: bool,
    #[command(flatten)]
    answering: Answering,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
`audit` warns of active keys that live longer than a year or have no end, of
keys of disabled and single sign-on accounts, and of keys that their owners can
no longer use. A document says nothing about last access; hosts that note it
have it in their own lists.

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

/// One key of the answer.
#[derive(Debug, Serialize)]
struct Row<'d> {
    #[serde(flatten)]
    listing: KeyListing<'d>,
    /// `None` where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<KeyFinding>>,
}

#[derive(Debug, Serialize)]
struct Answer<'d> {
    keys: Vec<Row<'d>>,
}

/// Shows the keys.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let (policy, directory) = arguments.documents.load()?;
    let engine = arguments.engine(policy)?;
    let now = arguments.answering.now();
    let keys: Vec<Row<'_>> = directory
        .key_listings(now)
        .map(|listing| Row {
            findings: arguments.findings(&directory, engine.as_ref(), &listing, now),
            listing,
        })
        .collect();
    match arguments.answering.format {
        Format::Json => json(output, &Answer { keys })?,
        Format::Human => human(&mut Visible(output), &keys, now)?,
    }
    Ok(Exit::Done)
}

impl Arguments {
    /// The engine of the deployment, where one is given.
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

/// Prints a table, a line for each key, and its warnings beneath it.
fn human(output: &mut impl Write, keys: &[Row<'_>], now: UnixSeconds) -> io::Result<()> {
    let width = |of: fn(&KeyListing<'_>) -> usize, least: usize| {
        keys.iter()
            .map(|row| of(&row.listing))
            .chain([least])
            .max()
            .unwrap_or(least)
    };
    let key = width(|listing| listing.key.as_str().len(), "key".len());
    let owner = width(|listing| listing.owner.as_str().len(), "owner".len());
    let mut line = |cells: [&dyn Display; 7]| {
        let [id, user, status, kind, age, access, name] = cells;
        writeln!(
            output,
            "{id:<key$}  {user:<owner$}  {status:<7}  {kind:<6}  {age:>8}  {access:>8}  {name}"
        )
    };
    line([
        &"key",
        &"owner",
        &"status",
        &"kind",
        &"age",
        &"last use",
        &"name",
    ])?;
    for row in keys {
        let listing = &row.listing;
        let age = days(now, listing.created_at);
        let access = listing
            .last_access
            .map_or("-".to_owned(), |at| days(now, at));
        line([
            listing.key,
            listing.owner,
            &listing.status.as_str(),
            &listing.kind.as_str(),
            &age,
            &access,
            &one_line(listing.name),
        ])?;
    }
    warnings(output, keys)
}

/// Prints what was found, if anybody asked.
fn warnings(output: &mut impl Write, keys: &[Row<'_>]) -> io::Result<()> {
    let found = |row: &Row<'_>| row.findings.as_ref().map_or(0, Vec::len);
    let count: usize = keys.iter().map(found).sum();
    for row in keys {
        for finding in row.findings.iter().flatten() {
            let KeyListing { key, owner, .. } = row.listing;
            writeln!(
                output,
                "warning: key `{key}` of `{owner}`: {}",
                finding.text()
            )?;
        }
    }
    if keys.iter().any(|row| row.findings.is_some()) {
        writeln!(output, "{} keys, {count} warnings", keys.len())?;
    }
    Ok(())
}

/// How long ago an instant was, in whole days.
fn days(now: UnixSeconds, then: UnixSeconds) -> String {
    match now.since(then) {
        Some(seconds) => format!("{} d", seconds / 86_400),
        None => "not yet".to_owned(),
    }
}
