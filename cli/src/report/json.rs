//! Reports for programs: one line of JSON each.

pub(crate) mod diff;
pub(crate) mod matrix;

use std::io::Write;

use serde::Serialize;

use crate::exit::Failure;

/// Prints a value as one line of JSON.
pub(crate) fn json(output: &mut impl Write, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *output, value)?;
    Ok(output.write_all(b"\n")?)
}
