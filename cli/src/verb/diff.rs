//! `diff`: every decision that differs between two policies or two releases.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use portcullis::audit::{Diff, DirectoryDiff, Effect, Impact, InvariantChange, Invariants, Matrix};
use portcullis::{Directory, Policy, Release, UnixSeconds};

use crate::exit::{Exit, Failure};
use crate::load::documents;
use crate::load::flags::clock;
use crate::load::instant::instant;
use crate::load::sides::Sides;
use crate::printer::output::Output;
use crate::report::{json, markdown, terminal};
use crate::text::file_name;
use crate::view::invariants::{InvariantsDifference, InvariantsReport, Sources};
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
    /// Show also which users of the directory gain or lose access
    #[arg(long)]
    impact: bool,
    /// The directory for --impact; implies --impact [default: the embedded one]
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// The directory of the second side; --directory is that of the first
    #[arg(long, value_name = "FILE", requires = "directory")]
    to_directory: Option<PathBuf>,
    /// When keys are judged: seconds since the epoch, or RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<UnixSeconds>,
    /// When the keys of the first directory are judged [default: as --now]
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "to_directory")]
    then: Option<UnixSeconds>,
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
    /// Anything differs or could not be compared, or an invariant does not hold
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
So is who may administer whom, and what the policies state as `invariants`. A
side denies what it does not have. A release that is added is compared with the
one before it in its train, or with nothing; one that is removed, with nothing.
--from and --to compare any two releases.

Examples:
  portcullis diff --from 5.5.0 --to 5.5.0s
  portcullis diff --from 5.4.0 --to 5.5.0 --impact
  portcullis diff --from 5.4.1 --to 5.4.1s --fail-on widened --format markdown

Two policies of your own:
  $ portcullis diff old.yaml new.yaml --fail-on widened
  $ portcullis diff old.yaml new.yaml --release 5.5.0 --directory users.yaml

Two directories: who gained access this quarter, also by new keys and groups?
  $ portcullis diff --directory old.yaml --to-directory new.yaml --release 5.5.0

Exit codes: 0 done, 7 what --fail-on names was found, 1 input or output failed,
2 wrong usage (also: there is no release to compare), 3 invalid policy or
directory.";

/// Compares the two sides.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("comparing every cell");
    let mut compared = arguments.sides.compare(arguments.to_directory.is_some())?;
    let directories = arguments.directories(&compared.diff)?;
    let people = directories.as_ref();
    let people = people.map(|directories| arguments.people(&compared.diff, directories));
    arguments.add_directories(&mut compared.names);
    let notes = compared.diff.notes();
    let view = DiffView {
        names: &compared.names,
        diff: &compared.diff,
        notes: &notes,
        people: people.as_ref(),
    };
    let invariants = arguments.invariants(&compared.diff, directories.as_ref())?;
    let provenance = provenance(&view, directories.as_ref());
    match arguments.format {
        Format::Human => {
            terminal::diff::print(&mut output.printer(), &view, arguments.full)?;
            terminal::invariants::difference(&mut output.printer(), &invariants)?;
            terminal::provenance::print(&mut output.printer(), &provenance)?;
        }
        Format::Markdown => {
            markdown::diff::print(output, &view, arguments.full)?;
            markdown::invariants::difference(output, &invariants)?;
            markdown::provenance::print(output, &provenance)?;
        }
        Format::Json => json::diff::print(output, &view, &invariants, &provenance)?,
    }
    Ok(if arguments.fails(&view, &invariants) {
        Exit::Changed
    } else {
        Exit::Done
    })
}

impl Arguments {
    fn fails(&self, view: &DiffView<'_>, invariants: &InvariantsDifference) -> bool {
        // With one directory, only the policies count, whoever holds a key
        // today.
        let people = view.people.and_then(|people| {
            let directories = people.directories.as_ref()?;
            Some((directories, &people.impact))
        });
        let has = |effect| {
            let among = people
                .is_some_and(|(directories, impact)| directories.has(effect) || impact.has(effect));
            view.diff.has(effect) || among
        };
        match self.fail_on {
            None => false,
            Some(FailOn::Widened) => has(Effect::Widens),
            Some(FailOn::Narrowed) => has(Effect::Narrows),
            Some(FailOn::Any) => {
                let is_same = people.is_none_or(|(directories, impact)| {
                    directories.is_empty() && impact.affected().is_empty()
                });
                let differs = !view.diff.is_empty() || !view.notes.is_empty() || !is_same;
                differs || !invariants.is_empty()
            }
        }
    }

    /// Compares the invariants of the two policies, and checks those of the second
    /// one in its releases that are compared.
    fn invariants(
        &self,
        diff: &Diff,
        directories: Option<&Directories>,
    ) -> Result<InvariantsDifference, Failure> {
        let (before, after) = (diff.before().policy(), diff.after().policy());
        let mut releases: Vec<Release> = Vec::new();
        for sheet in diff.after().sheets() {
            let release = sheet.deployment().release();
            if !releases.contains(&release) {
                releases.push(release);
            }
        }
        let checked = Invariants::of_releases(after, &releases)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let directory_file = self.to_directory.as_ref().or(self.directory.as_ref());
        let given = directories.map(|own| own.second.as_ref().unwrap_or(&own.first));
        let embedded = if given.is_none() && directory_file.is_none() {
            documents::embedded_directory(after)
        } else {
            None
        };
        let sources = Sources {
            text: None,
            directory: given.or(embedded.as_ref()),
            policy_file: self.sides.second_file(),
            directory_file: directory_file.map(PathBuf::as_path),
        };
        Ok(InvariantsDifference {
            changes: InvariantChange::between(before, after),
            after: InvariantsReport::of(&checked, &sources),
        })
    }

    /// Reads the directories, if there are any.
    fn directories(&self, diff: &Diff) -> Result<Option<Directories>, Failure> {
        if !self.impact && self.directory.is_none() {
            return Ok(None);
        }
        let (before, after) = (diff.before().policy(), diff.after().policy());
        let first = directory(self.directory.as_deref(), [before, after])?;
        let second = self.to_directory.as_deref();
        let second = second.map(|file| directory(Some(file), [after, before]));
        Ok(Some(Directories {
            first,
            second: second.transpose()?,
        }))
    }

    fn people(&self, diff: &Diff, directories: &Directories) -> People {
        let now = self.now.unwrap_or_else(clock);
        let first = &directories.first;
        let Some(second) = &directories.second else {
            return People {
                impact: Impact::of(diff, first, now),
                instants: [now, now],
                directories: None,
            };
        };
        let then = self.then.unwrap_or(now);
        let sides = [(first, then), (second, now)];
        People {
            impact: Impact::between(diff, sides),
            instants: [then, now],
            directories: Some(DirectoryDiff::between(diff, sides)),
        }
    }

    /// Adds the directories to the names of the sides, if there are two.
    fn add_directories(&self, names: &mut [String; 2]) {
        let (Some(first), Some(second)) = (&self.directory, &self.to_directory) else {
            return;
        };
        for (name, file) in names.iter_mut().zip([first, second]) {
            let file = file_name(file);
            *name = if name.is_empty() {
                file
            } else {
                format!("{name}, {file}")
            };
        }
    }
}

/// The directory of both sides, or those of each.
struct Directories {
    first: Directory,
    second: Option<Directory>,
}

fn provenance(view: &DiffView<'_>, directories: Option<&Directories>) -> Provenance {
    let [before, after] = [view.diff.before(), view.diff.after()].map(Matrix::policy);
    let now = view.people.map(|people| people.instants[1]);
    let (first, second) = directories
        .map(|own| (&own.first, own.second.as_ref()))
        .unzip();
    let second = second.flatten();
    let provenance = Provenance::of(after, second.or(first), now).compared_with(before);
    match second.and(first) {
        Some(first) => provenance.since_directory(first),
        None => provenance,
    }
}

/// Reads a directory. Its profiles may be those of either side, of its own first.
fn directory(file: Option<&Path>, policies: [&Policy; 2]) -> Result<Directory, Failure> {
    let name = file.map_or_else(|| "the embedded directory".to_owned(), file_name);
    let read = |policy| documents::directory(file, &name, policy);
    let [own, other] = policies;
    read(own).or_else(|faults| read(other).map_err(|_| faults))
}
