//! `diff`: every decision that differs between two policies or two releases.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use portcullis::audit::{Diff, Effect, Impact, Note};
use portcullis::{Directory, UnixSeconds};

use crate::exit::{Exit, Failure};
use crate::load::documents;
use crate::load::flags::clock;
use crate::load::instant::instant;
use crate::load::sides::Sides;
use crate::report::{json, markdown, terminal};
use crate::text::file_name;
use crate::view::provenance::Provenance;
use portcullis::audit::view::difference::DiffView;
use portcullis::audit::view::people::People;

/// The flags of `diff`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    sides: Sides,
    /// Exit with 7 if something widened, narrowed, or differs in any way
    #[arg(long, value_enum, value_name = "CHANGE")]
    fail_on: Option<FailOn>,
    /// List every group of changes, also where no access changes
    #[arg(long)]
    full: bool,
    /// Show also which users and keys of the directory gain or lose access
    #[arg(long)]
    impact: bool,
    /// The directory for --impact; implies --impact [default: the embedded one]
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// When keys are judged: seconds since the epoch, or RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<UnixSeconds>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What makes the run fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum FailOn {
    /// Somebody is allowed more or may administer more, also by what is new
    Widened,
    /// Somebody is allowed less or may administer less, also by what is gone
    Narrowed,
    /// Anything at all differs, or something could not be compared
    Any,
}

/// How to print the difference.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum Format {
    /// For the terminal
    #[default]
    Human,
    /// For a pull request
    Markdown,
    /// One object, for programs
    Json,
}

const EXAMPLES: &str = "\
Every cell is compared: every endpoint and method, profile, scope, kind of
account, credential and key, and every relation to the tenant that is named.
So is who may administer whom. A side denies what it does not have. A release
that is added is compared with the one before it in its train, or with nothing;
one that is removed, with nothing. --from and --to compare any two releases.

Examples:
  portcullis diff --from 5.5.0 --to 5.5.0s
  portcullis diff --from 5.4.0 --to 5.5.0 --impact
  portcullis diff --from 5.4.1 --to 5.4.1s --fail-on widened --format markdown

Two policies of your own:
  $ portcullis diff old.yaml new.yaml --fail-on widened
  $ portcullis diff old.yaml new.yaml --release 5.5.0 --directory users.yaml

Exit codes: 0 done, 7 what --fail-on names was found, 1 input or output failed,
2 wrong usage (also: there is no release to compare), 3 invalid policy or
directory.";

/// Compares the two sides.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let compared = arguments.sides.compare()?;
    let people = arguments.people(&compared.diff)?;
    let (people, directory) = people.unzip();
    let people = people.as_ref();
    let notes = compared.diff.notes();
    let view = DiffView {
        names: &compared.names,
        diff: &compared.diff,
        notes: &notes,
        people,
    };
    let now = people.map(|people| people.now);
    let provenance = Provenance::of(compared.diff.after().policy(), directory.as_ref(), now);
    let provenance = provenance.compared_with(compared.diff.before().policy());
    match arguments.format {
        Format::Human => {
            terminal::diff::print(output, &view, arguments.full)?;
            terminal::provenance::print(output, &provenance)?;
        }
        Format::Markdown => {
            markdown::diff::print(output, &view, arguments.full)?;
            markdown::provenance::print(output, &provenance)?;
        }
        Format::Json => json::diff::print(output, &view, &provenance)?,
    }
    Ok(if arguments.fails(&compared.diff, &notes) {
        Exit::Changed
    } else {
        Exit::Done
    })
}

impl Arguments {
    fn fails(&self, diff: &Diff, notes: &[Note]) -> bool {
        match self.fail_on {
            None => false,
            Some(FailOn::Widened) => diff.has(Effect::Widens),
            Some(FailOn::Narrowed) => diff.has(Effect::Narrows),
            Some(FailOn::Any) => !diff.is_empty() || !notes.is_empty(),
        }
    }

    fn people(&self, diff: &Diff) -> Result<Option<(People, Directory)>, Failure> {
        if !self.impact && self.directory.is_none() {
            return Ok(None);
        }
        let directory = self.directory(diff)?;
        let now = self.now.unwrap_or_else(clock);
        let people = People {
            impact: Impact::of(diff, &directory, now),
            now,
        };
        Ok(Some((people, directory)))
    }

    /// Reads the directory. Its profiles may be those of either side.
    fn directory(&self, diff: &Diff) -> Result<Directory, Failure> {
        let name = self.directory.as_ref().map(|file| file_name(file));
        let name = name.unwrap_or_else(|| "the embedded directory".to_owned());
        let read = |policy| documents::directory(self.directory.as_deref(), &name, policy);
        read(diff.before().policy())
            .or_else(|faults| read(diff.after().policy()).map_err(|_| faults))
    }
}
