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

mod exit;
mod load;
mod report;
mod text;
mod verb;
mod view;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::exit::Failure;
use crate::verb::Verb;

pub use crate::verb::authorize::batch::{Lines, answer_lines};

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
                let _ = write!(text::Visible(io::stderr()), "{told}");
            } else {
                let _ = error.print();
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut output = BufWriter::with_capacity(text::BUFFER, io::stdout().lock());
    let ended = verb::run(&tool.verb, &mut output)
        .and_then(|exit| output.flush().map(|()| exit).map_err(Failure::Output));
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell();
            failure.exit().into()
        }
    }
}
