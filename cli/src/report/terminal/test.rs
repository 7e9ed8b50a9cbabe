//! The results of suites for people.

use std::io::{self, IsTerminal, Write};

use portcullis::audit::{CaseReport, Coverage, Mutation, RuleKind, SuiteReport};

use crate::report::counted;
use crate::report::terminal::excerpt;
use crate::report::terminal::row;
use crate::text::Visible;
use crate::view::policy_lines::PolicyLines;
use crate::view::test_run::{Mutants, SuiteResult, TestRun};

/// The most uncovered rules that are listed.
const MOST_RULES: usize = 20;
/// The most mutants that are listed.
const MOST_SURVIVORS: usize = 10;

/// Prints the whole run.
pub(crate) fn print(output: &mut impl Write, run: &TestRun) -> io::Result<()> {
    let output = &mut Visible(output);
    row(output, "policy", &run.policy)?;
    if let Some(directory) = &run.directory {
        row(output, "directory", directory)?;
    }
    let lines = run.lines();
    for suite in &run.suites {
        match &suite.result {
            SuiteResult::Ran(report) => print_suite(output, &suite.name, report, &lines)?,
            SuiteResult::Invalid(_, faults) => {
                let count = faults.iter().len() + faults.more();
                let faults = counted(count as u64, "fault");
                row(output, "INVALID", format_args!("{}: {faults}", suite.name))?;
            }
        }
    }
    summary(run, output)?;
    measured(run, output)
}

/// Prints the faults of suites with their lines. If standard error is closed,
/// the exit code still says it.
pub(crate) fn print_faults(errors: &mut (impl Write + IsTerminal), run: &TestRun) {
    for suite in &run.suites {
        if let SuiteResult::Invalid(text, faults) = &suite.result {
            let _ = excerpt::print(&suite.name, text, faults, errors);
        }
    }
}

/// Prints coverage and mutants, for formats that cannot contain them.
pub(crate) fn print_measured(errors: &mut impl Write, run: &TestRun) {
    let _ = measured(run, &mut Visible(errors));
}

/// Prints why no case was run. A run without a case proves nothing, so it fails.
pub(crate) fn print_empty(errors: &mut impl Write, run: &TestRun, is_filtered: bool) {
    let why = match (run.suites.len(), is_filtered) {
        (0, _) => "there is no suite; a suite is a file named *.suite.yaml".to_owned(),
        (count, true) => format!(
            "--filter and --release leave no case of {}; drop one of them",
            counted(count as u64, "suite")
        ),
        (count, false) => format!("{} without a case", counted(count as u64, "suite")),
    };
    let _ = writeln!(Visible(errors), "portcullis: no case was run: {why}");
}

/// Prints coverage and mutants.
fn measured(run: &TestRun, output: &mut impl Write) -> io::Result<()> {
    if let Some(coverage) = &run.coverage {
        self::coverage(coverage, output)?;
        if let Some(wanted) = run.wanted.filter(|_| !run.reaches()) {
            writeln!(
                output,
                "less than the {wanted}% that --min-coverage requires"
            )?;
        }
    }
    match &run.mutation {
        Mutants::NotWanted => Ok(()),
        Mutants::SuitesFail => writeln!(
            output,
            "\nno mutants were made: every suite must pass first"
        ),
        Mutants::Made(mutation) => mutants(run, mutation, output),
    }
}

/// The numbers of mutants, and each that was not detected with a case that
/// detects it.
fn mutants(run: &TestRun, mutation: &Mutation, output: &mut impl Write) -> io::Result<()> {
    let survivors = mutation.survivors();
    writeln!(
        output,
        "\nmutants: {} detected, {} not detected, {} equivalent to the policy",
        mutation.detected(),
        survivors.len(),
        mutation.equivalent()
    )?;
    for survivor in survivors.iter().take(MOST_SURVIVORS) {
        writeln!(
            output,
            "\nnot detected: {} [{}]",
            survivor.text, survivor.place
        )?;
        match run.file_of(survivor) {
            Some(file) => writeln!(output, "this case detects it; add it to {file}:")?,
            None => writeln!(output, "this suite detects it:")?,
        }
        write!(output, "{}", survivor.case)?;
    }
    match survivors.len().saturating_sub(MOST_SURVIVORS) {
        0 => Ok(()),
        more => writeln!(output, "\nand {more} more; --format json lists them all"),
    }
}

/// One suite: a row, and what failed below it.
fn print_suite(
    output: &mut impl Write,
    name: &str,
    report: &SuiteReport,
    lines: &PolicyLines,
) -> io::Result<()> {
    if report.cases_run().next().is_none() {
        return Ok(());
    }
    let failed = report.cases_run().filter(|case| case.failed > 0).count();
    let cases = counted(report.cases_run().count() as u64, "case");
    let requests = counted(report.requests() as u64, "request");
    let title = report.title();
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    row(
        output,
        verdict,
        format_args!("{name}: {title}: {cases}, {requests}"),
    )?;
    for case in report.cases_run().filter(|case| case.failed > 0) {
        print_case(name, case, lines, output)?;
    }
    Ok(())
}

/// A case that failed, with the file before each place.
fn print_case(
    name: &str,
    case: &CaseReport,
    lines: &PolicyLines,
    output: &mut impl Write,
) -> io::Result<()> {
    writeln!(
        output,
        "\n{}: {} of {} not as expected",
        case.name,
        case.failed,
        counted(case.requests as u64, "request")
    )?;
    for failure in &case.failures {
        let text = lines.add_to(failure.to_string());
        writeln!(output, "  {name}:{}", text.trim_start())?;
    }
    match case.failed - case.failures.len() {
        0 => {}
        more => writeln!(output, "  and {more} more")?,
    }
    writeln!(output)
}

fn summary(run: &TestRun, output: &mut impl Write) -> io::Result<()> {
    let (cases, failed) = run.cases();
    let invalid = run.suites.iter();
    let invalid = invalid
        .filter(|suite| matches!(suite.result, SuiteResult::Invalid(..)))
        .count();
    let requests = counted(run.requests() as u64, "request");
    write!(output, "{requests} in {}", counted(cases as u64, "case"))?;
    match failed {
        0 if run.is_empty() => write!(output, ", nothing was tested")?,
        0 => write!(output, ", all as expected")?,
        failed => write!(output, ", {} failed", counted(failed as u64, "case"))?,
    }
    if invalid > 0 {
        let suites = counted(invalid as u64, "suite");
        write!(output, "; {suites} could not be read")?;
    }
    writeln!(output)
}

/// What is covered, and every rule that is not.
fn coverage(coverage: &Coverage, output: &mut impl Write) -> io::Result<()> {
    let (cells, all_cells) = coverage.cells();
    writeln!(
        output,
        "\ncovered: {} of {} rules ({}%), {cells} of {all_cells} cells",
        coverage.covered_rules(),
        coverage.rules().len(),
        coverage.percent()
    )?;
    for kind in RuleKind::ALL {
        let (covered, all) = coverage.of_kind(kind);
        if all > 0 {
            writeln!(output, "  {covered:>4} of {all:>4} {}", kind.plural())?;
        }
    }
    let uncovered = coverage.rules().len() - coverage.covered_rules();
    if uncovered > 0 {
        writeln!(output, "not covered, the most dangerous first:")?;
    }
    for rule in coverage.uncovered().take(MOST_RULES) {
        match rule.place.as_str() {
            "" => writeln!(output, "  {}", rule.text)?,
            place => writeln!(output, "  {} [{place}]", rule.text)?,
        }
    }
    match uncovered.saturating_sub(MOST_RULES) {
        0 => Ok(()),
        more => writeln!(output, "  and {more} more; --format json lists them all"),
    }
}
