//! `lint`: suspicious places in a valid policy.

use clap::Args;
use portcullis::audit::Lint;
use portcullis::audit::lint::allowances;

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::Format;
use crate::printer::output::Output;
use crate::report::{json, terminal};
use crate::text::{near_name, one_line};
use crate::view::lint::{Finding, Lints};
use crate::view::provenance::Provenance;

/// The flags of `lint`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Exit with 7 for these: `warnings` for all of them, or a code
    #[arg(long, value_name = "CODE")]
    deny: Vec<String>,
    /// Do not report a lint, wherever it is; may be given several times
    #[arg(long, value_name = "CODE")]
    allow: Vec<String>,
    /// List every place, also where there are many
    #[arg(long)]
    full: bool,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
A comment in the policy allows a lint on its line, or on the line below:
  privileges: [console.view] # lint: allow unused_privilege
Above the first line of the document it is for the whole document.

Examples:
  portcullis lint
  portcullis lint --allow unused_privilege --format json
  portcullis check --explain unused_privilege

Policies of your own:
  $ portcullis lint --policy acme/policy.yaml --deny warnings

Exit codes: 0 done, 7 what --deny names was found, 1 input or output failed, 2
wrong usage, 3 invalid policy or directory.";

/// What `--deny` calls every lint.
const WARNINGS: &str = "warnings";

/// Finds what is suspicious.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("looking for what is suspicious");
    for typed in &arguments.allow {
        known("--allow", typed)?;
    }
    for typed in arguments.deny.iter().filter(|typed| *typed != WARNINGS) {
        known("--deny", typed)?;
    }
    let name = arguments.documents.policy_name();
    let (policy, text) = arguments.documents.policy_with_text()?;
    let directory = arguments
        .documents
        .has_directory()
        .then(|| arguments.documents.directory(&policy))
        .transpose()?;
    for allowance in &allowances(&String::from_utf8_lossy(&text)) {
        known(&format!("{name}:{}", allowance.line), &allowance.code)?;
    }
    let allow = &arguments.allow;
    let view = Lints::of(name, &policy, &text, directory.as_ref(), allow);
    let provenance = Provenance::of(&policy, directory.as_ref(), None);
    match arguments.format {
        Format::Human => {
            terminal::lint::print(&mut output.printer(), &view, arguments.full)?;
            terminal::provenance::print(&mut output.printer(), &provenance)?;
        }
        Format::Json => json::with_provenance(output, &view, &provenance)?,
    }
    Ok(if arguments.denies(&view) {
        Exit::Changed
    } else {
        Exit::Done
    })
}

impl Arguments {
    fn denies(&self, view: &Lints) -> bool {
        let denied = |finding: &Finding| {
            let mut codes = self.deny.iter();
            codes.any(|typed| typed == WARNINGS || typed == finding.lint.code.code)
        };
        let all = self.deny.iter().any(|typed| typed == WARNINGS);
        view.findings.iter().any(denied) || all && !view.unneeded.is_empty()
    }
}

/// Refuses a code that no lint has. It would have no effect.
fn known(place: &str, typed: &str) -> Result<(), Failure> {
    if Lint::code(typed).is_some() {
        return Ok(());
    }
    let codes = || Lint::codes().iter().map(|code| code.code);
    let help = near_name(typed, codes(), || {
        format!("the lints are {}", codes().collect::<Vec<_>>().join(", "))
    });
    let typed = one_line(typed);
    Err(Failure::Usage(format!(
        "{place}: there is no lint `{typed}`; {help}"
    )))
}
