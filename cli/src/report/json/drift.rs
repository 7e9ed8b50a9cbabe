//! Drift as one JSON object.

use std::io::Write;

use super::with_provenance;
use crate::exit::Failure;
use crate::view::drift::Drift;
use crate::view::provenance::Provenance;

/// Prints the object.
pub(crate) fn print(
    output: &mut impl Write,
    drift: &Drift,
    provenance: &Provenance,
) -> Result<(), Failure> {
    with_provenance(output, drift, provenance)
}
