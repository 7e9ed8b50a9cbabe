//! `test`: runs policy suites, and measures what they cover.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use portcullis::Directory;
use portcullis::audit::{Coverage, Mutation, SuiteFilter};

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::selection::Releases;
use crate::load::suites;
use crate::printer::output::Output;
use crate::report::{json, junit, tap, terminal};
use crate::view::provenance::Provenance;
use crate::view::test_run::{MOST_MUTANTS, Mutants, TestRun, run_suites};

/// The flags of `test`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Arguments {
    /// Suites, or folders with files named *.suite.yaml [default: the embedded ones]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    releases: Releases,
    /// Only cases whose name, or whose suite's title, contains this text
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// Accepted for older pipelines: a run without a case always fails
    #[arg(long, hide = true)]
    fail_on_empty: bool,
    /// Show which rules of the policy no case covers
    #[arg(long)]
    coverage: bool,
    /// Fail unless the cases cover at least this percentage of the rules
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
    /// Make every mistake in the policy once, and show those that no case detects
    #[arg(long, conflicts_with_all = ["filter", "releases"])]
    mutate: bool,
    /// Print every failure with its reasons, and every gap with a case for it
    #[arg(long)]
    full: bool,
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

Without --policy, suites run against the `policy.yaml` and the `directory.yaml`
in their folder, or in the folder above if theirs is called `suites`. If there
are none, they run against the embedded ones. With --policy and no suite named,
the suites in the folder of the policy run.

With --format junit and tap, coverage and mutants are printed on standard error.

Exit codes: 0 all as expected, 4 a case failed, there was no case to run, too
little is covered, or a mutant is not detected, 3 a suite, the policy or the
directory is not valid (the other suites still run), 1 input or output failed,
2 wrong usage (also: a file is named like a suite, but not *.suite.yaml).";

/// Runs the suites.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("running the suites");
    let inputs = suites::inputs(&arguments.paths, &arguments.documents)?;
    let (policy, policy_text) = inputs.documents.policy_with_text()?;
    let directory = if inputs.has_directory {
        Some(inputs.documents.directory(&policy)?)
    } else {
        None
    };
    if arguments.mutate && Mutation::most(&policy) > MOST_MUTANTS {
        return Err(Failure::Usage(format!(
            "--mutate: the policy can have {} mutants, and at most {MOST_MUTANTS} are made; use --coverage, or test parts of the policy by themselves",
            Mutation::most(&policy)
        )));
    }
    let releases = arguments.releases.of(&policy)?;
    let only = SuiteFilter {
        releases: &releases,
        text: &arguments.filter,
    };
    let measured = arguments.coverage || arguments.min_coverage.is_some();
    let mut coverage = measured.then(|| Coverage::of(&policy));
    let texts = suites::suites(&arguments.paths, &inputs)?;
    let (suites, passing) =
        run_suites(texts, &policy, directory.as_ref(), &only, coverage.as_mut());
    if arguments.mutate {
        output.working("trying every mistake in the policy");
    }
    let mutation = Mutants::of(arguments.mutate, &policy, &suites, &passing);
    let run = TestRun {
        policy: inputs.documents.policy_name(),
        policy_text,
        digest: policy.digest(),
        // Suites have an instant of their own.
        provenance: Provenance::of(&policy, directory.as_ref(), None),
        directory: directory.map(|_: Directory| inputs.documents.directory_name()),
        suites,
        coverage,
        wanted: arguments.min_coverage,
        mutation,
        full: arguments.full,
    };
    match arguments.format {
        Format::Human => {
            terminal::test::print(&mut output.printer(), &run)?;
            terminal::provenance::print(&mut output.printer(), &run.provenance)?;
        }
        Format::Json => json::with_provenance(output, &run, &run.provenance)?,
        Format::Junit => junit::print(output, &run)?,
        Format::Tap => tap::print(output, &run)?,
    }
    output.flush()?;
    let errors = &mut io::stderr().lock();
    match arguments.format {
        Format::Human => terminal::test::print_faults(errors, &run),
        Format::Json => {}
        Format::Junit | Format::Tap => terminal::test::print_measured(errors, &run),
    }
    if run.is_empty() && !run.has_invalid() {
        terminal::test::print_empty(errors, &run, arguments.is_filtered());
    }
    Ok(exit(&run))
}

impl Arguments {
    /// Whether a flag selects some of the cases.
    fn is_filtered(&self) -> bool {
        !self.filter.is_empty() || self.releases.are_named()
    }
}

fn exit(run: &TestRun) -> Exit {
    let (_, failed) = run.cases();
    if run.has_invalid() {
        Exit::Invalid
    } else if failed > 0 || run.is_empty() || !run.reaches() || !run.survivors().is_empty() {
        Exit::TestsFailed
    } else {
        Exit::Done
    }
}
