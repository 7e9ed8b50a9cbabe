//! The report for people.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use portcullis::audit::{CaseReport, Coverage, Mutation, RuleKind, SuiteReport};
use portcullis::positions_of;

use super::{Found, Mutated, Outcome};
use crate::output::row;

/// The most uncovered rules that are told.
const MOST_RULES: usize = 20;
/// The most mutants that are told.
const MOST_SURVIVORS: usize = 10;

/// Prints the whole outcome.
pub(super) fn print(outcome: &Outcome, output: &mut impl Write) -> io::Result<()> {
    row(output, "policy", &outcome.policy)?;
    if let Some(directory) = &outcome.directory {
        row(output, "directory", directory)?;
    }
    let lines = lines(outcome);
    for looked in &outcome.suites {
        match &looked.found {
            Found::Ran(report) => suite(&looked.name, report, &lines, output)?,
            Found::Invalid(_, faults) => {
                let count = faults.iter().len() + faults.more();
                let faults = counted(count, "fault");
                row(output, "INVALID", format_args!("{}: {faults}", looked.name))?;
            }
        }
    }
    summary(outcome, output)?;
    measured(outcome, output)
}

/// What was measured: coverage, and mutants.
pub(super) fn measured(outcome: &Outcome, output: &mut impl Write) -> io::Result<()> {
    if let Some(coverage) = &outcome.coverage {
        self::coverage(coverage, output)?;
        if let Some(wanted) = outcome.wanted.filter(|_| !outcome.reaches()) {
            writeln!(
                output,
                "less than the {wanted}% that --min-coverage asks for"
            )?;
        }
    }
    match &outcome.mutation {
        Mutated::NotAsked => Ok(()),
        Mutated::NotMade => writeln!(
            output,
            "\nno mutants: they tell nothing before every suite holds"
        ),
        Mutated::Made(mutation) => mutants(outcome, mutation, output),
    }
}

/// What became of the mutants, and each that nothing noticed with the case that
/// would.
fn mutants(outcome: &Outcome, mutation: &Mutation, output: &mut impl Write) -> io::Result<()> {
    let survivors = mutation.survivors();
    writeln!(
        output,
        "\nmutants: {} noticed, {} not noticed, {} decide as the policy does",
        mutation.detected(),
        survivors.len(),
        mutation.equivalent()
    )?;
    for survivor in survivors.iter().take(MOST_SURVIVORS) {
        writeln!(
            output,
            "\nnobody notices if {} [{}]",
            survivor.text, survivor.place
        )?;
        match outcome.file_of(survivor) {
            Some(file) => writeln!(output, "this case would; add it to {file}:")?,
            None => writeln!(output, "this suite would:")?,
        }
        write!(output, "{}", survivor.case)?;
    }
    match survivors.len().saturating_sub(MOST_SURVIVORS) {
        0 => Ok(()),
        more => writeln!(output, "\nand {more} more; --format json lists them all"),
    }
}

/// The lines of the policy at the places that the failures name.
type Lines = BTreeMap<String, usize>;

fn lines(outcome: &Outcome) -> Lines {
    let cases = outcome.reports().flat_map(SuiteReport::cases);
    let trails = cases
        .flat_map(|case| &case.failures)
        .flat_map(|failure| &failure.trail);
    let places: BTreeSet<&str> = trails
        .flat_map(|answer| &answer.places)
        .map(String::as_str)
        .collect();
    let places: Vec<&str> = places.into_iter().collect();
    let found = positions_of(&outcome.policy_text, &places);
    let found = places.iter().zip(found);
    found
        .map(|(place, position)| ((*place).to_owned(), position.line))
        .collect()
}

/// One suite: a row, and what failed below it.
fn suite(
    name: &str,
    report: &SuiteReport,
    lines: &Lines,
    output: &mut impl Write,
) -> io::Result<()> {
    if report.cases_run().next().is_none() {
        return Ok(());
    }
    let failed = report.cases_run().filter(|case| case.failed > 0).count();
    let cases = counted(report.cases_run().count(), "case");
    let requests = counted(report.requests(), "request");
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

/// A case that failed, the file before each place.
fn print_case(
    name: &str,
    case: &CaseReport,
    lines: &Lines,
    output: &mut impl Write,
) -> io::Result<()> {
    writeln!(
        output,
        "\n{}: {} of {} not as expected",
        case.name,
        case.failed,
        counted(case.requests, "request")
    )?;
    for failure in &case.failures {
        let mut told = failure.to_string();
        for place in failure.trail.iter().flat_map(|answer| &answer.places) {
            if let Some(line) = lines.get(place) {
                told = told.replace(&format!("[{place}]"), &format!("[{place}, line {line}]"));
            }
        }
        writeln!(output, "  {name}:{}", told.trim_start())?;
    }
    match case.failed - case.failures.len() {
        0 => {}
        more => writeln!(output, "  and {more} more")?,
    }
    writeln!(output)
}

fn summary(outcome: &Outcome, output: &mut impl Write) -> io::Result<()> {
    let (cases, failed) = outcome.cases();
    let invalid = outcome.suites.iter();
    let invalid = invalid
        .filter(|looked| matches!(looked.found, Found::Invalid(..)))
        .count();
    let requests = counted(outcome.requests(), "request");
    write!(output, "{requests} in {}", counted(cases, "case"))?;
    match failed {
        0 => write!(output, ", all as expected")?,
        failed => write!(output, ", {} failed", counted(failed, "case"))?,
    }
    if invalid > 0 {
        let suites = counted(invalid, "suite");
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

/// `1 case`, `2 cases`.
pub(super) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
