//! Reports for programs: one line of JSON each.

pub(crate) mod batch;
pub(crate) mod can;
pub(crate) mod decision;
pub(crate) mod deployed;
pub(crate) mod diff;
pub(crate) mod explanation;
pub(crate) mod matrix;
pub(crate) mod test;
pub(crate) mod who_can;

use std::io::Write;

use serde::Serialize;

use crate::exit::Failure;

/// Prints a value as one line of JSON.
pub(crate) fn json(output: &mut impl Write, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *output, value)?;
    Ok(output.write_all(b"\n")?)
}
