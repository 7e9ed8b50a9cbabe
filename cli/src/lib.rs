//! The command line of portcullis: it reads, prints and exits; the library
//! decides.
//!
//! A request or a document enters through `load/`, a verb in `verb/` asks the
//! library about it, `view/` puts the answer in words, and `report/` prints it,
//! with a module for each format. A new verb is a file in `verb/`; a new format
//! is a file in `report/`. Each room may import from the rooms before it:
//! `text`, `printer`, `exit`, `load`, `view`, `report`, `verb`.
//!
//! Data goes to standard output, everything else to standard error, and `Exit`
//! is the exit code. What people read is written to a `Printer`, which has colours and
//! a width only on a terminal: in a pipe it is the same everywhere.
//!
//! It is a library so that its parts can be tested without a process. The
//! binary only calls [`main`].

mod exit;
mod load;
mod printer;
mod report;
mod text;
mod verb;
mod view;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::exit::Failure;
use crate::printer::look::Colours;
use crate::printer::output::Output;
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
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    color: Colours,
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
3 invalid policy, directory or suite, 4 a test failed, 5 deny, 7 what --fail-on names was
found, or a policy lacks something of an API.";

/// Does what the command line asks for.
pub fn main() -> ExitCode {
    let tool = match Tool::try_parse() {
        Ok(tool) => tool,
        Err(error) => {
            // Help and version arrive here, too, with exit code 0. A closed
            // output is not a failure here.
            if error.use_stderr() {
                let message = error.render().to_string();
                let _ = write!(text::Visible(io::stderr()), "{message}");
            } else {
                let _ = error.print();
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    tool.color.choose();
    let mut output = Output::new();
    let result = verb::run(&tool.verb, &mut output)
        .and_then(|exit| output.flush().map(|()| exit).map_err(Failure::Output));
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.done();
            failure.print();
            failure.exit().into()
        }
    }
}
