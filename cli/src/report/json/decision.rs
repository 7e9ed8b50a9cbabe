//! One decision.

use std::io::Write;

use portcullis::{Decision, TargetFault};
use serde::Serialize;

use crate::exit::Failure;
use crate::report::json::json;

/// Prints the decision, and what makes the target malformed if it is.
pub(crate) fn print(
    output: &mut impl Write,
    decision: Decision<'_>,
    fault: Option<TargetFault<'_>>,
) -> Result<(), Failure> {
    json(output, &Decided { decision, fault })
}

/// A decision, and for the administrator what makes the target malformed. A
/// batch answers callers and has no such field.
#[derive(Serialize)]
struct Decided<'d> {
    #[serde(flatten)]
    decision: Decision<'d>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<TargetFault<'d>>,
}
