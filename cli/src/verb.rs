//! What the tool can do: a module for each verb, with its flags and its `run`.

pub(crate) mod authorize;
pub(crate) mod can;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod lint;
pub(crate) mod matrix;
pub(crate) mod report;
pub(crate) mod show;
pub(crate) mod test;
pub(crate) mod who_can;

use clap::Subcommand;

use crate::exit::{Exit, Failure};
use crate::printer::output::Output;

/// What the tool can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Decide one request, or many as JSON Lines
    Authorize(authorize::Arguments),
    /// Decide one request, and explain the decision question by question
    Explain(explain::Arguments),
    /// Show every decision of a policy, release by release
    Matrix(matrix::Arguments),
    /// Show every decision that differs between two policies or two releases
    Diff(diff::Arguments),
    /// Show everybody who may call an endpoint
    WhoCan(who_can::Arguments),
    /// Show everything that a user, or a profile at a scope, may call
    Can(can::Arguments),
    /// Show who holds which API keys, and warn of risky ones
    Keys(keys::Arguments),
    /// Make one file that answers every question of an audit
    Report(report::Arguments),
    /// Run policy suites: the decisions that are expected of a policy
    Test(test::Arguments),
    /// Write the embedded policy, directory and suites into a folder, for editing
    Init(init::Arguments),
    /// Load a policy and a directory, and report what they contain or what is wrong
    Check(check::Arguments),
    /// Warn of what is suspicious in a valid policy
    Lint(lint::Arguments),
    /// Print a policy that is made from a description of an API
    Import(import::Arguments),
    /// Show what differs between a description of an API and a policy
    Drift(drift::Arguments),
    /// Print a policy, as it is written or in its canonical form
    Show(show::Arguments),
}

/// Runs a verb.
pub(crate) fn run(verb: &Verb, output: &mut Output) -> Result<Exit, Failure> {
    match verb {
        Verb::Authorize(arguments) => authorize::run(arguments, output),
        Verb::Explain(arguments) => explain::run(arguments, output),
        Verb::Matrix(arguments) => matrix::run(arguments, output),
        Verb::Diff(arguments) => diff::run(arguments, output),
        Verb::WhoCan(arguments) => who_can::run(arguments, output),
        Verb::Can(arguments) => can::run(arguments, output),
        Verb::Keys(arguments) => keys::run(arguments, output),
        Verb::Report(arguments) => report::run(arguments, output),
        Verb::Test(arguments) => test::run(arguments, output),
        Verb::Init(arguments) => init::run(arguments, output),
        Verb::Check(arguments) => check::run(arguments, output),
        Verb::Lint(arguments) => lint::run(arguments, output),
        Verb::Import(arguments) => import::run(arguments, output),
        Verb::Drift(arguments) => drift::run(arguments, output),
        Verb::Show(arguments) => show::run(arguments, output),
    }
}
