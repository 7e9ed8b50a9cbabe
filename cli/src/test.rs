//! `test`: runs policy suites, and says what they hold and what they do not.

pub(crate) mod find;
mod human;
mod junit;
mod tap;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use portcullis::audit::{Coverage, Mutation, Suite, SuiteFilter, SuiteReport, Survivor};
use portcullis::{Digest, Directory, Faults, Policy};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::excerpt;
use crate::exit::{Exit, Failure};
use crate::input::{self, Documents, Text};
use crate::output::{Visible, json};
use crate::selection::Releases;

/// The flags of `test`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Suites, or folders with files named *.suite.yaml [default: the embedded ones]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    releases: Releases,
    /// Only cases in whose name, or in whose suite's, this text stands
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// Fail where there is no case to run
    #[arg(long)]
    fail_on_empty: bool,
    /// Show which rules of the policy no case holds
    #[arg(long)]
    coverage: bool,
    /// Fail unless the cases hold at least this many of a hundred rules
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
    /// Make every mistake in the policy once, and show those that no case notices
    #[arg(long, conflicts_with_all = ["filter", "releases"])]
    mutate: bool,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    documents: Documents,
}

/// For whom to print.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// One line of JSON
    Json,
    /// `JUnit` XML, a test case for each case
    Junit,
    /// Test Anything Protocol, a line for each case
    Tap,
}

const EXAMPLES: &str = "\
Examples:
  portcullis test
  portcullis test --release 5.5.0s --filter restricted
  portcullis test --coverage --min-coverage 100
  portcullis test --mutate
  portcullis test --format junit

Where --policy is not given, suites are run against the `policy.yaml` and the
`directory.yaml` that lie beside them, or beside their folder where that is
called `suites`. Where there are none, against the embedded ones. A policy that
is given alone is tested by the suites in its folder.

With --format junit and tap, what --coverage and --mutate find goes to standard
error.

Exit codes: 0 all as expected, 4 some not, less covered than asked for, or a
mutant that nothing notices, 3 a suite, the policy or the directory is not valid
(the other suites are run), 1 input or output failed, 2 wrong usage.";

/// A suite that was looked at.
struct Looked {
    name: String,
    found: Found,
}

/// What became of a suite.
enum Found {
    /// It was run.
    Ran(SuiteReport),
    /// It could not be read.
    Invalid(Text, Faults),
}

/// Everything that a run of the verb found.
struct Outcome {
    policy: String,
    policy_text: Text,
    digest: Digest,
    directory: Option<String>,
    suites: Vec<Looked>,
    coverage: Option<Coverage>,
    /// What of a hundred rules must be covered.
    wanted: Option<u8>,
    mutation: Mutated,
}

/// What became of the mutants.
enum Mutated {
    /// Nobody asked.
    NotAsked,
    /// The suites do not hold, so nothing they notice would mean anything.
    NotMade,
    /// They were made.
    Made(Mutation),
}

/// Runs the suites.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let ground = find::ground(&arguments.paths, &arguments.documents)?;
    let policy_text = ground.documents.policy_text()?;
    let policy = input::policy(ground.documents.policy_name(), policy_text.clone())?;
    let policy = Arc::new(policy);
    let directory = if ground.has_directory {
        Some(ground.documents.directory(&policy)?)
    } else {
        None
    };
    let releases = arguments.releases.of(&policy)?;
    let only = SuiteFilter {
        releases: &releases,
        text: &arguments.filter,
    };
    let measured = arguments.coverage || arguments.min_coverage.is_some();
    let mut coverage = measured.then(|| Coverage::of(&policy));
    let mut suites = Vec::new();
    let mut holding = Vec::new();
    for (name, text) in find::suites(&arguments.paths, &ground)? {
        let read = Suite::from_yaml(&text, &policy, directory.as_ref());
        let found = match read {
            Ok(suite) => {
                let report = match &mut coverage {
                    Some(coverage) => coverage.run(&suite, &only),
                    None => suite.run_only(&only),
                };
                holding.extend((report.failed() == 0).then_some(suite));
                Found::Ran(report)
            }
            Err(faults) => Found::Invalid(text, faults),
        };
        suites.push(Looked { name, found });
    }
    let mutation = if !arguments.mutate {
        Mutated::NotAsked
    } else if holding.len() < suites.len() {
        Mutated::NotMade
    } else {
        Mutated::Made(Mutation::of(&policy, &holding))
    };
    let outcome = Outcome {
        policy: ground.documents.policy_name(),
        policy_text,
        digest: policy.digest(),
        directory: directory.map(|_: Directory| ground.documents.directory_name()),
        suites,
        coverage,
        wanted: arguments.min_coverage,
        mutation,
    };
    outcome.print(arguments.format, output)?;
    output.flush()?;
    outcome.tell(arguments.format, &policy);
    Ok(outcome.exit(arguments.fail_on_empty))
}

impl Outcome {
    fn print(&self, format: Format, output: &mut impl Write) -> Result<(), Failure> {
        match format {
            Format::Human => Ok(human::print(self, &mut Visible(output))?),
            Format::Json => json(output, self),
            Format::Junit => Ok(junit::print(self, &mut Visible(output))?),
            Format::Tap => Ok(tap::print(self, &mut Visible(output))?),
        }
    }

    /// Tells people on standard error what no report tells: faults in their
    /// lines, and that there was nothing to run.
    fn tell(&self, format: Format, policy: &Policy) {
        // Where standard error is closed, the exit code must do.
        let mut errors = io::stderr().lock();
        if format == Format::Human {
            for looked in &self.suites {
                if let Found::Invalid(text, faults) = &looked.found {
                    let _ = excerpt::tell(&looked.name, text, faults, &mut errors);
                }
            }
        }
        if matches!(format, Format::Junit | Format::Tap) {
            let _ = human::measured(self, &mut Visible(&mut errors));
        }
        if self.is_empty() && !self.has_invalid() {
            let releases = policy.releases().len();
            let _ = writeln!(
                errors,
                "portcullis: no case was run; the policy has {releases} releases, and a suite is a file \
                 named *.suite.yaml"
            );
        }
    }

    fn reports(&self) -> impl Iterator<Item = &SuiteReport> {
        self.suites.iter().filter_map(|looked| match &looked.found {
            Found::Ran(report) => Some(report),
            Found::Invalid(..) => None,
        })
    }

    /// How many cases were run, and how many of them failed.
    fn cases(&self) -> (usize, usize) {
        let run = self.reports().flat_map(SuiteReport::cases_run);
        run.fold((0, 0), |(all, failed), case| {
            (all + 1, failed + usize::from(case.failed > 0))
        })
    }

    fn requests(&self) -> usize {
        self.reports().map(SuiteReport::requests).sum()
    }

    fn is_empty(&self) -> bool {
        self.requests() == 0
    }

    fn has_invalid(&self) -> bool {
        self.suites
            .iter()
            .any(|looked| matches!(looked.found, Found::Invalid(..)))
    }

    fn survivors(&self) -> &[Survivor] {
        match &self.mutation {
            Mutated::NotAsked | Mutated::NotMade => &[],
            Mutated::Made(mutation) => mutation.survivors(),
        }
    }

    /// The file that the case of a survivor is to be added to.
    fn file_of(&self, survivor: &Survivor) -> Option<&str> {
        // Mutants are made only where every suite was read.
        let looked = self.suites.get(survivor.suite?)?;
        Some(&looked.name)
    }

    fn reaches(&self) -> bool {
        let measured = self.coverage.as_ref().zip(self.wanted);
        measured.is_none_or(|(coverage, wanted)| coverage.reaches(wanted))
    }

    fn exit(&self, fail_on_empty: bool) -> Exit {
        let (_, failed) = self.cases();
        if self.has_invalid() {
            Exit::Invalid
        } else if failed > 0
            || !self.reaches()
            || !self.survivors().is_empty()
            || (fail_on_empty && self.is_empty())
        {
            Exit::TestsFailed
        } else {
            Exit::Done
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'o> {
            policy: &'o str,
            digest: Digest,
            directory: Option<&'o str>,
            cases: usize,
            failed_cases: usize,
            requests: usize,
            suites: &'o [Looked],
            #[serde(skip_serializing_if = "Option::is_none")]
            coverage: Option<&'o Coverage>,
            #[serde(skip_serializing_if = "Option::is_none")]
            mutants: Option<Mutants<'o>>,
        }
        #[derive(Serialize)]
        struct Mutants<'o> {
            noticed: usize,
            equivalent: usize,
            survivors: Vec<Told<'o>>,
        }
        #[derive(Serialize)]
        struct Told<'o> {
            file: Option<&'o str>,
            #[serde(flatten)]
            survivor: &'o Survivor,
        }
        let mutants = match &self.mutation {
            Mutated::NotAsked | Mutated::NotMade => None,
            Mutated::Made(mutation) => Some(Mutants {
                noticed: mutation.detected(),
                equivalent: mutation.equivalent(),
                survivors: mutation
                    .survivors()
                    .iter()
                    .map(|survivor| Told {
                        file: self.file_of(survivor),
                        survivor,
                    })
                    .collect(),
            }),
        };
        let (cases, failed_cases) = self.cases();
        let fields = Fields {
            policy: &self.policy,
            digest: self.digest,
            directory: self.directory.as_deref(),
            cases,
            failed_cases,
            requests: self.requests(),
            suites: &self.suites,
            coverage: self.coverage.as_ref(),
            mutants,
        };
        fields.serialize(serializer)
    }
}

impl Serialize for Looked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Ran<'o> {
            file: &'o str,
            #[serde(flatten)]
            report: &'o SuiteReport,
        }
        #[derive(Serialize)]
        struct Invalid<'o> {
            file: &'o str,
            faults: Each<'o>,
            more: usize,
        }
        let file = &self.name;
        match &self.found {
            Found::Ran(report) => Ran { file, report }.serialize(serializer),
            Found::Invalid(_, faults) => Invalid {
                file,
                faults: Each(faults),
                more: faults.more(),
            }
            .serialize(serializer),
        }
    }
}

struct Each<'f>(&'f Faults);

impl Serialize for Each<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut faults = serializer.serialize_seq(None)?;
        for fault in self.0 {
            faults.serialize_element(fault)?;
        }
        faults.end()
    }
}
