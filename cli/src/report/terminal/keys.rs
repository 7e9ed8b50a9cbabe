//! The keys of a directory as a table.

use std::io::{self, Write};

use portcullis::UnixSeconds;
use portcullis::directory::KeyListing;
use unicode_width::UnicodeWidthStr;

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::{counted, number};
use crate::text::one_line;
use crate::view::keys::{KeyRow, Keys};

/// The most keys of one group that are listed.
const MOST_KEYS: usize = 10;

/// Prints a table with a line for each key.
pub(crate) fn list(output: &mut Printer<'_>, view: &Keys<'_>, now: UnixSeconds) -> io::Result<()> {
    let table = Table::of(view, output.width());
    table.head(output, 0)?;
    view.keys
        .iter()
        .try_for_each(|row| table.line(output, 0, row, now))
}

/// Prints the keys by risk: a group for each kind of warning, with the most urgent
/// first, and at the end how many keys have none.
pub(crate) fn audit(
    output: &mut Printer<'_>,
    view: &Keys<'_>,
    now: UnixSeconds,
    full: bool,
) -> io::Result<()> {
    let table = Table::of(view, output.width());
    let mut warned = 0;
    let mut quiet = 0;
    for (worst, rows) in view.grouped() {
        let Some(worst) = worst else {
            quiet = rows.len();
            continue;
        };
        warned += rows.len();
        let (code, count) = (worst.code(), counted(number(rows.len()), "key"));
        output.paint(Tone::Warning, code)?;
        writeln!(output, ": {count}: {}", worst.text())?;
        table.head(output, INDENT)?;
        let most = if full { usize::MAX } else { MOST_KEYS };
        for row in rows.iter().take(most) {
            table.line(output, INDENT, row, now)?;
            for other in row.others() {
                write!(output, "    also ")?;
                output.paint(Tone::Warning, other.code())?;
                writeln!(output, ": {}", other.text())?;
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
    /// Whether the rows are too long for the terminal: each key has two lines then.
    is_narrow: bool,
}

/// The indent of the tables of `audit`.
const INDENT: usize = 2;
const HEAD: [&str; 8] = [
    "key", "owner", "status", "kind", "age", "last use", "reaches", "name",
];

impl Table {
    fn of(view: &Keys<'_>, columns: Option<usize>) -> Self {
        let width = |of: fn(&KeyListing<'_>) -> usize, least: usize| {
            view.keys
                .iter()
                .map(|row| of(&row.listing))
                .chain([least])
                .max()
                .unwrap_or(least)
        };
        let mut table = Self {
            key: width(|listing| listing.key.as_str().len(), "key".len()),
            owner: width(|listing| listing.owner.as_str().len(), "owner".len()),
            endpoints: view.endpoints,
            is_narrow: false,
        };
        let before_name = table.before_name(&HEAD.map(str::to_owned));
        let names = view
            .keys
            .iter()
            .map(|row| one_line(row.listing.name).width());
        let longest = INDENT + before_name.concat().width() + names.max().unwrap_or_default();
        table.is_narrow = columns.is_some_and(|columns| longest > columns);
        table
    }

    fn head(&self, output: &mut Printer<'_>, indent: usize) -> io::Result<()> {
        if self.is_narrow {
            return Ok(());
        }
        let head = HEAD.map(str::to_owned);
        write!(output, "{:indent$}", "")?;
        output.paint(Tone::Strong, self.before_name(&head).concat())?;
        output.line(Tone::Strong, "name")
    }

    fn line(
        &self,
        output: &mut Printer<'_>,
        indent: usize,
        row: &KeyRow<'_>,
        now: UnixSeconds,
    ) -> io::Result<()> {
        let listing = &row.listing;
        let access = listing
            .last_access
            .map_or("-".to_owned(), |at| days(now, at));
        let reaches = match (row.reaches, self.endpoints) {
            (Some(count), Some(all)) => format!("{count} of {all}"),
            _ => String::new(),
        };
        let cells = [
            listing.key.to_string(),
            listing.owner.to_string(),
            listing.status.as_str().to_owned(),
            listing.kind.as_str().to_owned(),
            days(now, listing.created_at),
            access,
            reaches,
            one_line(listing.name),
        ];
        let tone = if listing.status.as_str() == "active" {
            Tone::Good
        } else {
            Tone::Bad
        };
        write!(output, "{:indent$}", "")?;
        if self.is_narrow {
            return in_two_lines(output, indent, &cells, tone);
        }
        let [before, status, after] = self.before_name(&cells);
        write!(output, "{before}")?;
        output.paint(tone, status)?;
        writeln!(output, "{after}{}", one_line(listing.name))
    }

    /// The cells before the name: those before the status, the status, and those
    /// after it.
    fn before_name(&self, cells: &[String; 8]) -> [String; 3] {
        let [id, user, status, kind, age, access, reaches, _] = cells;
        let (key, owner) = (self.key, self.owner);
        let reaches = self.endpoints.map_or_else(String::new, |all| {
            let width = format!("{all} of {all}").len().max("reaches".len());
            format!("{reaches:<width$}  ")
        });
        [
            format!("{id:<key$}  {user:<owner$}  "),
            format!("{status:<13}"),
            format!("  {kind:<6}  {age:>8}  {access:>8}  {reaches}"),
        ]
    }
}

/// A key in two lines: whose it is and its name, then the other cells in words.
fn in_two_lines(
    output: &mut Printer<'_>,
    indent: usize,
    cells: &[String; 8],
    tone: Tone,
) -> io::Result<()> {
    let [key, owner, status, kind, age, access, reaches, name] = cells;
    output.paint(Tone::Strong, key)?;
    writeln!(output, " of {owner}: {name}")?;
    write!(output, "{:1$}", "", indent + 2)?;
    output.paint(tone, status)?;
    write!(output, ", {kind}, age {age}, last use {access}")?;
    if !reaches.is_empty() {
        write!(output, ", reaches {reaches} endpoints")?;
    }
    writeln!(output)
}

/// How long ago an instant was, in whole days.
fn days(now: UnixSeconds, then: UnixSeconds) -> String {
    match now.since(then) {
        Some(seconds) => format!("{} d", seconds / 86_400),
        None => "not yet".to_owned(),
    }
}
