//! How answers are printed, with a module for each format.

pub(crate) mod activity;
pub(crate) mod csv;
pub(crate) mod file;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod tap;
pub(crate) mod terminal;
pub(crate) mod xlsx;
pub(crate) mod yaml;

/// `1 cell`, `2 cells`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    if count == 1 {
        format!("1 {thing}")
    } else {
        format!("{count} {thing}s")
    }
}

/// A length as a number to be counted.
pub(crate) fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
