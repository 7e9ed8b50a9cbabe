//! The keys of a directory as a table.

use std::fmt::Display;
use std::io::{self, Write};

use portcullis::UnixSeconds;
use portcullis::directory::KeyListing;

use crate::printer::Printer;
use crate::report::{counted, number};
use crate::text::one_line;
use crate::view::keys::{KeyRow, Keys};

/// The most keys of one group that are listed.
const MOST_KEYS: usize = 10;

/// Prints a table with a line for each key.
pub(crate) fn list(output: &mut Printer<'_>, view: &Keys<'_>, now: UnixSeconds) -> io::Result<()> {
    let table = Table::of(view);
    table.head(output)?;
    view.keys
        .iter()
        .try_for_each(|row| table.line(output, row, now))
}

/// Prints the keys by risk: a group for each kind of warning, with the most urgent
/// first, and at the end how many keys have none.
pub(crate) fn audit(
    output: &mut Printer<'_>,
    view: &Keys<'_>,
    now: UnixSeconds,
    full: bool,
) -> io::Result<()> {
    let table = Table::of(view);
    let mut warned = 0;
    let mut quiet = 0;
    for (worst, rows) in view.grouped() {
        let Some(worst) = worst else {
            quiet = rows.len();
            continue;
        };
        warned += rows.len();
        let (code, count) = (worst.code(), counted(number(rows.len()), "key"));
        writeln!(output, "{code}: {count}: {}", worst.text())?;
        write!(output, "  ")?;
        table.head(output)?;
        let most = if full { usize::MAX } else { MOST_KEYS };
        for row in rows.iter().take(most) {
            write!(output, "  ")?;
            table.line(output, row, now)?;
            for other in row.findings.iter().flatten().skip(1) {
                writeln!(output, "    also {}: {}", other.code(), other.text())?;
            }
        }
        match rows.len().saturating_sub(most) {
            0 => {}
            more => writeln!(output, "  and {more} more; --full lists them")?,
        }
        writeln!(output)?;
    }
    writeln!(
        output,
        "{}: {warned} with a warning, {quiet} without",
        counted(number(view.keys.len()), "key")
    )
}

/// The widths of the columns.
struct Table {
    key: usize,
    owner: usize,
    /// How many endpoints there are, where keys are shown with what they reach.
    endpoints: Option<usize>,
}

impl Table {
    fn of(view: &Keys<'_>) -> Self {
        let width = |of: fn(&KeyListing<'_>) -> usize, least: usize| {
            view.keys
                .iter()
                .map(|row| of(&row.listing))
                .chain([least])
                .max()
                .unwrap_or(least)
        };
        Self {
            key: width(|listing| listing.key.as_str().len(), "key".len()),
            owner: width(|listing| listing.owner.as_str().len(), "owner".len()),
            endpoints: view.endpoints,
        }
    }

    fn head(&self, output: &mut Printer<'_>) -> io::Result<()> {
        self.cells(
            output,
            [
                &"key",
                &"owner",
                &"status",
                &"kind",
                &"age",
                &"last use",
                &"reaches",
                &"name",
            ],
        )
    }

    fn line(&self, output: &mut Printer<'_>, row: &KeyRow<'_>, now: UnixSeconds) -> io::Result<()> {
        let listing = &row.listing;
        let access = listing
            .last_access
            .map_or("-".to_owned(), |at| days(now, at));
        let reaches = match (row.reaches, self.endpoints) {
            (Some(count), Some(all)) => format!("{count} of {all}"),
            _ => String::new(),
        };
        self.cells(
            output,
            [
                listing.key,
                listing.owner,
                &listing.status.as_str(),
                &listing.kind.as_str(),
                &days(now, listing.created_at),
                &access,
                &reaches,
                &one_line(listing.name),
            ],
        )
    }

    fn cells(&self, output: &mut Printer<'_>, cells: [&dyn Display; 8]) -> io::Result<()> {
        let [id, user, status, kind, age, access, reaches, name] = cells;
        let (key, owner) = (self.key, self.owner);
        write!(
            output,
            "{id:<key$}  {user:<owner$}  {status:<13}  {kind:<6}  {age:>8}  {access:>8}  "
        )?;
        if let Some(all) = self.endpoints {
            let width = format!("{all} of {all}").len().max("reaches".len());
            write!(output, "{reaches:<width$}  ")?;
        }
        writeln!(output, "{name}")
    }
}

/// How long ago an instant was, in whole days.
fn days(now: UnixSeconds, then: UnixSeconds) -> String {
    match now.since(then) {
        Some(seconds) => format!("{} d", seconds / 86_400),
        None => "not yet".to_owned(),
    }
}
