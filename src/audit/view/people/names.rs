//! Lists of names in reports.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Names with commas between them, as many as a report prints.
pub fn names<'n>(all: impl Iterator<Item = &'n str>, most: usize) -> String {
    let all: Vec<&str> = all.collect();
    let shown: Vec<&str> = all.iter().take(most).copied().collect();
    let shown = shown.join(", ");
    match all.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
