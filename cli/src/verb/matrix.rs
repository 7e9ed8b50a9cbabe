//! `matrix`: every decision of a policy, release by release.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use portcullis::audit::Matrix;

use crate::exit::{Exit, Failure};
use crate::load::documents::PolicyFile;
use crate::load::selection::Selection;
use crate::printer::output::Output;
use crate::report::{csv, json, markdown, terminal};
use crate::view::provenance::Provenance;
use portcullis::audit::view::matrix::{MatrixView, RowFilter};
use portcullis::scope::ScopeLevel;

/// The flags of `matrix`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// Only endpoints of this kind, judged by the profiles shown
    #[arg(long, value_enum)]
    only: Option<OnlyFlag>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print what the marks mean, cell by cell, in place of the table
    #[arg(long)]
    legend: bool,
    #[command(flatten)]
    policy: PolicyFile,
}

/// Which rows to keep, judged by the columns that are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum OnlyFlag {
    /// Some profile may call it
    Allowed,
    /// No profile may call it
    Denied,
    /// Only root users with Super Admin may call it
    Restricted,
}

impl From<OnlyFlag> for RowFilter {
    fn from(flag: OnlyFlag) -> Self {
        match flag {
            OnlyFlag::Allowed => Self::Allowed,
            OnlyFlag::Denied => Self::Denied,
            OnlyFlag::Restricted => Self::Restricted,
        }
    }
}

/// How to print the matrix.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum Format {
    /// A table for the terminal
    #[default]
    Human,
    /// A table for documents and reviews
    Markdown,
    /// One record per release and endpoint, one field per scope and profile
    Csv,
    /// One object, every answer once
    Json,
}

const EXAMPLES: &str = "\
Rows are endpoints with their method, columns are profiles at each scope. A
mark covers all cells of its field: every kind of account, credential and key,
and every relation to the tenant that is named. The legend lists them.

Examples:
  portcullis matrix --release 5.5.0
  portcullis matrix --release 5.5.0s --only restricted
  portcullis matrix --profile user --only allowed --format csv
  portcullis matrix --endpoint '/cases/{id}' --format markdown

Exit codes: 0 done, 1 input or output failed, 2 wrong usage (also: nothing is
left to show), 3 invalid policy.";

/// The most fields of a table: more than anybody reads, and soon more than fits into
/// memory.
const MOST_FIELDS: usize = 2_000_000;

/// Prints the matrix, or the selected part of it.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("deciding every cell");
    let policy = Arc::new(arguments.policy.read()?);
    let releases = arguments.selection.releases.of(&policy)?;
    let matrix = Matrix::of_releases(&policy, &releases)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let profiles = arguments.selection.profiles(matrix.axes())?;
    let rows = arguments
        .selection
        .rows(matrix.axes(), &policy.base_path().to_string())?;
    let sheets = matrix.sheets().len();
    let fields = [rows.len(), profiles.len(), ScopeLevel::ALL.len(), sheets];
    let fields = fields.into_iter().fold(1, usize::saturating_mul);
    if fields > MOST_FIELDS {
        return Err(Failure::Usage(format!(
            "the table would have {fields} fields, and at most {MOST_FIELDS} are printed; select some with --release, --profile or --endpoint"
        )));
    }
    let only = arguments.only.map(RowFilter::from);
    let folds = matches!(arguments.format, Format::Human | Format::Markdown);
    let view = MatrixView::of(&matrix, &rows, profiles, only, folds);
    if view.pages.iter().all(|page| page.lines.is_empty()) {
        return Err(Failure::Usage(nothing(only, releases.len())));
    }
    let provenance = Provenance::of(&policy, None, None);
    match (arguments.format, arguments.legend) {
        (Format::Human, false) => terminal::matrix::tables(&mut output.printer(), &view)?,
        (Format::Human, true) => terminal::matrix::legend(&mut output.printer(), &view.marks)?,
        (Format::Markdown, false) => markdown::matrix::tables(output, &view)?,
        (Format::Markdown, true) => markdown::matrix::legend(output, &view.marks)?,
        (Format::Csv, false) => csv::table(output, &view, &provenance)?,
        (Format::Csv, true) => csv::legend(output, &view.marks, &provenance)?,
        (Format::Json, _) => json::matrix::matrix(output, &matrix, &view, &provenance)?,
    }
    match arguments.format {
        Format::Human => terminal::provenance::print(&mut output.printer(), &provenance)?,
        Format::Markdown => markdown::provenance::print(output, &provenance)?,
        // Each record of CSV has its provenance, and JSON has a field.
        Format::Csv | Format::Json => {}
    }
    Ok(Exit::Done)
}

/// Why there is nothing to show.
fn nothing(only: Option<RowFilter>, releases: usize) -> String {
    let these = if releases == 1 {
        "the release"
    } else {
        "these releases"
    };
    let why = match only {
        Some(RowFilter::Allowed) => "the profiles may call none of these endpoints".to_owned(),
        Some(RowFilter::Denied) => "the profiles may call each of these endpoints".to_owned(),
        Some(RowFilter::Restricted) if releases == 1 => {
            format!("{these} restricts none of these endpoints")
        }
        Some(RowFilter::Restricted) => format!("{these} restrict none of these endpoints"),
        None => return "the policy has no endpoint to show".to_owned(),
    };
    format!("--only: {why}; drop --only, or another filter")
}
