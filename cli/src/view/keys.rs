//! Who holds which keys, and what is wrong with them.

use portcullis::directory::{KeyFinding, KeyListing};
use serde::Serialize;

/// One key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyRow<'d> {
    #[serde(flatten)]
    pub(crate) listing: KeyListing<'d>,
    /// `None` without `audit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Vec<KeyFinding>>,
}

/// The keys of a directory.
#[derive(Debug, Serialize)]
pub(crate) struct Keys<'d> {
    pub(crate) keys: Vec<KeyRow<'d>>,
}
