//! `show`: prints a policy, as it is written or in its canonical form.

use clap::Args;

use crate::exit::{Exit, Failure};
use crate::load::documents::{self, PolicyFile};
use crate::printer::output::Output;
use crate::report::yaml;

/// The flags of `show`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Print it in the one canonical form, without comments
    #[arg(long)]
    canonical: bool,
    #[command(flatten)]
    policy: PolicyFile,
}

const EXAMPLES: &str = "\
Examples:
  portcullis show
  portcullis show --canonical

Without --canonical the document is printed byte for byte, so the embedded one
can be written to a file and edited. The canonical form has a fixed order and
spelling; compare two policies in it line by line.

Exit codes: 0 printed, 3 not valid, 1 input or output failed, 2 wrong usage.";

/// Prints the policy, if it is valid.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let text = arguments.policy.text()?;
    let policy = documents::policy(arguments.policy.name(), text.clone())?;
    if arguments.canonical {
        yaml::canonical(output, &policy)?;
    } else {
        yaml::as_written(output, &text)?;
    }
    Ok(Exit::Done)
}
