//! `show`: prints a policy, as it is written or in its canonical form.

use std::io::Write;

use clap::Args;
use portcullis::Policy;

use crate::exit::{Exit, Failure};
use crate::load::documents::{self, PolicyFile};
use crate::text::tell;

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
can be written to a file and edited. The canonical form says the same in one
order and one spelling; two policies are best compared in it, line by line.

Exit codes: 0 printed, 3 not valid, 1 input or output failed, 2 wrong usage.";

/// What stands above a canonical form.
const HEADING: &str = "# The policy in its canonical form; comments are not kept.\n";

/// Prints the policy, if it is valid.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let text = arguments.policy.text()?;
    let policy = documents::policy(arguments.policy.name(), text.clone())?;
    if arguments.canonical {
        let canonical = [HEADING, &policy.to_yaml()].concat();
        output.write_all(canonical.as_bytes())?;
        // A dense document can become longer than a document may be.
        if let Err(faults) = Policy::from_yaml(&canonical) {
            tell(format_args!(
                "warning: the canonical form cannot be loaded again: {faults}"
            ));
        }
    } else {
        output.write_all(&text)?;
    }
    Ok(Exit::Done)
}
