//! What is suspicious in a policy.

use portcullis::audit::Lint;
use portcullis::fault::Position;
use portcullis::policy::Digest;
use serde::Serialize;

/// The lints of a policy that nothing allows.
#[derive(Debug, Serialize)]
pub(crate) struct Lints {
    pub(crate) policy: String,
    pub(crate) digest: Digest,
    #[serde(rename = "lints")]
    pub(crate) findings: Vec<Finding>,
    /// How many others are allowed.
    pub(crate) allowed: usize,
    /// Comments that allow what is not there.
    pub(crate) unneeded: Vec<UnneededAllowance>,
}

/// A lint with its position in the document.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    #[serde(flatten)]
    pub(crate) lint: Lint,
    #[serde(flatten)]
    pub(crate) position: Position,
}

/// A comment that allows a lint that is not found there.
#[derive(Debug, Serialize)]
pub(crate) struct UnneededAllowance {
    pub(crate) line: usize,
    pub(crate) code: String,
}
