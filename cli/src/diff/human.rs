//! The difference for the terminal.

use std::io::{self, Write};

use portcullis::Reason;
use portcullis::audit::{Axes, ChangeClass, ChangeGroup, Circumstances, Diff, Effect, Outcome};

use super::sweep::{Sweep, Told, told};
use super::{Report, notes, people};
use crate::matrix::deployment;
use crate::words::{Endpoints, circumstances, profiles, scopes, wrapped};

/// Prints the whole of it.
pub(crate) fn print(output: &mut impl Write, report: &Report<'_>, full: bool) -> io::Result<()> {
    let [before, after] = report.names;
    writeln!(output, "{before} -> {after}")?;
    let pairs = pairs(report.diff);
    if pairs.len() > 1
        || report.diff.before().policy().digest() != report.diff.after().policy().digest()
    {
        writeln!(output, "compared: {}", pairs.join("; "))?;
    }
    writeln!(output, "{}", totals(report.diff))?;
    for class in ChangeClass::ALL {
        let groups: Vec<&ChangeGroup> = report
            .diff
            .groups()
            .iter()
            .filter(|group| group.class() == class)
            .collect();
        if groups.is_empty() {
            continue;
        }
        writeln!(
            output,
            "\n{}: {}",
            class.as_str(),
            counted(report.diff.cells(class), "cell")
        )?;
        if class == ChangeClass::ReasonOnly && !full {
            summary(output, report.diff.axes(), &groups)?;
        } else {
            print_groups(output, report.diff, &groups, full)?;
        }
    }
    if !report.notes.is_empty() {
        writeln!(output, "\nnotes")?;
    }
    for note in report.notes {
        wrapped(output, 2, &notes::words(report.diff.axes(), note))?;
    }
    if let Some(people) = report.people {
        writeln!(output)?;
        people::print(output, report.diff, people)?;
    }
    Ok(())
}

/// The compared deployments, in words.
pub(crate) fn pairs(diff: &Diff) -> Vec<String> {
    let pair = |(before, after)| {
        let (before, after) = (deployment(before), deployment(after));
        if before == after {
            before
        } else {
            format!("{before} -> {after}")
        }
    };
    diff.pairs().map(pair).collect()
}

/// How many cells there are, and how many change.
pub(crate) fn totals(diff: &Diff) -> String {
    let all = diff.before().cells() / (diff.before().sheets().len().max(1) as u64)
        * diff.pairs().count() as u64;
    let changed: u64 = diff.groups().iter().map(ChangeGroup::cells).sum();
    match changed {
        0 => format!("no cell changes: all {all} are decided alike"),
        _ => format!("{changed} of {all} cells change"),
    }
}

/// `1 cell`, `2 cells`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    if count == 1 {
        format!("1 {thing}")
    } else {
        format!("{count} {thing}s")
    }
}

fn print_groups(
    output: &mut impl Write,
    diff: &Diff,
    groups: &[&ChangeGroup],
    full: bool,
) -> io::Result<()> {
    if full {
        return groups
            .iter()
            .try_for_each(|group| print_group(output, diff, group));
    }
    told(diff, groups).iter().try_for_each(|told| match told {
        Told::Group(group) => print_group(output, diff, group),
        Told::Sweep(sweep) => print_sweep(output, diff, sweep),
    })
}

fn print_sweep(output: &mut impl Write, diff: &Diff, sweep: &Sweep<'_>) -> io::Result<()> {
    let Some(first) = sweep.groups.first() else {
        return Ok(());
    };
    writeln!(output)?;
    let before = of_deployments(diff, first);
    wrapped(
        output,
        2,
        &format!("{before}{}: {}", sweep.columns(diff), swept(diff, sweep)),
    )?;
    wrapped(output, 4, &turn(first))
}

/// What a sweep leaves, and how many endpoints it takes.
pub(crate) fn swept(diff: &Diff, sweep: &Sweep<'_>) -> String {
    let kept = Endpoints::of(diff.axes(), &sweep.kept);
    let kept = if sweep.kept.is_empty() {
        String::new()
    } else {
        format!(", but for {}", kept.lines().join("; "))
    };
    let (fewest, most) = sweep.range(|rows| Endpoints::of(diff.axes(), rows).count);
    format!(
        "everything that was open closes{kept} ({fewest} to {most} endpoints; --full lists them)"
    )
}

fn print_group(output: &mut impl Write, diff: &Diff, group: &ChangeGroup) -> io::Result<()> {
    writeln!(output)?;
    let endpoints = Endpoints::of(diff.axes(), group.rows());
    wrapped(output, 2, &head(diff, group, &endpoints))?;
    wrapped(output, 4, &turn(group))?;
    endpoints
        .lines()
        .iter()
        .try_for_each(|line| wrapped(output, 4, line))
}

/// Who, where, and what happens to how many endpoints.
pub(crate) fn head(diff: &Diff, group: &ChangeGroup, endpoints: &Endpoints) -> String {
    let before = of_deployments(diff, group);
    let (profiles, scopes) = (
        profiles(diff.axes(), group.profiles()),
        scopes(group.scopes()),
    );
    format!(
        "{before}{profiles}, {scopes}: {} {}",
        endpoints.counted(),
        happens(group, endpoints.count == 1)
    )
}

/// The deployments of a group, where they are not all of them.
pub(crate) fn of_deployments(diff: &Diff, group: &ChangeGroup) -> String {
    let all = pairs(diff);
    if group.deployments().len() == all.len() {
        return String::new();
    }
    let of = |place: &usize| all.get(*place).map_or("", String::as_str);
    format!(
        "{}: ",
        group
            .deployments()
            .iter()
            .map(of)
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn happens(group: &ChangeGroup, one: bool) -> &'static str {
    let was_allowed = group
        .changes()
        .first()
        .is_some_and(|turn| turn.before.is_allowed());
    let is_allowed = group
        .changes()
        .first()
        .is_some_and(|turn| turn.after.is_allowed());
    match (group.effect(), was_allowed && is_allowed, one) {
        (Effect::Widens, false, true) => "opens",
        (Effect::Widens, false, false) => "open",
        (Effect::Widens, true, true) => "reaches further",
        (Effect::Widens, true, false) => "reach further",
        (Effect::Narrows, false, true) => "closes",
        (Effect::Narrows, false, false) => "close",
        (Effect::Narrows, true, true) => "reaches less far",
        (Effect::Narrows, true, false) => "reach less far",
        (Effect::Neither, true, true) => "reaches as far, told otherwise",
        (Effect::Neither, true, false) => "reach as far, told otherwise",
        (Effect::Neither, false, true) => "stays closed, told otherwise",
        (Effect::Neither, false, false) => "stay closed, told otherwise",
    }
}

/// From what to what, and in which circumstances.
pub(crate) fn turn(group: &ChangeGroup) -> String {
    let all = group
        .changes()
        .iter()
        .fold(Circumstances::NONE, |all, turn| {
            all.union(turn.circumstances)
        });
    format!("{}: {}", verdicts(group), circumstances(all))
}

fn verdicts(group: &ChangeGroup) -> String {
    let Some(first) = group.changes().first() else {
        return String::new();
    };
    let word = |outcome: Outcome, other: Outcome| {
        // How far an allow reaches is worth telling where it is what changes.
        if outcome.is_allowed() && other.is_allowed() {
            outcome.to_string()
        } else {
            outcome.code().to_owned()
        }
    };
    format!(
        "{} -> {}",
        word(first.before, first.after),
        word(first.after, first.before)
    )
}

/// One line for each way in which cells are told otherwise.
fn summary(output: &mut impl Write, axes: &Axes, groups: &[&ChangeGroup]) -> io::Result<()> {
    for (verdicts, cells, endpoints) in told_otherwise(axes, groups) {
        writeln!(
            output,
            "  {verdicts}: {} of {endpoints}",
            counted(cells, "cell")
        )?;
    }
    writeln!(
        output,
        "  (nobody gains or loses access by these; --full lists them)"
    )
}

/// By verdict before and after: how many cells, and of which endpoints.
pub(crate) fn told_otherwise(axes: &Axes, groups: &[&ChangeGroup]) -> Vec<(String, u64, String)> {
    type Key = (Option<Reason>, Option<Reason>);
    let mut sums: Vec<(Key, String, u64, Vec<usize>)> = Vec::new();
    for group in groups {
        let first = group.changes().first();
        let key = (
            first.and_then(|turn| turn.before.reason()),
            first.and_then(|turn| turn.after.reason()),
        );
        match sums.iter_mut().find(|(other, ..)| *other == key) {
            Some((_, _, cells, rows)) => {
                *cells += group.cells();
                rows.extend(group.rows());
            }
            None => sums.push((key, verdicts(group), group.cells(), group.rows().to_vec())),
        }
    }
    let line = |(_, verdicts, cells, mut rows): (Key, String, u64, Vec<usize>)| {
        rows.sort_unstable();
        rows.dedup();
        (verdicts, cells, Endpoints::of(axes, &rows).counted())
    };
    sums.into_iter().map(line).collect()
}
