//! `keys`: who holds which API keys, and which of them are risky.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use portcullis::directory::KeyFinding;
use portcullis::{Deployment, Engine, Policy, Release, UnixSeconds};

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::clock;
use crate::load::instant::instant;
use crate::printer::output::Output;
use crate::report::{csv, json, terminal};
use crate::text::{near_name, one_line};
use crate::view::keys::Keys;
use crate::view::provenance::Provenance;

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
    /// With `audit`: exit with 7 for these: `warnings` for all of them, or a code
    #[arg(long, value_name = "CODE")]
    fail_on: Vec<String>,
    /// With `audit`: list every key, also where there are many of a kind
    #[arg(long)]
    full: bool,
    /// When keys are judged: seconds since the epoch, or RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<UnixSeconds>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    documents: Documents,
}

/// How to print the keys.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// One line of JSON, keys in the order of the directory
    Json,
    /// One record per key; with `audit` the most urgent first
    Csv,
}

/// What `--fail-on` calls every finding.
const WARNINGS: &str = "warnings";

const EXAMPLES: &str = "\
`audit` ranks keys by risk: legacy keys that work, keys that never expire, keys
that their owners cannot use now (a disabled or single sign-on account; with
--release also a kind of key or of account that it refuses), keys that are not
valid yet, keys that are valid for more than a year, and keys that were never
used. A directory document does not record the last use; a host that records it
can audit it. With --release, each key has the number of endpoints that it may
call now.

Examples:
  portcullis keys list
  portcullis keys audit --release 5.5.0 --now 2025-11-24T16:00:00Z
  portcullis keys audit --fail-on legacy_super_admin --fail-on account_disabled
  portcullis keys audit --format csv

Exit codes: 0 done, also with warnings, 7 what --fail-on names was found, 1 input
or output failed, 2 wrong usage, 3 invalid policy or directory.";

/// What to show.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Action {
    /// Every key with its owner, state, age and last access
    List,
    /// The same by risk, with warnings
    Audit,
}

/// Shows the keys.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("counting what each key may call");
    let is_audit = arguments.action == Action::Audit;
    if !is_audit && !arguments.fail_on.is_empty() {
        return Err(Failure::Usage(
            "--fail-on: `keys list` finds nothing; use `keys audit`".to_owned(),
        ));
    }
    for typed in &arguments.fail_on {
        known(typed)?;
    }
    let (policy, directory) = arguments.documents.load()?;
    let engine = arguments.engine(policy.clone())?;
    let now = arguments.now.unwrap_or_else(clock);
    let view = Keys::of(&directory, engine.as_ref(), now, is_audit);
    let provenance = Provenance::of(&policy, Some(&directory), Some(now));
    match (arguments.format, arguments.action) {
        (Format::Json, _) => json::with_provenance(output, &view, &provenance)?,
        (Format::Csv, _) => csv::keys(output, &view, &provenance)?,
        (Format::Human, Action::List) => terminal::keys::list(&mut output.printer(), &view, now)?,
        (Format::Human, Action::Audit) => {
            terminal::keys::audit(&mut output.printer(), &view, now, arguments.full)?;
        }
    }
    if arguments.format == Format::Human {
        terminal::provenance::print(&mut output.printer(), &provenance)?;
    }
    Ok(if arguments.fails(&view) {
        Exit::Changed
    } else {
        Exit::Done
    })
}

/// Refuses a code that no finding has: it would never fail.
fn known(typed: &str) -> Result<(), Failure> {
    if typed == WARNINGS || KeyFinding::CODES.contains(&typed) {
        return Ok(());
    }
    let help = near_name(typed, KeyFinding::CODES, || {
        format!("write {WARNINGS}, {}", KeyFinding::CODES.join(", "))
    });
    let typed = one_line(typed);
    Err(Failure::Usage(format!(
        "--fail-on: no key has a finding `{typed}`; {help}"
    )))
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

    fn fails(&self, view: &Keys<'_>) -> bool {
        let mut findings = view
            .keys
            .iter()
            .flat_map(|row| row.findings.iter().flatten());
        findings.any(|finding| {
            let mut codes = self.fail_on.iter();
            codes.any(|typed| typed == WARNINGS || typed == finding.code())
        })
    }
}
