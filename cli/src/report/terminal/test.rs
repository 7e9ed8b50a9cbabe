//! The results of suites for people.

use std::io::{self, Write};

use portcullis::audit::{CaseReport, Coverage, FailureGroup, Mutation, RuleKind, SuiteReport};

use crate::printer::Printer;
use crate::printer::look::{Look, Tone};
use crate::report::terminal::excerpt;
use crate::report::terminal::wrap::begun;
use crate::report::terminal::{row, toned_row};
use crate::report::{counted, number};
use crate::view::policy_lines::PolicyLines;
use crate::view::test_run::{Mutants, SuiteResult, TestRun};

/// The most uncovered rules that are listed without `--full`.
const MOST_RULES: usize = 20;
/// The most mutants that are listed without `--full`.
const MOST_SURVIVORS: usize = 20;
/// The most mutants of these that are listed with a case.
const MOST_CASES: usize = 2;
/// The most distinct failures that are listed without `--full`.
const MOST_FAILURES: usize = 20;
/// The most principals of a failure that are listed.
const MOST_PRINCIPALS: usize = 4;

/// Prints the whole run.
pub(crate) fn print(output: &mut Printer<'_>, run: &TestRun) -> io::Result<()> {
    row(output, "policy", &run.policy)?;
    if let Some(directory) = &run.directory {
        row(output, "directory", directory)?;
    }
    let lines = run.lines();
    let mut left = MOST_FAILURES;
    for suite in &run.suites {
        match &suite.result {
            SuiteResult::Ran(report) => {
                print_suite(output, &suite.name, report)?;
                if run.full {
                    print_cases(output, &suite.name, report, &lines)?;
                } else {
                    left = print_groups(output, report, left)?;
                }
            }
            SuiteResult::Invalid(_, faults) => {
                let count = faults.iter().len() + faults.more();
                let faults = counted(count as u64, "fault");
                let text = format_args!("{}: {faults}", suite.name);
                toned_row(output, Tone::Bad, "INVALID", text)?;
            }
        }
    }
    if !run.full && run.reports().any(|report| report.failed() > 0) {
        writeln!(output, "(--full prints each request with its reasons)")?;
    }
    summary(run, output)?;
    measured(run, output)
}

/// Prints the faults of suites with their lines. If standard error is closed,
/// the exit code still says it.
pub(crate) fn print_faults(errors: &mut impl Write, run: &TestRun) {
    for suite in &run.suites {
        if let SuiteResult::Invalid(text, faults) = &suite.result {
            let _ = excerpt::print(&suite.name, text, faults, errors, Look::of_errors());
        }
    }
}

/// Prints coverage and mutants, for formats that cannot contain them.
pub(crate) fn print_measured(errors: &mut impl Write, run: &TestRun) {
    let _ = measured(run, &mut Printer::new(errors, Look::of_errors()));
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
    let _ = writeln!(
        Printer::new(errors, Look::of_errors()),
        "portcullis: no case was run: {why}"
    );
}

/// Prints coverage and mutants.
fn measured(run: &TestRun, output: &mut Printer<'_>) -> io::Result<()> {
    if let Some(coverage) = &run.coverage {
        self::coverage(coverage, run.full, output)?;
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
fn mutants(run: &TestRun, mutation: &Mutation, output: &mut Printer<'_>) -> io::Result<()> {
    let survivors = mutation.survivors();
    writeln!(
        output,
        "\nmutants: {} detected, {} not detected, {} equivalent to the policy",
        mutation.detected(),
        survivors.len(),
        mutation.equivalent()
    )?;
    let (listed, with_case) = if run.full {
        (usize::MAX, usize::MAX)
    } else {
        (MOST_SURVIVORS, MOST_CASES)
    };
    for (number, survivor) in survivors.iter().take(listed).enumerate() {
        // A mutant with a case below it has an empty line before it.
        let before = if number <= with_case { "\n" } else { "" };
        let (text, place) = (&survivor.text, &survivor.place);
        write!(output, "{before}")?;
        output.paint(Tone::Bad, "not detected")?;
        writeln!(output, ": {text} [{place}]")?;
        if number >= with_case {
            continue;
        }
        match run.file_of(survivor) {
            Some(file) => writeln!(output, "this case detects it; add it to {file}:")?,
            None => writeln!(output, "this suite detects it:")?,
        }
        write!(output, "{}", survivor.case)?;
    }
    if survivors.len() > listed {
        let more = survivors.len() - listed;
        writeln!(output, "and {more} more")?;
    }
    if survivors.len() > with_case {
        writeln!(
            output,
            "(--full prints each of them with a case that detects it)"
        )?;
    }
    Ok(())
}

/// One suite in a row.
fn print_suite(output: &mut Printer<'_>, name: &str, report: &SuiteReport) -> io::Result<()> {
    if report.cases_run().next().is_none() {
        return Ok(());
    }
    let failed = report.cases_run().filter(|case| case.failed > 0).count();
    let cases = counted(report.cases_run().count() as u64, "case");
    let requests = counted(report.requests() as u64, "request");
    let title = report.title();
    let (tone, verdict) = if failed == 0 {
        (Tone::Good, "ok")
    } else {
        (Tone::Bad, "FAILED")
    };
    toned_row(
        output,
        tone,
        verdict,
        format_args!("{name}: {title}: {cases}, {requests}"),
    )
}

/// Every case of a suite that failed.
fn print_cases(
    output: &mut Printer<'_>,
    name: &str,
    report: &SuiteReport,
    lines: &PolicyLines,
) -> io::Result<()> {
    let mut failed = report.cases_run().filter(|case| case.failed > 0);
    failed.try_for_each(|case| print_case(name, case, lines, output))
}

/// Prints the distinct failures of a suite, at most `left`. Returns how many
/// the rest of the run may list.
fn print_groups(output: &mut Printer<'_>, report: &SuiteReport, left: usize) -> io::Result<usize> {
    let groups = report.groups();
    let listed = groups.len().min(left);
    for group in groups.iter().take(listed) {
        let FailureGroup {
            call,
            expected,
            actual,
            position,
            principals,
            ..
        } = group;
        let requests = counted(number(group.requests), "request");
        let cases = counted(number(group.cases), "case");
        let shown = principals.len().min(MOST_PRINCIPALS);
        let who: Vec<&str> = principals.iter().take(shown).map(String::as_str).collect();
        let who = who.join(", ");
        let more = match principals.len() - shown {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let text = format!(
            ": expected {expected}, decided {actual}; {requests} in {cases}, first at {position}: {who}{more}"
        );
        begun(output, 2, Tone::Name, call, &text)?;
    }
    let more = groups.len() - listed;
    if more > 0 {
        writeln!(output, "  and {}", counted(number(more), "other failure"))?;
    }
    Ok(left - listed)
}

/// A case that failed, with the file before each place.
fn print_case(
    name: &str,
    case: &CaseReport,
    lines: &PolicyLines,
    output: &mut Printer<'_>,
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

fn summary(run: &TestRun, output: &mut Printer<'_>) -> io::Result<()> {
    let (cases, failed) = run.cases();
    let invalid = run.suites.iter();
    let invalid = invalid
        .filter(|suite| matches!(suite.result, SuiteResult::Invalid(..)))
        .count();
    let requests = counted(run.requests() as u64, "request");
    write!(output, "{requests} in {}", counted(cases as u64, "case"))?;
    match failed {
        0 if run.is_empty() => write!(output, ", nothing was tested")?,
        0 => {
            write!(output, ", ")?;
            output.paint(Tone::Good, "all as expected")?;
        }
        failed => {
            write!(output, ", ")?;
            let cases = counted(failed as u64, "case");
            output.paint(Tone::Bad, format_args!("{cases} failed"))?;
        }
    }
    if invalid > 0 {
        let suites = counted(invalid as u64, "suite");
        write!(output, "; {suites} could not be read")?;
    }
    writeln!(output)
}

/// What is covered, and every rule that is not.
fn coverage(coverage: &Coverage, full: bool, output: &mut Printer<'_>) -> io::Result<()> {
    let (cells, all_cells) = coverage.cells();
    writeln!(
        output,
        "\ncovered: {} of {} rules ({}%), {cells} of {all_cells} cells",
        coverage.covered_rules(),
        coverage.rules().len(),
        coverage.percent()
    )?;
    if output.width().is_some() {
        output.line(
            Tone::Faint,
            "(a rule is covered if a case depends on it; a cell is one combination of endpoint, \
             profile, scope, account, credential, key and tenant)",
        )?;
    }
    for kind in RuleKind::ALL {
        let (covered, all) = coverage.of_kind(kind);
        if all > 0 {
            let tone = if covered == all {
                Tone::Good
            } else {
                Tone::Warning
            };
            write!(output, "  ")?;
            output.paint(tone, format_args!("{covered:>4} of {all:>4}"))?;
            writeln!(output, " {}", kind.plural())?;
        }
    }
    let uncovered = coverage.rules().len() - coverage.covered_rules();
    if uncovered > 0 {
        output.line(Tone::Warning, "not covered, the most dangerous first:")?;
    }
    let listed = if full {
        uncovered
    } else {
        uncovered.min(MOST_RULES)
    };
    for rule in coverage.uncovered().take(listed) {
        match rule.place.as_str() {
            "" => writeln!(output, "  {}", rule.text)?,
            place => writeln!(output, "  {} [{place}]", rule.text)?,
        }
    }
    match uncovered - listed {
        0 => Ok(()),
        more => writeln!(output, "  and {more} more; --full lists them all"),
    }
}
