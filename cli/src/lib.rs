//! The command line of portcullis: it reads, prints and exits; the library
//! decides.
//!
//! A verb is a variant of `Verb`, an arm of `run` and a module that holds
//! its flags and its `run`. Data goes to standard output, everything else to
//! standard error, and `Exit` says how it ended. Only excerpts of documents
//! with faults have colour, and only on a terminal where `NO_COLOR` is not set.
//!
//! It is a library so that its readers can be tested without a process; the
//! binary calls [`main`] and nothing else.

mod authorize;
mod batch;
mod can;
mod check;
mod diff;
mod excerpt;
mod exit;
mod explain;
mod flags;
mod init;
mod input;
mod keys;
mod line;
mod matrix;
mod nearest;
mod output;
mod request;
mod selection;
mod shape;
mod show;
mod test;
mod what_if;
mod who_can;
mod words;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Exit, Failure};

pub use crate::batch::{Lines, answer_lines};

/// Decide who may call which API endpoint, and say why
///
/// Every verb works without a file at hand: the policy and an example
/// directory of users and keys are built in. Give your own with --policy and
/// --directory.
#[derive(Debug, Parser)]
#[command(
    name = "portcullis",
    version,
    arg_required_else_help = true,
    verbatim_doc_comment,
    after_help = EXAMPLES
)]
struct Tool {
    #[command(subcommand)]
    verb: Verb,
}

/// What the tool can do.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Decide one request, or many as JSON Lines
    Authorize(authorize::Arguments),
    /// Decide one request and answer every question on the way
    Explain(explain::Arguments),
    /// Show every decision of a policy, release by release
    Matrix(matrix::Arguments),
    /// Show every decision that differs between two policies or two releases
    Diff(diff::Arguments),
    /// Show everybody who may call an endpoint
    WhoCan(who_can::Arguments),
    /// Show everything that a user, or a profile at a scope, may call
    Can(can::Arguments),
    /// Show who holds which API keys, and which deserve a second look
    Keys(keys::Arguments),
    /// Run policy suites: what is expected of a policy, request by request
    Test(test::Arguments),
    /// Write the embedded policy, directory and suites into a folder, to be edited
    Init(init::Arguments),
    /// Load a policy and a directory, and report what they hold or what is wrong
    Check(check::Arguments),
    /// Print a policy, as it is written or in its canonical form
    Show(show::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  portcullis authorize --release 5.5.0 --as msp GET /connect/api/v1/cases
  portcullis explain --release 5.5.0 --as msp GET /connect/api/v1/incidents
  portcullis matrix --release 5.5.0
  portcullis diff --from 5.5.0 --to 5.5.0s
  portcullis who-can POST /update_ser --release 5.5.0s
  portcullis can msp --release 5.5.0
  portcullis test
  portcullis check

Exit codes: 0 done or allow, 1 input or output failed, 2 wrong usage,
3 invalid policy, directory or suite, 4 a test failed, 5 deny, 7 what --fail-on names was found.";

/// Does what the command line asks for.
pub fn main() -> ExitCode {
    let tool = match Tool::try_parse() {
        Ok(tool) => tool,
        Err(error) => {
            // Help and version arrive here, too, with exit code 0. That nobody
            // reads them any more is no failure.
            if error.use_stderr() {
                let told = error.render().to_string();
                let _ = write!(output::Visible(io::stderr()), "{told}");
            } else {
                let _ = error.print();
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut output = BufWriter::with_capacity(output::BUFFER, io::stdout().lock());
    let ended = run(&tool.verb, &mut output)
        .and_then(|exit| output.flush().map(|()| exit).map_err(Failure::Output));
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell();
            failure.exit().into()
        }
    }
}

fn run(verb: &Verb, output: &mut impl Write) -> Result<Exit, Failure> {
    match verb {
        Verb::Authorize(arguments) => authorize::run(arguments, output),
        Verb::Explain(arguments) => explain::run(arguments, output),
        Verb::Matrix(arguments) => matrix::run(arguments, output),
        Verb::Diff(arguments) => diff::run(arguments, output),
        Verb::WhoCan(arguments) => who_can::run(arguments, output),
        Verb::Can(arguments) => can::run(arguments, output),
        Verb::Keys(arguments) => keys::run(arguments, output),
        Verb::Test(arguments) => test::run(arguments, output),
        Verb::Init(arguments) => init::run(arguments, output),
        Verb::Check(arguments) => check::run(arguments, output),
        Verb::Show(arguments) => show::run(arguments, output),
    }
}
