//! One decision.

use std::io::Write;

use portcullis::Decision;
use portcullis::path::TargetFault;
use serde::Serialize;

use crate::exit::Failure;
use crate::report::json::with_provenance;
use crate::view::provenance::Provenance;

/// Prints the decision, and what makes the target malformed if it is.
pub(crate) fn print(
    output: &mut impl Write,
    decision: Decision<'_>,
    fault: Option<TargetFault<'_>>,
    provenance: &Provenance,
) -> Result<(), Failure> {
    with_provenance(output, &Decided { decision, fault }, provenance)
}

/// A decision, and what makes the target malformed. The fault is for
/// administrators; a batch answers callers and does not have it.
#[derive(Serialize)]
struct Decided<'d> {
    #[serde(flatten)]
    decision: Decision<'d>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<TargetFault<'d>>,
}
