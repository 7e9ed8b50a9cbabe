//! The answers to the lines of a batch.

use portcullis::Decision;
use serde::Serialize;

use crate::load::batch::shape::Id;

/// The answer to a line that got a decision.
#[derive(Serialize)]
pub(crate) struct Answer<'a> {
    pub(crate) id: &'a Id<'a>,
    #[serde(flatten)]
    pub(crate) decision: Decision<'a>,
}

/// The answer to a line that got none.
#[derive(Serialize)]
pub(crate) struct Complaint<'a> {
    pub(crate) id: Id<'a>,
    pub(crate) error: &'a str,
}
