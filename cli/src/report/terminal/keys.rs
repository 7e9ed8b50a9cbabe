//! The keys of a directory as a table.

use std::fmt::Display;
use std::io::{self, Write};

use portcullis::UnixSeconds;
use portcullis::directory::KeyListing;

use crate::text::{Visible, one_line};
use crate::view::keys::{KeyRow, Keys};

/// Prints a table with a line for each key, and the warnings below it.
pub(crate) fn print(output: &mut impl Write, view: &Keys<'_>, now: UnixSeconds) -> io::Result<()> {
    let (output, keys) = (&mut Visible(output), &view.keys);
    let width = |of: fn(&KeyListing<'_>) -> usize, least: usize| {
        keys.iter()
            .map(|row| of(&row.listing))
            .chain([least])
            .max()
            .unwrap_or(least)
    };
    let key = width(|listing| listing.key.as_str().len(), "key".len());
    let owner = width(|listing| listing.owner.as_str().len(), "owner".len());
    let mut line = |cells: [&dyn Display; 7]| {
        let [id, user, status, kind, age, access, name] = cells;
        writeln!(
            output,
            "{id:<key$}  {user:<owner$}  {status:<7}  {kind:<6}  {age:>8}  {access:>8}  {name}"
        )
    };
    line([
        &"key",
        &"owner",
        &"status",
        &"kind",
        &"age",
        &"last use",
        &"name",
    ])?;
    for row in keys {
        let listing = &row.listing;
        let age = days(now, listing.created_at);
        let access = listing
            .last_access
            .map_or("-".to_owned(), |at| days(now, at));
        line([
            listing.key,
            listing.owner,
            &listing.status.as_str(),
            &listing.kind.as_str(),
            &age,
            &access,
            &one_line(listing.name),
        ])?;
    }
    warnings(output, keys)
}

/// Prints the findings of `audit`.
fn warnings(output: &mut impl Write, keys: &[KeyRow<'_>]) -> io::Result<()> {
    let found = |row: &KeyRow<'_>| row.findings.as_ref().map_or(0, Vec::len);
    let count: usize = keys.iter().map(found).sum();
    for row in keys {
        for finding in row.findings.iter().flatten() {
            let KeyListing { key, owner, .. } = row.listing;
            writeln!(
                output,
                "warning: key `{key}` of `{owner}`: {}",
                finding.text()
            )?;
        }
    }
    if keys.iter().any(|row| row.findings.is_some()) {
        writeln!(output, "{} keys, {count} warnings", keys.len())?;
    }
    Ok(())
}

/// How long ago an instant was, in whole days.
fn days(now: UnixSeconds, then: UnixSeconds) -> String {
    match now.since(then) {
        Some(seconds) => format!("{} d", seconds / 86_400),
        None => "not yet".to_owned(),
    }
}
