//! Drift as one JSON object.

use std::io::Write;

use super::json;
use crate::exit::Failure;
use crate::view::drift::Drift;

/// Prints the object.
pub(crate) fn print(output: &mut impl Write, drift: &Drift) -> Result<(), Failure> {
    json(output, drift)
}
